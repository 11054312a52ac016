"""``stillthere show``: draw scenarios without playing them."""

from typing import Annotated

import typer
from rich.console import Console

from ..report.plan_picture import picture
from ..scenario import load
from .output import IMPORT_HELP, find_own_modules, import_modules, picture_width


def show(
    scenarios: Annotated[list[str], typer.Argument(help="Scenario files, or names of shipped ones.")],
    imports: Annotated[list[str] | None, typer.Option("--import", metavar="MODULE", help=IMPORT_HELP)] = None,
) -> None:
    """Draw the plan of scenarios: who does what and when, and which steps wait for what."""
    find_own_modules()
    import_modules(imports or ())
    console = Console()
    for scenario in [load(name) for name in scenarios]:
        console.print(picture(scenario, width=picture_width(console)))
