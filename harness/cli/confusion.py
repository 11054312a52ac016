"""``stillthere confusion``: how often the diagnosis is right."""

from typing import Annotated

import typer

from ..report import matrices
from ..search import confusion as search
from ..search.processes import MOST_JOBS
from .output import FAILED, HELD

_FLOOR = 0.95


def confusion(
    seeds: Annotated[int, typer.Option(min=1, help="Runs for each fault and client.")] = search.CONFUSION_SEEDS,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/confusion.md.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="List the runs that were diagnosed wrongly.")] = False,
) -> None:
    """Diagnose every fault with every reference client, and compare with the truth; exit 1 below 95 % right."""
    matrix = search.matrix(seeds, jobs=jobs)
    print(matrices.confusion_page(matrix, seeds) if markdown else matrices.confusion_text(matrix), end="")
    if wrong:
        for one in matrix.wrong:
            case = one.case
            print(f"{case.fault} with {case.client}, seed {case.seed}: {one.truth}, diagnosed as {one.diagnosis}")
    raise typer.Exit(HELD if matrix.share(of_silent=True) >= _FLOOR else FAILED)
