"""``stillthere recover``: measure every fault against every recovery strategy."""

from typing import Annotated

import typer

from ..clients.recovery.strategies import STRATEGIES
from ..errors import SettingError, did_you_mean
from ..faults import faults_over
from ..processes import MOST_JOBS
from ..report.matrices import recovery_page, recovery_text
from ..search import recovery as search
from .output import FAILED, HELD
from .progress import Progress


def recover(
    fault: Annotated[list[str] | None, typer.Option(help="Only this fault; by default all.")] = None,
    strategy: Annotated[list[str] | None, typer.Option(help="Only this strategy; by default all.")] = None,
    seeds: Annotated[
        int, typer.Option(min=1, help="Runs for each pair, each in another phase.")
    ] = search.RECOVERY_SEEDS,
    honest_hours: Annotated[
        float, typer.Option(min=0, help="Hours of conversation without a fault, to count the false alarms.")
    ] = search.FAULT_FREE_HOURS,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/recovery.md.")] = False,
) -> None:
    """Measure which recovery strategy helps against which fault; exit 1 if `ladder` leaves a client silent."""
    known = faults_over("websocket")
    for name in fault or ():
        if name not in known:
            raise SettingError(f"no fault of a WebSocket is called {name!r}; {did_you_mean(name, known)}")
    for name in strategy or ():
        if name not in STRATEGIES:
            raise SettingError(f"no strategy is called {name!r}; {did_you_mean(name, STRATEGIES)}")
    with Progress("runs").of_processes():
        result = search.measure(fault, strategy, seeds, honest_hours, jobs)
    print(recovery_page(result, seeds) if markdown else recovery_text(result), end="")
    raise typer.Exit(HELD if result.strategy("ladder").recovered else FAILED)
