"""What a scenario takes for granted: if it did not happen, the run proves nothing."""

from harness.journal import Journal
from harness.scenario.model import Scenario
from harness.verdict.expectations import misses
from harness.verdict.findings import Finding


def find(journal: Journal, scenario: Scenario) -> list[Finding]:
    """One finding for each premise that did not happen, of a step or of the scenario's ``premises:``."""
    findings = [
        Finding("premise", missed.at_us, missed.reason, line=missed.line)
        for premise in scenario.premises
        for missed in misses(journal, premise)
    ]
    for entry in journal.select("world"):
        fields = entry.fields
        if entry.kind == "premise_missing":
            reason = f"{fields['step']}: assumed that {fields['assumed']}, and it was not so"
        elif entry.kind == "step_missing":
            reason = f"{fields['step']}: what it waits for never happened"
        elif entry.kind == "no_connection":
            reason = "a fault met no connection to strike"
        else:
            continue
        findings.append(Finding("premise", entry.t, reason, line=fields.get("line")))
    return findings
