"""What ``stillthere run`` writes besides what it shows: JUnit, the results, other forms of its runs, GitHub's."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import StillthereError, visible
from ..report.cases import RunCase
from ..world.play import Run
from .exports import Exported, Exports
from .output import check_file, check_writable, write_text
from .played import Broken, Played, run_stem

_SUMMARY_BYTES = 1024 * 1024
"""What GitHub takes of the summary of a step."""


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of one command. ``choices`` are those of ``--property``."""

    junit: Path | None
    results: Path | None
    html: Path | None
    exports: Exports
    choices: Mapping[str, str]

    def __post_init__(self) -> None:
        """Raise :exc:`InputError` if one of them cannot be written."""
        check_file("--junit", self.junit)
        check_file("--results", self.results)
        check_writable("--html", self.html)
        self.exports.check()

    def document(self, played: Sequence[Played | Broken]) -> dict[str, Any]:
        """The document of ``--json`` and ``--results``."""
        from ..report import results

        return results.document(self._cases(played))

    def write(self, played: Sequence[Played | Broken]) -> None:
        """Write what was asked for, and what GitHub shows if it runs the command."""
        cases = self._cases(played)
        if self.junit is not None:
            from ..report import junit

            write_text(self.junit, junit.render(cases))
        if self.results is not None:
            write_text(self.results, json.dumps(self.document(played), indent=2, ensure_ascii=False) + "\n")
        if is_on_github():  # before the files below, one of which may not be writable
            _tell_github(cases)
        if self.html is not None and cases:
            from .html import write_html

            write_html(self.html, cases)
        self.exports.write([_exported(each.run, each) for each in cases if each.run is not None])

    def _cases(self, played: Sequence[Played | Broken]) -> list[RunCase]:
        return [one.case(self.choices) for one in played]


def _exported(run: Run, case: RunCase) -> Exported:
    return Exported(run_stem(run), run.journal, run, case.verdict, case.again)


def is_on_github() -> bool:
    """Whether this is a step of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotate_mistakes(error: StillthereError) -> None:
    """On GitHub, show each mistake of a scenario at its line."""
    if is_on_github():
        from ..report import github

        _print_commands(github.mistakes(error, _root()))


def _tell_github(cases: Sequence[RunCase]) -> None:
    """Annotations go to standard error, where GitHub reads them too, so that ``--json`` has its output for itself."""
    from ..report import github

    _print_commands(github.annotations(cases, _root()))
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        _append_summary(Path(file), github.summary(cases).encode())


def _print_commands(lines: Sequence[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _append_summary(file: Path, text: bytes) -> None:
    """Add to the summary of the step; that it cannot be written changes no verdict."""
    try:
        with file.open("ab") as summary:
            if summary.tell() + len(text) <= _SUMMARY_BYTES:
                summary.write(text)
                return
        why = f"it would be larger than {_SUMMARY_BYTES // 1024} KiB, which is all that GitHub takes"
    except OSError as error:
        why = error.strerror or str(error)
    print(visible(f"stillthere: GITHUB_STEP_SUMMARY {file} is not written: {why}"), file=sys.stderr)


def _root() -> Path:
    """The folder of the checkout."""
    return Path(os.environ.get("GITHUB_WORKSPACE") or ".")
