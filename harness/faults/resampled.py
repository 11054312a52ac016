"""A stream of int16 chunks at another rate, for faults that send what a device of that rate would."""

import numpy as np

from harness.audio.formats import SAMPLE_RATE_HZ, Samples
from harness.audio.resampling import Resampler
from harness.audio.shaping import quantised
from harness.units import FULL_SCALE


class Resampled:
    """Chunks at 24 kHz in, chunks at ``rate_hz`` out; the first ones are a little shorter (1 or 2 ms)."""

    def __init__(self, rate_hz: int) -> None:
        self._resampler = Resampler(SAMPLE_RATE_HZ, rate_hz)

    def chunk(self, samples: Samples) -> Samples:
        """The next samples; they may be none."""
        return quantised(self._resampler.push(samples).astype(np.float64) * FULL_SCALE)
