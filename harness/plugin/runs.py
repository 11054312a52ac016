"""The runs of the test that runs now: what a failure shows of them, and what is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..report.terminal import picture
from ..scenario import dump
from ..writing import write_private
from .keeping import as_text, file_stem, not_kept, write_journal, write_picture
from .playing import StagedRun
from .replay import as_a_file, needs_file, replay

_HINT = "--stillthere-report DIR keeps the scenario, which is in no file, and tells the command that plays it again"


@dataclass(slots=True)
class RunsOfTest:
    """Of each scenario and client the last run that did not hold, and the last run of all.

    So a property test, which fails many times with one client, leaves its smallest example, and a loop over scenarios
    leaves each that failed.
    """

    report: Path | None
    """Where failed runs are kept."""
    width: int = 100
    """Of a picture, in characters."""
    called_in: Path = field(default_factory=Path.cwd)
    """The working directory of the command; files below it are shown relative to it."""
    test: str = ""
    """The test's id, as on pytest's command line: ``tests/test_a.py::test_b``."""
    folder: Path = field(default_factory=Path)
    """The folder of its file; scenarios beside it are found."""
    failure: AssertionError | None = None
    """What was raised last because a run did not hold."""
    _runs: dict[tuple[str, str], StagedRun] = field(default_factory=dict)

    def begin(self, test: str, folder: Path) -> None:
        """Another test begins."""
        self.test, self.folder, self.failure = test, folder, None
        self._runs.clear()

    def add(self, run: StagedRun) -> None:
        """A run is over."""
        for key, before in list(self._runs.items()):
            if before.verdict.name == "held":
                del self._runs[key]
        key = str(run.run.scenario.path or run.run.scenario.name), run.run.client
        self._runs.pop(key, None)
        self._runs[key] = run

    def not_held(self, run: StagedRun) -> AssertionError:
        """The error that fails the test."""
        reason = f" ({run.verdict.findings[0].reason})" if run.verdict.findings else ""
        vacuous = ", so the run proves nothing" if run.verdict.name == "vacuous" else ""
        self.failure = AssertionError(f"{run.outcome}{reason}{vacuous}\n\n{self._picture(run)}")
        return self.failure

    def end(self, failure: BaseException | None) -> Iterator[tuple[str, str]]:
        """The test has failed: keep its runs. Gives headings and texts for the report of the test."""
        runs = list(self._runs.values())
        if runs and (failure is None or failure is not self.failure):
            yield runs[-1].outcome, self._picture(runs[-1])
        for each in runs if self.report is not None else ():
            try:
                yield "kept", "\n".join(str(self._shown(file)) for file in self._keep(each))
            except OSError as error:
                yield "not kept", not_kept(self.report, error)
        self._runs.clear()

    def _picture(self, run: StagedRun) -> str:
        journal = scenario = None
        if self.report is not None:
            journal, _, scenario = map(self._shown, self._files(run))
        shown = picture(
            run.run,
            run.verdict,
            width=self.width,
            journal_path=None if journal is None else str(journal),
            again=replay(run, self.test, scenario),
        )
        hint = f"\n\n{_HINT}" if needs_file(run) and scenario is None else ""
        return as_text(shown, self.width) + hint

    def _files(self, run: StagedRun) -> tuple[Path, Path, Path]:
        """The files of a run: its journal, its picture and its scenario; of several runs numbered in their order."""
        assert self.report is not None
        number = list(self._runs.values()).index(run) + 1
        stem = file_stem(self.test) + (f".{number}" if number > 1 else "")
        journal, drawn, scenario = (self.report / f"{stem}.{end}" for end in ("jsonl", "svg", "yaml"))
        return journal, drawn, scenario

    def _shown(self, file: Path) -> Path:
        return file.relative_to(self.called_in) if file.is_relative_to(self.called_in) else file

    def _keep(self, run: StagedRun) -> list[Path]:
        journal, drawn, scenario = self._files(run)
        write_journal(journal, run.run.journal)
        again = replay(run, self.test, self._shown(scenario))
        shown = picture(run.run, run.verdict, width=100, journal_path=journal.name, again=again)
        write_picture(drawn, shown, self.test)
        if not needs_file(run):
            return [journal, drawn]
        write_private(scenario, dump(as_a_file(run, scenario)).encode())
        return [journal, drawn, scenario]
