"""The matrices that are measured over many runs, as text and as pages."""

from collections.abc import Mapping, Sequence

from harness.causes import CAUSES
from harness.faults import CATALOGUE
from harness.report.markdown import table
from harness.search.confusion import ANSWERED, CLIENTS, NO_CAUSE, QUIET, Matrix
from harness.verdict.phases import PHASES, Phase

_CONFUSION = """\
# How often the diagnosis is right

Reports and verdicts name a cause of a silence. Here is how often it is the right one: every fault of the catalogue
strikes each of the clients {clients} {seeds} times, in each phase of a conversation in turn, every other time with
parameters that are drawn. The journal is judged while the fault is in force. What is right is not decided by the judge:
whether the user's last words were answered is a fact of the run, and what a silence may be put down to is what
[the fault says of itself](faults.md).

**{share:.1%} of {runs} runs are put down rightly; of the {silences} silences among them, {silent:.1%}.**

This page is what `stillthere confusion --markdown` prints; the command exits with 1 if fewer than 95 % of the silences
are put down rightly."""

_SUSPECTS = """\
## What a client alone can tell

A client sees what it captured, sent and received, its connection and its speaker. It does not see what the server heard
or decided. Of the silences above, {right:.1%} have their cause among those that the client's own view leaves; these are
the causes that stand together because a client cannot tell them apart:"""


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of plain text: the first column to the left, the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    texts = (
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
    return "\n".join(texts)


# --- coverage -------------------------------------------------------------------------------------------------------


def coverage_table(reached: Mapping[tuple[str, Phase], str]) -> str:
    """Faults by phases: what reached each pair."""
    rows = [(fault, *(reached.get((fault, phase), "–") for phase in PHASES)) for fault in CATALOGUE]
    return aligned(("fault", *PHASES), rows)


# --- confusion ------------------------------------------------------------------------------------------------------


def _order(matrix: Matrix) -> list[str]:
    """Causes, then the rest, as far as they occur."""
    known = [*CAUSES, NO_CAUSE, ANSWERED, QUIET]
    found = {name for pair in matrix.counts for name in pair}
    return [name for name in known if name in found]


def _confusion_rows(matrix: Matrix) -> tuple[list[str], list[list[str]]]:
    names = _order(matrix)
    said = [name for name in names if any(pair[1] == name for pair in matrix.counts)]
    rows = []
    for truth in names:
        runs = sum(count for pair, count in matrix.counts.items() if pair[0] == truth)
        if runs:
            cells = [str(matrix.counts[truth, name] or "·") for name in said]
            rows.append([truth, *cells, str(runs), f"{matrix.right[truth] / runs:.1%}"])
    return ["truth ↓ said →", *said, "runs", "right"], rows


def confusion_text(matrix: Matrix) -> str:
    """The matrix for a terminal."""
    head, rows = _confusion_rows(matrix)
    shares = f"right: {matrix.share():.2%} of all runs, {matrix.share(of_silent=True):.2%} of the silences"
    return f"{aligned(head, rows)}\n\n{shares}\n"


def confusion_page(matrix: Matrix, seeds: int) -> str:
    """The page ``docs/confusion.md``."""
    runs = sum(matrix.counts.values())
    silences = sum(matrix.suspected.values())
    preface = _CONFUSION.format(
        clients=", ".join(f"`{client}`" for client in CLIENTS),
        seeds=seeds,
        share=matrix.share(),
        silent=matrix.share(of_silent=True),
        runs=runs,
        silences=silences,
    )
    head, rows = _confusion_rows(matrix)
    suspects = _SUSPECTS.format(right=matrix.suspected_rightly / silences if silences else 1.0)
    groups = [
        (", ".join(f"`{cause}`" for cause in causes), str(count))
        for causes, count in sorted(matrix.suspected.items(), key=lambda item: (-item[1], item[0]))
    ]
    parts = [preface, table(head, rows), _known(matrix), suspects, table(("may be due to", "silences"), groups)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _known(matrix: Matrix) -> str:
    """Which faults are put down wrongly, and how often."""
    wrong: dict[tuple[str, str], int] = {}
    for answer in matrix.wrong:
        key = (answer.case.fault, answer.said)
        wrong[key] = wrong.get(key, 0) + 1
    if not wrong:
        return ""
    rows = [(f"`{fault}`", f"`{said}`", str(count)) for (fault, said), count in sorted(wrong.items())]
    return "## What is put down wrongly\n\n" + table(("fault", "said", "runs"), rows)
