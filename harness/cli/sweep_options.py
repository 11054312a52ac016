"""The options of ``stillthere sweep``."""

from pathlib import Path
from typing import Annotated

import typer

from ..processes import MOST_JOBS
from ..search.sweep.refine import MOST_ROUNDS
from ..vad.detector import DETECTORS
from .time_limit import LONGEST_S

VaryOption = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=LO..HI:N",
        help="What is varied: N values from LO to HI; NAME=log:LO..HI:N with a constant ratio; NAME=A|B|C these.",
    ),
]
SweptClientOption = Annotated[
    str | None,
    typer.Option(help="reported, development, resilient, push_to_talk, telephone, or your own as module:Class."),
]
SweptAppOption = Annotated[
    str | None,
    typer.Option(
        metavar="MODULE:FUNCTION", help="An asyncio app, async def app(mic, speaker, settings), in virtual time."
    ),
]
EarsOption = Annotated[
    str | None,
    typer.Option(metavar="D,…", help=f"The server's ears instead of the scenarios': {', '.join(DETECTORS)}."),
]
OverOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=A|B,…",
        help="Sweep each scenario with these speakers, levels and noises: speaker=all, level=-42|-36|-30, "
        "noise=keyboard@-40dBFS|none.",
    ),
]
SampleOption = Annotated[
    str | None,
    typer.Option(metavar="WAY:N", help="N cells in place of the grid: random:N, or lhs:N (Latin hypercube)."),
]
RefineOption = Annotated[
    int, typer.Option(min=0, max=MOST_ROUNDS, help="Halve the steps of the grid so many times where something changes.")
]
SweepSeedOption = Annotated[int, typer.Option(min=0, help="Seed of all that is random, and of the sample.")]
SweepJobsOption = Annotated[
    int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
]
CellTimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0,
        max=LONGEST_S,
        help="End a cell of your own client or app that takes longer, in seconds of real time; 0: never.",
    ),
]
SweepOutOption = Annotated[Path | None, typer.Option(help="Folder for the table, the pictures and the page.")]
