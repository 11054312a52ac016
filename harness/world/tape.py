"""Audio in the journal: one entry for each half second of a lane, with its level, not one for each chunk."""

import zlib

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
        self._ends = 0
        self._fields: dict[str, int] = {}

    def add(self, now: int, chunk: bytes, **fields: int) -> None:
        """A chunk of int16 samples; a change of ``fields`` begins a new entry."""
        if self._chunks and (now >= self._ends or fields != self._fields):
            self.flush()
        if not self._chunks:
            self._ends = (now // WINDOW_US + 1) * WINDOW_US
            self._fields = fields
            self._began = now
        self._chunks.append(chunk)

    def flush(self) -> None:
        """Write what has been collected."""
        if not self._chunks:
            return
        joined = b"".join(self._chunks)
        samples = np.frombuffer(joined[: len(joined) & ~1], dtype="<i2")
        self._journal.write(
            self._began,
            self._lane,
            "audio",
            chunks=len(self._chunks),
            samples=len(samples),
            rms=round(rms_lsb(samples), 1),
            peak=peak_lsb(samples),
            zeros=sum(1 for chunk in self._chunks if not any(chunk)),
            crc=zlib.crc32(joined),
            **self._fields,
        )
        self._chunks = []
