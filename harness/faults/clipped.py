"""The input is amplified until it clips: a gain that is too high, or an automatic gain that overshoots.

Measured with detectors: at +20 dB nearly all of a voice is still found, at +34 dB 60 to 89 % of it. In a browser the
automatic gain overshoots by 6 dB for its first two seconds. A room amplified so is speech to a volume detector.
"""

from dataclasses import dataclass

import numpy as np

from ..audio.shaping import quantised
from ..units import amplitude
from .parameters import DECIBELS, parameter
from .seams import Distortion, EachChunk, SourceFault


@dataclass(frozen=True, slots=True)
class Clipped(SourceFault):
    """The capture is amplified so much that loud samples are cut off at full scale."""

    name = "clipped"
    reports = ("measured: recordings at +20 and +34 dB before six detectors",)
    causes = ("endless_sound",)

    gain_db: float = parameter(34.0, DECIBELS, "How much it is amplified.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        factor = amplitude(self.gain_db)
        return EachChunk(lambda samples: quantised(samples.astype(np.float64) * factor))
