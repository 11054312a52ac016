"""One extra byte shifts the stream: each sample is made of halves of two, and soft sound becomes loud noise.

Reported of playback, where an odd number of bytes was cut off. Measured with detectors: noise of 41 LSB shifted so
holds volume detectors in speech.
"""

from collections.abc import Sequence

import numpy as np

from ..audio.formats import PCM24K, Samples
from .seams import Distortion, SourceFault


class Misaligned(SourceFault):
    """The stream is shifted by one byte, so that each sample is made of halves of two: noise."""

    name = "misaligned"
    reports = ("openai/openai-agents-python#2456", "measured: shifted noise of 41 LSB before nine detectors")
    causes = ("audio_garbled", "endless_sound")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Shifted()


class _Shifted(Distortion):
    def __init__(self) -> None:
        self._left = b"\0"

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        stream = self._left + PCM24K.encode(samples)
        self._left = stream[-1:]
        return (PCM24K.decode(stream[:-1]),)
