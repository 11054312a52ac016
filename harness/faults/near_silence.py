"""The capture path delivers only noise of a few LSB, whatever the user says.

Reported: every chunk after an app switch peaked at 41 to 96 of 32768 while the user spoke loudly
(community.openai.com topic 1374520). Measured in a browser: a silently re-routed input does the same.
"""

from typing import Any

import numpy as np

from harness.audio.formats import Samples
from harness.faults.seams import SourceFault


class NearSilence(SourceFault):
    """Noise whose peak is drawn anew for each chunk from ``peak_lsb``."""

    name = "near-silent"

    def __init__(self, rng: np.random.Generator, peak_lsb: tuple[int, int] = (41, 96), **parameters: Any) -> None:
        super().__init__(rng)
        self.low, self.high = peak_lsb

    def distort(self, samples: Samples) -> Samples:
        peak = int(self.rng.integers(self.low, self.high + 1))
        return self.rng.integers(-peak, peak + 1, size=len(samples)).astype(np.int16)
