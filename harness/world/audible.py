"""Whether anybody could hear an utterance: the excuse of a client that nobody answers."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.scenario.model import Say
from harness.vad.detector import make_detector
from harness.vad.ear import Ear
from harness.world import sounds


@lru_cache(maxsize=256)
def audible(say: Say, base: Path | None, seed: int, detector: str, threshold: float) -> bool:
    """Whether an honest detector takes this for speech when it is sent just as it is spoken, out of silence."""
    samples: NDArray[np.int16] = sounds.speech(say, base, seed)
    probabilities = Ear(make_detector(detector), SAMPLE_RATE_HZ).hear(samples)
    return any(probability >= threshold for probability in probabilities)
