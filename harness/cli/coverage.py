"""``stillthere coverage``: whether every fault was struck in every phase of a conversation."""

from typing import Annotated

import typer
from rich.console import Console

from harness.report.matrices import coverage_table
from harness.search import coverage as search
from harness.search.processes import MOST_JOBS

FAILED = 1


def coverage(
    seeds: Annotated[int, typer.Option(min=0, help="Seeds of a campaign that count as well.")] = 300,
    jobs: Annotated[int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; one a core unless told.")] = None,
) -> None:
    """Play the shipped scenarios, a campaign, and a conversation for each pair that these did not reach; exit 1 if a
    fault was never struck in some phase."""
    reached = dict.fromkeys(search.reached_by_pack(), "pack")
    for pair in search.reached_by_campaign(range(seeds)):
        reached.setdefault(pair, "campaign")
    missing = [pair for pair in search.all_pairs() if pair not in reached]
    for pair in search.reached_singly(missing, jobs):
        reached[pair] = "alone"
    Console(soft_wrap=True).print(coverage_table(reached), highlight=False, markup=False)
    missing = [pair for pair in search.all_pairs() if pair not in reached]
    for fault, phase in missing:
        print(f"never reached: {fault} while {phase}")
    raise typer.Exit(FAILED if missing else 0)
