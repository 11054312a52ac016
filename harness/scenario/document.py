"""The shape of a scenario file, as pydantic models: its keys, their types, their JSON Schema, and what they become.

Fields are named as in the file. A model checks each value by itself; :func:`step_mistakes` checks what the keys of one
step owe each other, and the methods that make the objects of :mod:`harness.scenario.model` count on both.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import SettingError
from harness.faults import CATALOGUE, parameters
from harness.ranges import between
from harness.scenario import model, values
from harness.scenario.expect_document import ExpectDocument, LineOf, expectations
from harness.scenario.fault_schema import explain_names, parameters_by_fault
from harness.scenario.map import Loc, Map, Mistake, tidy
from harness.scenario.server_document import ServerDocument

TRIGGERS = ("at", "after", "when", "before end of")
"""Keys that say when a step happens; a step has exactly one."""
ACTIONS = ("say", "noise", "microphone", "app", "network", "server", "event")
"""Keys that say what a step does; a step has exactly one."""
ONLY_WITH = {
    "level": ("say", "noise"),
    "peak": ("noise",),
    "with": ("microphone", "network", "server"),
    "until": ("microphone",),
    "capture": ("app",),
    "playback": ("app",),
    "as": ("app",),
}
"""Keys that go with some actions only."""

# --- the schema's last touches --------------------------------------------------------------------------------------


def _one_trigger_one_action(schema: dict[str, Any], owner: type[BaseModel]) -> None:
    tidy(schema, owner)
    explain_names(schema["properties"])
    one_of_each = [{"oneOf": [{"required": [key]} for key in group]} for group in (TRIGGERS, ACTIONS)]
    schema["allOf"] = [*one_of_each, *parameters_by_fault()]


# --- maps -----------------------------------------------------------------------------------------------------------


class NetworkDocument(Map):
    """The network while it is well."""

    latency: values.Given[values.Durations] = None
    """One way, from the client to the server and back again."""
    jitter: values.Given[values.Durations] = None
    """The most that is added to it at random."""


class StepDocument(Map):
    """One line of the timeline."""

    model_config = ConfigDict(json_schema_extra=_one_trigger_one_action)

    at: values.Given[values.Durations] = None
    """When the step happens, from the start of the run."""
    after: values.Given[values.Name] = None
    """The label of a step above: this one happens when that one has ended."""
    when: values.Given[values.EventAnchor] = None
    """An event that reaches the client: the n-th of the run, or (without a number) the first after the step above."""
    before_end_of: values.Given[values.AnswerAnchor] = Field(None, alias="before end of")
    """Before the assistant's n-th answer has been played to its end."""
    by: values.Given[values.Durations] = None
    """How long after the anchor, or before the end of the answer."""
    say: values.Given[values.ClipName] = None
    """The user speaks: a shipped recording, an audio file relative to this one, or babble."""
    noise: values.Given[values.NoiseName] = None
    """A sound of the room: a made-up kind, a shipped recording, or an audio file relative to this one."""
    microphone: values.Given[values.MicrophoneFault] = None
    """The capture path fails."""
    app: values.Given[values.AppState] = None
    """The user switches to another app and comes back."""
    as_: values.Given[values.Profile] = Field(None, alias="as")
    """The kind of client whose app it is: what the switch does to its capture, playback, timers and connection."""
    network: values.Given[values.NetworkFault] = None
    """The connection fails."""
    server: values.Given[values.ServerFault] = None
    """The server's side fails."""
    event: values.Given[values.ScriptedEvent] = None
    """The server says an event that is not simulated, such as one of MCP or DTMF."""
    with_: values.Given[dict[str, Any]] = Field(None, alias="with")
    """Parameters of the fault; `stillthere faults NAME` lists them."""
    level: values.Given[values.Levels] = None
    """How loud speech or a noise is; without it a recording is as loud as it was."""
    peak: values.Given[values.Peak] = None
    """The peak of a noise, instead of a level."""
    lasts: values.Given[values.Durations] = None
    """How long it lasts; of speech, only the first part is said."""
    until: values.Given[values.Ending] = None
    """The fault lasts until the client opens its capture anew."""
    capture: values.Given[values.Fate] = None
    """What becomes of the capture while the app is in the background."""
    playback: values.Given[values.Fate] = None
    """What becomes of playback while the app is in the background."""
    repeat: values.Given[values.Counts] = None
    """How often the step happens."""
    every: values.Given[values.Durations] = None
    """The time from one repetition to the next."""
    label: values.Given[values.Name] = None
    """A name that other steps and expectations can refer to."""
    assume: values.Given[values.Assumptions] = None
    """What must be so when the step happens; if it is not, the run is vacuous."""
    because: values.Given[values.Text] = None
    """Why the step is there; a note for the reader."""

    def step(self, line: int) -> model.Step:
        """The step of the model."""
        return model.Step(
            trigger=self._trigger(),
            action=self._action(),
            assume=tuple(self.assume or ()),
            line=line,
            **self.given(label="label", because="because", repeat="repeat", every_us="every"),
        )

    def _trigger(self) -> model.Trigger:
        by_us = self.by or 0
        if self.at is not None:
            return model.At(self.at)
        if self.after is not None:
            return model.After(self.after, by_us)
        if self.when is not None:
            return model.When(*self.when, by_us)
        assert self.before_end_of is not None
        return model.BeforeEnd(self.before_end_of, by_us)

    def _action(self) -> model.Action:
        if self.say is not None:
            return model.Say(self.say, self.level, self.lasts)
        if self.noise is not None:
            return model.Noise(self.noise, self.lasts or 0, self.level, between(*self.peak) if self.peak else None)
        if self.app is not None:
            return model.App(self.lasts or 0, **self.given(capture="capture", playback="playback", profile="as_"))
        if self.event is not None:
            return model.Emit(self.event)
        fault = self.microphone or self.network or self.server
        assert fault is not None
        return model.Strike(parameters.make(CATALOGUE[fault], self.with_ or {}), self.lasts)


