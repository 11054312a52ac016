"""The scenario's own expectations: something observable within a time after a labelled step.

A step that is repeated has a deadline for each of its repetitions. An expectation about a step that never happened is
neither met nor missed; that step is missing as a premise.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from harness.journal import Entry, Journal
from harness.scenario.model import (
    COUNTED_FROM_BEGIN,
    WHEN_EVENTS,
    AllOf,
    AnyOf,
    Expect,
    Expectation,
    Never,
    Scenario,
    leaves,
)
from harness.units import SECOND, format_duration
from harness.verdict.findings import Finding
from harness.world.answers import answers_heard


def find(journal: Journal, scenario: Scenario) -> list[Finding]:
    """One finding for each expectation that was not met, and for each repetition of its step."""
    findings = [
        Finding(f"expect {title(expect)}", missed.at_us, missed.reason, line=missed.line)
        for expect in scenario.expect
        for missed in misses(journal, expect)
    ]
    return list(dict.fromkeys(findings))


def title(expectation: Expectation) -> str:
    """What is expected, in a few words."""
    match expectation:
        case Expect(what):
            return what
        case AnyOf(parts):
            return f"any of {', '.join(map(title, parts))}"
        case AllOf(parts):
            return f"all of {', '.join(map(title, parts))}"
        case Never(part):
            return f"never {title(part)}"


@dataclass(frozen=True, slots=True)
class Miss:
    """What was missing, since when that is certain, and the line that asked for it."""

    at_us: int
    reason: str
    line: int | None


def misses(journal: Journal, expectation: Expectation) -> Iterator[Miss]:
    """Whatever is missing for the expectation to be met."""
    steps: dict[str, list[Entry]] = {}
    for entry in journal.select("world", "step"):
        steps.setdefault(entry.fields["label"], []).append(entry)
    counts = [len(steps.get(leaf.after, ())) for leaf in leaves(expectation) if leaf.after is not None]
    for turn in range(max(counts, default=1)):
        yield from _Look(journal, steps, turn).at(expectation).misses


@dataclass(frozen=True, slots=True)
class _Result:
    """Met at a time, or missed, or (with neither) not to be decided."""

    what: str
    met_at: int | None = None
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at expectations in one repetition of their steps; a step with fewer is taken at its last."""

    journal: Journal
    steps: dict[str, list[Entry]]
    turn: int

    def at(self, expectation: Expectation) -> _Result:
        """How it stands with an expectation."""
        match expectation:
            case Expect():
                return self._leaf(expectation)
            case AnyOf(parts):
                return _any([self.at(part) for part in parts], expectation.line)
            case AllOf(parts):
                return _all([self.at(part) for part in parts])
            case Never(part):
                return self._never(self.at(part), expectation.line)

    def _leaf(self, expect: Expect) -> _Result:
        begin = since = 0
        if expect.after is not None:
            steps = self.steps.get(expect.after)
            if not steps:
                return _Result(expect.what)
            step = steps[min(self.turn, len(steps) - 1)]
            begin = step.t
            since = begin if expect.what in COUNTED_FROM_BEGIN else begin + step.fields["length_us"]
            where = f"after {step.fields['step']}, which was at {begin / SECOND:.3f} s"
        else:
            where = "of the start"
        last = self.journal.entries[-1].t
        deadline = last if expect.within_us is None else since + expect.within_us
        if expect.within_us is not None:
            where = f"within {format_duration(expect.within_us)} {where}"
        elif expect.after is None:
            where = "in the whole run"
        what = f"{expect.what} {where}" if expect.at_least == 1 else f"{expect.at_least} × {expect.what} {where}"
        times = sorted({time for time in _times(self.journal, expect.what, begin) if begin <= time <= deadline})
        if len(times) >= expect.at_least:
            return _Result(what, met_at=times[expect.at_least - 1])
        few = f"only {len(times)} of {what}" if times else f"no {expect.what} {where}"
        return _Result(what, misses=(Miss(deadline, few, expect.line),))

    def _never(self, result: _Result, line: int | None) -> _Result:
        what = f"never {result.what}"
        if result.met_at is not None:
            reason = f"what must never happen did, at {result.met_at / SECOND:.3f} s: {result.what}"
            return _Result(what, misses=(Miss(result.met_at, reason, line),))
        free_from = max((miss.at_us for miss in result.misses), default=None)
        return _Result(what, met_at=free_from)


def _any(results: list[_Result], line: int | None) -> _Result:
    what = " or ".join(result.what for result in results)
    met = [result.met_at for result in results if result.met_at is not None]
    if met:
        return _Result(what, met_at=min(met))
    if not all(result.misses for result in results):
        return _Result(what)
    found = [miss for result in results for miss in result.misses]
    reason = " and ".join(miss.reason for miss in found)
    return _Result(what, misses=(Miss(max(miss.at_us for miss in found), reason, line),))


def _all(results: list[_Result]) -> _Result:
    what = " and ".join(result.what for result in results)
    missed = tuple(miss for result in results for miss in result.misses)
    met = [result.met_at for result in results if result.met_at is not None]
    return _Result(what, met_at=max(met) if len(met) == len(results) else None, misses=missed)


# --- when the words of the language happened ------------------------------------------------------------------------


def _times(journal: Journal, what: str, begin: int) -> Iterable[int]:
    if what in WHEN_EVENTS:
        received = journal.select("client", WHEN_EVENTS[what])
        return (entry.t for entry in received if "connection" in entry.fields)
    return _TIMES[what](journal, begin)


def _reconnects(journal: Journal, begin: int) -> Iterator[int]:
    return (entry.t for entry in journal.select("connection", "open") if entry.fields["connection"] > 1)


def _recoveries(journal: Journal, begin: int) -> Iterator[int]:
    yield from answers_heard(journal, begin)
    yield from _reconnects(journal, begin)


_TIMES: dict[str, Callable[[Journal, int], Iterator[int]]] = {
    "answer": answers_heard,
    "recovery": _recoveries,
    "reconnect": _reconnects,
    "interruption": lambda journal, _: (entry.t for entry in journal.select("speaker", "stopped")),
    "told": lambda journal, _: (entry.t for entry in journal.select("client", "tells_user")),
}
