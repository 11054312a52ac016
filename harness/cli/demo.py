"""``stillthere demo``: the reported client becomes deaf, the resilient one recovers."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..report.terminal import comparison
from ..scenario import load
from ..verdict.judge import judge
from ..world.play import play
from .output import picture_width, write_text

_SCENARIO = "reported_freeze"


def demo(
    svg: Annotated[Path | None, typer.Option(help="Also save the picture as an SVG file.")] = None,
) -> None:
    """Show a freeze and its cure: two clients play the same recorded conversation, each with its picture."""
    scenario = load(_SCENARIO)
    console = Console(record=svg is not None)
    runs = [play(scenario, client) for client in ("reported", "resilient")]
    console.print(comparison([(run, judge(run.journal, scenario)) for run in runs], width=picture_width(console)))
    if svg is not None:
        write_text(svg, console.export_svg(title="stillthere demo"))
