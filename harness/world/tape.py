"""Audio in the journal: one entry for each half second of a lane, with its level, not one for each chunk."""

import numpy as np

from harness.audio.levels import peak_lsb, rms_lsb
from harness.journal import Journal
from harness.units import MS

WINDOW_US = 500 * MS


class Tape:
    """Collects the chunks of one lane; call :meth:`add` for each and :meth:`flush` at the end."""

    def __init__(self, journal: Journal, lane: str) -> None:
        self._journal = journal
        self._lane = lane
        self._chunks: list[bytes] = []
        self._began = 0
        self._ends = 0
        self._connection: int | None = None

    def add(self, now: int, chunk: bytes, connection: int | None = None) -> None:
        """A chunk of int16 samples; another connection begins a new entry."""
        if now >= self._ends or connection != self._connection:
            self.flush()
            self._began, self._connection = now, connection
            self._ends = (now // WINDOW_US + 1) * WINDOW_US
        self._chunks.append(chunk)

    def flush(self) -> None:
        """Write what has been collected."""
        if not self._chunks:
            return
        joined = b"".join(self._chunks)
        zeros = self._chunks.count(bytes(len(self._chunks[0])))
        silent = zeros == len(self._chunks)
        samples = np.frombuffer(joined[: len(joined) & ~1], dtype="<i2")
        of_connection = {} if self._connection is None else {"connection": self._connection}
        self._journal.write(
            self._began,
            self._lane,
            "audio",
            chunks=len(self._chunks),
            samples=len(samples),
            rms=0.0 if silent else round(rms_lsb(samples), 3),
            peak=0 if silent else peak_lsb(samples),
            zeros=zeros,
            **of_connection,
        )
        self._chunks = []
