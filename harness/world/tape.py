"""Audio in the journal: one entry with levels for each half second of a lane, instead of one for each chunk."""

import math
from collections.abc import Callable
from typing import TypedDict

from ..units import MS

WINDOW_US = 500 * MS


class Levels(TypedDict):
    """The fields of :class:`harness.journal.AudioLevels`."""

    chunks: int
    samples: int
    rms: float
    peak: int
    zeros: int


class Tape:
    """Adds up the chunks of one lane; call :meth:`add` for each chunk and :meth:`flush` at the end.

    ``write`` is called with the start of a window (microseconds), its connection (0: none), and its levels.
    """

    def __init__(self, write: Callable[[int, int, Levels], None]) -> None:
        self._write = write
        self._began = 0
        self._ends = 0
        self._connection = 0
        self._chunks = self._samples = self._energy = self._peak = self._zeros = 0

    def add(self, now: int, samples: int, energy: int, peak: int, connection: int = 0) -> None:
        """Add a chunk; ``energy`` is the sum of its squared samples. Another connection starts a new entry."""
        if now >= self._ends or connection != self._connection:
            self.flush()
            self._began, self._connection = now, connection
            self._ends = (now // WINDOW_US + 1) * WINDOW_US
        self._chunks += 1
        self._samples += samples
        self._energy += energy
        if peak > self._peak:
            self._peak = peak
        elif peak == 0:
            self._zeros += 1

    def flush(self) -> None:
        """Write what has been added up."""
        if not self._chunks:
            return
        levels = Levels(
            chunks=self._chunks,
            samples=self._samples,
            rms=round(math.sqrt(self._energy / self._samples), 3) if self._samples else 0.0,
            peak=self._peak,
            zeros=self._zeros,
        )
        self._write(self._began, self._connection, levels)
        self._chunks = self._samples = self._energy = self._peak = self._zeros = 0
