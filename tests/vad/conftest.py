"""Every shipped recording at 16 kHz, resampled once."""

from functools import lru_cache

import numpy as np
import pytest

from harness.audio.clips import clip_names, load_clip
from harness.audio.resampling import Resampler


@lru_cache
def at_16k(name):
    """A recording as the networks get it, followed by half a second of zeros."""
    samples = np.concatenate([load_clip(name).samples, np.zeros(12_000, np.int16)])
    return Resampler(24_000, 16_000).push(samples)


@pytest.fixture(params=clip_names())
def recording(request):
    return at_16k(request.param)
