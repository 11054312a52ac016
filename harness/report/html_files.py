"""What ``--html`` writes: the page of a run, of two clients that are compared, or a folder of pages.

One run is one file. Two clients on one scenario are one file too, in which they are compared. More runs are a folder,
whose ``index.html`` is the page of the worst of them; each page lists all runs. All files are for their owner only,
because they may hold voices.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError, visible
from ..journal import Journal
from ..picture import words
from ..picture.document import document
from ..picture.tape import taped
from ..verdict.diagnosis import is_live
from ..verdict.judge import Verdict
from ..world.play import Run
from ..writing import file_name, write_private
from .cases import WORST_FIRST, RunCase
from .html import RunLink, broken_page, comparison_page, page

_SUFFIXES = (".html", ".htm")


def write(target: Path, cases: Sequence[RunCase]) -> Path:
    """Write the report of runs; the file to open. Raises :exc:`InputError` if it cannot be written.

    A target that ends in ``.html`` is the file, or gives its name without that to a folder. Another one is a folder.
    """
    if not cases:
        raise InputError(f"--html {target}: nothing was played, so there is nothing to report")
    is_file = target.suffix.lower() in _SUFFIXES
    folder = target.with_suffix("") if is_file else target
    only = target if is_file else folder / "index.html"
    if len(cases) == 1:
        return _save(only, _page(cases[0]))
    compared = _compared(cases)
    if compared is not None:
        documents = [run_document(*each, case.again) for each, case in zip(compared, cases, strict=True)]
        return _save(only, comparison_page(documents, words.explanation(compared)))
    return _write_folder(folder, cases)


def write_journal(target: Path, journal: Journal, source: Path) -> Path:
    """Write the picture of a journal alone: it has levels and no sound. Raises :exc:`InputError`."""
    header = journal.header
    about = "the journal of a live server" if is_live(journal) else f"a journal, {header.get('stage', 'unknown')}"
    names = [f"{name} {header[name]}" for name in ("client", "detector", "seed") if name in header]
    file = target if target.suffix.lower() in _SUFFIXES else target / "index.html"
    drawn = document(
        journal,
        title=str(header.get("scenario", source.name)),
        about=", ".join([about, *names]),
        again=f"stillthere diagnose {shlex.quote(words.plain(source))}",
    )
    return _save(file, page(drawn))


def run_document(run: Run, verdict: Verdict, again: str | None = None) -> dict[str, Any]:
    """The picture of a run, with its sound if it can be played again; ``again`` is the command for that."""
    about = f"client {run.client}, detector {run.detector}, seed {run.seed}, {words.elapsed(run)}"
    again = again or words.again(run)
    return document(run.journal, verdict, title=run.scenario.name, about=about, again=again, tape=taped(run))


def _compared(cases: Sequence[RunCase]) -> list[tuple[Run, Verdict]] | None:
    """Two clients on one scenario; None if it is anything else."""
    whole = [(each.run, each.verdict) for each in cases if each.run is not None and each.verdict is not None]
    is_one = len({each.given for each in cases}) == 1 and len({each.client for each in cases}) == 2
    return whole if is_one and len(whole) == len(cases) == 2 else None


def _write_folder(folder: Path, cases: Sequence[RunCase]) -> Path:
    ordered = sorted(cases, key=lambda each: WORST_FIRST.index(each.outcome))
    names = [_name(number, each) for number, each in enumerate(ordered)]
    links = [
        RunLink(name, each.outcome, visible(f"{each.given}, {each.client}: {each.told}"))
        for name, each in zip(names, ordered, strict=True)
    ]
    for name, each in zip(names, ordered, strict=True):
        _save(folder / name, _page(each, links, name))
    return folder / "index.html"


def _name(number: int, case: RunCase) -> str:
    """The worst run is the index; a number keeps the others apart."""
    if not number:
        return "index.html"
    return f"{number + 1:03}-{file_name(f'{Path(case.given).stem}-{case.client}', 80)}.html"


def _page(case: RunCase, links: Sequence[RunLink] = (), here: str = "") -> str:
    if case.run is None or case.verdict is None:
        return broken_page(words.plain(f"{case.given}, {case.client}"), visible(case.broken, keep="\n"), links, here)
    return page(run_document(case.run, case.verdict, case.again), links, here)


def _save(path: Path, text: str) -> Path:
    try:
        write_private(path, text.encode())
    except OSError as error:
        raise InputError(f"--html {path} cannot be written: {error.strerror}; give another path") from None
    return path
