"""``stillthere confusion``: how often the diagnosis is right."""

from typing import Annotated

import typer

from harness.report import matrices
from harness.search import confusion as search
from harness.search.processes import MOST_JOBS

FAILED = 1
FLOOR = 0.95


def confusion(
    seeds: Annotated[int, typer.Option(min=1, help="Runs for each fault and client.")] = search.SEEDS,
    jobs: Annotated[int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; one a core unless told.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/confusion.md.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="List the runs that were put down wrongly.")] = False,
) -> None:
    """Diagnose every fault on every reference client, and compare with what was struck; exit 1 below 95 % right."""
    matrix = search.matrix(seeds, jobs=jobs)
    print(matrices.confusion_page(matrix, seeds) if markdown else matrices.confusion_text(matrix), end="")
    if wrong:
        for answer in matrix.wrong:
            case = answer.case
            print(f"{case.fault} on {case.client}, seed {case.seed}: {answer.truth}, and not {answer.said}")
    raise typer.Exit(0 if matrix.share(of_silent=True) >= FLOOR else FAILED)
