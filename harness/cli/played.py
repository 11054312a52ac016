"""What became of playing one scenario against one client: a verdict, or a client that broke."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cli.output import write_text
from harness.units import SECOND
from harness.verdict.judge import Verdict
from harness.world.play import Run


@dataclass(frozen=True, slots=True)
class Played:
    """A run with its verdict, and where its journal was saved."""

    scenario: str
    """As the user named it."""
    client: str
    run: Run
    verdict: Verdict
    wall_s: float
    journal: Path | None

    @property
    def outcome(self) -> str:
        """In a few words."""
        return str(self.verdict)

    def document(self) -> dict[str, Any]:
        """The run in the JSON of ``--json``."""
        findings = [
            {"property": found.name, "at_s": found.at_us / SECOND, "reason": found.reason, "cause": found.cause}
            for found in self.verdict.findings
        ]
        return {
            "scenario": self.scenario,
            "client": self.client,
            "detector": self.run.detector,
            "seed": self.run.seed,
            "verdict": self.verdict.name,
            "findings": findings,
            "journal_sha256": self.run.journal.sha256(),
            "virtual_s": self.run.virtual_us / SECOND,
            "wall_s": round(self.wall_s, 3),
            "journal": str(self.journal) if self.journal else None,
        }


@dataclass(frozen=True, slots=True)
class Broken:
    """The client raised or misbehaved, so there is nothing to judge."""

    scenario: str
    client: str
    detector: str
    seed: int
    reason: str
    wall_s: float

    @property
    def outcome(self) -> str:
        """In a few words."""
        return "error: the client broke"

    def document(self) -> dict[str, Any]:
        """The run in the JSON of ``--json``."""
        return {
            "scenario": self.scenario,
            "client": self.client,
            "detector": self.detector,
            "seed": self.seed,
            "verdict": "error",
            "findings": [{"property": "client", "at_s": None, "reason": self.reason, "cause": None}],
            "journal_sha256": None,
            "virtual_s": None,
            "wall_s": round(self.wall_s, 3),
            "journal": None,
        }


class JournalFolder:
    """Saves journals under names of their own: no run of one command overwrites another's."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._taken: set[Path] = set()

    def save(self, run: Run) -> Path | None:
        """Where the journal was written; None without a folder. Raises :exc:`harness.errors.InputError`."""
        if self._folder is None:
            return None
        name = run.scenario.path.stem if run.scenario.path else run.scenario.name
        words = re.sub(r"[^A-Za-z0-9_.-]+", "_", f"{name}-{run.client}-{run.detector}-{run.seed}")
        path = self._folder / f"{words}.jsonl"
        number = 1
        while path in self._taken:
            number += 1
            path = self._folder / f"{words}-{number}.jsonl"
        self._taken.add(path)
        write_text(path, b"".join(run.journal.lines()).decode())
        return path
