"""What the client believes of its own playback: how much was queued, how much was heard, and whether it still speaks.

The belief rests on the end of playback being reported; where that report never comes (a suspended output), the
assistant is believed to speak for ever.
"""

from harness.audio.formats import PCM24K
from harness.units import MS


class PlaybackMeter:
    """Meters one speaker."""

    def __init__(self) -> None:
        self.speaking = False
        """The belief: audio is queued and its end was not reported."""
        self.item_id: str | None = None
        self._refused: str | None = None
        self._item_started = 0
        self._item_queued_us = 0
        self._end = 0

    def accept(self, item_id: str, audio: bytes, now: int) -> bool:
        """Whether to play this audio; not if the item was interrupted."""
        if item_id == self._refused:
            return False
        start = max(now, self._end) if self.speaking else now
        duration_us = PCM24K.duration_us(len(audio))
        if item_id != self.item_id:
            self.item_id, self._item_started, self._item_queued_us = item_id, start, 0
        self._item_queued_us += duration_us
        self._end = start + duration_us
        self.speaking = True
        return True

    def ended(self) -> None:
        """The end of playback was reported."""
        self.speaking = False

    def interrupt(self, now: int) -> tuple[str, int] | None:
        """Stop: gives the item and how many ms of it were heard by the clock, or None if nothing was playing."""
        if not self.speaking or self.item_id is None:
            return None
        self.speaking = False
        self._refused = self.item_id
        heard_us = min(self._item_queued_us, max(0, now - self._item_started))
        return self.item_id, heard_us // MS

    def overdue_us(self, now: int) -> int:
        """How long ago the end should have been reported; negative or 0 if it is not due."""
        return now - self._end if self.speaking else 0
