"""Which cells of the axes are computed: all of a grid, some at random, or a Latin hypercube."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any, Literal

import numpy as np

from ...errors import SettingError
from .axes import Axis

SweepCell = dict[str, Any]
"""The values of one cell by the names of the axes."""
Way = Literal["grid", "random", "lhs"]
MOST_CELLS = 1_000_000


def read_sample(text: str | None) -> tuple[Way, int]:
    """The way and the number of cells of ``--sample random:N`` or ``lhs:N``. Raises :exc:`SettingError`."""
    if text is None:
        return "grid", 0
    way, _, number = text.partition(":")
    if way not in ("random", "lhs") or not number.isdecimal() or not 1 <= int(number) <= MOST_CELLS:
        raise SettingError(f"--sample {text!r} is not random:N or lhs:N with N from 1 to {MOST_CELLS}, such as lhs:500")
    return ("random", int(number)) if way == "random" else ("lhs", int(number))


def grid(axes: Sequence[Axis]) -> Iterator[SweepCell]:
    """Each combination of the values, the last axis fastest. Raises :exc:`SettingError` if there are too many."""
    number = prod(len(axis.values) for axis in axes)
    if number > MOST_CELLS:
        raise SettingError(
            f"--vary: the grid has {number} cells, over {MOST_CELLS}; give fewer values, or --sample lhs:1000"
        )
    names = [axis.name for axis in axes]
    return (dict(zip(names, values, strict=True)) for values in product(*(axis.values for axis in axes)))


def sampled(axes: Sequence[Axis], way: Way, number: int, seed: int) -> list[SweepCell]:
    """So many cells between the ends of the axes; of a list, its values. Rounding may make two equal: each once."""
    rng = np.random.default_rng([seed, len(axes), number])
    shares = rng.random((number, len(axes))) if way == "random" else latin_hypercube(number, len(axes), rng)
    cells = [{axis.name: axis.between(float(share)) for axis, share in zip(axes, row, strict=True)} for row in shares]
    return list({tuple(map(repr, cell.values())): cell for cell in cells}.values())


def latin_hypercube(number: int, dimensions: int, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """So many points of the unit cube that each of as many equal slices of each dimension has one of them."""
    slices = np.argsort(rng.random((number, dimensions)), axis=0)
    found: np.ndarray[Any, Any] = (slices + rng.random((number, dimensions))) / number
    return found
