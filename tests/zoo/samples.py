"""What clients do to samples: int16, mono, 24 kHz, as bytes or as an array."""

import numpy as np
from numpy.typing import NDArray

from harness.audio.chunk import Chunk

AUDIBLE_PEAK = 300
"""Nobody hears a sound whose largest sample is less."""


def is_audible(pcm: bytes) -> bool:
    """Whether there is sound in it."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.int32)
    return samples.size > 0 and int(np.abs(samples).max()) >= AUDIBLE_PEAK


def level(chunk: Chunk) -> float:
    """The level of what changes in a chunk, relative to full scale: a constant is no sound."""
    return float(chunk.samples.std()) / 32_768


def swapped(pcm: bytes) -> bytes:
    """The two bytes of each sample, exchanged."""
    return np.frombuffer(pcm, "<i2").byteswap().tobytes()


def amplified(samples: NDArray[np.int16], gain: float) -> NDArray[np.int16]:
    """Samples times a gain, cut at full scale."""
    louder: NDArray[np.int16] = np.clip(samples * gain, -32_768, 32_767).astype(np.int16)
    return louder


def scaled(pcm: bytes, gain: float) -> bytes:
    """PCM times a gain."""
    return amplified(np.frombuffer(pcm, "<i2"), gain).astype("<i2").tobytes()


def silenced(chunk: Chunk) -> Chunk:
    """A chunk of zeros of the same length."""
    return Chunk.of(np.zeros_like(chunk.samples))
