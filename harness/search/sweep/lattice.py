"""A sweep as an array: what is known at each place of the lattice of its axes."""

from typing import Any, TypeAlias

import numpy as np

from .table import SweepTable

Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"


def nearest(table: SweepTable) -> Places:
    """For each place of the lattice the number of the cell that was computed there, or of one near it.

    Between the cells of a refined grid there are boxes whose corners are all alike; they take that of a corner.
    """
    assert table.shape is not None
    found = np.full(table.shape, -1, np.int64)
    for number, index in enumerate(table.indexes):
        found[index] = number
    for axis in range(found.ndim):  # along each axis in turn, the values spread up, then down
        for direction in (1, -1):
            lane = np.moveaxis(np.flip(found, axis) if direction < 0 else found, axis, 0)
            for at in range(1, lane.shape[0]):
                lane[at] = np.where(lane[at] < 0, lane[at - 1], lane[at])
    return found