class Document(Map):
    """A scenario file."""

    include: values.Given[values.Includes] = None
    """A file or a list of files, relative to this one, whose steps come before those of this file."""
    scenario: values.Name
    """The name of the scenario."""
    story: values.Given[values.Text] = None
    """What happens, in prose."""
    source: values.Given[values.Text] = None
    """The report that it comes from."""
    room: values.Given[values.Levels] = None
    """The level of the room's noise at the microphone; -62 dBFS unless told."""
    network: values.Given[NetworkDocument] = None
    """The network while it is well."""
    server: values.Given[ServerDocument] = None
    """The server that the scenario is played against."""
    client: values.Settings = Field(default_factory=dict)
    """Settings of the client that the scenario changes."""
    lasts: values.Given[values.Durations] = None
    """When the faults end and everything heals; 2 s after the last step unless told."""
    recover_within: values.Given[values.Duration] = Field(None, alias="recover within")
    """After the heal the user must be answered within this time; 60 s unless told."""
    timeline: list[StepDocument] = Field(min_length=1)
    """Who does what, and when. A step has one key that says when, and one that says what."""
    expect: list[ExpectDocument] = Field(default_factory=list)
    """What must follow; if it does not, the run has failed."""
    premises: list[ExpectDocument] = Field(default_factory=list)
    """What is taken for granted; if it did not happen, the run is vacuous, never a pass."""
    outcomes: dict[str, values.Outcome] = Field(default_factory=dict)
    """What is known to come of it: a client, and held or "failed: CAUSE"."""

    def to_scenario(self, path: Path | None, line_of: LineOf) -> model.Scenario:
        """The scenario of the model."""
        network = self.network or NetworkDocument()
        return model.Scenario(
            name=self.scenario,
            timeline=tuple(step.step(line_of(("timeline", index))) for index, step in enumerate(self.timeline)),
            **self.given(story="story", source="source", room_dbfs="room", lasts_us="lasts"),
            **self.given(recover_within_us="recover_within"),
            **network.given(latency_us="latency", jitter_us="jitter"),
            server=self.server.setup() if self.server else model.ServerSetup(),
            client=self.client,
            expect=expectations(self.expect, ("expect",), line_of),
            premises=expectations(self.premises, ("premises",), line_of),
            outcomes=self.outcomes,
            path=path,
        )


