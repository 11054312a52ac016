"""A chunk of captured audio with its level, which is measured once for all who ask."""

import numpy as np
from numpy.typing import NDArray

from ..units import FULL_SCALE
from .formats import PCM24K, Samples
from .levels import peak_lsb, sum_of_squares


class Chunk:
    """int16 samples at 24 kHz; ``energy`` is their exact sum of squares, ``peak`` in LSB.

    A client gets chunks of its own: whoever changes one changes nobody else's, and not its :attr:`pcm`.
    """

    __slots__ = ("_own", "_pcm", "_samples", "energy", "peak")

    def __init__(self, samples: Samples, energy: int, peak: int, pcm: bytes | None = None) -> None:
        self._samples = samples
        self.energy = energy
        self.peak = peak
        self._pcm = pcm
        self._own: Samples | None = None

    @classmethod
    def of(cls, samples: Samples) -> "Chunk":
        """Samples as a chunk, measured now."""
        return cls(samples, sum_of_squares(samples), peak_lsb(samples))

    def copy(self) -> "Chunk":
        """The same chunk for someone else; nothing that can be changed is in both."""
        pcm = self.pcm
        return Chunk(PCM24K.decode(pcm), self.energy, self.peak, pcm)

    @property
    def samples(self) -> Samples:
        """The samples, in an array that nobody else has."""
        if self._own is None:
            self._own = self._samples.copy()
        return self._own

    @property
    def size(self) -> int:
        """The number of samples."""
        return self._samples.size

    @property
    def pcm(self) -> bytes:
        """The samples as they were captured, as the API's default format wants them: little-endian int16."""
        if self._pcm is None:
            self._pcm = PCM24K.encode(self._samples)
        return self._pcm

    @property
    def rms(self) -> float:
        """Root mean square relative to full scale, as gates have their thresholds; 0.0 for no samples."""
        return float(np.sqrt(self.energy / self._samples.size)) / FULL_SCALE if self._samples.size else 0.0


def measure(chunks: NDArray[np.int16]) -> tuple[list[int], list[int]]:
    """Energies and peaks of ``[chunks, samples]``, as :meth:`Chunk.of` would give them one by one."""
    values = chunks.astype(np.float64)
    energies = np.einsum("ij,ij->i", values, values)
    peaks = np.maximum(chunks.max(axis=1).astype(np.int32), -chunks.min(axis=1).astype(np.int32))
    return energies.astype(np.int64).tolist(), peaks.tolist()
