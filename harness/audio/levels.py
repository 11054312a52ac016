"""How loud samples are: energy, RMS, peak, and level in dBFS.

The energy is an exact integer, so a threshold on it gives the same answer on every machine.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..units import dbfs
from .formats import Samples

_BLOCK = 2**13
"""So many squares of at most 2**30 are exact in float64, and are too few for BLAS to wake its threads over."""


def sum_of_squares(samples: NDArray[Any]) -> int:
    """The exact sum of the squares of int16 samples, in LSB²; 0 for no samples. They may come as whole float64."""
    values = samples.astype(np.float64, copy=False)
    if values.size <= _BLOCK:
        return int(values.dot(values))
    blocks = (values[start : start + _BLOCK] for start in range(0, values.size, _BLOCK))
    return sum(int(block.dot(block)) for block in blocks)


def rms_lsb(samples: Samples) -> float:
    """Root mean square in LSB; 0.0 for no samples."""
    return math.sqrt(sum_of_squares(samples) / samples.size) if samples.size else 0.0


def peak_lsb(samples: Samples) -> int:
    """Largest magnitude in LSB, 0 to 32768; 0 for no samples."""
    return max(int(samples.max()), -int(samples.min())) if samples.size else 0


def level_dbfs(samples: Samples) -> float:
    """RMS level in dBFS as :mod:`harness.units` defines it; silence and no samples give -120."""
    return dbfs(rms_lsb(samples))
