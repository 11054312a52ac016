"""``stillthere transports``: the same faults and scenarios over a WebSocket and over WebRTC."""

from typing import Annotated

import typer

from ..errors import SettingError, did_you_mean
from ..faults import CATALOGUE
from ..processes import MOST_JOBS
from ..report.transports_page import transports_page, transports_text
from ..scenario import shipped_scenarios
from ..search import transports as search
from .progress import Progress


def transports(
    fault: Annotated[list[str] | None, typer.Option(help="Only this fault; by default all.")] = None,
    scenario: Annotated[list[str] | None, typer.Option(help="Only this shipped scenario; by default all.")] = None,
    phases: Annotated[
        int,
        typer.Option(min=1, max=len(search.PHASES_PLAYED), help="Each fault is injected in so many phases."),
    ] = search.PHASES_USUALLY,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/transports.md.")] = False,
) -> None:
    """Play faults and scenarios over a WebSocket and over WebRTC, and tell what freezes where.

    Without options it plays everything, which takes minutes.
    """
    known = [path.stem for path in shipped_scenarios()]
    for name in fault or ():
        if name not in CATALOGUE:
            raise SettingError(f"no fault is called {name!r}; {did_you_mean(name, CATALOGUE)}")
    for name in scenario or ():
        if name not in known:
            raise SettingError(f"no shipped scenario is called {name!r}; {did_you_mean(name, known)}")
    with Progress("runs").of_processes():
        result = (
            search.measure(fault or (), scenario or (), (), phases, jobs)
            if fault is not None or scenario is not None
            else search.measure(None, None, None, phases, jobs)
        )
    print(transports_page(result, phases) if markdown else transports_text(result), end="")
