"""Scenarios in Python: everything that files can say, made of the same frozen objects.

::

    tail = (
        ScenarioBuilder("Keyboard noise in the assistant's tail")
        .at(2 * s, say("speech_en_f_arctic_a0009"), repeat=3, every=14 * s)
        .before_end_of(answer=3, by=800 * ms, do=noise("thocks", lasts=1.2 * s), assume="assistant is speaking")
        .at(48 * s, app_switch(lasts=5 * s, capture="suspended"))
        .at(between(58 * s, 62 * s), say("speech_en_m_arctic_a0007", level=-12 * dbfs), label="loud")
        .expect(speech_started.after("loud").within(500 * ms))
        .expect(any_of(answer.after("loud").within(3 * s), recovery.after("loud").within(5 * s)))
        .build()
    )

:func:`harness.world.play.play` plays what :meth:`ScenarioBuilder.build` returns; :meth:`ScenarioBuilder.to_yaml` gives
the text of the file.
"""

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Literal

from ..audio.audio_files import RawFormat
from ..errors import SettingError, did_you_mean
from ..faults import CATALOGUE, Fault, Transport
from ..faults.parameters import given, make
from ..ranges import Between, Number, between, ends
from . import model
from .dump import dump
from .loader import loads
from .profiles import PROFILES
from .values import page_act

__all__ = [
    "ExpectBuilder", "ScenarioBuilder", "all_of", "answer", "any_of", "app_switch", "between", "cleared", "committed",
    "dbfs", "emit", "error", "inject", "interruption", "lsb", "minute", "ms", "never", "noise", "page", "raw_format",
    "reconnect", "recovery", "response_created", "response_done", "s", "say", "session_created", "session_updated",
    "speech_started", "speech_stopped", "tells_user",
]  # fmt: skip

# --- units ----------------------------------------------------------------------------------------------------------

ms = 1_000
"""A millisecond, in the microseconds of the model."""
s = 1_000 * ms
"""A second."""
minute = 60 * s
"""A minute."""
dbfs = 1.0
"""The unit of a level: ``-12 * dbfs``."""
lsb = 1
"""The unit of a peak: ``12_000 * lsb``."""


def _whole(number: Number) -> int:
    """A number or a range in whole microseconds or LSB. Raises :exc:`ValueError` for something else."""
    _check_number(number)
    low, high = ends(number)
    found: int = between(round(low), round(high))
    return found


def _check_number(number: object) -> None:
    if isinstance(number, str) or not isinstance(number, int | float | Between):
        raise ValueError(f"{number!r} is not a number; write 2 * s or 500 * ms, and a range as between(1 * s, 2 * s)")


def _time(number: Number) -> int:
    """When a step starts, in microseconds. Raises :exc:`ValueError` for a number whose unit was forgotten."""
    time = _whole(number)
    if 0 < ends(time)[1] < ms:
        raise ValueError(f"a step at {number!r} starts within the first millisecond; write the unit, as in 2 * s")
    return time


def _optional(number: Number | None) -> int | None:
    return None if number is None else _whole(number)


def _level(number: Number | None) -> float | None:
    if number is None:
        return None
    low, high = ends(number)
    found: float = between(float(low), float(high))
    return found


# --- actions --------------------------------------------------------------------------------------------------------


def raw_format(encoding: str, rate_hz: int, channels: int = 1) -> RawFormat:
    """What an audio file without a header holds: ``pcm16``, ``ulaw`` and so on, as the key ``format`` of a file."""
    return RawFormat(encoding, rate_hz, channels)


def say(
    clip: str, *, level: Number | None = None, lasts: Number | None = None, format: RawFormat | None = None
) -> model.Say:
    """The user speaks a clip; ``level`` in dBFS, ``lasts`` in microseconds, ``format`` of a file without a header."""
    return model.Say(clip, _level(level), _optional(lasts), format)


def noise(
    kind: str,
    *,
    lasts: Number,
    level: Number | None = None,
    peak: Number | None = None,
    format: RawFormat | None = None,
) -> model.Noise:
    """A sound of the room; ``lasts`` in microseconds, and ``level`` in dBFS or ``peak`` in LSB.

    ``format`` is that of a file without a header.
    """
    return model.Noise(kind, _whole(lasts), _level(level), _optional(peak), format)


def app_switch(
    *,
    lasts: Number,
    profile: str | None = None,
    capture: Literal["keeps", "suspended"] | None = None,
    playback: Literal["keeps", "suspended"] | None = None,
) -> model.App:
    """The user switches to another app and comes back after ``lasts`` microseconds.

    ``profile`` is a name in :data:`PROFILES`; raises :exc:`ValueError` for another.
    """
    if profile is not None and profile not in PROFILES:
        raise ValueError(f"no app profile is called {profile!r}; {did_you_mean(profile, PROFILES)}")
    return model.App(_whole(lasts), profile=profile, capture=capture, playback=playback)


