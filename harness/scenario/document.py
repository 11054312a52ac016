"""A scenario file, as a pydantic model: its keys, their types, its JSON Schema, and the scenario it becomes.

Fields are named as in the file. Steps, expectations and the server have their own modules.
"""

from pathlib import Path
from typing import Any

from pydantic import Field

from ..clients.settings import read_ranges
from . import model, values
from .expect_document import ExpectDocument, LineOf, expectations
from .map import Map
from .server_document import ServerDocument
from .step_document import StepDocument

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_IDENTITY = "urn:stillthere:scenario"


class NetworkDocument(Map):
    """The network without faults."""

    latency: values.OptionalKey[values.YamlDurationRange] = None
    """In each direction, between client and server."""
    jitter: values.OptionalKey[values.YamlDurationRange] = None
    """The largest random change of the latency."""


class Document(Map):
    """A scenario file."""

    include: values.OptionalKey[values.YamlIncludes] = None
    """A file or a list of files, relative to this file, whose steps are put before the steps of this file."""
    scenario: values.YamlName
    """The name of the scenario."""
    story: values.OptionalKey[values.YamlText] = None
    """What happens, in prose."""
    source: values.OptionalKey[values.YamlText] = None
    """The report that it comes from."""
    room: values.OptionalKey[values.YamlLevelRange] = None
    """The level of the room's background noise at the microphone; default -62 dBFS."""
    transport: values.OptionalKey[values.YamlTransport] = None
    """How client and server are connected: websocket, the default, or webrtc, a call with audio as media."""
    network: values.OptionalKey[NetworkDocument] = None
    """The network without faults."""
    server: values.OptionalKey[ServerDocument] = None
    """The server that the scenario is played against."""
    client: values.YamlClientSettings = Field(default_factory=dict)
    """Settings of the client that the scenario changes."""
    lasts: values.OptionalKey[values.YamlDurationRange] = None
    """When the faults end and everything heals; default 2 s after the last step."""
    recover_within: values.OptionalKey[values.YamlBound] = Field(None, alias="recover within")
    """After the heal the user must be answered within this time; default 60 s."""
    answer_within: values.OptionalKey[values.YamlBound] = Field(None, alias="answer within")
    """Once answered, the user must be answered again within this time of each later utterance; default four times the
    time that an answer takes if nothing is wrong, at least 12 s."""
    properties: values.YamlProperties = Field(default_factory=dict)
    """What follows if a property is broken, by its name, as docs/properties.md lists them: off, warn or fail."""
    timeline: list[StepDocument] = Field(min_length=1)
    """Who does what, and when. A step has one key that says when, and one that says what."""
    expect: list[ExpectDocument] = Field(default_factory=list)
    """What must follow; if it does not, the run has failed."""
    premises: list[ExpectDocument] = Field(default_factory=list)
    """What must have happened in the run; if it did not, the run is vacuous, never a pass."""
    outcomes: dict[str, values.YamlOutcome] = Field(default_factory=dict)
    """The known results: a client, and held or "failed: CAUSE"."""

    tags: values.YamlTags = Field(default_factory=list)
    """What the scenario is about, to select it by: short lower-case names, such as barge-in. docs/scenario-pack.md
    lists those of the included scenarios."""

    def to_scenario(self, path: Path | None, step_lines: list[int], line_of: LineOf) -> model.Scenario:
        """The scenario of the model; ``step_lines`` are the lines of the steps of the timeline."""
        network = self.network or NetworkDocument()
        return model.Scenario(
            name=self.scenario,
            timeline=tuple(step.step(line) for step, line in zip(self.timeline, step_lines, strict=True)),
            **self.given(story="story", source="source", room_dbfs="room", lasts_us="lasts", transport="transport"),
            **self.given(recover_within_us="recover_within", answer_within_us="answer_within"),
            properties=self.properties,
            **network.given(latency_us="latency", jitter_us="jitter"),
            server=self.server.setup() if self.server else model.ServerSetup(),
            client=read_ranges(self.client),
            expect=expectations(self.expect, ("expect",), line_of),
            premises=expectations(self.premises, ("premises",), line_of),
            outcomes=self.outcomes,
            tags=tuple(self.tags),
            path=path,
        )


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for editors: what ``stillthere schema`` prints.

    A scenario has a name and a timeline or an include. A file without a name is made to be included and may have any
    of the keys. The schema cannot check labels and which keys of a step go together; ``stillthere check`` does.
    """
    schema = Document.model_json_schema()
    del schema["required"]
    kinds = [{"required": ["scenario", key]} for key in ("timeline", "include")]
    schema["anyOf"] = [*kinds, {"not": {"required": ["scenario"]}}]
    return {"$schema": _DIALECT, "$id": _IDENTITY, "title": "A scenario of stillthere", **schema}
