"""Grids, samples, and refinement: which cells are computed, and in which rounds.

Refinement begins with the grid, and halves the boxes whose corners differ on any ground, again and again: so cells are
dense where something changes, and rare where nothing does.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

from ...errors import SettingError
from .axes import Axis
from .goals import Harm
from .plan import SweepPlan
from .region import Index
from .samples import MOST_CELLS, Way, grid, sampled
from .table import Compute, SweepTable

MOST_ROUNDS = 12
Told = Callable[[int, int], None]
"""Called with the number of rows that are done, and of those that are known to be wanted."""


def run_plan(
    plan: SweepPlan, compute: Compute, *, way: Way = "grid", number: int = 0, rounds: int = 0, told: Told
) -> SweepTable:
    """Compute the cells of a grid, of a sample of ``number`` cells, or of a grid that is refined ``rounds`` times."""
    grounds = len(plan.grounds)
    if way != "grid":
        table = SweepTable(plan)
        cells = sampled(plan.axes, way, number, plan.seed)
        table.extend(cells, compute, told=lambda done: told(done, len(cells) * grounds))
        return table
    axes = tuple(axis.split(rounds) for axis in plan.axes)
    table = SweepTable(replace(plan, axes=axes), tuple(len(axis.values) for axis in axes))
    strides = [1 if axis.scale == "list" else 2**rounds for axis in axes]
    first = list(product(*(range(0, len(axis.values), stride) for axis, stride in zip(axes, strides, strict=True))))
    _ = grid(plan.axes)  # refuses one that is too large
    _extend(table, axes, first, compute, told)
    for _round in range(rounds):
        known = set(table.indexes)
        boxes = list(_differing(table, strides))
        strides = [max(1, stride // 2) for stride in strides]
        wanted = dict.fromkeys(each for box in boxes for each in _points(*box, strides) if each not in known)
        _extend(table, axes, list(wanted), compute, told)
    return table


def _extend(table: SweepTable, axes: tuple[Axis, ...], wanted: list[Index], compute: Compute, told: Told) -> None:
    before = len(table)
    number = len(wanted) * len(table.plan.grounds)
    if len(table.cells) + len(wanted) > MOST_CELLS:
        raise SettingError(f"--refine: this needs over {MOST_CELLS} cells; refine fewer times, or begin with fewer")
    names = [axis.name for axis in axes]
    cells = [
        dict(zip(names, (axis.values[at] for axis, at in zip(axes, index, strict=True)), strict=True))
        for index in wanted
    ]
    table.extend(cells, compute, wanted, lambda done: told(before + done, before + number))


def _differing(table: SweepTable, strides: list[int]) -> Iterator[tuple[Index, Index]]:
    """The boxes of this size whose corners are not all alike, by their lowest and highest corner."""
    assert table.shape is not None
    alike: dict[Index, tuple[Harm, ...]] = {
        index: tuple(rows[place].harm for rows in table.rows) for place, index in enumerate(table.indexes)
    }
    is_list = [axis.scale == "list" for axis in table.plan.axes]
    for low in alike:
        if any(not fixed and at % stride for at, stride, fixed in zip(low, strides, is_list, strict=True)):
            continue
        high = tuple(
            at if fixed else min(at + stride, size - 1)
            for at, stride, size, fixed in zip(low, strides, table.shape, is_list, strict=True)
        )
        corners = [alike.get(corner) for corner in product(*({a, b} for a, b in zip(low, high, strict=True)))]
        known = [each for each in corners if each is not None]
        if len(known) == len(corners) and any(each != known[0] for each in known):
            yield low, high


def _points(low: Index, high: Index, strides: list[int]) -> Iterator[Index]:
    """The points of a box with the new strides."""
    yield from product(
        *(range(first, last + 1, stride) for first, last, stride in zip(low, high, strides, strict=True))
    )
