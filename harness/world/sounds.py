"""The samples of what a scenario says and of the noises it makes."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from harness.audio.babble import babble
from harness.audio.clips import load_clip
from harness.audio.formats import SAMPLE_RATE_HZ, Samples
from harness.audio.levels import peak_lsb, rms_lsb
from harness.audio.synthesis import NOISES
from harness.scenario.model import Noise, Say
from harness.units import FULL_SCALE, SECOND, amplitude
from harness.world.seeds import seed_of

BABBLE_US = 2 * SECOND


@lru_cache(maxsize=256)
def speech(say: Say, base: Path | None, seed: int) -> Samples:
    """int16 at 24 kHz, not to be changed. Raises :exc:`harness.errors.AudioError` for a clip that cannot be had.

    ``base`` is the scenario's folder.
    """
    if say.clip == "babble":
        samples = babble(say.lasts_us or BABBLE_US, seed_of(seed, "babble"))
        return samples if say.level_dbfs is None else _scaled(samples, _gain(samples, say.level_dbfs))
    clip = load_clip(say.clip, base)
    samples = clip.samples if say.level_dbfs is None else clip.at_level(say.level_dbfs)
    return samples if say.lasts_us is None else samples[: _count(say.lasts_us)]


@lru_cache(maxsize=256)
def noise(step: Noise, base: Path | None, seed: int) -> Samples:
    """int16 at 24 kHz, not to be changed, as long as the step: a recording is looped to that length."""
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