def inject(fault: str | Fault, *, lasts: Number | None = None, **parameters: Any) -> model.Inject:
    """A fault starts; without ``lasts``, in microseconds, it stays until the client cures it.

    ``fault`` is a fault or its name in the catalogue; ``parameters`` are the fields of its class, such as ``peak_lsb``.
    Raises :exc:`ValueError` for an unknown fault or a bad value, :exc:`TypeError` for an unknown parameter.
    """
    if isinstance(fault, str):
        if fault not in CATALOGUE:
            raise ValueError(f"no fault is called {fault!r}; {did_you_mean(fault, CATALOGUE)}")
        known = [field.name for field in fields(CATALOGUE[fault])]
        if unknown := [name for name in parameters if name not in known]:
            raise TypeError(f"the fault {fault!r} has no parameter {unknown[0]!r}; {did_you_mean(unknown[0], known)}")
        fault = CATALOGUE[fault](**parameters)
    try:
        return model.Inject(make(type(fault), given(fault)), _optional(lasts))
    except SettingError as error:
        raise ValueError(str(error)) from None


def emit(event: Mapping[str, Any]) -> model.Emit:
    """The server sends an event that is not simulated."""
    return model.Emit(json.dumps(event, ensure_ascii=False))


def page(does: str, text: str = "", *, lasts: Number | None = None) -> model.PageStep:
    """The page in the browser is acted on: ``page("click", "Start")``, ``page("freeze", lasts=4 * s)``.

    ``does`` is a name in :data:`harness.scenario.model.PAGE_ACTS`; raises :exc:`ValueError` for another.
    """
    return model.PageStep(*page_act(f"{does} {text}"), _optional(lasts))


# --- expectations ---------------------------------------------------------------------------------------------------


class ExpectBuilder:
    """An expectation, step by step: ``answer.after("loud").within(3 * s).at_least(2)``."""

    def __init__(self, expect: model.Expect) -> None:
        self.expectation = expect

    def after(self, label: str) -> "ExpectBuilder":
        """The time counts from the step with this label."""
        return ExpectBuilder(replace(self.expectation, after=label))

    def within(self, time: Number) -> "ExpectBuilder":
        """It must happen within this time, in microseconds."""
        return ExpectBuilder(replace(self.expectation, within_us=_whole(time)))

    def at_least(self, count: int) -> "ExpectBuilder":
        """It must happen at least so often."""
        return ExpectBuilder(replace(self.expectation, at_least=count))


Expected = ExpectBuilder | model.Expectation


def any_of(*parts: Expected) -> model.AnyOf:
    """One of these must be met."""
    return model.AnyOf(tuple(map(_expectation, parts)))


def all_of(*parts: Expected) -> model.AllOf:
    """All of these must be met."""
    return model.AllOf(tuple(map(_expectation, parts)))


def never(part: Expected) -> model.Never:
    """This must not be met."""
    return model.Never(_expectation(part))


def _expectation(part: Expected) -> model.Expectation:
    return part.expectation if isinstance(part, ExpectBuilder) else part


speech_started = ExpectBuilder(model.Expect("speech_started"))
"""The client receives ``input_audio_buffer.speech_started``."""
speech_stopped = ExpectBuilder(model.Expect("speech_stopped"))
"""The client receives ``input_audio_buffer.speech_stopped``."""
committed = ExpectBuilder(model.Expect("committed"))
"""The client receives ``input_audio_buffer.committed``."""
cleared = ExpectBuilder(model.Expect("cleared"))
"""The client receives ``input_audio_buffer.cleared``."""
session_created = ExpectBuilder(model.Expect("session.created"))
"""The client receives ``session.created``."""
session_updated = ExpectBuilder(model.Expect("session.updated"))
"""The client receives ``session.updated``."""
response_created = ExpectBuilder(model.Expect("response.created"))
"""The client receives ``response.created``."""
response_done = ExpectBuilder(model.Expect("response.done"))
"""The client receives ``response.done``."""
error = ExpectBuilder(model.Expect("error"))
"""The client receives an ``error``."""
answer = ExpectBuilder(model.Expect("answer"))
"""The user hears an answer to speech that began at or after the anchor."""
recovery = ExpectBuilder(model.Expect("recovery"))
"""An answer, or a new connection."""
reconnect = ExpectBuilder(model.Expect("reconnect"))
"""A connection is open that is not the first."""
interruption = ExpectBuilder(model.Expect("interruption"))
"""The client stops playback."""
tells_user = ExpectBuilder(model.Expect("tells_user"))
"""The client tells the user that something is wrong."""

# --- the scenario ---------------------------------------------------------------------------------------------------


