"""The input is amplified until it clips: a gain that is set too high, or an automatic one that overshoots.

Measured with detectors: at +20 dB nearly all of a voice is still found, at +34 dB 60 to 89 % of it. In a browser the
automatic gain overshoots by 6 dB for its first two seconds. A room so amplified is speech to a detector of volume.
"""

from dataclasses import dataclass

import numpy as np

from harness.audio.shaping import quantised
from harness.faults.parameters import DECIBELS, parameter
from harness.faults.seams import Distortion, EachChunk, SourceFault
from harness.units import amplitude


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
