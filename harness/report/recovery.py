"""The recovery matrix: what each strategy cures, how fast, at what loss, and how often it acts for nothing."""

from harness.clients.strategies import STRATEGIES
from harness.faults import CATALOGUE
from harness.report.markdown import table
from harness.report.matrices import aligned
from harness.search.recovery import Cell, Recovery
from harness.units import SECOND

_PAGE = """\
# What recovers a silent client

Every fault strikes a client in {seeds} phases of a conversation, once for each recovery strategy of the client kit;
then the user speaks until answered, for 34 s at most after everything has healed that heals by itself. All else is
the same in all runs: the reference client `resilient`, its gate, its thresholds, its detectors.

A cell says in how many of the runs the user was heard again, and the median time from the fault to the first sound of
the answer to something said after it. Words are lost if they are in no turn of a session in which the assistant was
heard afterwards; an utterance counts as a whole. What to make of all this is told in
[How to make your client unfreezable](unfreezable.md).

This page is what `stillthere recover --markdown` prints.

## The strategies

{strategies}

## Fault by fault

{matrix}
"""


def _names(result: Recovery) -> tuple[list[str], list[str]]:
    faults = [name for name in CATALOGUE if any(pair[0] == name for pair in result.cells)]
    return faults, [name for name in STRATEGIES if any(pair[1] == name for pair in result.cells)]


def _seconds(us: float | None) -> str:
    return "–" if us is None else f"{us / SECOND:.1f} s"


def _cell(cell: Cell) -> str:
    mark = "✔" if cell.recovered else "✖" if not cell.heard_us else f"{len(cell.heard_us)}/{cell.runs}"
    return f"{mark} {_seconds(cell.median_us)}" if cell.heard_us else mark


def _matrix(result: Recovery) -> tuple[list[str], list[list[str]]]:
    faults, strategies = _names(result)
    rows = [[fault, *(_cell(result.cells[fault, strategy]) for strategy in strategies)] for fault in faults]
    return ["fault", *strategies], rows


def _totals(result: Recovery) -> tuple[list[str], list[list[str]]]:
    head = ["strategy", "heard again", "median", "worst", "words lost", "false alarms an hour"]
    rows = []
    for name in _names(result)[1]:
        total, alarms = result.strategy(name), result.alarms.get(name)
        share = f"{len(total.heard_us)} of {total.runs}"
        worst = _seconds(max(total.heard_us, default=None))
        hourly = f"{alarms.hourly:g}" if alarms else "–"
        rows.append([name, share, _seconds(total.median_us), worst, str(total.words_lost), hourly])
    return head, rows


def text(result: Recovery) -> str:
    """For a terminal: the matrix, and below it each strategy's sums."""
    return f"{aligned(*_matrix(result))}\n\n{aligned(*_totals(result))}\n"


def page(result: Recovery, seeds: int) -> str:
    """The page ``docs/recovery.md``."""
    head, rows = _totals(result)
    told = [[f"`{row[0]}`", STRATEGIES[row[0]].does, *row[1:]] for row in rows]
    strategies = table([head[0], "does", *head[1:]], told)
    head, rows = _matrix(result)
    matrix = table([head[0], *(f"`{name}`" for name in head[1:])], [[f"`{row[0]}`", *row[1:]] for row in rows])
    return _PAGE.format(seeds=seeds, strategies=strategies, matrix=matrix)
