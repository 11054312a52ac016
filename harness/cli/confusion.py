"""``stillthere confusion``: how often the diagnosis is right."""

from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from ..bench import live_matrix
from ..processes import MOST_JOBS
from ..report import log_matrix as log_page
from ..report import matrices
from ..search import confusion as search
from ..search import log_confusion
from ..search import zoo as zoo_search
from .output import FAILED, HELD
from .progress import Progress

_FLOOR = 0.95
_LOG_FLOOR = 0.9


def confusion(
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Runs for each fault and client; by default {search.CONFUSION_SEEDS}, "
            f"and {log_confusion.LOG_SEEDS} with --logs.",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/confusion.md.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="List the runs that were diagnosed wrongly.")] = False,
    zoo: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE",
            help="The zoo of client mistakes; by default tests.zoo, if this folder has it.",
        ),
    ] = None,
    zoo_seeds: Annotated[
        int, typer.Option(min=1, help="Runs for each client of the zoo in each of its conversations.")
    ] = zoo_search.ZOO_SEEDS,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Diagnose journals of live sessions instead: each fault in each phase once, in real time, some "
            "minutes; only --markdown and --wrong are used.",
        ),
    ] = False,
    logs: Annotated[
        bool,
        typer.Option(
            "--logs",
            help="Diagnose what a client could have logged instead, by kind of log; the zoo is not played. With "
            "--markdown, print the page docs/log-confusion.md.",
        ),
    ] = False,
) -> None:
    """Diagnose every fault with each client, and judge a zoo of client mistakes; exit 1 if fewer than 95 % are right.

    The zoo is in a checkout of the repository. Correct clients are played with it, and nothing may be found there.
    """
    if logs:
        _of_logs(seeds or log_confusion.LOG_SEEDS, jobs, markdown, wrong)
    seeds = seeds or search.CONFUSION_SEEDS
    if live:
        _of_live(markdown, wrong)
    with Progress("runs").of_processes():
        measured = _measured_zoo(zoo, zoo_seeds, jobs)
    with Progress("runs").of_processes():
        matrix = search.matrix(seeds, jobs=jobs)
    page, text = matrices.confusion_page, matrices.confusion_and_zoo_text
    print(page(matrix, seeds, measured) if markdown else text(matrix, measured), end="")
    _end(matrix, wrong, [] if measured is None else [measured.share, measured.share_of_correct])


def _of_live(markdown: bool, wrong: bool) -> NoReturn:
    progress = Progress("sessions")
    matrix = live_matrix.live_matrix(live_matrix.live_cases(), progress.show)
    progress.clear()
    print(matrices.live_confusion_page(matrix) if markdown else matrices.confusion_text(matrix), end="")
    _end(matrix, wrong, [])


def _end(matrix: search.ConfusionMatrix, wrong: bool, shares: Sequence[float]) -> NoReturn:
    """List what is wrong, if that is wanted, and exit by the shares that are right."""
    if wrong:
        for one in matrix.wrong:
            case = one.case
            print(f"{case.fault} with {case.client}, seed {case.seed}: {one.truth}, diagnosed as {one.diagnosis}")
    raise typer.Exit(HELD if min(matrix.share(of_silent=True), *shares, 1.0) >= _FLOOR else FAILED)


def _of_logs(seeds: int, jobs: int | None, markdown: bool, wrong: bool) -> NoReturn:
    matrix = log_confusion.log_matrix(seeds, jobs=jobs)
    print(log_page.log_confusion_page(matrix, seeds) if markdown else log_page.log_confusion_text(matrix), end="")
    for one in matrix.results if wrong else ():
        if one.outcome in ("wrong", "false answered"):
            case, named = one.case, ", ".join(one.named) or "nothing"
            said = (
                f"{case.fault} with {case.client}, seed {case.seed}, {one.kind}: {one.truth}, said {one.state}, {named}"
            )
            print(said)
    whole, parts, false = log_page.bars(matrix)
    raise typer.Exit(HELD if min(whole, parts) >= _LOG_FLOOR and not false else FAILED)


def _measured_zoo(module: str | None, seeds: int, jobs: int | None) -> zoo_search.ZooMatrix | None:
    """The zoo of a module, or the usual one; None if that is not there."""
    if module is None and not zoo_search.is_there(zoo_search.USUAL_ZOO):
        return None
    return zoo_search.measure(module or zoo_search.USUAL_ZOO, seeds, jobs)
