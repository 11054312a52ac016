"""The steps of a scenario file, as pydantic models: their keys, their JSON Schema, and what they become.

A model checks each value by itself; :func:`step_mistakes` checks which keys of one step go together. The methods that
make the objects of :mod:`harness.scenario.model` rely on both.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..audio.audio_files import RawFormat
from ..errors import SettingError
from ..faults import CATALOGUE, Fault, parameters
from ..ranges import between
from . import model, values
from .map import Loc, Map, Mistake, tidy
from .profiles import PROFILES

TRIGGERS = ("at", "after", "when", "before end of")
"""Keys that say when a step starts; a step has exactly one."""
ACTIONS = ("say", "noise", "microphone", "app", "network", "server", "event", "page")
"""Keys that say what a step does; a step has exactly one."""
ONLY_WITH = {
    "format": ("say", "noise"),
    "level": ("say", "noise"),
    "peak": ("noise",),
    "with": ("microphone", "network", "server"),
    "until": ("microphone",),
    "capture": ("app",),
    "playback": ("app",),
    "as": ("app",),
}
"""Keys that are allowed with some actions only."""

# --- JSON Schema ----------------------------------------------------------------------------------------------------


def _one_trigger_one_action(schema: dict[str, Any], owner: type[BaseModel]) -> None:
    tidy(schema, owner)
    _explain_names(schema["properties"])
    schema["properties"] = _format_before_level(schema["properties"])
    one_of_each = [{"oneOf": [{"required": [key]} for key in group]} for group in (TRIGGERS, ACTIONS)]
    schema["allOf"] = [*one_of_each, *_parameters_by_fault()]


def _explain_names(properties: dict[str, Any]) -> None:
    """Describe each fault and profile where a key takes their names (``enumDescriptions``, which editors show)."""
    for actor, faults in values.FAULTS_OF.items():
        properties[actor]["enumDescriptions"] = [parameters.description(fault) for fault in faults.values()]
    properties["as"]["enumDescriptions"] = [f"{profile.device}." for profile in PROFILES.values()]


def _format_before_level(properties: dict[str, Any]) -> dict[str, Any]:
    """The keys in the order of the page: ``format`` is read before what is said, and explained after it."""
    explained = properties.pop("format")
    return {
        name: value
        for key, field in properties.items()
        for name, value in ((("format", explained),) if key == "level" else ()) + ((key, field),)
    }


def _parameters_by_fault() -> list[dict[str, Any]]:
    """For each fault, what ``with:`` may hold, as a condition on the fault's name."""
    return [
        {
            "if": {"properties": {actor: {"const": name}}, "required": [actor]},
            "then": {"properties": {"with": _parameters(fault)}},
        }
        for actor, faults in values.FAULTS_OF.items()
        for name, fault in faults.items()
    ]


def _parameters(fault: type[Fault]) -> dict[str, Any]:
    described, usual = parameters.documentation(fault), parameters.defaults(fault)
    properties: dict[str, Any] = {}
    for name, kind in parameters.kinds(fault).items():
        properties[name] = {"description": described[name], **kind.written}
        if usual[name] not in (None, ""):
            properties[name]["default"] = usual[name]
    return {"type": "object", "properties": properties, "additionalProperties": False}


# --- the model ------------------------------------------------------------------------------------------------------


class FormatDocument(Map):
    """What a file without a header holds."""

    encoding: values.YamlEncoding
    """How a sample is written; of more than a byte, the lowest comes first."""
    rate: values.YamlRateHz
    """Samples of each channel in a second."""
    channels: values.YamlChannels = 1
    """Channels, which are mixed to one."""

    def raw(self) -> RawFormat:
        """The format of the model."""
        return RawFormat(self.encoding, self.rate, self.channels)


