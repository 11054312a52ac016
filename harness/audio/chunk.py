"""A chunk of captured audio with its level, which is measured once for all who ask."""

from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ..units import FULL_SCALE
from .formats import PCM24K, Samples
from .levels import peak_lsb, sum_of_squares

_SAMPLE_BYTES = PCM24K.bytes_per_sample


class Chunk:
    """int16 samples at 24 kHz; ``energy`` is their exact sum of squares, ``peak`` in LSB.

    A client gets chunks of its own: whoever changes one changes nobody else's, and not its :attr:`pcm`.
    """

    __slots__ = ("_is_shared", "_own", "_pcm", "_samples", "_total", "energy", "peak", "size")

    def __init__(self, samples: Samples | None, energy: int, peak: int, pcm: bytes | None = None) -> None:
        """Without samples they are those of ``pcm``."""
        self._samples = samples
        self.energy = energy
        self.peak = peak
        self._pcm = pcm
        self._total: int | None = None
        self._own: Samples | None = None
        self._is_shared = False
        self.size: int = len(pcm or b"") // _SAMPLE_BYTES if samples is None else samples.size
        """The number of samples."""

    @classmethod
    def of(cls, samples: Samples) -> "Chunk":
        """Samples as a chunk, measured now."""
        return cls(samples, sum_of_squares(samples), peak_lsb(samples))

    def copy(self) -> "Chunk":
        """The same chunk for someone else; nothing that can be changed is in both."""
        made = Chunk(None, self.energy, self.peak, self.pcm)
        made._total = self._total
        return made

    @property
    def samples(self) -> Samples:
        """The samples, in an array that nobody else has."""
        if self._is_shared:
            return self.readable
        if self._own is None:
            self._own = self.readable.copy()
        return self._own

    @property
    def readable(self) -> Samples:
        """The same for those who only read them, without a copy."""
        if self._own is not None:
            return self._own
        if self._samples is None:
            self._samples = PCM24K.decode(self.pcm)
        return self._samples

    @property
    def total(self) -> int:
        """The sum of the samples."""
        if self._total is None or self._own is not None:
            return int(self.readable.sum())
        return self._total

    @property
    def pcm(self) -> bytes:
        """The samples as they were captured, as the API's default format wants them: little-endian int16."""
        if self._pcm is None:
            assert self._samples is not None
            self._pcm = PCM24K.encode(self._samples)
        return self._pcm

    @property
    def rms(self) -> float:
        """Root mean square relative to full scale, as gates have their thresholds; 0.0 for no samples."""
        return float(np.sqrt(self.energy / self.size)) / FULL_SCALE if self.size else 0.0


def measure(chunks: NDArray[np.int16]) -> tuple[list[int], list[int]]:
    """Energies and peaks of ``[chunks, samples]``, as :meth:`Chunk.of` would give them one by one."""
    values = chunks.astype(np.float64)  # in which the sums are exact
    return _energies(values), _peaks(chunks)


def _energies(values: NDArray[np.float64]) -> list[int]:
    energies: list[int] = (values * values).sum(axis=1).astype(np.int64).tolist()
    return energies


def _peaks(chunks: NDArray[np.int16]) -> list[int]:
    peaks: list[int] = np.maximum(chunks.max(axis=1).astype(np.int32), -chunks.min(axis=1).astype(np.int32)).tolist()
    return peaks


def chunks_of(samples: Samples, count: int) -> list[Chunk]:
    """The samples cut into chunks of ``count``, measured all at once, which is faster than one by one.

    Their samples cannot be written to; a :meth:`Chunk.copy` has its own.
    """
    cut = samples.reshape(-1, count)
    values = cut.astype(np.float64)  # in which the sums are exact
    pcm, size = PCM24K.encode(samples), _SAMPLE_BYTES * count
    pieces = [pcm[at : at + size] for at in range(0, len(pcm), size)]
    chunks = list(map(Chunk, repeat(None), _energies(values), _peaks(cut), pieces))
    for chunk, total in zip(chunks, values.sum(axis=1).astype(np.int64).tolist(), strict=True):
        chunk._total = total
        chunk._is_shared = True
    return chunks
