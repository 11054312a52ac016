"""The region in which nothing goes wrong: best point, margins, box."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from harness.search.sweep.region import Margin, find_region


def flags(*lines):
    return np.array([[letter == "." for letter in line] for line in lines])


def test_the_best_point_is_farthest_from_what_is_bad():
    region = find_region(flags("XX.......XX")[0])
    assert region.best == (5,)
    assert region.margins == ((Margin(2, 1), Margin(8, 9)),)
    assert region.box == ((2, 8),)
    assert region.cells == 7


def test_a_range_that_ends_before_a_border_is_told_from_a_border():
    region = find_region(flags("....XX")[0])
    assert region.best == (0,)
    assert region.margins == ((Margin(0, None), Margin(3, 4)),)


def test_without_any_border_the_middle_is_best():
    assert find_region(np.ones((5, 7), bool)).best == (2, 3)


def test_no_good_cell_is_no_region():
    assert find_region(np.zeros((3, 3), bool)) is None


def test_the_box_is_the_largest_that_grows_from_the_best_point():
    region = find_region(flags("XXXXXXX", "X.....X", "X.....X", "X.....X", "X..XXXX", "X..XXXX"))
    assert region.box == ((1, 3), (1, 5))


@given(arrays(bool, array_shapes(min_dims=1, max_dims=3, max_side=7)))
def test_a_region_holds_only_good_cells(good):
    region = find_region(good)
    if region is None:
        assert not good.any()
        return
    assert good[region.best]
    assert good[tuple(slice(low, high + 1) for low, high in region.box)].all()
    assert all(low <= at <= high for at, (low, high) in zip(region.best, region.box, strict=True))
    for axis, pair in enumerate(region.margins):
        for margin in pair:
            at = list(region.best)
            at[axis] = margin.last
            assert good[tuple(at)]
            if margin.border is not None:
                at[axis] = margin.border
                assert not good[tuple(at)]


@pytest.mark.parametrize("line", ["..X......", "X........"])
def test_the_best_point_is_in_the_wider_part(line):
    region = find_region(flags(line)[0])
    assert region.best == (8,), "as far as can be from what is bad, even at the end of the range"