class StepDocument(Map):
    """One line of the timeline."""

    model_config = ConfigDict(json_schema_extra=_one_trigger_one_action)

    at: values.OptionalKey[values.YamlDurationRange] = None
    """When the step starts, from the start of the run."""
    after: values.OptionalKey[values.YamlName] = None
    """The label of a step above: this one starts when that one has ended."""
    when: values.OptionalKey[values.YamlEventAnchor] = None
    """An event that reaches the client: the n-th of the run, or (without a number) the first after the step above."""
    before_end_of: values.OptionalKey[values.YamlAnswerAnchor] = Field(None, alias="before end of")
    """Before the end of playback of the assistant's n-th answer."""
    by: values.OptionalKey[values.YamlDurationRange] = None
    """How long after the anchor, or before the end of the answer."""
    format: values.OptionalKey[FormatDocument] = None
    """What is in a file without a header (.raw, .pcm, .ulaw, .alaw) that is said or is a noise."""
    say: values.OptionalKey[values.YamlClip] = None
    """The user speaks: a shipped recording, an audio file relative to this file, or babble."""
    noise: values.OptionalKey[values.YamlNoise] = None
    """A sound of the room: a synthesised kind, a shipped recording, or an audio file relative to this file."""
    microphone: values.OptionalKey[values.YamlMicrophoneFault] = None
    """The capture path fails."""
    app: values.OptionalKey[values.YamlAppState] = None
    """The user switches to another app and comes back."""
    as_: values.OptionalKey[values.YamlProfileName] = Field(None, alias="as")
    """The kind of client, which decides what the switch does to capture, playback, timers and connection."""
    network: values.OptionalKey[values.YamlNetworkFault] = None
    """The connection fails."""
    server: values.OptionalKey[values.YamlServerFault] = None
    """The server's side fails."""
    event: values.OptionalKey[values.YamlServerEvent] = None
    """The server sends an event that is not simulated, such as one of MCP or DTMF."""
    page: values.OptionalKey[values.YamlPageAct] = None
    """Something is done to the page in a browser, such as click "Start", press Enter, hide or freeze."""
    with_: values.OptionalKey[dict[str, Any]] = Field(None, alias="with")
    """Parameters of the fault; `stillthere faults NAME` lists them."""
    level: values.OptionalKey[values.YamlLevelRange] = None
    """How loud speech or a noise is; without it a recording is as loud as it was."""
    peak: values.OptionalKey[values.YamlPeakRange] = None
    """The peak of a noise, instead of a level."""
    lasts: values.OptionalKey[values.YamlDurationRange] = None
    """How long it lasts; of speech, only the first part is said."""
    until: values.OptionalKey[values.YamlEnding] = None
    """The fault lasts until the client reopens its capture."""
    capture: values.OptionalKey[values.YamlBackgroundMode] = None
    """Whether capture continues or is suspended while the app is in the background."""
    playback: values.OptionalKey[values.YamlBackgroundMode] = None
    """Whether playback continues or is suspended while the app is in the background."""
    repeat: values.OptionalKey[values.YamlCountRange] = None
    """How often the step happens."""
    every: values.OptionalKey[values.YamlDurationRange] = None
    """The time from one repetition to the next."""
    label: values.OptionalKey[values.YamlName] = None
    """A name for other steps and expectations to refer to."""
    assume: values.OptionalKey[values.YamlAssumptions] = None
    """What must be true when the step starts; if it is not, the run is vacuous."""
    because: values.OptionalKey[values.YamlText] = None
    """Why the step is there; a comment for the reader."""

    def step(self, line: int) -> model.Step:
        """The step of the model."""
        return model.Step(
            trigger=self._trigger(),
            action=self._action(),
            assume=tuple(self.assume or ()),
            label=self.label,
            because=self.because,
            repeat=1 if self.repeat is None else self.repeat,
            every_us=self.every or 0,
            line=line,
        )

    def _raw(self) -> RawFormat | None:
        return None if self.format is None else self.format.raw()

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
            return model.Say(self.say, self.level, self.lasts, self._raw())
        if self.noise is not None:
            peak = between(*self.peak) if self.peak else None
            return model.Noise(self.noise, self.lasts or 0, self.level, peak, self._raw())
        if self.app is not None:
            return model.App(self.lasts or 0, **self.given(capture="capture", playback="playback", profile="as_"))
        if self.event is not None:
            return model.Emit(self.event)
        if self.page is not None:
            return model.PageStep(*self.page, self.lasts)
        fault = self.microphone or self.network or self.server
        assert fault is not None
        return model.Inject(parameters.make(CATALOGUE[fault], self.with_ or {}), self.lasts)


# --- rules across the keys of one step ------------------------------------------------------------------------------


