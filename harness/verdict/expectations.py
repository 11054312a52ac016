"""The scenario's own expectations: something observable within a time after a labelled step.

A repeated step has a deadline for each repetition. An expectation about a step that was not played is neither met nor
missed; the missing step is reported as a premise.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..journal import ClientTellsUser, ConnectionOpened, EventAtClient, SpeakerStopped, StepPlayed, UserSpeaks
from ..scenario.model import (
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
from ..units import SECOND, format_duration
from .findings import Finding
from .record import RunRecord


def find(record: RunRecord, scenario: Scenario) -> list[Finding]:
    """One finding for each expectation that was not met, and for each repetition of its step."""
    findings = [
        Finding(f"expect {title(expect)}", missed.at_us, missed.reason, line=missed.line)
        for expect in scenario.expect
        for missed in misses(record, expect)
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
    """An expectation that was not met: since when that is certain (microseconds), why, and its line in the scenario."""

    at_us: int
    reason: str
    line: int | None


def misses(record: RunRecord, expectation: Expectation) -> Iterator[Miss]:
    """Why the expectation was not met, for each repetition of its step; nothing if it was met."""
    steps: dict[str | None, list[StepPlayed]] = {}
    for entry in record.journal.select(StepPlayed):
        steps.setdefault(entry.label, []).append(entry)
    counts = [len(steps.get(leaf.after, ())) for leaf in leaves(expectation) if leaf.after is not None]
    for turn in range(max(counts, default=1)):
        yield from _Check(record, steps, turn).result(expectation).misses


@dataclass(frozen=True, slots=True)
class _Result:
    """Met at a time, or missed; with neither, its step was not played."""

    what: str
    met_at: int | None = None
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, slots=True)
class _Check:
    """Checks expectations for one repetition of their steps; a step with fewer repetitions counts with its last one."""

    record: RunRecord
    steps: dict[str | None, list[StepPlayed]]
    turn: int

    def result(self, expectation: Expectation) -> _Result:
        """The result for an expectation."""
        match expectation:
            case Expect():
                return self._leaf(expectation)
            case AnyOf(parts):
                return _any([self.result(part) for part in parts], expectation.line)
            case AllOf(parts):
                return _all([self.result(part) for part in parts])
            case Never(part):
                return self._never(self.result(part), expectation.line)

    def _leaf(self, expect: Expect) -> _Result:
        begin = since = self.record.steps_begun_us
        step: StepPlayed | None = None
        if expect.after is not None:
            steps = self.steps.get(expect.after)
            if not steps:
                return _Result(expect.what)
            step = steps[min(self.turn, len(steps) - 1)]
            begin = step.t
            since = begin if expect.what in COUNTED_FROM_BEGIN else begin + step.length_us
            where = f"after {step.step}, which was at {begin / SECOND:.3f} s"
        else:
            where = "of the start"
        last = self.record.end_us
        deadline = last if expect.within_us is None else since + expect.within_us
        if expect.within_us is not None:
            where = f"within {format_duration(expect.within_us)} {where}"
        elif expect.after is None:
            where = "in the whole run"
        what = f"{expect.what} {where}" if expect.at_least == 1 else f"{expect.at_least} × {expect.what} {where}"
        times = sorted({time for time in _times(self.record, expect.what, step) if begin <= time <= deadline})
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


def _times(record: RunRecord, what: str, step: StepPlayed | None) -> Iterable[int]:
    if what in WHEN_EVENTS:
        return (entry.t for entry in record.journal.select(EventAtClient) if entry.kind == WHEN_EVENTS[what])
    return _TIMES[what](record, step)


def _answers(record: RunRecord, step: StepPlayed | None) -> Iterator[int]:
    """Answers to what was said in the step; after a step in which nothing is said, to what the scenario says later.

    Never to the verdict's own user, who speaks after the heal.
    """
    begin = 0 if step is None else step.t
    said = [entry for entry in record.journal.select(UserSpeaks) if not entry.probe and entry.t >= begin]
    if step is not None and any(entry.t == step.t for entry in said):
        said = [entry for entry in said if entry.t == step.t]
    for answer in record.answers.heard:
        if answer.turn is not None and any(entry in answer.turn.utterances for entry in said):
            yield answer.at_us


def _reconnects(record: RunRecord, step: StepPlayed | None) -> Iterator[int]:
    return (entry.t for entry in record.journal.select(ConnectionOpened) if entry.connection > 1)


def _recoveries(record: RunRecord, step: StepPlayed | None) -> Iterator[int]:
    yield from _answers(record, step)
    yield from _reconnects(record, step)


_TIMES: dict[str, Callable[[RunRecord, StepPlayed | None], Iterator[int]]] = {
    "answer": _answers,
    "recovery": _recoveries,
    "reconnect": _reconnects,
    "interruption": lambda record, _: (entry.t for entry in record.journal.select(SpeakerStopped)),
    "tells_user": lambda record, _: (entry.t for entry in record.journal.select(ClientTellsUser)),
}
