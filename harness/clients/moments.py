"""What is captured while nobody speaks, half second by half second: how loud, how restless, how peaked.

An offset of the samples is no sound: all is measured without it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from harness.audio.chunk import Chunk
from harness.audio.formats import SAMPLE_RATE_HZ
from harness.units import SECOND

MOMENT_US = SECOND // 2
MOMENT_SAMPLES = SAMPLE_RATE_HZ // 2
PIECE_SAMPLES = SAMPLE_RATE_HZ // 100
"""Shorter chunks are put together: the level of few samples jumps by itself."""
JUMP = 1.41
"""Neighbours whose powers differ by this factor, 1.5 dB, jump. Of near-silence 60 % do, of white noise 1 in 1000."""


class Moment(NamedTuple):
    """Half a second: mean square, share of pieces that jump, the square of its peak over its power."""

    power: float
    jumping: float
    crest: float


@dataclass(slots=True)
class _Sums:
    """Of the half second so far, and of its latest piece."""

    energy: int = 0
    total: int = 0
    samples: int = 0
    peak: int = 0
    pieces: int = 0
    jumps: int = 0
    piece_energy: float = 0.0
    piece_samples: int = 0
    last_power: float = 0.0


class Moments:
    """Fed with chunks; gives a moment at the end of each half second of them."""

    def __init__(self) -> None:
        self._offset = 0.0
        """The mean of the samples of the last moment."""
        self._sums = _Sums()

    def restart(self) -> None:
        """What follows does not belong to what came before."""
        self._sums = _Sums()

    def chunk(self, captured: Chunk) -> Moment | None:
        """A chunk was captured."""
        sums, samples, total = self._sums, captured.samples.size, int(captured.samples.sum())
        sums.energy += captured.energy
        sums.total += total
        sums.samples += samples
        sums.peak = max(sums.peak, captured.peak)
        sums.piece_energy += captured.energy - self._offset * (2 * total - self._offset * samples)
        sums.piece_samples += samples
        if sums.piece_samples >= PIECE_SAMPLES:
            _end_piece(sums)
        if sums.samples < MOMENT_SAMPLES:
            return None
        self._offset = sums.total / sums.samples
        self._sums = _Sums()
        power = max(0.0, sums.energy / sums.samples - self._offset * self._offset)
        peak = sums.peak - abs(self._offset)
        return Moment(power, sums.jumps / max(1, sums.pieces), peak * peak / power if power else 0.0)


def _end_piece(sums: _Sums) -> None:
    power = sums.piece_energy / sums.piece_samples
    sums.pieces += 1
    if sums.pieces > 1 and max(power, sums.last_power) > JUMP * min(power, sums.last_power):
        sums.jumps += 1
    sums.last_power = power
    sums.piece_energy, sums.piece_samples = 0.0, 0
