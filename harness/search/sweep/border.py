"""The failing cells of a sweep beside which another does not fail: there it is seen what a setting decides."""

from typing import Any

import numpy as np

from .lattice import nearest
from .table import SweepTable


def border(table: SweepTable, most: int) -> tuple[list[tuple[int, int]], int]:
    """At most ``most`` of them, as numbers of ground and cell, spread over all; and how many there are.

    Cells that were chosen at random have no neighbours, and on a ground where all fail there is no border: there it is
    each failing cell of samples, and the middle one of a grid.
    """
    found: list[tuple[int, int]] = []
    for ground, rows in enumerate(table.rows):
        failed = np.array([each.row is not None and each.row.verdict == "failed" for each in rows], bool)
        if table.shape is None:
            places = np.flatnonzero(failed).tolist()
        else:
            grid = nearest(table)
            at_border = np.unique(grid[_has_another(failed[grid])]).tolist()
            places = at_border or np.flatnonzero(failed).tolist()[int(failed.sum()) // 2 :][:1]
        found += [(ground, place) for place in places]
    if len(found) <= most:
        return found, len(found)
    chosen = np.linspace(0, len(found) - 1, most).round().astype(int).tolist()
    return [found[each] for each in dict.fromkeys(chosen)], len(found)


def _has_another(failed: "np.ndarray[Any, np.dtype[np.bool_]]") -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Where it fails, and does not at a neighbour along one of the axes."""
    beside = np.zeros(failed.shape, bool)
    for axis in range(failed.ndim):
        ahead, behind = np.moveaxis(failed, axis, 0), np.moveaxis(beside, axis, 0)
        behind[1:] |= ~ahead[:-1]
        behind[:-1] |= ~ahead[1:]
    return failed & beside
