"""``stillthere demo``: the reported client goes deaf, the resilient one recovers."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from harness.cli.output import picture_width, write_text
from harness.clients.registry import find_client
from harness.report.terminal import comparison
from harness.scenario import load
from harness.verdict.judge import judge
from harness.world.play import play

SCENARIO = "reported_freeze"


def demo(
    svg: Annotated[Path | None, typer.Option(help="Save the picture as an SVG file, too.")] = None,
) -> None:
    """Show the freeze and its cure, from recorded audio, with a picture of both."""
    scenario = load(SCENARIO)
    console = Console(record=svg is not None)
    runs = [play(scenario, client, find_client(client)) for client in ("reported", "resilient")]
    console.print(comparison([(run, judge(run.journal, scenario)) for run in runs], width=picture_width(console)))
    if svg is not None:
        write_text(svg, console.export_svg(title="stillthere demo"))
