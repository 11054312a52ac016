"""A detector of volume: fast, exact, and deaf to the difference between speech and a slammed door.

The service's own schema says that its voice detection works "based on audio volume"; recordings do not bear that out
(:mod:`harness.vad.silero` matches them), so this detector is for speed and for clients that must survive noise.

With ``E`` the energy of a frame (the exact integer sum of its squares) and ``R`` that of a frame at the level ``L``::

    p = E² / (E² + R²)

which is the logistic function of the level in decibels: 0.5 at ``L``, 0.94 and 0.06 at ±6 dB, 0.35 at -1.3 dB. It
needs no logarithm, whose last digit differs between machines.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..audio.levels import sum_of_squares
from ..errors import SettingError
from ..units import FULL_SCALE

_DEFAULT_LEVEL = 0.0125
"""RMS of full scale (-38 dBFS) at which the probability is one half."""


class EnergyDetector:
    """Speech is what is loud. Frames hold int16 values (as float64 or int16) at the session's own rate.

    ``level`` is the RMS, as a fraction of full scale, at which the probability is 0.5. Raises
    :exc:`SettingError` unless it lies above 0 and at most 1.
    """

    name = "energy"
    sample_rate_hz: int | None = None

    def __init__(self, level: float = _DEFAULT_LEVEL) -> None:
        if not 0 < level <= 1:
            raise SettingError(f"the energy detector's level is a fraction of full scale, 0 < level <= 1 (got {level})")
        self.level = level
        self.even_energy_per_sample = math.pow(level * FULL_SCALE, 2)
        """Energy of a sample (LSB²) at which the probability is 0.5."""

    def probability(self, frame: NDArray[Any]) -> float:
        """Probability of speech in the frame; 0.0 for no samples. Exact arithmetic, so that it needs no rounding."""
        energy = float(frame.dot(frame)) if frame.dtype == np.float64 else sum_of_squares(frame)
        if not energy:
            return 0.0
        ratio = frame.size * self.even_energy_per_sample / energy
        return 1 / (1 + ratio * ratio)

    def reset(self) -> None:
        """Nothing to reset: each frame is judged alone."""
