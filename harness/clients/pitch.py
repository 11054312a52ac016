"""Whether the sound of the last moments has a voice's pitch, as breath, wind and keys have not.

A sound has a pitch when it is like itself some 2.5 to 14 ms before (70 to 400 Hz). A voice is brighter than its pitch
alone, for the throat and mouth add theirs; a desk that rings from a key strike is not. All sums are exact integers, so
that the answer is the same on every machine.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from harness.audio.formats import SAMPLE_RATE_HZ, Samples

DECIMATE = 3
"""To 8 kHz: higher sounds tell nothing of a pitch."""
RATE_HZ = SAMPLE_RATE_HZ // DECIMATE
SHORTEST, LONGEST = RATE_HZ // 400, RATE_HZ // 70
"""Periods in samples at 8 kHz."""
COMPARED = RATE_HZ // 40
"""25 ms are compared with what was before them."""
LIKENESS = 0.5
"""Normalised correlation from which on the sound is like itself."""

BRIGHTNESS = 0.075
"""Least energy of the differences between neighbours, relative to the sound's own: that of a pure tone at 350 Hz.
Over the shipped recordings, the median of every voice is above 0.09; a ringing desk has 0.03 to 0.06."""


class Pitch:
    """Fed with all that is captured; asking costs some 80 µs, feeding next to nothing."""

    def __init__(self) -> None:
        self._recent: deque[Samples] = deque()
        self._samples = 0

    def chunk(self, samples: Samples) -> None:
        """Samples were captured: int16 mono at 24 kHz."""
        self._recent.append(samples)
        self._samples += samples.size
        while self._samples - self._recent[0].size >= DECIMATE * (COMPARED + LONGEST):
            self._samples -= self._recent.popleft().size

    def heard(self, floor: float) -> bool:
        """Whether the last 40 ms have a voice's pitch, over white noise of mean square ``floor``."""
        count = DECIMATE * (COMPARED + LONGEST)
        if self._samples < count:
            return False
        recent = np.concatenate(self._recent)[-count:].astype(np.int64)
        wave = recent.reshape(-1, DECIMATE).sum(axis=1)
        wave -= wave.sum() // wave.size
        steps = np.diff(wave)
        noise = DECIMATE * floor * wave.size
        brightness = float((steps * steps).sum()) - 2 * noise
        bright = brightness >= BRIGHTNESS * (float((wave * wave).sum()) - noise)
        return bright and _likeness(wave) >= LIKENESS


def _likeness(wave: NDArray[np.int64]) -> float:
    """The greatest normalised correlation of the end of ``wave`` with an earlier part of it, from 0 to 1."""
    end = wave[LONGEST:]
    products = np.correlate(wave, end, "valid")[: LONGEST - SHORTEST + 1].astype(np.float64)
    energies = np.convolve(wave * wave, np.ones(COMPARED, np.int64), "valid")
    own = float(energies[-1])
    earlier = energies[: LONGEST - SHORTEST + 1].astype(np.float64)
    if own == 0:
        return 0.0
    return float((products / np.sqrt(own * np.maximum(earlier, 1.0))).max())
