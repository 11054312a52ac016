"""Changing the sample rate of a stream, with the same bits for every way of cutting it into chunks.

A polyphase FIR filter: for a ratio ``up / down`` each output sample is a dot product of the input around it with
one of ``up`` sets of taps. The taps are integers of at most :data:`_UNITY`, so every product with an int16 sample
and every partial sum is an integer below 2**53, which float64 holds exactly. The order in which BLAS adds, the
cutting into chunks and the processor therefore cannot change a bit of the result.

The filter is centred (no delay), so an output sample needs input up to :data:`_ZERO_CROSSINGS` periods of the slower
rate after it: 1 ms at 16 000 Hz, 2 ms at 8 000 Hz. :meth:`Resampler.flush` gives the samples that still wait.
"""

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..errors import AudioError
from ..units import FULL_SCALE
from .formats import Samples

RATES_HZ = (8_000, 16_000, 24_000, 48_000)
"""The rates that :class:`Resampler` converts between."""
_ZERO_CROSSINGS = 16
"""Half length of the filter, in periods of the slower of the two rates."""

_KAISER_BETA = 6.0
_UNITY = 2**24
_BLOCKS_PER_ROW = 4
"""Blocks that one row of the matrix product makes: enough columns for BLAS to be fast."""
_PIECE = 2**15

_Floats = npt.NDArray[np.float64]


def _prototype(up: int, down: int) -> _Floats:
    """Taps at the rate ``source * up``; the slower rate's Nyquist frequency is the -6 dB point."""
    period = max(up, down)
    ticks = np.arange(-_ZERO_CROSSINGS * period, _ZERO_CROSSINGS * period + 1)
    return np.asarray(np.sinc(ticks / period) * np.kaiser(ticks.size, _KAISER_BETA), np.float64)


def _phase_taps(up: int, down: int, phase: int) -> tuple[int, _Floats]:
    """Offset of the first input sample from its block's start, and the integer taps, for one output of a block.

    The largest tap takes up the rounding, so that each phase adds up to :data:`_UNITY` and DC passes unchanged.
    """
    prototype = _prototype(up, down)
    middle, position = prototype.size // 2, phase * down
    first, last = -((middle - position) // up), (middle + position) // up
    wanted = prototype[middle + position - np.arange(first, last + 1) * up]
    taps = np.rint(wanted * (_UNITY / wanted.sum()))
    taps[np.argmax(taps)] += _UNITY - taps.sum()
    return first, taps


@lru_cache
def _tap_matrix(up: int, down: int) -> tuple[int, int, _Floats]:
    """Input before a block, input that a block spans, and the taps (input, outputs) of a row of blocks.

    A block turns ``down`` input samples into ``up`` output samples.
    """
    phases = [_phase_taps(up, down, phase) for phase in range(up)]
    before = -phases[0][0]
    span = before + max(first + taps.size for first, taps in phases)
    matrix = np.zeros((span + (_BLOCKS_PER_ROW - 1) * down, up * _BLOCKS_PER_ROW))
    for block in range(_BLOCKS_PER_ROW):
        for phase, (first, taps) in enumerate(phases):
            start = before + first + block * down
            matrix[start : start + taps.size, block * up + phase] = taps
    return before, span, matrix


class Resampler:
    """A stream at ``source_hz`` turned into one at ``target_hz``; both are of :data:`RATES_HZ`.

    Call :meth:`push` with each chunk and, at the end of the stream, :meth:`flush`. Raises :exc:`AudioError` for
    another rate.
    """

    def __init__(self, source_hz: int, target_hz: int) -> None:
        for rate_hz in (source_hz, target_hz):
            if rate_hz not in RATES_HZ:
                known = ", ".join(map(str, RATES_HZ))
                raise AudioError(f"cannot resample to or from {rate_hz} Hz; convert the audio to one of {known} Hz")
        divisor = math.gcd(source_hz, target_hz)
        self._up, self._down = target_hz // divisor, source_hz // divisor
        self._before, self._span, self._taps = _tap_matrix(self._up, self._down)
        self._restart()

    def _restart(self) -> None:
        self._pending: _Floats = np.zeros(self._before)
        self._taken = self._given = 0

    def needed(self, outputs: int) -> int:
        """How many samples :meth:`push` must be given until it has given so many more."""
        if self._up == self._down:
            return outputs
        blocks = -(-outputs // self._up)
        return self._span + (blocks - 1) * self._down - self._pending.size

    def push(self, samples: Samples) -> npt.NDArray[np.float32]:
        """The next output samples, as float32 with full scale at 1.0: all whose input is complete.

        Takes any number of int16 samples, also none. The output lies in [-1, 1) except beside clipped input,
        where the filter overshoots. A block of ``up`` samples is given as a whole.
        """
        self._taken += samples.size
        if self._up == self._down:
            self._given += samples.size
            return samples.astype(np.float32) / np.float32(FULL_SCALE)
        output = self._filter(samples)
        self._given += output.size
        return (output * (1 / (_UNITY * FULL_SCALE))).astype(np.float32)

    def _filter(self, samples: Samples) -> _Floats:
        pending: _Floats = np.concatenate((self._pending, samples), dtype=np.float64)
        blocks = max(0, (pending.size - self._span) // self._down + 1)
        self._pending = pending[blocks * self._down :]
        rows, stride = -(-blocks // _BLOCKS_PER_ROW), self._down * _BLOCKS_PER_ROW
        missing = (rows - 1) * stride + self._taps.shape[0] - pending.size
        if missing > 0:  # the last row makes blocks that are not complete yet; they are cut off below
            pending = np.concatenate((pending, np.zeros(missing)))
        step = pending.itemsize
        windows = np.ndarray((rows, self._taps.shape[0]), np.float64, pending, 0, (stride * step, step))
        output: _Floats = np.dot(windows, self._taps)
        return output.ravel()[: blocks * self._up]

    def flush(self) -> npt.NDArray[np.float32]:
        """The last output samples, as if zeros followed; then the next :meth:`push` begins a new stream.

        All calls together give ``ceil(n * target_hz / source_hz)`` samples for ``n`` samples pushed.
        """
        due = -(-self._taken * self._up // self._down) - self._given
        tail = self.push(np.zeros(self._span + self._down, np.int16))[:due]
        self._restart()
        return tail


def resample(samples: Samples, source_hz: int, target_hz: int) -> Samples:
    """A whole clip at another rate: ``round(n * target_hz / source_hz)`` int16 samples, clipped to full scale.

    Raises :exc:`AudioError` for a rate that is not of :data:`RATES_HZ`.
    """
    return resample_pieces(
        (samples[start : start + _PIECE] for start in range(0, samples.size, _PIECE)), source_hz, target_hz
    )


def resample_pieces(pieces: Iterable[Samples], source_hz: int, target_hz: int) -> Samples:
    """As :func:`resample`, of a clip that comes piece by piece: only its result is in memory as a whole."""
    resampler = Resampler(source_hz, target_hz)
    taken, output = 0, []
    for piece in pieces:
        taken += piece.size
        output.append(_to_int16(resampler.push(piece)))
    output.append(_to_int16(resampler.flush()))
    return np.concatenate(output)[: round(taken * target_hz / source_hz)]


def _to_int16(output: npt.NDArray[np.float32]) -> Samples:
    clipped: Samples = np.clip(np.rint(output * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return clipped
