"""The region of a sweep in which nothing goes wrong: its best point, the margins around that, and the largest box.

The lattice is an array of flags, true where a cell is good. Distances are shares of each axis: of its length in steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from math import prod
from typing import Any, TypeAlias

import numpy as np

GoodCells: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"
Index = tuple[int, ...]
"""The place of a cell in the lattice: for each axis, the number of its value."""


@dataclass(frozen=True, slots=True)
class Margin:
    """How far the region reaches from its best point along one axis, in one direction."""

    last: int
    """The last good value, by its number on the axis."""
    border: int | None
    """The first value that is not good; None: the range ends before."""


@dataclass(frozen=True, slots=True)
class Region:
    """What is known of the good cells of a lattice."""

    best: Index
    """The good cell that is farthest from all that are not; of several, the one farthest from the ends."""
    margins: tuple[tuple[Margin, Margin], ...]
    """From the best point downward and upward, for each axis."""
    box: tuple[tuple[int, int], ...]
    """For each axis the first and the last value of a box around the best point in which all cells are good."""
    cells: int
    """How many cells are good."""


def find_region(good: GoodCells) -> Region | None:
    """The region; None if no cell is good."""
    if not good.any():
        return None
    best = _best(good)
    margins = tuple((_margin(good, best, axis, -1), _margin(good, best, axis, 1)) for axis in range(good.ndim))
    return Region(best, margins, _box(good, best), int(good.sum()))


def _best(good: GoodCells) -> Index:
    places = np.argwhere(good)
    sizes = np.maximum(np.array(good.shape) - 1, 1)
    to_ends = np.minimum(places, np.array(good.shape) - 1 - places) / sizes
    to_ends[:, np.array(good.shape) == 1] = 1.0
    end_shares = to_ends.min(axis=1)
    borders = np.argwhere(_border(good))
    if not len(borders):
        shares = np.zeros(len(places))
    else:
        shares = np.full(len(places), np.inf)
        for border in borders:
            shares = np.minimum(shares, (np.abs(places - border) / sizes).max(axis=1))
    order = np.lexsort((-to_ends.mean(axis=1), -end_shares, -np.round(shares, 9)))
    return tuple(int(at) for at in places[order[0]])


def _border(good: GoodCells) -> GoodCells:
    """The cells that are not good and have a good one beside them, also across a corner."""
    reached = good.copy()
    for axis in range(good.ndim):
        lane, source = np.moveaxis(reached, axis, 0), np.moveaxis(reached.copy(), axis, 0)
        lane[1:] |= source[:-1]
        lane[:-1] |= source[1:]
    found: GoodCells = reached & ~good
    return found


def _margin(good: GoodCells, best: Index, axis: int, step: int) -> Margin:
    across: tuple[Any, ...] = (*best[:axis], slice(None), *best[axis + 1 :])
    line = good[across]
    at = best[axis]
    while 0 <= at + step < len(line) and line[at + step]:
        at += step
    beyond = at + step
    return Margin(at, beyond if 0 <= beyond < len(line) else None)


def _box(good: GoodCells, best: Index) -> tuple[tuple[int, int], ...]:
    """The largest of the boxes that grow from the best point, one axis after the other, in any order."""
    orders = list(permutations(range(good.ndim))) if good.ndim <= 4 else [tuple(range(good.ndim))]
    boxes = [_grown(good, best, order) for order in orders] + [_grown_evenly(good, best)]
    return max(boxes, key=lambda box: prod(high - low + 1 for low, high in box))


def _grown(good: GoodCells, best: Index, order: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    box = [(at, at) for at in best]
    for axis in order:
        for step in (-1, 1):
            while _can_grow(good, box, axis, step):
                box[axis] = _wider(box[axis], step)
    return tuple(box)


def _grown_evenly(good: GoodCells, best: Index) -> tuple[tuple[int, int], ...]:
    box = [(at, at) for at in best]
    growing: list[tuple[int, int]] = list(_directions(good.ndim))
    while growing:
        growing = [(axis, step) for axis, step in growing if _can_grow(good, box, axis, step)]
        for axis, step in growing:
            if _can_grow(good, box, axis, step):
                box[axis] = _wider(box[axis], step)
    return tuple(box)


def _directions(axes: int) -> Iterator[tuple[int, int]]:
    yield from product(range(axes), (-1, 1))


def _wider(ends: tuple[int, int], step: int) -> tuple[int, int]:
    return (ends[0] - 1, ends[1]) if step < 0 else (ends[0], ends[1] + 1)


def _can_grow(good: GoodCells, box: list[tuple[int, int]], axis: int, step: int) -> bool:
    at = box[axis][0] - 1 if step < 0 else box[axis][1] + 1
    if not 0 <= at < good.shape[axis]:
        return False
    slices: list[Any] = [slice(low, high + 1) for low, high in box]
    slices[axis] = at
    return bool(good[tuple(slices)].all())
