"""Which cells are computed."""

import numpy as np
import pytest

from harness.errors import SettingError
from harness.search.sweep.axes import read_axes
from harness.search.sweep.samples import grid, latin_hypercube, read_sample, sampled

AXES = read_axes(["gate_threshold=log:0.001..0.1:5", "gate_hold_ms=0..1000:3"], "reported")


def test_a_grid_has_each_combination_once():
    cells = list(grid(AXES))
    assert len(cells) == len({tuple(cell.values()) for cell in cells}) == 15
    assert cells[0] == {"gate_threshold": 0.001, "gate_hold_ms": 0}
    assert cells[-1] == {"gate_threshold": 0.1, "gate_hold_ms": 1000}


def test_a_grid_that_is_too_large_is_refused():
    many = read_axes(["gate_threshold=0..1:2000", "gate_hold_ms=0..100000:2000"], "reported")
    with pytest.raises(SettingError, match="the grid has 4000000 cells, over 1000000"):
        grid(many)


@pytest.mark.parametrize("number", [1, 7, 100])
def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_dimension(number):
    points = latin_hypercube(number, 3, np.random.default_rng(1))
    assert points.shape == (number, 3)
    for dimension in range(3):
        assert sorted((points[:, dimension] * number).astype(int)) == list(range(number))


@pytest.mark.parametrize("way", ["random", "lhs"])
def test_samples_lie_between_the_ends_and_depend_on_the_seed_alone(way):
    cells = sampled(AXES, way, 50, 3)
    assert len(cells) == 50
    assert all(0.001 <= cell["gate_threshold"] <= 0.1 for cell in cells)
    assert all(cell["gate_hold_ms"] == int(cell["gate_hold_ms"]) for cell in cells)
    assert sampled(AXES, way, 50, 3) == cells
    assert sampled(AXES, way, 50, 4) != cells
    assert sum(cell["gate_threshold"] < 0.01 for cell in cells) == pytest.approx(25, abs=10), "half of a log axis"


@pytest.mark.parametrize("text", ["sobol:5", "lhs", "lhs:0", "random:-1", "lhs:2000000"])
def test_a_sample_that_is_none_is_refused(text):
    with pytest.raises(SettingError, match=r"is not random:N or lhs:N with N from 1 to 1000000, such as lhs:500"):
        read_sample(text)