class ScenarioBuilder:
    """Builds a scenario. Each method returns a new builder, so that a common start can be continued in many ways.

    Times are in microseconds, levels in dBFS; each may be a range.
    """

    def __init__(
        self,
        name: str,
        *,
        story: str = "",
        source: str = "",
        room: Number | None = None,
        transport: Transport | None = None,
        latency: Number | None = None,
        jitter: Number | None = None,
        lasts: Number | None = None,
        recover_within: Number | None = None,
        answer_within: Number | None = None,
        properties: Mapping[str, str] | None = None,
        server: model.ServerSetup | None = None,
        client: Mapping[str, Any] | None = None,
        outcomes: Mapping[str, str] | None = None,
        tags: Iterable[str] | None = None,
    ) -> None:
        options: dict[str, Any] = {
            "room_dbfs": _level(room),
            "transport": transport,
            "latency_us": _optional(latency),
            "jitter_us": _optional(jitter),
            "lasts_us": _optional(lasts),
            "recover_within_us": _optional(recover_within),
            "answer_within_us": _optional(answer_within),
            "properties": properties,
            "server": server,
            "client": client,
            "outcomes": outcomes,
            "tags": None if tags is None else tuple(tags),
        }
        present = {key: value for key, value in options.items() if value is not None}
        self._made = model.Scenario(name, (), story, source, **present)

    @classmethod
    def from_scenario(cls, scenario: model.Scenario) -> "ScenarioBuilder":
        """A builder that continues a scenario, such as one that :func:`load` returned."""
        return cls(scenario.name)._with(**{each.name: getattr(scenario, each.name) for each in fields(scenario)})

    def at(self, time: Number, do: model.Action, **options: Any) -> "ScenarioBuilder":
        """Add a step at a time. ``options`` as in :meth:`step`."""
        return self.step(model.At(_time(time)), do, **options)

    def after(self, label: str, do: model.Action, *, by: Number = 0, **options: Any) -> "ScenarioBuilder":
        """Add a step ``by`` after the end of the step with this label."""
        return self.step(model.After(label, _whole(by)), do, **options)

    def when(
        self, event: str, nth: int | None = None, *, do: model.Action, by: Number = 0, **options: Any
    ) -> "ScenarioBuilder":
        """Add a step ``by`` after an event; without ``nth`` the first one after the step above."""
        return self.step(model.When(event, nth, _whole(by)), do, **options)

    def before_end_of(self, *, answer: int, do: model.Action, by: Number = 0, **options: Any) -> "ScenarioBuilder":
        """Add a step ``by`` before the end of playback of the assistant's n-th answer."""
        return self.step(model.BeforeEnd(answer, _whole(by)), do, **options)

    def step(
        self,
        trigger: model.Trigger,
        do: model.Action,
        *,
        assume: str | Iterable[str] = (),
        label: str | None = None,
        because: str | None = None,
        repeat: int = 1,
        every: Number = 0,
    ) -> "ScenarioBuilder":
        """Add any step.

        ``assume``: what must be true when it starts; ``label``: its name for other steps and expectations; ``because``:
        a comment; ``repeat`` and ``every``: how often, and the time between.
        """
        assumed = (assume,) if isinstance(assume, str) else tuple(assume)
        made = model.Step(trigger, do, assumed, label, because, repeat, _whole(every))
        return self._with(timeline=(*self._made.timeline, made))

    def add(self, steps: Iterable[model.Step]) -> "ScenarioBuilder":
        """Add steps that were made elsewhere, such as those of :func:`stillthere.strategies.fault_schedules`."""
        return self._with(timeline=(*self._made.timeline, *steps))

    def expect(self, *expected: Expected) -> "ScenarioBuilder":
        """Add expectations: if one is not met, the run has failed."""
        return self._with(expect=(*self._made.expect, *map(_expectation, expected)))

    def premise(self, *taken: Expected) -> "ScenarioBuilder":
        """Add premises: if one is not met, the run is vacuous."""
        return self._with(premises=(*self._made.premises, *map(_expectation, taken)))

    def _with(self, **fields: Any) -> "ScenarioBuilder":
        following = ScenarioBuilder(self._made.name)
        following._made = replace(self._made, **fields)
        return following

    def build(self, path: Path | None = None) -> model.Scenario:
        """The scenario, ready to be played. Its audio files are relative to the folder of ``path``.

        Without ``path`` it is that of :meth:`from_scenario`, if the builder began there.

        Raises :exc:`harness.errors.ScenarioError` with all mistakes, each at its position in :meth:`to_yaml`.
        """
        path = path or self._made.path
        loads(self.to_yaml(), path.name if path else self._made.name, path.parent if path else None)
        return replace(self._made, path=path)

    def to_yaml(self) -> str:
        """The text of the scenario file."""
        return dump(self._made)


# --- old names ------------------------------------------------------------------------------------------------------

_RENAMED: dict[str, tuple[str, Any]] = {
    "Scenario": ("ScenarioBuilder", ScenarioBuilder),
    "strike": ("inject", inject),
    "told": ("tells_user", tells_user),
}
"""The names of 0.1.0, and what they are called now."""


def __getattr__(name: str) -> Any:
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new_name, value = _RENAMED[name]
    warnings.warn(f"{__name__}.{name} is now called {new_name}; both work", DeprecationWarning, stacklevel=2)
    return value
