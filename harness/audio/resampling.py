"""Changing the sample rate of a stream, with the same bits for every way of cutting it into chunks.

A polyphase FIR filter: for a ratio ``up / down`` each output sample is a dot product of the input around it with
one of ``up`` sets of taps. The taps are integers of at most :data:`_UNITY`, so every product with an int16 sample
and every partial sum is an integer below 2**53, which float64 holds exactly. The order in which BLAS adds, the
cutting into chunks and the processor therefore cannot change a bit of the result.

The filter is centred (no delay), so an output sample needs input up to ``zero_crossings`` periods of the slower rate
after it: with :data:`FILTER` 3 ms at 16 000 Hz, 6 ms at 8 000 Hz. :meth:`Resampler.flush` gives the samples that still
wait. ``benchmarks/resampling.py`` measures the filter beside others; docs/resampling.md has the result.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..errors import AudioError
from ..units import FULL_SCALE
from .formats import Samples

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 1_000, 768_000
"""The rates that :class:`Resampler` converts between."""
_LARGEST_TERM = 192_000
"""Of a ratio in its lowest terms. What real sources have is far below; this bounds the memory for the taps."""
_LARGEST_IN_A_MATRIX = 320
"""Up to this term the taps of a whole block are one matrix: all rates in use, such as 11 025 Hz (320 / 147)."""

_UNITY = 2**24
EXACT_SCALE = 1 / (_UNITY * FULL_SCALE)
"""From the integers that are summed to samples of full scale 1.0."""
_OUTPUTS_PER_ROW = 32
"""So many outputs at least are one row of the matrix product: enough columns for BLAS to be fast."""
_PIECE = 2**15
_LARGEST_PRODUCT = 2**18
"""OpenBLAS shares a product with more multiplications among threads: see :mod:`harness.vad.layers`."""

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FilterDesign:
    """A sinc in a Kaiser window, at both sides of an output sample as long as ``zero_crossings``."""

    zero_crossings: int
    """Half length, in periods of the slower of the two rates."""
    beta: float
    """Of the Kaiser window: a larger one suppresses more, and turns from pass to stop more slowly."""
    cutoff: float
    """The -6 dB point, as a part of the slower rate's Nyquist frequency."""

    def at(self, periods: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The impulse response at times from its middle, in periods of the slower rate; it is 1 in the middle and
        0 outside the window."""
        inside = 1 - (periods / self.zero_crossings) ** 2
        window = np.i0(self.beta * np.sqrt(np.maximum(0, inside))) / np.i0(self.beta)
        return np.asarray(np.where(inside >= 0, np.sinc(self.cutoff * periods) * window, 0), np.float64)


FILTER = FilterDesign(48, 10.0, 0.95)
"""What is used: its -6 dB point is at 7.6 kHz before the detector, where common resamplers have theirs."""


class _Blocks:
    """How a block of ``down`` input samples, and what is around it, becomes ``up`` output samples."""

    def __init__(self, up: int, down: int, design: FilterDesign) -> None:
        self.up, self.down = up, down
        self._design = design
        self._half = design.zero_crossings * max(up, down)
        self.before = self._half // up
        """Input before a block."""
        self.span = self.before + (self._half + (up - 1) * down) // up + 1
        """Input that a block needs in all."""
        self.width = 2 * self._half // up + 1
        """Input that one output needs at most."""
        self.beyond = 0
        """Input behind that of the last block which is read and does not matter."""

    def _taps_of(self, phases: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], _Floats]:
        """For some outputs of a block: where their input begins, from that of the block, and their integer taps.

        The largest tap takes up the rounding, so that each phase adds up to :data:`_UNITY` and DC passes unchanged.
        """
        positions = phases * self.down
        starts = np.minimum(self.before - (self._half - positions) // self.up, self.span - self.width)
        inputs = starts[:, None] - self.before + np.arange(self.width)
        wanted = self._design.at((positions[:, None] - inputs * self.up) / max(self.up, self.down))
        taps = np.rint(wanted * (_UNITY / wanted.sum(axis=1, keepdims=True)))
        taps[np.arange(len(phases)), np.argmax(taps, axis=1)] += _UNITY - taps.sum(axis=1)
        return starts, taps

    def filtered(self, samples: _Floats, blocks: int) -> _Floats:
        """The output of so many blocks; ``beyond`` samples behind theirs are read too."""
        raise NotImplementedError


class _MatrixOfBlocks(_Blocks):
    """Several blocks are one row of a matrix product. For a large ratio the matrix would be too large."""

    def __init__(self, up: int, down: int, design: FilterDesign) -> None:
        super().__init__(up, down, design)
        self._per_row = max(1, _OUTPUTS_PER_ROW // up)
        self.beyond = (self._per_row - 1) * down
        self.taps = np.zeros((self.span + (self._per_row - 1) * down, up * self._per_row))
        for block in range(self._per_row):
            for phase, (start, taps) in enumerate(zip(*self._taps_of(np.arange(up)), strict=True)):
                begin = start + block * down
                self.taps[begin : begin + self.width, block * up + phase] = taps
        self._at_a_time = max(1, _LARGEST_PRODUCT // self.taps.size)

    def filtered(self, samples: _Floats, blocks: int) -> _Floats:
        width = self.taps.shape[0]
        rows, stride = -(-blocks // self._per_row), self.down * self._per_row
        step = samples.itemsize
        windows = np.ndarray((rows, width), np.float64, samples, 0, (stride * step, step))
        output = np.empty((rows, self.taps.shape[1]))
        for row in range(0, rows, self._at_a_time):
            some = slice(row, row + self._at_a_time)
            np.dot(windows[some], self.taps, output[some])
        # The last row may have made blocks that are not complete yet.
        return output.ravel()[: blocks * self.up]


class _RowsOfTaps(_Blocks):
    """Each output is a dot product of its own: ten times slower, for ratios such as 24 000 / 44 056."""

    _VALUES = 2**18
    """So many products are in memory at a time."""

    def __init__(self, up: int, down: int, design: FilterDesign) -> None:
        super().__init__(up, down, design)
        self._at_a_time = max(1, self._VALUES // self.width)
        self._starts = np.empty(up, np.int64)
        self._taps = np.empty((up, self.width), np.float32)  # which holds integers up to 2**24
        for some in self._groups():
            self._starts[some], self._taps[some] = self._taps_of(np.arange(up)[some])

    def _groups(self) -> Iterator[slice]:
        return (slice(phase, phase + self._at_a_time) for phase in range(0, self.up, self._at_a_time))

    def filtered(self, samples: _Floats, blocks: int) -> _Floats:
        output = np.empty((blocks, self.up))
        for block in range(blocks):
            begin = block * self.down
            windows = np.lib.stride_tricks.sliding_window_view(samples[begin : begin + self.span], self.width)
            for some in self._groups():
                output[block, some] = np.einsum("ij,ij->i", windows[self._starts[some]], self._taps[some])
        return output.ravel()


@lru_cache(maxsize=16)
def _blocks(up: int, down: int, design: FilterDesign) -> _Blocks:
    return (_MatrixOfBlocks if max(up, down) <= _LARGEST_IN_A_MATRIX else _RowsOfTaps)(up, down, design)


def _ratio(source_hz: int, target_hz: int) -> tuple[int, int]:
    for rate_hz in (source_hz, target_hz):
        if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
            raise AudioError(
                f"cannot resample to or from {rate_hz} Hz, only {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz; convert the"
                " audio, for example to 24000 Hz"
            )
    divisor = math.gcd(source_hz, target_hz)
    up, down = target_hz // divisor, source_hz // divisor
    if max(up, down) > _LARGEST_TERM:
        raise AudioError(
            f"cannot resample from {source_hz} to {target_hz} Hz, a ratio of {up} to {down}; convert the audio, for"
            " example to 48000 Hz"
        )
    return up, down


class Resampler:
    """A stream at ``source_hz`` turned into one at ``target_hz``, each of 1 000 to 768 000 Hz.

    Call :meth:`push` with each chunk and, at the end of the stream, :meth:`flush`. Raises :exc:`AudioError` for
    another rate, and for two high rates that have hardly a divisor in common.
    """

    def __init__(self, source_hz: int, target_hz: int, design: FilterDesign = FILTER) -> None:
        self._up, self._down = _ratio(source_hz, target_hz)
        self._blocks = _blocks(self._up, self._down, design)
        self._restart()

    def _restart(self) -> None:
        self._pending: _Floats = np.zeros(2 * self._blocks.span)
        self._filled = self._silent = self._blocks.before
        self._taken = self._given = 0

    def needed(self, outputs: int) -> int:
        """How many samples :meth:`push` must be given until it has given so many more."""
        if self._up == self._down:
            return outputs
        blocks = -(-outputs // self._up)
        return self._blocks.span + (blocks - 1) * self._down - self._filled

    def push(self, samples: Samples) -> npt.NDArray[np.float32]:
        """The next output samples, as float32 with full scale at 1.0: all whose input is complete.

        Takes any number of int16 samples, also none. The output lies in [-1, 1) except beside clipped input,
        where the filter overshoots. A block of ``up`` samples is given as a whole.
        """
        self._taken += samples.size
        if self._up == self._down:
            self._given += samples.size
            return samples.astype(np.float32) / np.float32(FULL_SCALE)
        self._append(samples)
        blocks = max(0, (self._filled - self._blocks.span) // self._down + 1)
        self._given += blocks * self._up
        if self._silent >= self._filled:  # a sum of zeros
            output = np.zeros(blocks * self._up, np.float32)
        else:
            output = (self._blocks.filtered(self._pending, blocks) * EXACT_SCALE).astype(np.float32)
        used, end = blocks * self._down, self._filled
        self._filled = end - used
        self._pending[: self._filled] = self._pending[used:end]
        return output

    def push_int16(self, samples: Samples) -> Samples:
        """As :meth:`push`, as int16, clipped to full scale."""
        return _to_int16(self.push(samples))

    def _append(self, samples: Samples) -> None:
        """Put samples behind those that are pending, and count how many zeros in a row are the last."""
        end = self._filled + samples.size
        if end + self._blocks.beyond > self._pending.size:
            larger = np.zeros(end + self._blocks.beyond)
            larger[: self._filled] = self._pending[: self._filled]
            self._pending = larger
        self._pending[self._filled : end] = samples
        self._filled = end
        is_silent = samples.tobytes() == bytes(samples.nbytes)
        self._silent = self._silent + samples.size if is_silent else 0

    def flush(self) -> npt.NDArray[np.float32]:
        """The last output samples, as if zeros followed; then the next :meth:`push` begins a new stream.

        All calls together give ``ceil(n * target_hz / source_hz)`` samples for ``n`` samples pushed.
        """
        due = -(-self._taken * self._up // self._down) - self._given
        tail = self.push(np.zeros(self._blocks.span + self._down, np.int16))[:due]
        self._restart()
        return tail


def resample_exactly(samples: Samples, source_hz: int, target_hz: int) -> npt.NDArray[np.float64]:
    """What :meth:`Resampler.push` gives of a whole clip at two different rates, before it is scaled: integers.

    So the sum of what two sounds give is exactly what their sum gives. Times :data:`EXACT_SCALE` full scale is 1.0.
    """
    blocks = _blocks(*_ratio(source_hz, target_hz), FILTER)
    count = max(0, (blocks.before + samples.size - blocks.span) // blocks.down + 1)
    padded: _Floats = np.zeros(blocks.before + samples.size + blocks.beyond)
    padded[blocks.before : blocks.before + samples.size] = samples
    return blocks.filtered(padded, count)


def resample(samples: Samples, source_hz: int, target_hz: int) -> Samples:
    """A whole clip at another rate: ``round(n * target_hz / source_hz)`` int16 samples, clipped to full scale.

    Raises :exc:`AudioError` as :class:`Resampler` does.
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
