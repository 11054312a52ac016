"""The plain way to compute a sweep: each cell is played."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...world.play import Run, play
from .cases import Case, CellOutcome, How, Reader, T


def play_cell(case: Case, cell: Mapping[str, Any]) -> Run:
    """Play one cell: the scenario with the settings of the case, changed by those of the cell.

    Raises what :func:`harness.world.play.play` raises.
    """
    return play(case.scenario, case.client, seed=case.seed, detector=case.detector, settings={**case.settings, **cell})


def outcomes(case: Case, cells: Sequence[Mapping[str, Any]], read: Reader[T]) -> Iterator[CellOutcome[T]]:
    """The outcome of each cell, in any order; raises what :func:`play_cell` raises."""
    for index, cell in enumerate(cells):
        run = play_cell(case, cell)
        yield CellOutcome(index, read(run.scenario, run.journal), How.PLAYED)
