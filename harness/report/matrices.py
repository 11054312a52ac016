"""The matrices that are measured over many runs, as text for a terminal and as pages: coverage, confusion, recovery."""

from collections.abc import Mapping

from ..causes import CAUSES
from ..clients.recovery.strategies import STRATEGIES
from ..faults import faults_over
from ..search.confusion import ANSWERED, CONFUSION_CLIENTS, NO_CAUSE, QUIET, ConfusionMatrix
from ..search.recovery import RecoveryCell, RecoveryMatrix
from ..search.zoo import ZooMatrix
from ..units import SECOND
from ..verdict.phases import PHASES, Phase
from .tables import aligned, table
from .zoo import zoo_chapter, zoo_text

# --- coverage -------------------------------------------------------------------------------------------------------


def coverage_table(reached: Mapping[tuple[str, Phase], str]) -> str:
    """Faults by phases: what reached each pair."""
    rows = [(fault, *(reached.get((fault, phase), "–") for phase in PHASES)) for fault in faults_over("websocket")]
    return aligned(("fault", *PHASES), rows)


# --- confusion ------------------------------------------------------------------------------------------------------

_CONFUSION = """\
# How often the diagnosis is right

Reports and verdicts name the cause of a silence. Here is how often it is the right one. Every fault of the catalogue is
injected {seeds} times with each of the clients {clients},
in each phase of a conversation in turn, every other time with random parameters. The journal is judged while the fault
is active. The judge does not decide what is right: whether the user's last words were answered is a fact of the run,
and the possible causes of a silence are those that [the fault itself declares](faults.md).

**{share:.1%} of {runs} runs are diagnosed correctly; of the {silences} silences among them, {silent:.1%}.**

This page is the output of `stillthere confusion --markdown`; the command exits with 1 if fewer than 95 % of the
silences are diagnosed correctly."""

_SUSPECTS = """\
## What a client alone can know

A client sees what it captured, sent and received, its connection and its speaker. It does not see what the server
received or decided. For {right:.1%} of the silences above, the cause is among those that the client cannot rule out.
These are the groups of causes that a client cannot tell apart:"""


def _order(matrix: ConfusionMatrix) -> list[str]:
    """The causes that occur, then the other states that do."""
    known = [*CAUSES, NO_CAUSE, ANSWERED, QUIET]
    found = {name for pair in matrix.counts for name in pair}
    return [name for name in known if name in found]


def _confusion_rows(matrix: ConfusionMatrix) -> tuple[list[str], list[list[str]]]:
    names = _order(matrix)
    diagnoses = [name for name in names if any(pair[1] == name for pair in matrix.counts)]
    rows = []
    for truth in names:
        runs = sum(count for pair, count in matrix.counts.items() if pair[0] == truth)
        if runs:
            cells = [str(matrix.counts[truth, name] or "·") for name in diagnoses]
            rows.append([truth, *cells, str(runs), f"{matrix.right[truth] / runs:.1%}"])
    return ["truth ↓ diagnosis →", *diagnoses, "runs", "right"], rows


_CLIENTS_HEAD = ("client", "silences", "right")


def _client_rows(matrix: ConfusionMatrix) -> list[tuple[str, str, str]]:
    return [
        (client, str(count), f"{matrix.silences_right[client] / count:.1%}")
        for client, count in matrix.silences.items()
    ]


def confusion_text(matrix: ConfusionMatrix) -> str:
    """The matrix for a terminal."""
    head, rows = _confusion_rows(matrix)
    shares = f"right: {matrix.share():.2%} of all runs, {matrix.share(of_silent=True):.2%} of the silences"
    return f"{aligned(head, rows)}\n\n{aligned(_CLIENTS_HEAD, _client_rows(matrix))}\n\n{shares}\n"


def confusion_and_zoo_text(matrix: ConfusionMatrix, zoo: ZooMatrix | None) -> str:
    """The matrix and the zoo for a terminal; None: no zoo was found."""
    return confusion_text(matrix) + zoo_text(zoo)


