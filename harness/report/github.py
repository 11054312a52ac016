"""GitHub Actions: an annotation at the scenario's line for each run that is not held, and the step's summary.

What a scenario or a client says is data: in a workflow command, line breaks, colons and commas are escaped as its
rules want, and in Markdown every character that could be a mark is an entity.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from ..errors import ScenarioError, SeveralErrors, StillthereError, visible
from .cases import OUTCOME_SYMBOLS, RunCase, totals

MOST_ANNOTATIONS = 10
"""GitHub shows so many errors and so many warnings of a step."""
SUMMARY_BYTES = 900 * 1024
"""So much of a summary may be rows; GitHub takes 1 MiB of a step."""
_LONGEST = 4_000
"""Characters of a message that are written."""
_OWN_LINE = re.compile(r"(?P<file>[^\n:]+\.py):(?P<line>\d+): ")
"""How the reason of a run begins whose client raised."""
_CELL = "| {} | {} | {} | {} | {} |"


def annotations(cases: Sequence[RunCase], root: Path) -> list[str]:
    """The workflow commands: an error for each run that failed or broke, a warning for each that is vacuous.

    ``root`` is the folder of the checkout: only files in it can be annotated.
    """
    wrong = [case for case in cases if case.outcome in ("error", "failed")]
    vacuous = [case for case in cases if case.outcome == "vacuous"]
    return [*_capped("error", wrong, root), *_capped("warning", vacuous, root)]


def _capped(command: str, cases: Sequence[RunCase], root: Path) -> Iterator[str]:
    shown = cases if len(cases) <= MOST_ANNOTATIONS else cases[: MOST_ANNOTATIONS - 1]
    for case in shown:
        yield _annotation(command, case, root)
    if more := len(cases) - len(shown):
        said = f"and {more} more runs: GitHub shows {MOST_ANNOTATIONS} {command}s of a step; the step's summary has all"
        yield _command(command, {"title": "stillthere"}, said)


def mistakes(error: StillthereError, root: Path) -> list[str]:
    """The workflow commands for what is wrong in scenario files: an error at each mistake."""
    each = error.errors if isinstance(error, SeveralErrors) else (error,)
    found = [problem for one in each if isinstance(one, ScenarioError) for problem in one.problems]
    lines = [
        _command("error", _place(Path(one.file), one.line, root, one.column), one.message)
        for one in found[:MOST_ANNOTATIONS]
    ]
    if more := len(found) - len(lines):
        lines[-1] = _command("error", {}, f"and {more + 1} more mistakes in scenario files; the log has all")
    return lines


def _command(name: str, properties: dict[str, str], message: str) -> str:
    head = ",".join(f"{each}={_property(text)}" for each, text in properties.items())
    return f"::{name} {head}::{_data(message)}" if head else f"::{name}::{_data(message)}"


def _annotation(command: str, case: RunCase, root: Path) -> str:
    said = [finding.reason for finding in case.findings[:3]]
    if more := len(case.findings) - len(said):
        said.append(f"and {more} more findings")
    if case.again is not None:
        said.append(f"again: {case.again}")
    title = f"{case.words} ({case.place}, {case.name})"
    return _command(command, {**_where(case, root), "title": title}, "\n".join(said))


def _where(case: RunCase, root: Path) -> dict[str, str]:
    """The line of the client that raised, or else of the scenario; nothing if neither is part of the checkout."""
    if raised := _OWN_LINE.match(case.broken):
        place = _place(Path(raised["file"]), int(raised["line"]), root)
        if place:
            return place
    path = case.scenario.path
    return {} if path is None else _place(path, case.line or 1, root)


def _place(path: Path, line: int, root: Path, column: int | None = None) -> dict[str, str]:
    """File, line and column as properties; nothing if the file is not part of the checkout."""
    found, top = path.resolve(), root.resolve()
    if not found.is_relative_to(top):
        return {}
    column = column or _column(path, line)
    return {"file": found.relative_to(top).as_posix(), "line": str(line), "col": str(column)}


def _column(path: Path, line: int) -> int:
    """Where the text of a line begins, behind its indentation and its dash; from 1."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace").splitlines()[line - 1]
    except (OSError, IndexError):
        return 1
    return len(text) - len(text.lstrip(" -")) + 1


def _data(text: str) -> str:
    """The text as the message of a workflow command."""
    text = visible(text[:_LONGEST], keep="\r\n")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The text as the value of a property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(cases: Sequence[RunCase]) -> str:
    """The step's summary, in Markdown: the totals, then the runs that are not held, then those that are."""
    found = totals(cases)
    counts = ", ".join(f"{OUTCOME_SYMBOLS[name]} {number} {name}" for name, number in found.items())
    lines = [f"## stillthere: {counts or 'nothing was played'}", ""]
    room = SUMMARY_BYTES
    for name in found:
        of_it = [_row(case) for case in cases if case.outcome == name]
        sizes = accumulate(len(row.encode()) + 1 for row in of_it)
        rows = [row for row, size in zip(of_it, sizes, strict=True) if size <= room]
        room -= sum(len(row.encode()) + 1 for row in rows)
        if more := len(of_it) - len(rows):
            rows.append(_CELL.format(f"and {more} more", "", "", "", ""))
        table = [_CELL.format("verdict", "scenario", "client", "why", "again"), _CELL.format(*["---"] * 5), *rows, ""]
        if name == "held":
            table = [f"<details><summary>{len(of_it)} held</summary>", "", *table, "</details>", ""]
        lines += table
    return "\n".join(lines) + "\n"


def _row(case: RunCase) -> str:
    return _CELL.format(
        f"{OUTCOME_SYMBOLS[case.outcome]} {_markdown(case.words)}",
        _markdown(case.place) + (f":{case.line}" if case.line is not None else ""),
        _markdown(case.name),
        _why(case),
        f"<code>{_markdown(case.again)}</code>" if case.again is not None else "",
    )


def _why(case: RunCase) -> str:
    """The first finding, the number of the others, and the properties that warn."""
    said = []
    if case.outcome != "held":
        more = len(case.findings) - 1
        said.append(_markdown(case.findings[0].reason) + (f" (and {more} more)" if more else ""))
    names = dict.fromkeys(warning.name for warning in case.warnings)
    if names:
        said.append(f"warns: {_markdown(', '.join(names))}")
    return "; ".join(said)


def _markdown(text: str) -> str:
    """The text as data in a cell of a table: no character of it is a mark."""
    words = " ".join(visible(text[:_LONGEST], keep="\r\n\t").split())
    return re.sub(r"[^\w\s.,()“”/-]|_|(?<=www)\.", lambda found: f"&#{ord(found[0])};", words)
