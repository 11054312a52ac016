"""The capture path delivers only noise of a few LSB, whatever the user says.

Reported: every chunk after an app switch peaked at 41 to 96 of 32768 while the user spoke loudly. Measured in a
browser: a silently re-routed input does the same.
"""

from dataclasses import dataclass

import numpy as np

from ..audio.formats import Samples
from .parameters import PEAKS, parameter
from .seams import Distortion, EachChunk, SourceFault


@dataclass(frozen=True, slots=True)
class NearSilence(SourceFault):
    """The microphone delivers noise of a few LSB instead of the room, however loudly the user speaks."""

    name = "near-silent"
    reports = ("community 1374520", "measured: default source changed under Chromium")
    causes = ("capture_dead",)

    peak_lsb: tuple[int, int] = parameter((41, 96), PEAKS, "The range of the chunks' peaks.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        low, high = self.peak_lsb

        def noise(samples: Samples) -> Samples:
            peak = int(rng.integers(low, high + 1))
            return rng.integers(-peak, peak + 1, size=len(samples)).astype(np.int16)

        return EachChunk(noise)
