"""After a long time of noise the detector misses the speech that follows: its state has drifted.

Measured: after 60 s of loud typing Silero v5 misses eleven seconds of speech; v6.0 notices speech up to 6.4 s late.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..units import MS, SECOND
from .parameters import DURATION, parameter
from .seams import DetectorFault

_FRAME_US = 32 * MS
_SPEECH_LIKE = 0.5
"""From this probability on, a frame is speech."""
_MISSED = 0.1
"""The highest probability of speech that is missed."""


@dataclass(frozen=True, slots=True)
class DeafAfterNoise(DetectorFault):
    """After much audio without speech, the server does not notice the speech that follows for a while."""

    name = "deaf-after-noise"
    reports = ("snakers4/silero-vad#725", "measured: Silero v5 and v6.0 after 60 s of typing or music")
    causes = ("vad_deaf",)

    noise_us: int = parameter(60 * SECOND, DURATION, "How much audio without speech makes it deaf.")
    speech_us: int = parameter(5 * SECOND, DURATION, "How much speech it then misses.")

    def begin(self, rng: np.random.Generator) -> Callable[[float], float]:
        noise_us, to_miss_us = 0, 0

        def distorted(probability: float) -> float:
            nonlocal noise_us, to_miss_us
            if probability < _SPEECH_LIKE:
                noise_us += _FRAME_US
                if noise_us >= self.noise_us:
                    to_miss_us = self.speech_us
                return probability
            noise_us = 0
            if to_miss_us <= 0:
                return probability
            to_miss_us -= _FRAME_US
            return min(probability, _MISSED)

        return distorted
