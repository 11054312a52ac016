"""The envelope of sound: the energies of three bands in blocks of 10 ms.

The bands are 0 to 1, 1 to 2 and 2 to 4 kHz, so they are the same for telephone sound and for 24 kHz. They are cut by
sums and differences of neighbouring samples (the Haar wavelet), which is coarse and costs next to nothing.
"""

from collections import deque

import numpy as np
import numpy.typing as npt

from ..units import MS, SECOND
from .formats import Samples

BLOCK_US = 10 * MS
"""Duration of a block."""
BANDS = 3
MAX_BLOCKS = 6_000
"""An envelope holds the last minute."""

Energies = npt.NDArray[np.float64]
"""(blocks, bands): mean squares in LSB²."""

_RATE_HZ = 8_000
_BLOCK = _RATE_HZ * BLOCK_US // SECOND
_BATCH = 2**13
"""So many samples are worth a call of numpy."""


def band_energies(samples: Samples, rate_hz: int) -> Energies:
    """The energies of whole blocks; ``rate_hz`` is a multiple of 8 000. An incomplete block at the end is left out."""
    step = rate_hz // _RATE_HZ
    blocks = samples.size // (step * _BLOCK)
    narrow = samples[: blocks * step * _BLOCK].reshape(-1, step).mean(axis=1)
    pairs = narrow.reshape(-1, 2)
    low, high = pairs.sum(axis=1), pairs[:, 0] - pairs[:, 1]
    pairs = low.reshape(-1, 2)
    lowest, middle = pairs.sum(axis=1), pairs[:, 0] - pairs[:, 1]
    return np.stack(
        [
            np.square(band).reshape(blocks, _BLOCK // count).mean(axis=1) / count**2
            for band, count in ((lowest, 4), (middle, 4), (high, 2))
        ],
        axis=1,
    )


class Envelope:
    """Collects the energies of a stream, in appends of any size. Cheap until :meth:`energies` is called."""

    def __init__(self) -> None:
        self._waiting: list[Samples] = []
        self._waiting_size = 0
        self._rate_hz = _RATE_HZ
        self._done: deque[Energies] = deque()
        self._done_blocks = 0

    def push(self, samples: Samples, rate_hz: int) -> None:
        """More samples, int16. With a new rate, what is left of the last block is dropped."""
        if rate_hz != self._rate_hz:
            self._measure()
            self._waiting, self._waiting_size, self._rate_hz = [], 0, rate_hz
        self._waiting.append(samples)
        self._waiting_size += samples.size
        if self._waiting_size >= _BATCH:
            self._measure()

    def energies(self) -> Energies:
        """Of everything since :meth:`clear`, or of the last minute of it."""
        self._measure()
        return np.concatenate(self._done)[-MAX_BLOCKS:] if self._done else np.empty((0, BANDS))

    def clear(self) -> None:
        """Start again with nothing."""
        self._waiting, self._waiting_size = [], 0
        self._done.clear()
        self._done_blocks = 0

    def _measure(self) -> None:
        """Turn what waits into blocks; the incomplete one at the end waits on."""
        block = _BLOCK * (self._rate_hz // _RATE_HZ)
        if self._waiting_size < block:
            return
        samples = np.concatenate(self._waiting)
        blocks = samples.size // block
        self._done.append(band_energies(samples, self._rate_hz))
        self._done_blocks += blocks
        rest = samples[blocks * block :].copy()
        self._waiting, self._waiting_size = [rest], rest.size
        while self._done_blocks - len(self._done[0]) >= MAX_BLOCKS:
            self._done_blocks -= len(self._done.popleft())
