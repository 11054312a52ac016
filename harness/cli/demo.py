"""``stillthere demo``: the reported client becomes deaf, the resilient one recovers."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..picture import words
from ..report.terminal import comparison
from ..scenario import load
from ..verdict.judge import judge
from ..world.play import play
from .output import check_file, picture_width, write_text

_SCENARIO = "reported_freeze"


def demo(
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Also save the picture as an SVG file.")] = None,
) -> None:
    """Show a freeze and its cure: two clients play the same recorded conversation, each with its picture."""
    check_file("--svg", svg)
    scenario = load(_SCENARIO)
    console = Console()
    runs = [play(scenario, client) for client in ("reported", "resilient")]
    judged = [(run, judge(run.journal, scenario)) for run in runs]
    console.print(comparison(judged, width=picture_width(console)))
    if svg is not None:
        from ..report import run_svg

        write_text(svg, run_svg.draw([run_svg.panel_of_run(run, found, words.again(run)) for run, found in judged]))
