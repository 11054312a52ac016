"""``stillthere confusion``: how often the diagnosis is right."""

import sys
from typing import Annotated

import typer

from ..bench import live_matrix
from ..processes import MOST_JOBS
from ..report import matrices
from ..search import confusion as search
from ..search import zoo as zoo_search
from .output import FAILED, HELD

_FLOOR = 0.95


def confusion(
    seeds: Annotated[int, typer.Option(min=1, help="Runs for each fault and client.")] = search.CONFUSION_SEEDS,
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
) -> None:
    """Diagnose every fault with each client, and judge a zoo of client mistakes; exit 1 if fewer than 95 % are right.

    The zoo is in a checkout of the repository. Correct clients are played with it, and nothing may be found there.
    """
    if live:
        matrix = live_matrix.live_matrix(live_matrix.live_cases(), _progress)
        text = matrices.live_confusion_page(matrix) if markdown else matrices.confusion_text(matrix)
        shares = [matrix.share(of_silent=True)]
    else:
        measured = _measured_zoo(zoo, zoo_seeds, jobs)
        matrix = search.matrix(seeds, jobs=jobs)
        text = (
            matrices.confusion_page(matrix, seeds, measured)
            if markdown
            else matrices.confusion_and_zoo_text(matrix, measured)
        )
        shares = [matrix.share(of_silent=True)]
        if measured is not None:
            shares += [measured.share, measured.share_of_correct]
    print(text, end="")
    if wrong:
        for one in matrix.wrong:
            case = one.case
            print(f"{case.fault} with {case.client}, seed {case.seed}: {one.truth}, diagnosed as {one.diagnosis}")
    raise typer.Exit(HELD if min(shares) >= _FLOOR else FAILED)


def _measured_zoo(module: str | None, seeds: int, jobs: int | None) -> zoo_search.ZooMatrix | None:
    """The zoo of a module, or the usual one; None if that is not there."""
    if module is None and not zoo_search.is_there(zoo_search.USUAL_ZOO):
        return None
    return zoo_search.measure(module or zoo_search.USUAL_ZOO, seeds, jobs)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total} sessions", end="" if done < total else "\n", file=sys.stderr, flush=True)
