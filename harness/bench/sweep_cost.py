"""What a sweep of 10 000 gate settings costs, in seconds of the processor."""

import time

import numpy as np

from ..scenario import load
from ..search.sweep.cases import Case
from ..search.sweep.exact.engine import outcomes
from ..search.sweep.rows import measure

CELLS = 100
"""On each of two axes."""


def sweep_cost_s(cells: int = CELLS) -> float:
    """The processor's time of a sweep of the founding report's scenario over the two settings of its gate."""
    case = Case(load("reported_freeze").settled(), "reported", "energy")
    grid = [
        {"gate_threshold": float(threshold), "gate_hold_ms": round(float(hold_ms))}
        for threshold in np.linspace(0.001, 0.1, cells)
        for hold_ms in np.linspace(0, 1000, cells)
    ]
    list(outcomes(case, grid[:1], measure))  # recordings are loaded then
    began = time.process_time()
    found = list(outcomes(case, grid, measure))
    assert len(found) == len(grid)
    return time.process_time() - began
