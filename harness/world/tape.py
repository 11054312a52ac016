"""Audio in the journal: one entry for each half second of a lane, with its level, not one for each chunk."""

import math

from harness.journal import Journal
from harness.units import MS

WINDOW_US = 500 * MS


class Tape:
    """Adds up the chunks of one lane; call :meth:`add` for each and :meth:`flush` at the end."""

    def __init__(self, journal: Journal, lane: str) -> None:
        self._journal = journal
        self._lane = lane
        self._began = 0
        self._ends = 0
        self._connection: int | None = None
        self._chunks = self._samples = self._energy = self._peak = self._zeros = 0

    def add(self, now: int, samples: int, energy: int, peak: int, connection: int | None = None) -> None:
        """A chunk of so many samples with this sum of squares and peak; another connection begins a new entry."""
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
        of_connection = {} if self._connection is None else {"connection": self._connection}
        self._journal.write(
            self._began,
            self._lane,
            "audio",
            chunks=self._chunks,
            samples=self._samples,
            rms=round(math.sqrt(self._energy / self._samples), 3) if self._samples else 0.0,
            peak=self._peak,
            zeros=self._zeros,
            **of_connection,
        )
        self._chunks = self._samples = self._energy = self._peak = self._zeros = 0
