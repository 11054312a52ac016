"""The result of playing one scenario with one client: a verdict, or an error of the client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ..apps.target import AppTarget
from ..clients.registry import NamedClient
from ..journal import Journal
from ..picture import words
from ..report.cases import BROKE, RunCase, told
from ..scenario import Scenario
from ..verdict.judge import Verdict
from ..world.play import Run
from ..writing import file_name
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
    trace: str = ""
    """The traceback of what an app raised, and was played on."""

    @property
    def outcome(self) -> str:
        """The result in a few words: the verdict, and the names of the properties that warn."""
        return told(self.verdict)

    def case(self, choices: Mapping[str, str]) -> RunCase:
        """The run for files that machines read; ``choices`` are those of ``--property``."""
        run = self.run
        return RunCase(
            given=self.scenario,
            scenario=run.scenario,
            client=self.client,
            detector=run.detector,
            seed=run.seed,
            wall_s=self.wall_s,
            run=run,
            verdict=self.verdict,
            journal=self.journal,
            again=words.again(run, choices),
        )


@dataclass(frozen=True, slots=True)
class Broken:
    """The client raised, or broke a rule of its interface, so there is nothing to judge."""

    scenario: str
    client: str
    detector: str
    seed: int
    reason: str
    wall_s: float
    loaded: Scenario
    """The scenario itself."""
    option: str = "--client"
    """How the command line names what was under test; empty: in a way that is not known here."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Those of ``--set``."""
    trace: str = ""
    """The traceback of what it raised."""

    @property
    def outcome(self) -> str:
        """The result in a few words."""
        return BROKE

    def case(self, choices: Mapping[str, str]) -> RunCase:
        """The run for files that machines read; ``choices`` are those of ``--property``."""
        return RunCase(
            given=self.scenario,
            scenario=self.loaded,
            client=self.client,
            detector=self.detector,
            seed=self.seed,
            wall_s=self.wall_s,
            broken=self.reason,
            again=self._again(choices),
        )

    def _again(self, choices: Mapping[str, str]) -> str | None:
        if not self.option:
            return None
        return words.command(
            self.loaded,
            (self.option, self.client),
            seed=self.seed,
            detector=self.detector,
            settings=self.settings,
            choices=choices,
        )


def option_of(client: object) -> str:
    """How the command line names what is under test; empty for a program or a page, which has options of its own."""
    if isinstance(client, AppTarget):
        return "--app" if client.kind == "function" else "--script"
    return "--client" if isinstance(client, NamedClient) else ""


def first_difference(one: Journal, other: Journal) -> str:
    """Where two journals differ, in words; empty if they do not."""
    for number, (mine, theirs) in enumerate(zip_longest(one.lines(), other.lines())):
        if mine != theirs:
            shown = [b"(nothing)" if line is None else line.strip() for line in (mine, theirs)]
            first, second = (line.decode()[:_SHOWN] for line in shown)
            return f"from line {number + 1} of their journals on: {first} and {second}"
    return ""


def run_stem(run: Run) -> str:
    """The name of the files of a run, without what they end in."""
    name = run.scenario.path.stem if run.scenario.path else run.scenario.name
    return f"{file_name(name, 100)}-{file_name(run.client, 80)}-{run.detector}-{run.seed}"


class JournalFolder:
    """Saves journals under unique names, so that no run of a command overwrites the journal of another."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._taken: set[Path] = set()

    def save(self, run: Run) -> Path | None:
        """Write a journal. Returns its file, or None without a folder. Raises :exc:`harness.errors.InputError`."""
        if self._folder is None:
            return None
        stem = run_stem(run)
        path = self._folder / f"{stem}.jsonl"
        number = 1
        while path in self._taken:
            number += 1
            path = self._folder / f"{stem}-{number}.jsonl"
        self._taken.add(path)
        write_private_text(path, b"".join(run.journal.lines()).decode())
        return path
