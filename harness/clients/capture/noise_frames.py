"""Measures the background, what is captured while nobody speaks, in frames of half a second.

A constant offset of the samples is not sound, so it is subtracted first.
"""

from dataclasses import dataclass
from typing import NamedTuple

from ...audio.chunk import Chunk
from ...audio.formats import SAMPLE_RATE_HZ
from ...units import SECOND

NOISE_FRAME_US = SECOND // 2
_FRAME_SAMPLES = SAMPLE_RATE_HZ // 2
_LEAST_PIECE_SAMPLES = SAMPLE_RATE_HZ // 100
"""Shorter chunks are joined: the level of a few samples jumps by itself."""
_JUMP = 1.41
"""Neighbours whose powers differ by this factor, 1.5 dB, jump. Of near-silence 60 % do, of white noise 1 in 1000."""


class NoiseFrame(NamedTuple):
    """The measures of half a second of background."""

    power: float
    """Mean square in LSB²."""
    jumping: float
    """The share of neighbouring pieces whose levels jump, 0 to 1."""
    crest: float
    """The square of the peak over the power; 0 for digital zeros."""


@dataclass(slots=True)
class _Sums:
    """Over the frame so far, and over its latest piece."""

    energy: int = 0
    total: int = 0
    samples: int = 0
    peak: int = 0
    pieces: int = 0
    jumps: int = 0
    piece_energy: float = 0.0
    piece_samples: int = 0
    last_power: float = 0.0


class NoiseFrameMeter:
    """Takes chunks; returns a frame at the end of each half second."""

    def __init__(self) -> None:
        self._offset = 0.0
        """The mean of the samples of the last frame."""
        self._sums = _Sums()

    def restart(self) -> None:
        """Drop the frame so far: the next chunk does not follow the last one."""
        self._sums = _Sums()

    def chunk(self, captured: Chunk) -> NoiseFrame | None:
        """A chunk of background was captured; returns the frame that it completes, or None."""
        sums, samples, total = self._sums, captured.size, captured.total
        sums.energy += captured.energy
        sums.total += total
        sums.samples += samples
        sums.peak = max(sums.peak, captured.peak)
        sums.piece_energy += captured.energy - self._offset * (2 * total - self._offset * samples)
        sums.piece_samples += samples
        if sums.piece_samples >= _LEAST_PIECE_SAMPLES:
            _end_piece(sums)
        if sums.samples < _FRAME_SAMPLES:
            return None
        self._offset = sums.total / sums.samples
        self._sums = _Sums()
        power = max(0.0, sums.energy / sums.samples - self._offset * self._offset)
        peak = sums.peak - abs(self._offset)
        return NoiseFrame(power, sums.jumps / max(1, sums.pieces), peak * peak / power if power else 0.0)


def _end_piece(sums: _Sums) -> None:
    power = sums.piece_energy / sums.piece_samples
    sums.pieces += 1
    if sums.pieces > 1 and max(power, sums.last_power) > _JUMP * min(power, sums.last_power):
        sums.jumps += 1
    sums.last_power = power
    sums.piece_energy, sums.piece_samples = 0.0, 0
