"""The output buffer of a WebRTC call: audio comes faster than real time, and leaves in frames of 20 ms.

A frame holds audio of one item. The last one of an item is filled up with silence.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from ..audio.formats import PCM24K
from ..units import MS

FRAME_US = 20 * MS
FRAME_BYTES = 960
"""Bytes of PCM (int16, 24 kHz) in a frame."""
SILENT_FRAME = bytes(FRAME_BYTES)


class Frame(NamedTuple):
    """The next 20 ms of the buffer."""

    pcm: bytes
    response_id: str
    item_id: str
    audio_bytes: int
    """How much of it is the item's."""


class Cut(NamedTuple):
    """An item that was in the buffer when it was cleared."""

    item_id: str
    played_ms: int
    """How much of it had left the buffer."""


@dataclass(slots=True, eq=False)
class _Buffered:
    """The audio of one item."""

    response_id: str
    item_id: str
    audio: bytearray = field(default_factory=bytearray)
    complete: bool = False
    played_bytes: int = 0


class OutputBuffer:
    """Audio in, :meth:`take` out at each tick of 20 ms; :meth:`clear` cuts it off."""

    def __init__(self) -> None:
        self._items: deque[_Buffered] = deque()
        """The first one plays, or waits for more of its audio."""
        self.playing: str | None = None
        """The response that plays: ``output_audio_buffer.started`` was sent for it."""
        self._last: Cut | None = None
        """The item that left the buffer last, while its response is the one that plays."""
        self._done: set[str] = set()
        """The responses that have ended and have audio here."""
        self._refused: str | None = None

    @property
    def holds(self) -> bool:
        """Whether there is audio in it, or a response that has not stopped."""
        return bool(self._items) or self.playing is not None

    def feed(self, response_id: str, item_id: str, pcm: bytes) -> None:
        """More audio of an item; not of a response that was cleared while it went on."""
        if response_id == self._refused:
            return
        if not self._items or self._items[-1].item_id != item_id:
            self._items.append(_Buffered(response_id, item_id))
        self._items[-1].audio += pcm

    def item_complete(self, item_id: str) -> None:
        """All audio of an item is here."""
        for item in self._items:
            if item.item_id == item_id:
                item.complete = True

    def response_done(self, response_id: str) -> None:
        """A response has ended: no more audio of it comes."""
        for item in self._items:
            if item.response_id == response_id:
                item.complete = True
        if self.playing == response_id or any(item.response_id == response_id for item in self._items):
            self._done.add(response_id)

    @property
    def next_response(self) -> str | None:
        """The response whose audio leaves next, if a frame of it is here."""
        item = self._next_item()
        return None if item is None else item.response_id

    def stops(self) -> str | None:
        """The response that plays, if all of it has left and it has ended."""
        playing = self.playing
        if playing is None or playing not in self._done or any(item.response_id == playing for item in self._items):
            return None
        return playing

    def stopped(self) -> None:
        """``output_audio_buffer.stopped`` is sent for the response that plays."""
        if self.playing is not None:
            self._done.discard(self.playing)
        self.playing = self._last = None

    def take(self) -> Frame | None:
        """The next frame, as part of the response that plays from now on; None: there is no whole one."""
        item = self._next_item()
        if item is None:
            return None
        pcm = bytes(item.audio[:FRAME_BYTES])
        del item.audio[:FRAME_BYTES]
        item.played_bytes += len(pcm)
        self.playing = item.response_id
        self._last = Cut(item.item_id, PCM24K.duration_us(item.played_bytes) // MS)
        self._drop_empty()
        return Frame(pcm.ljust(FRAME_BYTES, b"\0"), item.response_id, item.item_id, len(pcm))

    def clear(self) -> tuple[str, list[Cut]] | None:
        """Drop everything: gives the response that was cut off and the items of it and behind it; None: all is empty.

        The items are in order; the first one may have been played in part, or whole.
        """
        if not self.holds:
            return None
        response_id = self.playing or self._items[0].response_id
        cut = [Cut(item.item_id, PCM24K.duration_us(item.played_bytes) // MS) for item in self._items]
        if self._last is not None and (not cut or cut[0].item_id != self._last.item_id):
            cut.insert(0, self._last)
        last = self._items[-1].response_id if self._items else response_id
        self._refused = None if last in self._done else last
        self._items.clear()
        self._done.clear()
        self.playing = self._last = None
        return response_id, cut

    def _next_item(self) -> _Buffered | None:
        """The first item, if a frame of it is here."""
        self._drop_empty()
        if not self._items:
            return None
        first = self._items[0]
        return first if len(first.audio) >= FRAME_BYTES or first.complete else None

    def _drop_empty(self) -> None:
        while self._items and not self._items[0].audio and self._items[0].complete:
            self._items.popleft()
