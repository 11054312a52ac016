"""``stillthere show``: draw scenarios without playing them."""

from typing import Annotated

import typer
from rich.console import Console

from harness.cli.output import picture_width
from harness.report.planned import picture
from harness.scenario import load


def show(
    scenarios: Annotated[list[str], typer.Argument(help="Scenario files, or names of shipped ones.")],
) -> None:
    """Draw the lanes of scenarios as they are planned: who does what when, and what waits for what."""
    console = Console()
    for scenario in [load(name) for name in scenarios]:
        console.print(picture(scenario, width=picture_width(console)))
