"""How loud a client's audio is, in the journal: the same half-second entries as in virtual time.

The appends of a window are collected and measured together at its end: some 20 us for each half second.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..audio.formats import AudioFormat, Samples
from ..audio.levels import peak_lsb, rms_lsb
from ..units import SECOND
from ..world.tape import WINDOW_US, Levels

MOST_WINDOW_BYTES = 256 * 1024
"""A window that has more audio than this ends early, to limit the memory it takes."""


class UplinkLevels:
    """Call :meth:`add` for every append and :meth:`flush` at the end.

    ``write`` is given when a window began, in microseconds, and its levels.
    """

    def __init__(self, write: Callable[[int, Levels], None]) -> None:
        self.received_us = 0
        """Length of the audio of all windows that have ended, in microseconds."""
        self._write = write
        self._payloads: list[bytes] = []
        self._bytes = 0
        self._began = self._ends = 0
        self._format: AudioFormat | None = None

    def add(self, now: int, payload: bytes, audio_format: AudioFormat) -> None:
        """An append of audio in this format."""
        if now >= self._ends or audio_format is not self._format or self._bytes > MOST_WINDOW_BYTES:
            self.flush()
            self._began, self._format = now, audio_format
            self._ends = (now // WINDOW_US + 1) * WINDOW_US
        self._payloads.append(payload)
        self._bytes += len(payload)

    def flush(self) -> None:
        """Write what has been collected."""
        if not self._payloads or self._format is None:
            return
        size = self._format.bytes_per_sample
        audio = b"".join(self._payloads)
        samples = self._format.decode(audio[: len(audio) - len(audio) % size])
        starts = np.cumsum([0, *map(len, self._payloads[:-1])]) // size
        self.received_us += samples.size * SECOND // self._format.rate_hz
        levels = Levels(
            chunks=len(self._payloads),
            samples=samples.size,
            rms=round(rms_lsb(samples), 3),
            peak=peak_lsb(samples),
            zeros=len(self._payloads) - _sounding(samples, starts[starts < samples.size]),
        )
        self._payloads.clear()
        self._bytes = 0
        self._write(self._began, levels)


def _sounding(samples: Samples, starts: NDArray[np.int64]) -> int:
    """How many of the pieces that start at these indices are not all zeros."""
    return int(np.count_nonzero(np.logical_or.reduceat(samples != 0, starts))) if samples.size else 0
