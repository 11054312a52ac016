"""Some chunks are missing, and nothing replaces them: the audio on both sides of a hole is joined.

Reported of playback, where each chunk with an odd length was thrown away: scattered fragments, and a warning in a log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.formats import Samples
from .parameters import number, parameter
from .seams import Distortion, SourceFault


@dataclass(frozen=True, slots=True)
class DroppedChunks(SourceFault):
    """Some of the microphone's chunks are missing, and the audio around each hole is joined."""

    name = "dropped-chunks"
    reports = ("NousResearch/hermes-agent#70851",)
    causes = ("audio_garbled", "clock_frozen")

    probability: float = parameter(0.3, number(0, 1), "The probability that each chunk is missing.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Holes(self.probability, rng)


class _Holes(Distortion):
    def __init__(self, probability: float, rng: np.random.Generator) -> None:
        self._probability = probability
        self._rng = rng

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        return () if self._rng.random() < self._probability else (samples,)
