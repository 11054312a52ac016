"""The premises of a scenario: if one did not happen, the run proves nothing.

One exception: if the user was to be answered while nothing was faulty, and the client is the cause that the answer was
not heard, the client has failed.
"""

from ..causes import CAUSES, OF_THE_CLIENT
from ..journal import FaultWithoutConnection, PremiseMissing, StepMissing, UserSpeaks
from ..scenario.model import Expect, Expectation, Scenario
from .diagnosis import diagnose
from .expectations import Miss, misses
from .findings import Finding
from .record import RunRecord


def find(record: RunRecord, scenario: Scenario) -> list[Finding]:
    """One finding for each premise that did not happen, of a step or of the scenario's ``premises:``."""
    findings = [
        _unanswered(record, premise, missed) or Finding("premise", missed.at_us, missed.reason, line=missed.line)
        for premise in scenario.premises
        for missed in misses(record, premise)
    ]
    for entry in record.journal.select(PremiseMissing, StepMissing, FaultWithoutConnection):
        findings.append(Finding("premise", entry.t, _reason(entry), line=entry.line))
    return findings


def _unanswered(record: RunRecord, premise: Expectation, missed: Miss) -> Finding | None:
    """The failure of a client that did not answer before anything was faulty."""
    if not isinstance(premise, Expect) or premise.what != "answer" or record.is_faulty(0, missed.at_us):
        return None
    said = [entry for entry in record.journal.select(UserSpeaks) if entry.end <= missed.at_us and not entry.probe]
    diagnosis = diagnose(record.journal, said[-1]) if said and said[-1].is_audible else None
    if diagnosis is None or diagnosis.cause not in OF_THE_CLIENT:
        return None
    reason = f"{missed.reason}, before anything was faulty: {CAUSES[diagnosis.cause]}"
    return Finding("expect answer", missed.at_us, reason, diagnosis.cause, diagnosis.evidence, missed.line)


def _reason(entry: PremiseMissing | StepMissing | FaultWithoutConnection) -> str:
    match entry:
        case PremiseMissing():
            return f"{entry.step}: assumed that {entry.assumed}, and it was not so"
        case StepMissing(why=str() as why):
            return f"{entry.step} could not be done: {why}"
        case StepMissing():
            return f"{entry.step}: what it waits for never happened"
        case FaultWithoutConnection():
            return "there was no connection for a fault to be injected into"
