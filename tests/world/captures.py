"""Audio as a microphone delivers it, for the tests of what recognises it."""

import numpy as np

from harness.audio.chunk import Chunk
from harness.audio.formats import PCM24K
from harness.units import MS

CHUNK_US = 20 * MS
BYTES = 960


def chunks(count, *, repeats_after=None):
    """Noise in chunks of 20 ms, as a room's."""
    samples = np.random.default_rng(1).integers(-300, 300, 480 * count).astype("<i2")
    if repeats_after is not None:
        samples = np.tile(samples[: 480 * repeats_after], count // repeats_after + 1)[: 480 * count]
    return [samples[480 * at : 480 * (at + 1)].tobytes() for at in range(count)]


def chunk(pcm):
    """The chunk that the microphone delivers."""
    return Chunk.of(PCM24K.decode(pcm))
