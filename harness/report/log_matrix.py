"""How often the diagnosis of a log is right, by kind of log: for a terminal, and as the page docs/log-confusion.md."""

from collections import Counter

from ..search.confusion import ANSWERED, CONFUSION_CLIENTS, QUIET
from ..search.log_confusion import BEYOND, LOG_OUTCOMES, LogMatrix, LogOutcome
from ..search.log_kinds import LOG_KINDS
from .tables import aligned, table

WHOLE_KINDS = ("full", "har")
"""Kinds that hold the audio of both directions, and times."""
_PAGE = """\
# How often the diagnosis of a log is right

`stillthere diagnose` takes logs that somebody else recorded ([logs.md](logs.md)), and says what they leave open
([diagnosing-logs.md](diagnosing-logs.md)). Here is how often it is right, by kind of log. Every fault of the catalogue
is injected {seeds} with each of the clients {clients}, in phases and with
parameters that differ from one to the next. What the client's end of the wire saw until the faults heal is the log.
Each kind of log leaves out what it leaves out in the field, so all kinds show the same {runs} runs.

The diagnosis does not decide what is right. Whether the user's last words were answered is a fact of the run, and the
possible causes of a silence are those that [the fault itself declares](faults.md). The columns:

{outcomes}

In {beyond} of the runs the user spoke only after the last message of the log, because nothing was sent any more. No
judge of such a log can know that; those runs are among the ones without a silence, and there "answered" must say what
may have come after the last message.

**Logs with audio and times: {whole:.1%} of the silences are right, as one cause or as a set of at most three. Logs
that lack something: in {parts:.1%} of the silences the right cause is among those that are named or not excluded.
"Answered" was said {false} times where there was no answer.**

This page is the output of `stillthere confusion --logs --markdown`. The command exits with 1 if one of the first two
numbers is below 90 %, or if the last is not 0.

## Runs with a silence

{silences}

## Runs in which the last words were answered, or nobody spoke

"Unknown" is what a log says that does not show the end of the conversation whole.

{others}

## What kinds of log there are

{kinds}
"""


def bars(matrix: LogMatrix) -> tuple[float, float, int]:
    """The share that is right in whole logs, that in logs that lack something, and how often "answered" was false."""
    whole = min(matrix.share(kind, "one", "set") for kind in WHOLE_KINDS)
    others = [kind for kind in LOG_KINDS if kind not in WHOLE_KINDS]
    parts = min((matrix.share(kind, "one", "set", "listed") for kind in others), default=1.0)
    return whole, parts, matrix.false_answered


def _rows(counts: dict[str, Counter[str]], names: tuple[LogOutcome, ...]) -> list[list[str]]:
    rows = []
    for kind in LOG_KINDS:
        found = counts.get(kind, Counter())
        cells = [str(found[name] or "·") for name in names]
        rows.append([kind, *cells, str(found.total())])
    return rows


_SILENT: tuple[LogOutcome, ...] = ("one", "set", "listed", "wrong", "false answered")
_OTHERS: tuple[LogOutcome, ...] = ("one", "unknown", "set", "listed", "wrong", "false answered")


def _silences(matrix: LogMatrix) -> tuple[list[str], list[list[str]]]:
    rows = _rows(matrix.silences, _SILENT)
    for row in rows:
        kind = row[0]
        sizes = matrix.sizes.get(kind, Counter())
        mean = sum(size * count for size, count in sizes.items()) / max(1, sizes.total())
        row += [f"{matrix.share(kind, 'one', 'set'):.1%}", f"{matrix.share(kind, 'one', 'set', 'listed'):.1%}"]
        row.append(f"{mean:.1f}")
    return ["kind of log", *_SILENT, "runs", "one or set", "with listed", "causes named"], rows


def log_confusion_text(matrix: LogMatrix) -> str:
    """For a terminal."""
    head, rows = _silences(matrix)
    others = aligned(["no silence", *_OTHERS, "runs"], _rows(matrix.others, _OTHERS))
    return f"{aligned(head, rows)}\n\n{others}\n"


def log_confusion_page(matrix: LogMatrix, seeds: int) -> str:
    """The page docs/log-confusion.md."""
    head, rows = _silences(matrix)
    whole, parts, false = bars(matrix)
    runs = len({(each.case.fault, each.case.client, each.case.seed) for each in matrix.results})
    beyond = sum(matrix.by_truth.get(("full", BEYOND), Counter()).values())
    words = dict(LOG_OUTCOMES)
    words["one"] += f"; without a silence: {ANSWERED} or {QUIET} is said, rightly"
    words["set"] += "; without a silence: what the log leaves open is named, such as a response that hangs"
    return _PAGE.format(
        seeds="once" if seeds == 1 else f"{seeds} times",
        clients=", ".join(f"`{client}`" for client in CONFUSION_CLIENTS),
        runs=runs,
        outcomes="\n".join(f"* **{name}**: {sentence}" for name, sentence in words.items()),
        beyond=beyond,
        whole=whole,
        parts=parts,
        false=false,
        silences=table(head, rows),
        others=table(["kind of log", *_OTHERS, "runs"], _rows(matrix.others, _OTHERS)),
        kinds=table(("kind", "what it holds"), [(kind, words) for kind, (words, _) in LOG_KINDS.items()]),
    )
