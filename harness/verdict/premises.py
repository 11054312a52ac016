"""The premises of a scenario: if one did not happen, the run proves nothing."""

from ..journal import FaultWithoutConnection, Journal, PremiseMissing, StepMissing
from ..scenario.model import Scenario
from .expectations import misses
from .findings import Finding


def find(journal: Journal, scenario: Scenario) -> list[Finding]:
    """One finding for each premise that did not happen, of a step or of the scenario's ``premises:``."""
    findings = [
        Finding("premise", missed.at_us, missed.reason, line=missed.line)
        for premise in scenario.premises
        for missed in misses(journal, premise)
    ]
    for entry in journal.select(PremiseMissing, StepMissing, FaultWithoutConnection):
        findings.append(Finding("premise", entry.t, _reason(entry), line=entry.line))
    return findings


def _reason(entry: PremiseMissing | StepMissing | FaultWithoutConnection) -> str:
    match entry:
        case PremiseMissing():
            return f"{entry.step}: assumed that {entry.assumed}, and it was not so"
        case StepMissing():
            return f"{entry.step}: what it waits for never happened"
        case FaultWithoutConnection():
            return "there was no connection for a fault to be injected into"
