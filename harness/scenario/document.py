"""The shape of a scenario file, as pydantic models: its keys, their types, their JSON Schema, and what they become.

Fields are named as in the file. A model checks each value by itself; :func:`step_mistakes` checks what the keys of one
step owe each other, and the methods that make the objects of :mod:`harness.scenario.model` count on both.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, Field

from harness.scenario import model, values
from harness.scenario.map import Loc, Map, Mistake, tidy
from harness.scenario.server_document import ServerDocument

TRIGGERS = ("at", "after", "when", "before end of")
"""Keys that say when a step happens; a step has exactly one."""
ACTIONS = ("say", "noise", "microphone", "app", "network", "server", "event")
"""Keys that say what a step does; a step has exactly one."""
ONLY_WITH = {
    "level": ("say", "noise"),
    "peak": ("noise", "microphone"),
    "until": ("microphone",),
    "capture": ("app",),
    "playback": ("app",),
}
"""Keys that go with some actions only."""

# --- the schema's last touches --------------------------------------------------------------------------------------


def _one_trigger_one_action(schema: dict[str, Any]) -> None:
    tidy(schema)
    schema["allOf"] = [{"oneOf": [{"required": [key]} for key in group]} for group in (TRIGGERS, ACTIONS)]


def _one_key(schema: dict[str, Any]) -> None:
    tidy(schema)
    schema.update(minProperties=1, maxProperties=1)


# --- maps -----------------------------------------------------------------------------------------------------------


class NetworkDocument(Map):
    """The network while it is well."""

    latency: values.Given[values.Duration] = None
    jitter: values.Given[values.Duration] = None


class StepDocument(Map):
    """One line of the timeline."""

    model_config = ConfigDict(json_schema_extra=_one_trigger_one_action)

    at: values.Given[values.Duration] = None
    after: values.Given[values.Name] = None
    when: values.Given[values.EventAnchor] = None
    before_end_of: values.Given[values.AnswerAnchor] = Field(None, alias="before end of")
    by: values.Given[values.Duration] = None
    say: values.Given[values.ClipName] = None
    noise: values.Given[values.NoiseName] = None
    microphone: values.Given[values.MicrophoneFault] = None
    app: values.Given[values.AppState] = None
    network: values.Given[values.NetworkFault] = None
    server: values.Given[values.ServerFault] = None
    event: values.Given[values.ScriptedEvent] = None
    level: values.Given[values.Level] = None
    peak: values.Given[values.Peak] = None
    lasts: values.Given[values.Duration] = None
    until: values.Given[values.Ending] = None
    capture: values.Given[values.Fate] = None
    playback: values.Given[values.Fate] = None
    repeat: values.Given[values.Count] = None
    every: values.Given[values.Duration] = None
    label: values.Given[values.Name] = None
    assume: values.Given[values.Assumptions] = None
    because: values.Given[values.Text] = None

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
            return model.Noise(self.noise, self.lasts or 0, self.level, self.peak[0] if self.peak else None)
        if self.microphone is not None:
            return model.Microphone(self.microphone, self.lasts, **self.given(peak_lsb="peak"))
        if self.app is not None:
            return model.App(self.lasts or 0, **self.given(capture="capture", playback="playback"))
        if self.network is not None:
            return model.Network(self.network, self.lasts or 0)
        if self.event is not None:
            return model.Emit(self.event)
        assert self.server is not None
        return model.Server(self.server, self.lasts)


class DeadlineDocument(Map):
    """After which step, and within what time."""

    after: values.Name
    within: values.Duration


class ExpectDocument(Map):
    """One expectation: what must happen, and its deadline."""

    model_config = ConfigDict(json_schema_extra=_one_key)
    noun: ClassVar[str] = "expectation"

    speech_started: values.Given[DeadlineDocument] = None
    speech_stopped: values.Given[DeadlineDocument] = None
    answer: values.Given[DeadlineDocument] = None
    recovery: values.Given[DeadlineDocument] = None

    def expect(self, line: int) -> model.Expect:
        """The expectation of the model."""
        what = next(iter(self.model_fields_set))
        deadline: DeadlineDocument = getattr(self, what)
        return model.Expect(what, deadline.after, deadline.within, line)


class Document(Map):
    """A scenario file."""

    scenario: values.Name
    story: values.Given[values.Text] = None
    source: values.Given[values.Text] = None
    room: values.Given[values.Level] = None
    network: values.Given[NetworkDocument] = None
    server: values.Given[ServerDocument] = None
    client: values.Settings = Field(default_factory=dict)
    lasts: values.Given[values.Duration] = None
    recover_within: values.Given[values.Duration] = Field(None, alias="recover within")
    timeline: list[StepDocument] = Field(min_length=1)
    expect: list[ExpectDocument] = Field(default_factory=list)
    outcomes: dict[str, values.Outcome] = Field(default_factory=dict)

    def to_scenario(self, path: Path | None, step_lines: Sequence[int], expect_lines: Sequence[int]) -> model.Scenario:
        """The scenario of the model; the lines are those of the file, from 1, in order."""
        network = self.network or NetworkDocument()
        return model.Scenario(
            name=self.scenario,
            timeline=tuple(step.step(line) for step, line in zip(self.timeline, step_lines, strict=True)),
            **self.given(story="story", source="source", room_dbfs="room", lasts_us="lasts"),
            **self.given(recover_within_us="recover_within"),
            **network.given(latency_us="latency", jitter_us="jitter"),
            server=self.server.setup() if self.server else model.ServerSetup(),
            client=self.client,
            expect=tuple(one.expect(line) for one, line in zip(self.expect, expect_lines, strict=True)),
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
    if action == "microphone" and "peak" in step and step["microphone"] != "near-silent":
        yield Mistake((*loc, "peak"), "'peak' goes with microphone: near-silent only", True)
    if action == "noise" and "peak" in step:
        if "level" in step:
            yield Mistake((*loc, "peak"), "a noise has 'level' or 'peak', not both", True)
        if isinstance(step["peak"], str) and ".." in step["peak"]:
            yield Mistake((*loc, "peak"), f"a noise has one peak, such as 12000 LSB (got {step['peak']!r})")


def _unended(step: Mapping[str, Any], loc: Loc, action: str) -> Iterator[Mistake]:
    if action == "microphone" and "lasts" in step and "until" in step:
        yield Mistake((*loc, "until"), "a microphone fault has 'lasts' or 'until', not both", True)
    if "lasts" in step:
        return
    if action == "microphone" and "until" not in step:
        yield Mistake((*loc, action), "a microphone fault needs an end: lasts: 5s, or until: reopened", True)
    if action in ("noise", "app"):
        yield Mistake((*loc, action), f"{action!r} needs its length, such as lasts: 2s", True)
    if action == "network" and step["network"] == "stall":
        yield Mistake((*loc, action), "a stall needs its length, such as lasts: 2s", True)


def _repeat_mistakes(step: Mapping[str, Any], loc: Loc) -> Iterator[Mistake]:
    count = step.get("repeat")
    if isinstance(count, int) and count > 1 and "every" not in step:
        yield Mistake((*loc, "repeat"), "'repeat' needs 'every', such as every: 12s", True)
    if "every" in step and "repeat" not in step:
        yield Mistake((*loc, "every"), "'every' needs 'repeat', such as repeat: 3", True)
