"""The verdict on a run: held, failed, or vacuous."""

import reprlib
from dataclasses import dataclass

from ..causes import Cause
from ..errors import SettingError
from ..journal import Journal
from ..scenario.model import Scenario
from . import expectations, liveness, premises
from .findings import Finding, VerdictName


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a run. Its text is one line, such as ``failed: capture_dead``."""

    name: VerdictName
    """``failed`` if a property does not hold; else ``vacuous`` if a premise did not happen; else ``held``."""
    findings: tuple[Finding, ...]
    """What is wrong, properties before premises; empty if the run held."""

    @property
    def cause(self) -> Cause | None:
        """The cause of the silence; None if there was none."""
        return next((finding.cause for finding in self.findings if finding.cause), None)

    def __str__(self) -> str:
        return f"failed: {self.cause}" if self.cause else self.name


def judge(journal: Journal, scenario: Scenario) -> Verdict:
    """The verdict on a run: the findings of all judges on its journal.

    ``scenario`` is the one that was played. Raises :exc:`SettingError` for something else than a journal.
    """
    if not isinstance(journal, Journal):
        raise SettingError(f"judge() got {reprlib.repr(journal)} as a journal; give run.journal, or read_journal(path)")
    if not isinstance(scenario, Scenario):
        raise SettingError(f"judge() got {reprlib.repr(scenario)} as a scenario; give the one that was played")
    findings = [*liveness.find(journal), *expectations.find(journal, scenario), *premises.find(journal, scenario)]
    failed = [finding for finding in findings if finding.name != "premise"]
    name: VerdictName = "failed" if failed else "vacuous" if findings else "held"
    return Verdict(name, tuple(sorted(findings, key=lambda finding: finding.name == "premise")))
