"""``stillthere coverage``: whether every fault was injected in every phase of a conversation."""

from typing import Annotated

import typer
from rich.console import Console

from ..processes import MOST_JOBS
from ..report.matrices import coverage_table
from ..search import coverage as search
from .output import FAILED, HELD
from .progress import Progress


def coverage(
    seeds: Annotated[int, typer.Option(min=0, help="Seeds of the campaign.")] = 300,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
    ] = None,
) -> None:
    """Play the shipped scenarios, a campaign, and a conversation for each pair of fault and phase that is missing.

    Exit code 1 if a fault was never injected in some phase.
    """
    progress = Progress("shipped scenarios")
    reached = dict.fromkeys(search.reached_by_pack(progress.show), "pack")
    progress.clear()
    progress = Progress("seeds")
    for pair in search.reached_by_campaign(range(seeds), progress.show):
        reached.setdefault(pair, "campaign")
    progress.clear()
    missing = [pair for pair in search.all_pairs() if pair not in reached]
    with Progress("conversations").of_processes():
        for pair in search.reached_singly(missing, jobs):
            reached[pair] = "alone"
    Console(soft_wrap=True).print(coverage_table(reached), highlight=False, markup=False)
    missing = [pair for pair in search.all_pairs() if pair not in reached]
    for fault, phase in missing:
        print(f"never reached: {fault} in phase {phase}")
    raise typer.Exit(FAILED if missing else HELD)
