"""What the client believes about its own playback: how much was queued and heard, and whether the assistant speaks.

It relies on the report that playback ended. If that report never arrives (a suspended output), the client believes
forever that the assistant speaks.
"""

import numpy as np

from ..audio.formats import PCM24K
from ..protocol.events import ConversationItemTruncate, OutputAudioBufferClear
from ..units import MS, SECOND
from .interface import Command, StopPlayback

_AUDIBLE_LSB = 8
"""Audio whose peak is below this, -72 dBFS, cannot be heard."""
_LONGEST_PAUSE_US = 2_000 * MS
"""A pause in an answer is shorter than this."""
_UNKNOWN_US = 3_600 * SECOND
"""The length of audio that a browser plays: only its end is told."""


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
        self._is_far = False
        """Whether the server keeps the audio, and the browser plays it: a call."""

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

    def plays(self, item_id: str, now: int) -> None:
        """On a call, audio begins to go out; what of it can be heard is told by :meth:`reported`."""
        self.item_id, self.began, self._item_queued_us, self._item_audible_us = item_id, now, _UNKNOWN_US, 0
        self._end, self._audible_end = now + _UNKNOWN_US, now
        self.speaking = self._is_far = True

    def reported(self, audible_ms: int, now: int) -> None:
        """On a call, so much that can be heard was played since the last report."""
        if self._is_far and audible_ms:
            self._item_audible_us += audible_ms * MS
            self._audible_end = now

    def cut(self, now: int) -> list[Command]:
        """The commands that stop what plays, and let the server forget what was not heard; none if nothing plays."""
        interrupted = self.interrupt(now)
        if interrupted is None:
            return []
        if self._is_far:
            return [OutputAudioBufferClear()]
        item_id, heard_ms = interrupted
        return [StopPlayback(), ConversationItemTruncate(item_id=item_id, content_index=0, audio_end_ms=heard_ms)]

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