def step_mistakes(step: Mapping[str, Any], loc: Loc) -> Iterator[Mistake]:
    """Mistakes in the keys of a step, given as plain data of the file; its values may be wrong as well."""
    action, mistakes = _mistakes_of_keys(tuple(step))
    for each in mistakes:
        yield each._replace(loc=(*loc, *each.loc))
    if action is not None:
        if "with" in step:
            yield from _parameter_mistakes(step, loc, action)
        if "lasts" not in step:
            yield from _unended_fault(step, loc, action)
    if "repeat" in step:
        yield from _repeat_mistakes(step, loc)


@lru_cache(maxsize=4096)
def _mistakes_of_keys(keys: tuple[str, ...]) -> tuple[str | None, list[Mistake]]:
    """The action of a step with these keys, None if it is not clear, and the mistakes, at paths from the step, that do
    not depend on its values. Most steps of a long file have the same few keys."""
    mistakes = [
        *_exactly_one(keys, TRIGGERS, "a step starts by one of"),
        *_exactly_one(keys, ACTIONS, "a step does one of"),
    ]
    if "by" in keys and "at" in keys:
        rule = "'by' goes with an anchor (after, when or before end of), not with 'at'"
        mistakes.append(Mistake(("by",), rule, True))
    if "every" in keys and "repeat" not in keys:
        mistakes.append(Mistake(("every",), "'every' needs 'repeat', such as repeat: 3", True))
    actions = [key for key in ACTIONS if key in keys]
    if len(actions) != 1:
        return None, mistakes
    return actions[0], [*mistakes, *_ill_matched(keys, actions[0]), *_unended(keys, actions[0])]


def _exactly_one(keys: tuple[str, ...], group: tuple[str, ...], rule: str) -> Iterator[Mistake]:
    present = [key for key in keys if key in group]
    if len(present) == 1 or (not present and any(_nearest(key) in group for key in keys)):
        return
    sentence = f"{rule}: {', '.join(group)}; this one has {' and '.join(present) or 'none'}"
    yield Mistake((present[1],), sentence, True) if present else Mistake((), sentence)


@lru_cache(maxsize=4096)
def _nearest(key: str) -> str | None:
    return next(iter(get_close_matches(key, StepDocument.keys(), n=1)), None)


def _ill_matched(keys: tuple[str, ...], action: str) -> Iterator[Mistake]:
    for key, actions in ONLY_WITH.items():
        if key in keys and action not in actions:
            yield Mistake((key,), f"{key!r} goes with {' or '.join(actions)}, not with {action!r}", True)
    if action == "noise" and "peak" in keys and "level" in keys:
        yield Mistake(("peak",), "a noise has 'level' or 'peak', not both", True)


def _unended(keys: tuple[str, ...], action: str) -> Iterator[Mistake]:
    if action == "microphone" and "lasts" in keys and "until" in keys:
        yield Mistake(("until",), "a microphone fault has 'lasts' or 'until', not both", True)
    if "lasts" in keys:
        return
    if action == "microphone" and "until" not in keys:
        yield Mistake((action,), "a microphone fault needs an end: lasts: 5s, or until: reopened", True)
    if action in ("noise", "app"):
        yield Mistake((action,), f"{action!r} needs its length, such as lasts: 2s", True)


def _unended_fault(step: Mapping[str, Any], loc: Loc, action: str) -> Iterator[Mistake]:
    fault = CATALOGUE.get(step[action]) if isinstance(step[action], str) else None
    if fault is not None and fault.needs_end and action != "microphone":
        yield Mistake((*loc, action), f"the fault {fault.name!r} needs its length, such as lasts: 2s", True)


def _parameter_mistakes(step: Mapping[str, Any], loc: Loc, action: str) -> Iterator[Mistake]:
    given, fault = step.get("with"), CATALOGUE.get(step[action]) if isinstance(step[action], str) else None
    if fault is None or fault.actor != action or not isinstance(given, dict):
        return
    for name, value in given.items():
        try:
            parameters.make(fault, {name: value})
        except SettingError as error:
            yield Mistake((*loc, "with", name), str(error), name not in parameters.kinds(fault))


def _repeat_mistakes(step: Mapping[str, Any], loc: Loc) -> Iterator[Mistake]:
    count = step.get("repeat")
    if (isinstance(count, str) or (isinstance(count, int) and count > 1)) and "every" not in step:
        yield Mistake((*loc, "repeat"), "'repeat' needs 'every', such as every: 12s", True)