# --- what the keys of one step owe each other -----------------------------------------------------------------------


def step_mistakes(step: Mapping[str, Any], loc: Loc) -> Iterator[Mistake]:
    """Mistakes in the keys of a step, given as it stands in the file; its values may be wrong in themselves."""
    yield from _exactly_one(step, loc, TRIGGERS, "a step starts by one of")
    yield from _exactly_one(step, loc, ACTIONS, "a step does one of")
    if "by" in step and "at" in step:
        yield Mistake((*loc, "by"), "'by' goes with an anchor (after, when or before end of), not with 'at'", True)
    actions = [key for key in ACTIONS if key in step]
    if len(actions) == 1:
        yield from _ill_matched(step, loc, actions[0])
        yield from _unended(step, loc, actions[0])
    yield from _repeat_mistakes(step, loc)


def _exactly_one(step: Mapping[str, Any], loc: Loc, group: tuple[str, ...], rule: str) -> Iterator[Mistake]:
    present = [key for key in step if key in group]
    sentence = f"{rule}: {', '.join(group)}; this one has {' and '.join(present) or 'none'}"
    misspelt = [key for key in step if _nearest(key) in group]
    if len(present) > 1:
        yield Mistake((*loc, present[1]), sentence, True)
    elif not present and not misspelt:
        yield Mistake(loc, sentence)


def _nearest(key: str) -> str | None:
    return next(iter(get_close_matches(key, StepDocument.keys(), n=1)), None)


def _ill_matched(step: Mapping[str, Any], loc: Loc, action: str) -> Iterator[Mistake]:
    for key, actions in ONLY_WITH.items():
        if key in step and action not in actions:
            yield Mistake((*loc, key), f"{key!r} goes with {' or '.join(actions)}, not with {action!r}", True)
    yield from _parameter_mistakes(step, loc, action)
    if action == "noise" and "peak" in step and "level" in step:
        yield Mistake((*loc, "peak"), "a noise has 'level' or 'peak', not both", True)


def _parameter_mistakes(step: Mapping[str, Any], loc: Loc, action: str) -> Iterator[Mistake]:
    given, fault = step.get("with"), CATALOGUE.get(step[action]) if isinstance(step[action], str) else None
    if fault is None or fault.actor != action or not isinstance(given, dict):
        return
    for name, value in given.items():
        try:
            parameters.make(fault, {name: value})
        except SettingError as error:
            yield Mistake((*loc, "with", name), str(error), name not in parameters.kinds(fault))


def _unended(step: Mapping[str, Any], loc: Loc, action: str) -> Iterator[Mistake]:
    if action == "microphone" and "lasts" in step and "until" in step:
        yield Mistake((*loc, "until"), "a microphone fault has 'lasts' or 'until', not both", True)
    if "lasts" in step:
        return
    if action == "microphone" and "until" not in step:
        yield Mistake((*loc, action), "a microphone fault needs an end: lasts: 5s, or until: reopened", True)
    if action in ("noise", "app"):
        yield Mistake((*loc, action), f"{action!r} needs its length, such as lasts: 2s", True)
    fault = CATALOGUE.get(step[action]) if isinstance(step[action], str) else None
    if fault is not None and fault.needs_end and action != "microphone":
        yield Mistake((*loc, action), f"the fault {fault.name!r} needs its length, such as lasts: 2s", True)


def _repeat_mistakes(step: Mapping[str, Any], loc: Loc) -> Iterator[Mistake]:
    count = step.get("repeat")
    if (isinstance(count, str) or (isinstance(count, int) and count > 1)) and "every" not in step:
        yield Mistake((*loc, "repeat"), "'repeat' needs 'every', such as every: 12s", True)
    if "every" in step and "repeat" not in step:
        yield Mistake((*loc, "every"), "'every' needs 'repeat', such as repeat: 3", True)
