"""The capture path is turned down, not off: a few LSB are left, rounded to whole numbers.

Measured in a browser: the system's volume at -20, -40 and -50 dB leaves peaks of 1317, 133 and 37 LSB, and the
browser reports nothing. Measured with detectors: a room's noise of 41 to 96 LSB, 30 to 40 dB down, holds Silero v4 in
speech.
"""

from dataclasses import dataclass

import numpy as np

from ..audio.shaping import quantised
from ..units import amplitude
from .parameters import DECIBELS, parameter
from .seams import Distortion, EachChunk, SourceFault


@dataclass(frozen=True, slots=True)
class MutedSoftly(SourceFault):
    """The capture is turned down to a few LSB instead of off, so that it looks alive and holds no voice."""

    name = "muted-softly"
    reports = ("snakers4/silero-vad#396", "measured: the system's volume turned down under Chromium")
    causes = ("capture_dead",)

    gain_db: float = parameter(-34.0, DECIBELS, "How much it is turned down.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        factor = amplitude(self.gain_db)
        return EachChunk(lambda samples: quantised(samples.astype(np.float64) * factor))
