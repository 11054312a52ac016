"""The detector hears through our resampler what it hears through another one."""

import numpy as np
import pytest
import soxr

from harness.audio.clips import clip_names, load_clip
from harness.audio.resampling import Resampler
from harness.units import FULL_SCALE
from harness.vad import silero


@pytest.mark.behaviour("ear-filter")
def test_probabilities_are_those_after_soxr_in_99_of_100_frames():
    apart = []
    for name in clip_names():
        samples = np.concatenate([load_clip(name).samples, np.zeros(12_000, np.int16)])
        ours = silero.probabilities(Resampler(24_000, 16_000).push(samples))
        theirs = silero.probabilities(soxr.resample(samples.astype(np.float32) / FULL_SCALE, 24_000, 16_000, "HQ"))
        apart.append(np.abs(ours - theirs[: len(ours)]))
        assert np.mean(apart[-1] <= 0.05) >= 0.99, name
    assert np.mean(np.concatenate(apart) <= 0.05) >= 0.99
