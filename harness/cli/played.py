"""The result of playing one scenario with one client: a verdict, or an error of the client."""

import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ..journal import Journal
from ..units import SECOND
from ..verdict.findings import Finding
from ..verdict.judge import Verdict
from ..verdict.record import Wait
from ..world.play import Run
from .output import write_private_text

_SHOWN = 200
"""Characters of an entry that a sentence shows."""


@dataclass(frozen=True, slots=True)
class Played:
    """A run with its verdict, and the file of its journal."""

    scenario: str
    """The name that the user wrote."""
    client: str
    run: Run
    verdict: Verdict
    wall_s: float
    journal: Path | None

    @property
    def outcome(self) -> str:
        """The result in a few words: the verdict, and the names of the properties that warn."""
        names = dict.fromkeys(warning.name for warning in self.verdict.warnings)
        return f"{self.verdict} (warning: {', '.join(names)})" if names else str(self.verdict)

    def document(self) -> dict[str, Any]:
        """The run in the JSON of ``--json``."""
        return {
            "scenario": self.scenario,
            "client": self.client,
            "detector": self.run.detector,
            "seed": self.run.seed,
            "verdict": self.verdict.name,
            "findings": list(map(_finding, self.verdict.findings)),
            "warnings": list(map(_finding, self.verdict.warnings)),
            "waits": list(map(_wait, self.verdict.waits)),
            "journal_sha256": self.run.journal.sha256(),
            "virtual_s": self.run.virtual_us / SECOND,
            "wall_s": round(self.wall_s, 3),
            "journal": str(self.journal) if self.journal else None,
        }


@dataclass(frozen=True, slots=True)
class Broken:
    """The client raised, or broke a rule of its interface, so there is nothing to judge."""

    scenario: str
    client: str
    detector: str
    seed: int
    reason: str
    wall_s: float
    title: str
    """The name that the scenario has itself."""

    @property
    def outcome(self) -> str:
        """The result in a few words."""
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
            "warnings": [],
            "waits": [],
            "journal_sha256": None,
            "virtual_s": None,
            "wall_s": round(self.wall_s, 3),
            "journal": None,
        }


def _finding(found: Finding) -> dict[str, Any]:
    return {"property": found.name, "at_s": found.at_us / SECOND, "reason": found.reason, "cause": found.cause}


def _wait(wait: Wait) -> dict[str, Any]:
    """An utterance after the heal: what its bound counts from, the bound, and the wait, null without an answer."""
    return {
        "since_s": wait.since_us / SECOND,
        "within_s": wait.within_us / SECOND,
        "waited_s": None if wait.waited_us is None else wait.waited_us / SECOND,
        "kept": wait.kept,
    }


def first_difference(one: Journal, other: Journal) -> str:
    """Where two journals differ, in words; empty if they do not."""
    for number, (mine, theirs) in enumerate(zip_longest(one.lines(), other.lines())):
        if mine != theirs:
            shown = [b"(nothing)" if line is None else line.strip() for line in (mine, theirs)]
            first, second = (line.decode()[:_SHOWN] for line in shown)
            return f"from line {number + 1} of their journals on: {first} and {second}"
    return ""


def file_name(text: str) -> str:
    """A text as a part of the name of a file."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text)


class JournalFolder:
    """Saves journals under unique names, so that no run of a command overwrites the journal of another."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._taken: set[Path] = set()

    def save(self, run: Run) -> Path | None:
        """Write a journal. Returns its file, or None without a folder. Raises :exc:`harness.errors.InputError`."""
        if self._folder is None:
            return None
        name = run.scenario.path.stem if run.scenario.path else run.scenario.name
        words = file_name(f"{name}-{run.client}-{run.detector}-{run.seed}")
        path = self._folder / f"{words}.jsonl"
        number = 1
        while path in self._taken:
            number += 1
            path = self._folder / f"{words}-{number}.jsonl"
        self._taken.add(path)
        write_private_text(path, b"".join(run.journal.lines()).decode())
        return path
