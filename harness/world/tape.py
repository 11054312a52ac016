"""Audio in the journal: one entry with levels for each half second of a lane, instead of one for each chunk."""

import math
from collections.abc import Callable
from typing import TypedDict

from ..units import MS

WINDOW_US = 500 * MS
_FRESH_MS = 100
"""Audio that is sent sooner after its capture has no age in the journal."""


class Levels(TypedDict):
    """The fields of :class:`harness.journal.AudioLevels`."""

    chunks: int
    samples: int
    rms: float
    peak: int
    zeros: int


class Tape:
    """Adds up the chunks of one lane; call :meth:`add` for each chunk and :meth:`flush` at the end.

    ``write`` is called with the start of a window (microseconds), its connection (0: none), its levels, and how old its
    last audio was in milliseconds, 0 if that is below :data:`_FRESH_MS`.
    """

    __slots__ = (
        "_age_ms", "_began", "_chunks", "_connection", "_ends", "_energy", "_peak", "_samples", "_write", "_zeros",
    )  # fmt: skip

    def __init__(self, write: Callable[[int, int, Levels, int], None]) -> None:
        self._write = write
        self._began = 0
        self._ends = 0
        self._connection = 0
        self._chunks = self._samples = self._energy = self._peak = self._zeros = self._age_ms = 0

    def add(self, now: int, samples: int, energy: int, peak: int, connection: int = 0, age_ms: int = 0) -> None:
        """Add a chunk; ``energy`` is the sum of its squared samples, ``age_ms`` how long ago its end was captured.

        Another connection starts a new entry.
        """
        if now >= self._ends or connection != self._connection:
            self.flush()
            self._began, self._connection = now, connection
            self._ends = (now // WINDOW_US + 1) * WINDOW_US
        self._chunks += 1
        self._samples += samples
        self._energy += energy
        self._age_ms = age_ms
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
        age_ms = self._age_ms if self._age_ms >= _FRESH_MS else 0
        self._write(self._began, self._connection, levels, age_ms)
        self._chunks = self._samples = self._energy = self._peak = self._zeros = self._age_ms = 0
