"""The samples of the speech and the noises of a scenario."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from ..audio.babble import babble
from ..audio.clips import load_clip
from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..audio.levels import peak_lsb, rms_lsb
from ..audio.synthesis import NOISES
from ..scenario.model import Noise, Say
from ..units import FULL_SCALE, SECOND, amplitude
from .seeds import seed_of

BABBLE_US = 2 * SECOND


@lru_cache(maxsize=256)
def speech(say: Say, base: Path | None, seed: int) -> Samples:
    """The samples of an utterance, int16 at 24 kHz; do not change them. ``base`` is the scenario's folder.

    Raises :exc:`harness.errors.AudioError` for a clip that cannot be read.
    """
    if say.clip == "babble":
        samples = babble(say.lasts_us or BABBLE_US, seed_of(seed, "babble"))
        return samples if say.level_dbfs is None else _scaled(samples, _gain(samples, say.level_dbfs))
    clip = load_clip(say.clip, base)
    samples = clip.samples if say.level_dbfs is None else clip.at_level(say.level_dbfs)
    return samples if say.lasts_us is None else samples[: _count(say.lasts_us)]


@lru_cache(maxsize=256)
def noise(step: Noise, base: Path | None, seed: int) -> Samples:
    """The samples of a noise, int16 at 24 kHz, as long as the step; do not change them. A recording is looped.

    Raises :exc:`harness.errors.AudioError` for a recording that cannot be read.
    """
    if step.kind in NOISES:
        samples = NOISES[step.kind](step.lasts_us, seed)
    else:
        recorded = load_clip(step.kind, base).samples
        count = _count(step.lasts_us)
        samples = np.tile(recorded, count // len(recorded) + 1)[:count]
    if step.peak_lsb is not None:
        return _scaled(samples, step.peak_lsb / max(1, peak_lsb(samples)))
    return samples if step.level_dbfs is None else _scaled(samples, _gain(samples, step.level_dbfs))


def _count(length_us: int) -> int:
    return length_us * SAMPLE_RATE_HZ // SECOND


def _gain(samples: Samples, level_dbfs: float) -> float:
    return FULL_SCALE * amplitude(level_dbfs) / max(1.0, rms_lsb(samples))


def _scaled(samples: Samples, gain: float) -> Samples:
    scaled: Samples = np.clip(np.rint(samples * gain), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return scaled
