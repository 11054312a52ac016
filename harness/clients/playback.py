"""What the client believes of its own playback: how much was queued, how much was heard, and whether it still speaks.

The belief rests on the end of playback being reported; where that report never comes (a suspended output), the
assistant is believed to speak for ever.
"""

import numpy as np

from harness.audio.formats import PCM24K
from harness.units import MS

AUDIBLE_LSB = 8
"""Audio whose peak is below this, -72 dBFS, cannot be heard."""
SILENCE_US = 2_000 * MS
"""A pause in an answer is shorter than this."""


def is_audible(audio: bytes) -> bool:
    """Whether anything can be heard in int16 samples."""
    whole = len(audio) - len(audio) % 2
    if not whole or audio.count(0) == len(audio):
        return False
    samples = np.frombuffer(audio, "<i2", whole // 2).astype(np.int32)
    return bool(np.abs(samples).max() >= AUDIBLE_LSB)


class PlaybackMeter:
    """Meters one speaker."""

    def __init__(self) -> None:
        self.speaking = False
        """The belief: audio is queued and its end was not reported."""
        self.item_id: str | None = None
        self._refused: str | None = None
        self.began = 0
        """When what plays, or played last, began to."""
        self._item_queued_us = 0
        self._end = 0
        self._audible_end = 0

    def accept(self, item_id: str, audio: bytes, now: int, *, audible: bool = True) -> bool:
        """Whether to play this audio; not if the item was interrupted."""
        if item_id == self._refused:
            return False
        start = max(now, self._end) if self.speaking else now
        duration_us = PCM24K.duration_us(len(audio))
        if item_id != self.item_id:
            self.item_id, self.began, self._item_queued_us = item_id, start, 0
        self._item_queued_us += duration_us
        self._end = start + duration_us
        if audible:
            self._audible_end = self._end
        self.speaking = True
        return True

    def speaks(self, now: int) -> bool:
        """The belief, corrected: what has been silent for :data:`SILENCE_US` is no speaking, however long it plays."""
        silent = self._audible_end < self._end and now - self._audible_end >= SILENCE_US
        return self.speaking and not silent

    def heard_us(self, now: int) -> int:
        """How much of what is playing was heard, by the clock; 0 if nothing plays."""
        return min(self._item_queued_us, max(0, now - self.began)) if self.speaking else 0

    def ended(self) -> None:
        """The end of playback was reported."""
        self.speaking = False

    def interrupt(self, now: int) -> tuple[str, int] | None:
        """Stop: gives the item and how many ms of it were heard by the clock, or None if nothing was playing."""
        if not self.speaking or self.item_id is None:
            return None
        heard_us = self.heard_us(now)
        self.speaking = False
        self._refused = self.item_id
        return self.item_id, heard_us // MS

    def overdue_us(self, now: int) -> int:
        """How long ago the end should have been reported; negative or 0 if it is not due."""
        return now - self._end if self.speaking else 0