def confusion_page(matrix: ConfusionMatrix, seeds: int, zoo: ZooMatrix | None) -> str:
    """The page ``docs/confusion.md`` but for its last chapter, the live matrix; ``zoo`` None: none was found."""
    runs = sum(matrix.counts.values())
    silences = sum(matrix.suspected.values())
    preface = _CONFUSION.format(
        clients=", ".join(f"`{client}`" for client in CONFUSION_CLIENTS),
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
    clients = table(_CLIENTS_HEAD, [(f"`{client}`", *cells) for client, *cells in _client_rows(matrix)])
    parts = [preface, table(head, rows), "By client:", clients, _wrong(matrix), suspects]
    parts += [table(("possible causes", "silences"), groups), zoo_chapter(zoo)]
    return "\n\n".join(part for part in parts if part) + "\n"


_LIVE = """\

## How often the diagnosis of live journals is right

Here each fault of the server and the network is injected once in each phase of a conversation, every other time with
random parameters, into a session of `stillthere serve` with a real client on a real WebSocket, in real time. A live
journal does not show the user and the client: the diagnosis works from what arrived, what the server decided, and what
was written to the client's socket. Whether the user's last words were answered is what the client received, not what
the journal says; the possible causes of a silence are those that the fault itself declares.

**{share:.1%} of {runs} sessions are diagnosed correctly; of the {silences} silences among them, {silent:.1%}.**

This chapter is the output of `stillthere confusion --live --markdown`, which takes some minutes; real time makes it
differ a little from one run to the next."""


def live_confusion_page(matrix: ConfusionMatrix) -> str:
    """The chapter of the live matrix, which stands at the end of ``docs/confusion.md``."""
    runs = sum(matrix.counts.values())
    silences = sum(matrix.suspected.values())
    share, silent = matrix.share(), matrix.share(of_silent=True)
    preface = _LIVE.format(share=share, silent=silent, runs=runs, silences=silences)
    parts = [preface, table(*_confusion_rows(matrix)), _wrong(matrix, "### What is diagnosed wrongly")]
    return "\n\n".join(part for part in parts if part) + "\n"


def _wrong(matrix: ConfusionMatrix, head: str = "## What is diagnosed wrongly") -> str:
    """Which faults are diagnosed wrongly, and how often."""
    wrong: dict[tuple[str, str], int] = {}
    for one in matrix.wrong:
        key = (one.case.fault, one.diagnosis)
        wrong[key] = wrong.get(key, 0) + 1
    if not wrong:
        return ""
    rows = [(f"`{fault}`", f"`{diagnosis}`", str(count)) for (fault, diagnosis), count in sorted(wrong.items())]
    return f"{head}\n\n" + table(("fault", "diagnosis", "runs"), rows)


# --- recovery -------------------------------------------------------------------------------------------------------

_RECOVERY = """\
# What recovers a silent client

Every fault is injected in {seeds} phases of a conversation, once for each recovery strategy of the client kit. After
everything that heals by itself has healed, the user speaks until answered, for 34 s at most. All else is the same in
all runs: the reference client `resilient`, its gate, its thresholds, its detectors.

A cell shows in how many of the runs the user was answered again, and the median time from the fault to the first
audible part of the answer to something the user said after it. Words are lost if they are in no turn of a session
whose assistant was audible afterwards; an utterance counts as a whole.
[How to make your client unfreezable](unfreezable.md) explains what follows from this.

This page is the output of `stillthere recover --markdown`.

## The strategies

{strategies}

## Fault by fault

{matrix}
"""


def _names(result: RecoveryMatrix) -> tuple[list[str], list[str]]:
    faults = [name for name in faults_over("websocket") if any(pair[0] == name for pair in result.cells)]
    return faults, [name for name in STRATEGIES if any(pair[1] == name for pair in result.cells)]


def _seconds(us: float | None) -> str:
    return "–" if us is None else f"{us / SECOND:.1f} s"


def _cell(cell: RecoveryCell) -> str:
    answered = len(cell.answered_after_us)
    mark = "✔" if cell.recovered else "✖" if not answered else f"{answered}/{cell.runs}"
    return f"{mark} {_seconds(cell.median_us)}" if answered else mark


def _recovery_rows(result: RecoveryMatrix) -> tuple[list[str], list[list[str]]]:
    faults, strategies = _names(result)
    rows = [[fault, *(_cell(result.cells[fault, strategy]) for strategy in strategies)] for fault in faults]
    return ["fault", *strategies], rows


def _totals(result: RecoveryMatrix) -> tuple[list[str], list[list[str]]]:
    head = ["strategy", "answered again", "median", "worst", "words lost", "false alarms an hour"]
    rows = []
    for name in _names(result)[1]:
        total, alarms = result.strategy(name), result.alarms.get(name)
        share = f"{len(total.answered_after_us)} of {total.runs}"
        worst = _seconds(max(total.answered_after_us, default=None))
        hourly = f"{alarms.hourly:g}" if alarms else "–"
        rows.append([name, share, _seconds(total.median_us), worst, str(total.words_lost), hourly])
    return head, rows


def recovery_text(result: RecoveryMatrix) -> str:
    """For a terminal: the matrix, and below it the totals of each strategy."""
    return f"{aligned(*_recovery_rows(result))}\n\n{aligned(*_totals(result))}\n"


def recovery_page(result: RecoveryMatrix, seeds: int) -> str:
    """The page ``docs/recovery.md``."""
    head, rows = _totals(result)
    described = [[f"`{row[0]}`", STRATEGIES[row[0]].does, *row[1:]] for row in rows]
    strategies = table([head[0], "does", *head[1:]], described)
    head, rows = _recovery_rows(result)
    matrix = table([head[0], *(f"`{name}`" for name in head[1:])], [[f"`{row[0]}`", *row[1:]] for row in rows])
    return _RECOVERY.format(seeds=seeds, strategies=strategies, matrix=matrix)
