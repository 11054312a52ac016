"""A chunk of captured audio with its level, which is measured once for all who ask."""

import numpy as np
from numpy.typing import NDArray

from ..units import FULL_SCALE
from .formats import PCM24K, Samples
from .levels import peak_lsb, sum_of_squares


class Chunk:
    """int16 samples at 24 kHz, not to be changed; ``energy`` is their exact sum of squares, ``peak`` in LSB."""

    __slots__ = ("_pcm", "energy", "peak", "samples")

    def __init__(self, samples: Samples, energy: int, peak: int) -> None:
        self.samples = samples
        self.energy = energy
        self.peak = peak
        self._pcm: bytes | None = None

    @classmethod
    def of(cls, samples: Samples) -> "Chunk":
        """Samples as a chunk, measured now."""
        return cls(samples, sum_of_squares(samples), peak_lsb(samples))

    @property
    def pcm(self) -> bytes:
        """The samples as the API's default format wants them: little-endian int16."""
        if self._pcm is None:
            self._pcm = PCM24K.encode(self.samples)
        return self._pcm

    @property
    def rms(self) -> float:
        """Root mean square relative to full scale, as gates have their thresholds; 0.0 for no samples."""
        return float(np.sqrt(self.energy / self.samples.size)) / FULL_SCALE if self.samples.size else 0.0


def measure(chunks: NDArray[np.int16]) -> tuple[list[int], list[int]]:
    """Energies and peaks of ``[chunks, samples]``, as :meth:`Chunk.of` would give them one by one."""
    values = chunks.astype(np.float64)
    energies = np.einsum("ij,ij->i", values, values)
    peaks = np.maximum(chunks.max(axis=1).astype(np.int32), -chunks.min(axis=1).astype(np.int32))
    return energies.astype(np.int64).tolist(), peaks.tolist()
