"""The verdict on a run: held, failed, or vacuous."""

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass

from ..causes import Cause
from ..errors import SettingError
from ..journal import Journal
from ..properties import PROPERTY_NAMES, check_choices
from ..scenario.model import Scenario
from ..world.user import UTTERANCES
from . import expectations, lateness, premises, properties
from .findings import Finding, VerdictName
from .record import RunRecord, Wait


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a run. Its text is one line, such as ``failed: capture_dead``.

    A failure without a cause has the name of its property: ``failed: settings_kept``.
    """

    name: VerdictName
    """``vacuous`` if the world ran late (:mod:`harness.verdict.lateness`); ``failed`` if a property does not hold; else
    ``vacuous`` if a premise did not happen; else ``held``."""
    findings: tuple[Finding, ...]
    """What is wrong, properties before premises; empty if the run held."""
    warnings: tuple[Finding, ...] = ()
    """Harm short of failure: properties that are broken and only warn."""
    waits: tuple[Wait, ...] = ()
    """How long each utterance of the conversation after the heal waited for its answer."""

    def __bool__(self) -> bool:
        """Whether it is held, so that ``assert judge(…)`` says what it seems to."""
        return self.name == "held"

    @property
    def cause(self) -> Cause | None:
        """The cause of the silence; None if there was none."""
        return next((finding.cause for finding in self.findings if finding.cause), None)

    @property
    def broken(self) -> str | None:
        """The first property that is broken; None if only expectations were not met, or nothing is wrong."""
        return next((finding.name for finding in self.findings if finding.name in PROPERTY_NAMES), None)

    def __str__(self) -> str:
        because = self.cause or self.broken
        return f"failed: {because}" if self.name == "failed" and because else self.name


def judge(journal: Journal, scenario: Scenario, choices: Mapping[str, str] | None = None) -> Verdict:
    """The verdict on a run: the findings of all judges on its journal.

    ``scenario`` is the one that was played. ``choices`` says what follows if a property is broken, by its name: off,
    warn or fail; it goes before the scenario's own ``properties``. Raises :exc:`SettingError` for something else than a
    journal, and for an unknown property or choice.
    """
    if not isinstance(journal, Journal):
        raise SettingError(f"judge() got {reprlib.repr(journal)} as a journal; give run.journal, or read_journal(path)")
    if not isinstance(scenario, Scenario):
        raise SettingError(f"judge() got {reprlib.repr(scenario)} as a scenario; give the one that was played")
    return judge_record(RunRecord(journal), scenario, choices)


def judge_record(record: RunRecord, scenario: Scenario, choices: Mapping[str, str] | None = None) -> Verdict:
    """As :func:`judge`, of a journal that something else is read from too."""
    chosen = {**scenario.properties, **(choices or {})}
    check_choices(chosen)
    late = lateness.find(record)
    if late is not None:
        return Verdict("vacuous", (late,), (), record.waits)
    findings = [
        *_unfinished(record),
        *properties.find(record, chosen),
        *expectations.find(record, scenario),
        *premises.find(record, scenario),
    ]
    warnings = tuple(finding for finding in findings if finding.severity == "warn")
    wrong = [finding for finding in findings if finding.severity == "fail"]
    failed = [finding for finding in wrong if finding.name != "premise"]
    name: VerdictName = "failed" if failed else "vacuous" if wrong else "held"
    return Verdict(name, tuple(sorted(wrong, key=lambda finding: finding.name == "premise")), warnings, record.waits)


def _unfinished(record: RunRecord) -> list[Finding]:
    """An app may be able to end a run, or its journal may be cut: then what was not asked was not answered."""
    if not record.journal.is_of_app or record.first_answer is None or len(record.waits) >= UTTERANCES:
        return []
    said = f"the run ended after {len(record.waits)} of {UTTERANCES} utterances after the heal"
    return [Finding("premise", record.end_us, f"{said}, so it does not show that the app goes on answering")]
