"""The samples of the speech and the noises of a scenario."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import numpy as np

from ..audio.babble import babble
from ..audio.clips import load_clip
from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..audio.levels import peak_lsb, rms_lsb, sum_of_squares
from ..audio.shaping import CYCLE_US
from ..audio.synthesis import NOISES, ONCE
from ..scenario.model import Noise, Say
from ..units import FULL_SCALE, SECOND, amplitude
from .seeds import seed_of

BABBLE_US = 2 * SECOND
REPEATED_WHOLE_US = 5 * SECOND
"""A longer utterance is not repeated as a whole."""
PROBE_US = 3 * SECOND
"""So much of a long utterance the persistent user says."""
_LOUDNESS_STEP = SAMPLE_RATE_HZ // 50
KEPT_BYTES = 64 * 2**20
"""So much of the sounds that were made last is kept, for steps and runs that need them again."""
_PIECE = 2**16

_P = ParamSpec("_P")


def remembered(make: Callable[_P, Samples]) -> Callable[_P, Samples]:
    """Keep what a function made last, by its arguments, up to :data:`KEPT_BYTES` in all."""
    kept: OrderedDict[Hashable, Samples] = OrderedDict()
    size = 0

    @wraps(make)
    def found(*args: _P.args, **kwargs: _P.kwargs) -> Samples:
        nonlocal size
        key = (*args, *sorted(kwargs.items()))
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
        samples = kept[key] = make(*args, **kwargs)
        size += samples.nbytes
        while size > KEPT_BYTES and len(kept) > 1:
            size -= kept.popitem(last=False)[1].nbytes
        return samples

    return found


@remembered
def speech(say: Say, base: Path | None, seed: int) -> Samples:
    """The samples of an utterance, int16 at 24 kHz; do not change them. ``base`` is the scenario's folder.

    Raises :exc:`harness.errors.AudioError` for a clip that cannot be read.
    """
    if say.clip == "babble":
        samples = babble(say.lasts_us or BABBLE_US, seed_of(seed, "babble"))
        return samples if say.level_dbfs is None else _scaled(samples, _gain(samples, say.level_dbfs))
    clip = load_clip(say.clip, base, say.format)
    samples = clip.samples if say.level_dbfs is None else clip.at_level(say.level_dbfs)
    return samples if say.lasts_us is None else samples[: _count(say.lasts_us)]


@remembered
def probe(say: Say, base: Path | None, seed: int) -> Samples:
    """What the persistent user says of an utterance: all of it, or the loudest :data:`PROBE_US` if it is longer than
    :data:`REPEATED_WHOLE_US`.

    To repeat a long recording would take up the time to recover, and it may begin with silence. Do not change the
    samples. Raises as :func:`speech`.
    """
    samples = speech(say, base, seed)
    if samples.size <= _count(REPEATED_WHOLE_US):
        return samples
    count = _count(PROBE_US)
    steps = samples[: samples.size // _LOUDNESS_STEP * _LOUDNESS_STEP].reshape(-1, _LOUDNESS_STEP)
    until = np.concatenate(([0], np.cumsum([sum_of_squares(step) for step in steps])))
    begin = int(np.argmax(until[count // _LOUDNESS_STEP :] - until[: -(count // _LOUDNESS_STEP)])) * _LOUDNESS_STEP
    return samples[begin : begin + count]


def speech_us(say: Say, base: Path | None) -> int:
    """How long an utterance lasts; nothing is synthesised for it. Raises as :func:`speech`."""
    if say.clip == "babble":
        return say.lasts_us or BABBLE_US
    whole_us = load_clip(say.clip, base, say.format).duration_us
    return whole_us if say.lasts_us is None else min(whole_us, say.lasts_us)


@remembered
def noise(step: Noise, base: Path | None, seed: int) -> Samples:
    """The samples of a noise, int16 at 24 kHz, to be repeated until the step is over; do not change them.

    A sound that is synthesised has at most :data:`~harness.audio.synthesis.CYCLE_US`. Raises
    :exc:`harness.errors.AudioError` for a recording that cannot be read.
    """
    samples = _synthesised(step, seed) if step.kind in NOISES else _looped(step, base)
    if step.peak_lsb is not None:
        return _scaled(samples, step.peak_lsb / max(1, peak_lsb(samples)))
    return samples if step.level_dbfs is None else _scaled(samples, _gain(samples, step.level_dbfs))


def repeats(step: Noise) -> bool:
    """Whether the samples of a noise are repeated until the step is over; a door falls shut only once."""
    return step.kind not in ONCE


def _synthesised(step: Noise, seed: int) -> Samples:
    return NOISES[step.kind](min(step.lasts_us, CYCLE_US), seed)


def _looped(step: Noise, base: Path | None) -> Samples:
    """A recording, cut or repeated to the length of the step; of a long step whole repetitions alone."""
    recorded = load_clip(step.kind, base, step.format).samples
    count = _count(min(step.lasts_us, max(CYCLE_US, len(recorded) * SECOND // SAMPLE_RATE_HZ)))
    if step.lasts_us > CYCLE_US and len(recorded) <= count:
        count -= count % len(recorded)
    return np.tile(recorded, count // len(recorded) + 1)[:count]


def _count(length_us: int) -> int:
    return length_us * SAMPLE_RATE_HZ // SECOND


def _gain(samples: Samples, level_dbfs: float) -> float:
    return FULL_SCALE * amplitude(level_dbfs) / max(1.0, rms_lsb(samples))


def _scaled(samples: Samples, gain: float) -> Samples:
    pieces = (samples[start : start + _PIECE] for start in range(0, samples.size, _PIECE))
    scaled = [np.clip(np.rint(piece * gain), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16) for piece in pieces]
    return np.concatenate(scaled) if scaled else samples
