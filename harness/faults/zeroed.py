"""The capture path delivers digital zeros at the usual pace: a muted or dead track (measured in Chromium)."""

import numpy as np

from harness.audio.formats import Samples
from harness.faults.seams import SourceFault


class Zeroed(SourceFault):
    """Chunks of zeros."""

    name = "zeroed"

    def distort(self, samples: Samples) -> Samples:
        return np.zeros_like(samples)
