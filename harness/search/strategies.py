"""Hypothesis strategies for property tests of a client: fault schedules, and whole scenarios.

They shrink toward no fault, few and short steps, early times and the defaults of parameters. Nothing else in
``harness/`` imports this module: Hypothesis is not needed at run time.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from ..errors import SettingError, did_you_mean
from ..faults import CATALOGUE, Fault
from ..faults.parameters import CLOSE_CODE, DECIBELS, DURATION, EVENT_TYPE, PEAKS, Kind
from ..scenario.model import App, At, Inject, Noise, Say, Scenario, ServerSetup, Step
from ..scenario.profiles import PROFILES
from ..units import MS, SECOND
from ..vad.detector import DETECTORS
from .draw import SELECTABLE_EVENTS, USUAL_CODES
from .schedules import CLIPS, EVERY_US, REPLY, SPEAKS_US, conversation

_GRID_US = 100 * MS
"""Times and lengths of steps are multiples of this."""
_SHORTEST_US, _LONGEST_US = 200 * MS, 20 * SECOND
"""Of a fault."""
_MOST_TURNS = 5
_AROUND = 4
"""A number is at most so many times its default, and at least this part of it."""
_NOISES = ("keyboard", "door", "thocks")


def fault_schedules(
    *,
    faults: Iterable[str] | None = None,
    max_faults: int = 3,
    begin: int = SECOND,
    end: int = 20 * SECOND,
) -> st.SearchStrategy[tuple[Step, ...]]:
    """Steps that inject faults, for a scenario of your own::

        @given(fault_schedules(faults=["mute", "half-open"], end=30 * s))
        def test_it(stillthere, steps):
            scenario = ScenarioBuilder.from_scenario(load("tool_call")).add(steps).build()
            stillthere.holds(scenario, MyClient)

    ``faults`` are names of the catalogue; None: all of it. At most ``max_faults`` are injected, at times from ``begin``
    to ``end``, in microseconds; both must be within the ``lasts`` of your scenario, if it has one. They shrink toward
    no fault at all. Raises :exc:`SettingError` for an unknown fault, and for times or a number that exclude each other.
    """
    kinds = _kinds(faults)
    if max_faults < 0 or not 0 <= begin <= end:
        raise SettingError(
            f"fault_schedules() got max_faults={max_faults}, begin={begin} and end={end}; give 0 or more, and times in "
            "microseconds with 0 <= begin <= end, such as begin=2 * s"
        )
    times = st.integers(-(-begin // _GRID_US), max(-(-begin // _GRID_US), end // _GRID_US))
    steps = _steps(times, _injections(kinds))
    return st.lists(steps, max_size=max_faults).map(lambda found: tuple(sorted(found, key=_starts)))


def scenarios(
    *,
    faults: Iterable[str] | None = None,
    max_faults: int = 3,
    max_turns: int = 2,
    detector: str = "energy",
) -> st.SearchStrategy[Scenario]:
    """Short conversations with faults, typing and app switches, as ``stillthere fuzz`` plays them::

        @given(scenarios())
        def test_it_is_never_silent_for_ever(stillthere, scenario):
            stillthere.holds(scenario, MyClient)

    ``faults`` and ``max_faults`` as for :func:`fault_schedules`. The user speaks up to ``max_turns`` times, 1 to 5.
    ``detector`` is the server's ear; ``energy`` is the fastest. They shrink toward one turn in which nothing happens.
    Raises :exc:`SettingError` for an unknown fault or detector.
    """
    if detector not in DETECTORS:
        raise SettingError(f"no detector is named {detector!r}; {did_you_mean(detector, DETECTORS)}")
    if not 1 <= max_turns <= _MOST_TURNS:
        raise SettingError(f"a drawn conversation has 1 to {_MOST_TURNS} turns (got max_turns={max_turns})")
    ends = SPEAKS_US + max_turns * EVERY_US
    return st.builds(
        _scenario,
        st.lists(_speech(), min_size=1, max_size=max_turns),
        fault_schedules(faults=faults, max_faults=max_faults, begin=SECOND // 2, end=ends),
        st.lists(_surroundings(ends), max_size=2),
        st.just(ServerSetup(detector=detector, reply=REPLY)),
    )


def _scenario(said: list[Say], faults: tuple[Step, ...], around: list[Step], server: ServerSetup) -> Scenario:
    steps = [Step(At(SPEAKS_US + turn * EVERY_US), each) for turn, each in enumerate(said)]
    steps += sorted((*faults, *around), key=_starts)
    after_the_last_turn = max(map(_starts, steps)) - SPEAKS_US - (len(said) - 1) * EVERY_US
    ends_us = max(6 * SECOND, after_the_last_turn + SECOND)  # a step that never starts makes the run vacuous
    return conversation("a drawn conversation", steps, server, len(said), ends_us=ends_us)


def _steps(times: st.SearchStrategy[int], actions: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    """Steps at times that are given in tenths of a second."""
    return st.tuples(times, actions).map(lambda parts: Step(At(parts[0] * _GRID_US), parts[1]))


def _starts(step: Step) -> int:
    assert isinstance(step.trigger, At)
    return step.trigger.at_us


def _speech() -> st.SearchStrategy[Say]:
    levels = st.none() | st.integers(-26, -14).map(float)
    return st.builds(Say, st.sampled_from(CLIPS), levels)


def _surroundings(end_us: int) -> st.SearchStrategy[Step]:
    noises = st.builds(Noise, st.sampled_from(_NOISES), _lengths(4 * SECOND), st.integers(-50, -25).map(float))
    switches = st.builds(
        lambda us, profile: App(us, profile=profile), _lengths(15 * SECOND), st.sampled_from(sorted(PROFILES))
    )
    times = st.integers(SECOND // _GRID_US, end_us // _GRID_US)
    return _steps(times, noises | switches)


def _lengths(longest_us: int = _LONGEST_US) -> st.SearchStrategy[int]:
    return st.integers(_SHORTEST_US // _GRID_US, longest_us // _GRID_US).map(_GRID_US.__mul__)


def _lengths_or_endless() -> st.SearchStrategy[int | None]:
    """As one number, so that the shortest length is simpler than none."""
    endless = _LONGEST_US + _GRID_US
    return _lengths(endless).map(lambda us: None if us == endless else us)


# --- faults ---------------------------------------------------------------------------------------------------------


def _kinds(names: Iterable[str] | None) -> list[type[Fault]]:
    if names is None:
        return list(CATALOGUE.values())
    chosen = [names] if isinstance(names, str) else list(names)
    for name in chosen:
        if name not in CATALOGUE:
            raise SettingError(f"no fault is called {name!r}; {did_you_mean(name, CATALOGUE)}")
    if not chosen:
        raise SettingError("faults=[] leaves no fault to choose; leave it out for all of them, or set max_faults=0")
    return [CATALOGUE[name] for name in chosen]


def _injections(kinds: list[type[Fault]]) -> st.SearchStrategy[Inject]:
    made = {kind: _injection(kind) for kind in kinds}  # once: Hypothesis is faster with strategies that it knows
    return st.sampled_from(kinds).flatmap(made.__getitem__)


def _injection(kind: type[Fault]) -> st.SearchStrategy[Inject]:
    """A fault of this kind, with an end, or until the client cures it if that is possible."""
    values = {each.name: st.just(each.default) | _values(each.metadata["kind"], each.default) for each in fields(kind)}
    endless = not kind.needs_end or kind.actor == "microphone"
    faults = st.fixed_dictionaries(values).map(lambda given: kind(**given))
    lengths = _lengths_or_endless() if endless else _lengths()
    return st.tuples(faults, lengths).map(lambda parts: Inject(*parts))


def _values(kind: Kind, default: Any) -> st.SearchStrategy[Any]:
    """Values of a parameter, in its unit: microseconds, dB, LSB."""
    if kind is DURATION:
        usual = default or SECOND
        longest = max(1, min(10 * SECOND, 8 * usual) // MS)
        return st.integers(min(longest, max(1, usual // 8 // MS)), longest).map(MS.__mul__)
    if kind is DECIBELS:
        return st.integers(-12, 12).map(lambda change: float(default + change))
    if kind is PEAKS:  # louder noise would not be near-silence
        return st.tuples(st.integers(1, 128), st.integers(1, 128)).map(lambda ends: (min(ends), max(ends)))
    if kind is CLOSE_CODE:
        return st.sampled_from(USUAL_CODES)
    if kind is EVENT_TYPE:
        return st.sampled_from(SELECTABLE_EVENTS)
    return _of_schema(kind.schema, default)


def _of_schema(schema: Any, default: Any) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("type") == "integer":
        low = max(int(schema["minimum"]), (default or 1) // _AROUND)
        return st.integers(low, max(low, min(int(schema["maximum"]), (default or 1) * _AROUND)))
    if schema.get("type") == "number":
        low, high = sorted((default / _AROUND, default * _AROUND))
        hundredths = st.integers(0, 100)
        span = max(low, float(schema["minimum"])), min(high, float(schema["maximum"]))
        return hundredths.map(lambda part: round(span[0] + (span[1] - span[0]) * part / 100, 4))
    return st.just(default)
