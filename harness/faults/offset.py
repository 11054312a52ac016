"""A constant is added to every sample, as cheap sound cards do.

Measured with detectors: from 0.01 of full scale on, a volume detector takes the constant for endless speech; nets
do not, and from 0.5 on they find less of a voice.
"""

from dataclasses import dataclass

import numpy as np

from ..audio.shaping import quantised
from ..units import FULL_SCALE
from .parameters import number, parameter
from .seams import Distortion, EachChunk, SourceFault


@dataclass(frozen=True, slots=True)
class Offset(SourceFault):
    """A constant is added to every sample, which a volume detector takes for endless speech."""

    name = "offset"
    reports = ("measured: a constant of 0.01 to 0.5 before six detectors",)
    causes = ("endless_sound",)

    fraction: float = parameter(0.05, number(-1, 1), "The constant, as a fraction of full scale.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        constant = self.fraction * FULL_SCALE
        return EachChunk(lambda samples: quantised(samples.astype(np.float64) + constant))
