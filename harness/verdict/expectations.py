"""The scenario's own expectations: something observable within a time after a labelled step."""

from collections.abc import Callable, Iterator

from harness.journal import Entry, Journal
from harness.scenario.model import Expect, Scenario
from harness.units import SECOND, format_duration
from harness.verdict.findings import Finding
from harness.world.answers import answers_heard


def find(journal: Journal, scenario: Scenario) -> list[Finding]:
    """One finding for each expectation that was not met; none for a step that never happened."""
    findings = []
    for expect in scenario.expect:
        steps = [entry for entry in journal.select("world", "step") if entry.fields["label"] == expect.after]
        findings += [finding for step in steps if (finding := _check(journal, expect, step)) is not None]
    return findings


def _check(journal: Journal, expect: Expect, step: Entry) -> Finding | None:
    begin = step.t
    counted_from = begin if expect.what.startswith("speech") else begin + step.fields["length_us"]
    deadline = counted_from + expect.within_us
    if any(begin <= time <= deadline for time in _TIMES[expect.what](journal, begin)):
        return None
    within = format_duration(expect.within_us)
    reason = f"no {expect.what} within {within} after {step.fields['step']}, which was at {begin / SECOND:.3f} s"
    return Finding(f"expect {expect.what}", deadline, reason, line=expect.line)


def _received(kind: str) -> Callable[[Journal, int], Iterator[int]]:
    return lambda journal, begin: (entry.t for entry in journal.select("client", kind) if "item_id" in entry.fields)


def _recoveries(journal: Journal, begin: int) -> Iterator[int]:
    yield from answers_heard(journal, begin)
    yield from (entry.t for entry in journal.select("connection", "open"))


_TIMES: dict[str, Callable[[Journal, int], Iterator[int]]] = {
    "speech_started": _received("input_audio_buffer.speech_started"),
    "speech_stopped": _received("input_audio_buffer.speech_stopped"),
    "answer": answers_heard,
    "recovery": _recoveries,
}
