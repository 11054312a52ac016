"""The verdict on a run: held, failed, or vacuous."""

from dataclasses import dataclass

from harness.causes import Cause
from harness.journal import Journal
from harness.scenario.model import Scenario
from harness.verdict import expectations, liveness, premises
from harness.verdict.findings import Finding, VerdictName


@dataclass(frozen=True, slots=True)
class Verdict:
    """``failed`` if a property does not hold; else ``vacuous`` if a premise did not happen; else ``held``."""

    name: VerdictName
    findings: tuple[Finding, ...]

    @property
    def cause(self) -> Cause | None:
        """Whose fault the silence is, if the run was silent."""
        return next((finding.cause for finding in self.findings if finding.cause), None)

    def __str__(self) -> str:
        return f"failed: {self.cause}" if self.cause else self.name


def judge(journal: Journal, scenario: Scenario) -> Verdict:
    """Ask all judges."""
    findings = [*liveness.find(journal), *expectations.find(journal, scenario), *premises.find(journal, scenario)]
    failed = [finding for finding in findings if finding.name != "premise"]
    name: VerdictName = "failed" if failed else "vacuous" if findings else "held"
    return Verdict(name, tuple(sorted(findings, key=lambda finding: finding.name == "premise")))
