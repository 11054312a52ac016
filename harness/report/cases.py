"""One run as files for machines tell it: what was played, what came of it, and the name by which it is known again."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from ..scenario.model import Inject, Scenario
from ..shipped import scenarios
from ..verdict.findings import Finding
from ..verdict.judge import Verdict
from ..world.play import Run

RunOutcome = Literal["held", "failed", "vacuous", "error"]
"""A verdict, or ``error``: the client could not be judged."""
COUNTED: tuple[RunOutcome, ...] = get_args(RunOutcome)
"""All outcomes, in the order of totals: ``12 held, 1 failed``."""
WORST_FIRST: tuple[RunOutcome, ...] = ("error", "failed", "vacuous", "held")
"""All outcomes; the first one of a command's runs is that of the command."""
OUTCOME_SYMBOLS: dict[str, str] = {"error": "✖", "failed": "✖", "vacuous": "○", "held": "✔"}
BROKE = "error: the client broke"
"""The outcome, in words, of a run that could not be judged."""


@dataclass(frozen=True, slots=True)
class RunCase:
    """One run of a command; ``verdict`` is None if the client could not be judged, for the reason ``broken``."""

    given: str
    """The scenario as the user named it."""
    scenario: Scenario
    client: str
    detector: str
    seed: int
    wall_s: float
    run: Run | None = None
    verdict: Verdict | None = None
    broken: str = ""
    journal: Path | None = None
    """The file of its journal."""
    again: str | None = None
    """The command that plays it again."""

    @property
    def outcome(self) -> RunOutcome:
        """The verdict's name, or ``error``."""
        return self.verdict.name if self.verdict is not None else "error"

    @property
    def words(self) -> str:
        """The outcome with the cause: ``failed: capture_dead``."""
        return str(self.verdict) if self.verdict is not None else BROKE

    @property
    def told(self) -> str:
        """The same with the names of the properties that warn."""
        return told(self.verdict) if self.verdict is not None else BROKE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with it."""
        if self.verdict is None:
            return (Finding("client", 0, self.broken or "the client broke"),)
        return self.verdict.findings

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What it only warns of."""
        return self.verdict.warnings if self.verdict is not None else ()

    @property
    def place(self) -> str:
        """The scenario: its file from the current folder, the name of a shipped one, or the title of one without."""
        path = self.scenario.path
        if path is None:
            return self.scenario.name
        return path.stem if path.parent == scenarios() else from_here(path)

    @property
    def name(self) -> str:
        """The client, with what differs from the scenario's own way to be played: ``mine [detector energy, seed 7]``.

        It is known before anything is played, so a run that breaks has the name of one that is judged.
        """
        differs = []
        if self.detector != self.scenario.server.detector:
            differs.append(f"detector {self.detector}")
        if self.seed:
            differs.append(f"seed {self.seed}")
        if self.scenario.transport != "websocket":
            differs.append(self.scenario.transport)
        return f"{self.client} [{', '.join(differs)}]" if differs else self.client

    @property
    def line(self) -> int | None:
        """The line of the scenario to look at: that of the first finding, else of the only fault that is injected.

        None if neither is known, and if nothing is wrong.
        """
        if self.verdict is None or not self.verdict.findings:
            return None
        if self.verdict.findings[0].line is not None:
            return self.verdict.findings[0].line
        faults = [step.line for step in self.scenario.timeline if isinstance(step.action, Inject)]
        return faults[0] if len(faults) == 1 else None


def identities(cases: Iterable[RunCase]) -> list[tuple[str, str]]:
    """Place and name of each case, for which no two are equal: what is played twice is counted, ``mine (2)``."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for case in cases:
        identity = case.place, case.name
        seen[identity] += 1
        often = seen[identity]
        found.append(identity if often == 1 else (case.place, f"{case.name} ({often})"))
    return found


def told(verdict: Verdict) -> str:
    """A verdict in a few words, with the names of the properties that warn."""
    names = dict.fromkeys(warning.name for warning in verdict.warnings)
    return f"{verdict} (warning: {', '.join(names)})" if names else str(verdict)


def worst(outcomes: Iterable[RunOutcome]) -> RunOutcome:
    """The first of them in the order of :data:`WORST_FIRST`; held if there is none."""
    return min(outcomes, key=WORST_FIRST.index, default="held")


def totals(cases: Sequence[RunCase]) -> dict[RunOutcome, int]:
    """How many runs ended in each way, the worst first; those that none did are left out."""
    found = Counter(case.outcome for case in cases)
    return {each: found[each] for each in WORST_FIRST if found[each]}


def from_here(path: Path) -> str:
    """The path from the current folder, with slashes; as it is, if it is on another drive."""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:
        return path.as_posix()
