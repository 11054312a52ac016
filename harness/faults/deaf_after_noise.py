"""The detector has heard noise for so long that it misses the speech that follows: its state has drifted.

Measured: after 60 s of loud typing Silero v5 misses eleven seconds of speech; v6.0 notices speech up to 6.4 s late.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.faults.parameters import DURATION, parameter
from harness.faults.seams import DetectorFault
from harness.units import MS, SECOND

FRAME_US = 32 * MS
SPEECH_LIKE = 0.5
"""A frame of this probability is speech."""
MISSED = 0.1
"""What speech gets that is missed; nothing gets more."""


@dataclass(frozen=True, slots=True)
class DeafAfterNoise(DetectorFault):
    """After much audio without speech, the server does not notice the speech that follows for a while."""

    name = "deaf-after-noise"
    reports = ("snakers4/silero-vad#725", "measured: Silero v5 and v6.0 after 60 s of typing or music")
    causes = ("vad_deaf",)

    noise_us: int = parameter(60 * SECOND, DURATION, "Audio without speech after which it is deaf.")
    speech_us: int = parameter(5 * SECOND, DURATION, "Speech that it then misses.")

    def begin(self, rng: np.random.Generator) -> Callable[[float], float]:
        noise_us, to_miss_us = 0, 0

        def given(probability: float) -> float:
            nonlocal noise_us, to_miss_us
            if probability < SPEECH_LIKE:
                noise_us += FRAME_US
                if noise_us >= self.noise_us:
                    to_miss_us = self.speech_us
                return probability
            noise_us = 0
            if to_miss_us <= 0:
                return probability
            to_miss_us -= FRAME_US
            return min(probability, MISSED)

        return given
