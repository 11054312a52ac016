"""What the client believes about its own playback: how much was queued and heard, and whether the assistant speaks.

It relies on the report that playback ended. If that report never arrives (a suspended output), the client believes
forever that the assistant speaks.
"""

import numpy as np

from ..audio.formats import PCM24K
from ..units import MS

_AUDIBLE_LSB = 8
"""Audio whose peak is below this, -72 dBFS, cannot be heard."""
_LONGEST_PAUSE_US = 2_000 * MS
"""A pause in an answer is shorter than this."""


def is_audible(audio: bytes) -> bool:
    """Whether anything can be heard in PCM (int16, little-endian)."""
    whole = len(audio) - len(audio) % 2
    if not whole or audio.count(0) == len(audio):
        return False
    samples = np.frombuffer(audio, "<i2", whole // 2).astype(np.int32)
    return bool(np.abs(samples).max() >= _AUDIBLE_LSB)


class PlaybackMeter:
    """Follows one speaker by the clock and the length of the audio that is queued (PCM, 24 kHz)."""

    def __init__(self) -> None:
        self.speaking = False
        """Audio is queued and its end was not reported."""
        self.item_id: str | None = None
        """The item whose audio was queued last."""
        self._refused: str | None = None
        self.began = 0
        """When the item began to play, in microseconds."""
        self._item_audible_us = 0
        self._item_queued_us = 0
        self._end = 0
        self._audible_end = 0

    def accept(self, item_id: str, audio: bytes, now: int, *, audible: bool = True) -> bool:
        """Count audio that arrived; returns whether to play it: not if its item was interrupted."""
        if item_id == self._refused:
            return False
        start = max(now, self._end) if self.speaking else now
        duration_us = PCM24K.duration_us(len(audio))
        if item_id != self.item_id:
            self.item_id, self.began, self._item_queued_us, self._item_audible_us = item_id, start, 0, 0
        self._item_queued_us += duration_us
        self._end = start + duration_us
        if audible:
            self._audible_end = self._end
            self._item_audible_us += duration_us
        self.speaking = True
        return True

    def speaks(self, now: int) -> bool:
        """Whether the assistant is believed to speak: audio plays, and it has not been silent for 2 s."""
        silent = self._audible_end < self._end and now - self._audible_end >= _LONGEST_PAUSE_US
        return self.speaking and not silent

    def heard_us(self, now: int) -> int:
        """How much of the item was heard, by the clock; 0 if nothing plays."""
        return min(self._item_queued_us, max(0, now - self.began)) if self.speaking else 0

    def answered_us(self, now: int) -> int:
        """How much of the item could be heard so far: none of it if it is silent."""
        return min(self._item_audible_us, max(0, now - self.began))

    def ended(self) -> None:
        """The end of playback was reported."""
        self.speaking = False

    def interrupt(self, now: int) -> tuple[str, int] | None:
        """Stop. Returns the item and how many ms of it were heard, by the clock, or None if nothing was playing."""
        if not self.speaking or self.item_id is None:
            return None
        heard_us = self.heard_us(now)
        self.speaking = False
        self._refused = self.item_id
        return self.item_id, heard_us // MS

    def overdue_us(self, now: int) -> int:
        """How long ago the end should have been reported; 0 or negative: it is not due."""
        return now - self._end if self.speaking else 0
