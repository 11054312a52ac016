"""``stillthere recover``: every fault against every recovery strategy, measured."""

from typing import Annotated

import typer

from harness.clients.strategies import STRATEGIES
from harness.errors import SettingError, did_you_mean
from harness.faults import CATALOGUE
from harness.report import recovery as report
from harness.search import recovery as search
from harness.search.processes import MOST_JOBS

FAILED = 1


def recover(
    fault: Annotated[list[str] | None, typer.Option(help="Only this fault; all unless told.")] = None,
    strategy: Annotated[list[str] | None, typer.Option(help="Only this strategy; all unless told.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Runs for each pair, each in another phase.")] = search.SEEDS,
    honest_hours: Annotated[
        float, typer.Option(min=0, help="Hours of honest conversation in which each strategy's false alarms count.")
    ] = search.HONEST_HOURS,
    jobs: Annotated[int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; one a core unless told.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/recovery.md.")] = False,
) -> None:
    """Measure what recovers a silent client; exit 1 if the best ladder is among them and leaves one silent."""
    for name in fault or ():
        if name not in CATALOGUE:
            raise SettingError(f"no fault is called {name!r}; {did_you_mean(name, CATALOGUE)}")
    for name in strategy or ():
        if name not in STRATEGIES:
            raise SettingError(f"no strategy is called {name!r}; {did_you_mean(name, STRATEGIES)}")
    result = search.measure(fault, strategy, seeds, honest_hours, jobs)
    print(report.page(result, seeds) if markdown else report.text(result), end="")
    best = result.strategy("ladder")
    raise typer.Exit(0 if best.recovered else FAILED)
