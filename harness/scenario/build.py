"""Scenarios in Python: as powerful as the files, and made of the same frozen objects.

::

    tail = (
        Scenario("Keyboard noise in the assistant's tail")
        .at(2 * s, say("speech_en_f_arctic_a0009"), repeat=3, every=14 * s)
        .before_end_of(answer=3, by=800 * ms, do=noise("thocks", lasts=1.2 * s), assume="assistant is speaking")
        .at(48 * s, app_switch(lasts=5 * s, capture="suspended"))
        .at(between(58 * s, 62 * s), say("speech_en_m_arctic_a0007", level=-12 * dbfs), label="loud")
        .expect(speech_started.after("loud").within(500 * ms))
        .expect(any_of(answer.after("loud").within(3 * s), recovery.after("loud").within(5 * s)))
        .build()
    )

:func:`harness.world.play.play` plays what :meth:`Scenario.build` gives, and ``to_yaml`` writes it to a file.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from harness.errors import SettingError, did_you_mean
from harness.faults import CATALOGUE, Fault
from harness.faults.parameters import given, make
from harness.ranges import Number, between, ends
from harness.scenario import model
from harness.scenario.dump import dump
from harness.scenario.loader import loads
from harness.scenario.profiles import PROFILES

__all__ = [
    "Scenario", "all_of", "answer", "any_of", "app_switch", "between", "cleared", "committed", "dbfs", "emit", "error",
    "interruption", "lsb", "minute", "ms", "never", "noise", "reconnect", "recovery", "response_created",
    "response_done", "s", "say", "session_created", "session_updated", "speech_started", "speech_stopped", "strike",
    "told",
]  # fmt: skip

# --- units ----------------------------------------------------------------------------------------------------------

ms = 1_000
"""A millisecond, in the microseconds of the model."""
s = 1_000 * ms
"""A second."""
minute = 60 * s
"""A minute."""
dbfs = 1.0
"""Of a level: ``-12 * dbfs``."""
lsb = 1
"""Of a peak: ``12_000 * lsb``."""


def _whole(number: Number) -> int:
    """Microseconds or LSB of a number or a range."""
    low, high = ends(number)
    found: int = between(round(low), round(high))
    return found


def _given(number: Number | None) -> int | None:
    return None if number is None else _whole(number)


def _level(number: Number | None) -> float | None:
    if number is None:
        return None
    low, high = ends(number)
    found: float = between(float(low), float(high))
    return found


# --- actions --------------------------------------------------------------------------------------------------------


def say(clip: str, *, level: Number | None = None, lasts: Number | None = None) -> model.Say:
    """The user speaks a clip."""
    return model.Say(clip, _level(level), _given(lasts))


def noise(kind: str, *, lasts: Number, level: Number | None = None, peak: Number | None = None) -> model.Noise:
    """A sound of the room."""
    return model.Noise(kind, _whole(lasts), _level(level), _given(peak))


def app_switch(
    *,
    lasts: Number,
    profile: str | None = None,
    capture: Literal["keeps", "suspended"] | None = None,
    playback: Literal["keeps", "suspended"] | None = None,
) -> model.App:
    """The user switches to another app and comes back, with a client of one of :data:`PROFILES`, if told."""
    if profile is not None and profile not in PROFILES:
        raise ValueError(f"no app profile is called {profile!r}; {did_you_mean(profile, PROFILES)}")
    return model.App(_whole(lasts), profile=profile, capture=capture, playback=playback)


def strike(fault: str | Fault, *, lasts: Number | None = None, **parameters: Any) -> model.Strike:
    """A fault begins; without ``lasts`` it stays until the client cures it.

    ``fault`` is one, or its name in the catalogue; ``parameters`` are the fields of its class, such as ``peak_lsb``.
    Raises :exc:`ValueError` for an unknown fault or a bad value, :exc:`TypeError` for a parameter that it has not.
    """
    if isinstance(fault, str):
        if fault not in CATALOGUE:
            raise ValueError(f"no fault is called {fault!r}; {did_you_mean(fault, CATALOGUE)}")
        fault = CATALOGUE[fault](**parameters)
    try:
        return model.Strike(make(type(fault), given(fault)), _given(lasts))
    except SettingError as error:
        raise ValueError(str(error)) from None


def emit(event: Mapping[str, Any]) -> model.Emit:
    """The server says an event that is not simulated."""
    return model.Emit(json.dumps(event, ensure_ascii=False))


# --- expectations ---------------------------------------------------------------------------------------------------


class Word:
    """Something that can be expected: ``answer.after("loud").within(3 * s).at_least(2)``."""

    def __init__(self, expect: model.Expect) -> None:
        self.expectation = expect

    def after(self, label: str) -> "Word":
        """Counted from the step with this label."""
        return Word(replace(self.expectation, after=label))

    def within(self, time: Number) -> "Word":
        """In no more than this time."""
        return Word(replace(self.expectation, within_us=_whole(time)))

    def at_least(self, count: int) -> "Word":
        """So often."""
        return Word(replace(self.expectation, at_least=count))


Expected = Word | model.Expectation


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
    return part.expectation if isinstance(part, Word) else part


speech_started = Word(model.Expect("speech_started"))
speech_stopped = Word(model.Expect("speech_stopped"))
committed = Word(model.Expect("committed"))
cleared = Word(model.Expect("cleared"))
session_created = Word(model.Expect("session.created"))
session_updated = Word(model.Expect("session.updated"))
response_created = Word(model.Expect("response.created"))
response_done = Word(model.Expect("response.done"))
error = Word(model.Expect("error"))
answer = Word(model.Expect("answer"))
recovery = Word(model.Expect("recovery"))
reconnect = Word(model.Expect("reconnect"))
interruption = Word(model.Expect("interruption"))
told = Word(model.Expect("told"))

# --- the scenario ---------------------------------------------------------------------------------------------------


class Scenario:
    """A scenario in the making. Each method gives a new one, so that a common begin can be continued in many ways."""

    def __init__(
        self,
        name: str,
        *,
        story: str = "",
        source: str = "",
        room: Number | None = None,
        latency: Number | None = None,
        jitter: Number | None = None,
        lasts: Number | None = None,
        recover_within: Number | None = None,
        server: model.ServerSetup | None = None,
        client: Mapping[str, Any] | None = None,
        outcomes: Mapping[str, str] | None = None,
    ) -> None:
        given: dict[str, Any] = {
            "room_dbfs": _level(room),
            "latency_us": _given(latency),
            "jitter_us": _given(jitter),
            "lasts_us": _given(lasts),
            "recover_within_us": _given(recover_within),
            "server": server,
            "client": client,
            "outcomes": outcomes,
        }
        present = {key: value for key, value in given.items() if value is not None}
        self._made = model.Scenario(name, (), story, source, **present)

    def at(self, time: Number, do: model.Action, **options: Any) -> "Scenario":
        """A step at a time. ``options`` as in :meth:`step`."""
        return self.step(model.At(_whole(time)), do, **options)

    def after(self, label: str, do: model.Action, *, by: Number = 0, **options: Any) -> "Scenario":
        """A step ``by`` after the end of the one with this label."""
        return self.step(model.After(label, _whole(by)), do, **options)

    def when(
        self, event: str, nth: int | None = None, *, do: model.Action, by: Number = 0, **options: Any
    ) -> "Scenario":
        """A step ``by`` after an event; without ``nth`` the first one after the step above."""
        return self.step(model.When(event, nth, _whole(by)), do, **options)

    def before_end_of(self, *, answer: int, do: model.Action, by: Number = 0, **options: Any) -> "Scenario":
        """A step ``by`` before the assistant's n-th answer has been played."""
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
    ) -> "Scenario":
        """Any step."""
        assumed = (assume,) if isinstance(assume, str) else tuple(assume)
        made = model.Step(trigger, do, assumed, label, because, repeat, _whole(every))
        return self._with(timeline=(*self._made.timeline, made))

    def expect(self, *expected: Expected) -> "Scenario":
        """What must follow."""
        return self._with(expect=(*self._made.expect, *map(_expectation, expected)))

    def premise(self, *taken: Expected) -> "Scenario":
        """What is taken for granted; if it does not happen the run is vacuous."""
        return self._with(premises=(*self._made.premises, *map(_expectation, taken)))

    def _with(self, **fields: Any) -> "Scenario":
        following = Scenario(self._made.name)
        following._made = replace(self._made, **fields)
        return following

    def build(self, path: Path | None = None) -> model.Scenario:
        """The scenario, to be played. Its audio files are relative to the folder of ``path``.

        Raises :exc:`harness.errors.ScenarioError` with all mistakes, at their places in what :meth:`to_yaml` gives.
        """
        loads(self.to_yaml(), path.name if path else self._made.name, path.parent if path else None)
        return replace(self._made, path=path)

    def to_yaml(self) -> str:
        """The file that says the same."""
        return dump(self._made)
