"""What of one live session was written to the client's socket, and what of the client's messages a fault kept back.

That bytes are in the socket is all that a server knows: not that the client read them, and not that it played them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from ..audio.formats import AudioFormat
from ..audio.levels import rms_lsb
from ..journal import AudioDelivered, Entry, EventDelivered, EventHeldBack, UplinkHeldBack
from ..protocol.events import (
    PIECES,
    Event,
    ResponseDone,
    ResponseOutputAudioDelta,
    ResponseOutputAudioDone,
    event_type,
)
from ..protocol.summary import summary
from ..protocol.translation_events import TranslationAudioDelta
from ..units import MS, SECOND

AUDIBLE_LSB = 64.0
"""A delta with a higher RMS, -54 dBFS, counts as audible."""
_UPLINK_EVERY_US = SECOND // 2
_AUDIO_EVERY_US = SECOND // 2
_MOST_WAITING = 10_000
"""So many events of a connection are waited for; of older ones it is not noticed if they are delivered after all."""
_MOST_ITEMS = 100


@dataclass(slots=True)
class _ItemAudio:
    response_id: str
    item_id: str
    sent_us: int = 0
    delivered_us: int = 0
    audible_us: int = 0
    ended: bool = False
    noted_at: int | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class _SentEvent:
    t: int
    event: Event
    audio_us: int = 0
    audible: bool = False


class Deliveries:
    """Call :meth:`sending` before an event is sent and :meth:`sent` after it; :meth:`flush` comes last.

    It is a :class:`harness.live.socket.handler.DeliveryLog` for the wire. ``write`` gets the entries for the journal,
    ``now`` the time of the session in microseconds.
    """

    def __init__(self, connection: int, now: Callable[[], int], write: Callable[[Entry], None]) -> None:
        self.audio_us = 0
        """Length of the audio that was delivered, in microseconds."""
        self._connection, self._now, self._write = connection, now, write
        self._waiting: dict[int, _SentEvent] = {}
        self._held_back: set[int] = set()
        self._items: dict[str, _ItemAudio] = {}
        self._uplink_bytes = self._uplink_us = self._uplink_late_us = 0
        self._uplink_noted_at: int | None = None
        self._uplink_changed = False

    # --- to the client ---

    def sending(self, number: int, event: Event, output_format: AudioFormat) -> None:
        """The session sends this event, its ``number``-th."""
        now = self._now()
        if type(event) is not ResponseOutputAudioDelta:
            audio = event.delta if isinstance(event, TranslationAudioDelta) else b""
            self._waiting[number] = _SentEvent(now, event, output_format.duration_us(len(audio)))
            return
        length_us = output_format.duration_us(len(event.delta))
        audible = rms_lsb(output_format.decode(event.delta)) > AUDIBLE_LSB
        self._waiting[number] = _SentEvent(now, event, length_us, audible)
        if event.item_id not in self._items:
            self._items[event.item_id] = _ItemAudio(event.response_id, event.item_id)
            if len(self._items) > _MOST_ITEMS:
                del self._items[next(iter(self._items))]
        self._items[event.item_id].sent_us += length_us
        self._items[event.item_id].changed = True

    def sent(self, number: int, *, at_once: bool) -> None:
        """It was given to the socket; ``at_once`` False: to the faults on the wire, which may have delivered it."""
        if at_once:
            self.delivered(number, damaged=False)
        waiting = self._waiting.get(number)
        if waiting is None:
            return
        if isinstance(waiting.event, ResponseOutputAudioDelta):
            self._note_item(self._items.get(waiting.event.item_id))
        elif not isinstance(waiting.event, PIECES):
            self._held_back.add(number)
            kind, response_id = event_type(waiting.event), summary(waiting.event).get("response_id")
            self._add(EventHeldBack(t=0, connection=0, number=number, event=kind, response_id=response_id))
        if isinstance(waiting.event, (ResponseOutputAudioDone, ResponseDone)):
            self._end_items(waiting.event)
        if len(self._waiting) > _MOST_WAITING:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            self._held_back.discard(oldest)

    def delivered(self, number: int, *, damaged: bool) -> None:
        """The event with this number was written to the socket."""
        sent = self._waiting.pop(number, None)
        if sent is None:
            return  # a copy of one that was delivered already
        if number in self._held_back or damaged:
            self._held_back.discard(number)
            if not isinstance(sent.event, PIECES):
                late_ms, kind = (self._now() - sent.t) // MS, event_type(sent.event)
                self._add(
                    EventDelivered(t=0, connection=0, number=number, event=kind, late_ms=late_ms, damaged=damaged)
                )
        if isinstance(sent.event, TranslationAudioDelta):
            self.audio_us += 0 if damaged else sent.audio_us
        elif isinstance(sent.event, ResponseOutputAudioDelta):
            self._audio_delivered(sent, sent.event.item_id, damaged)
        elif isinstance(sent.event, (ResponseOutputAudioDone, ResponseDone)):
            self._end_items(sent.event)

    def _audio_delivered(self, sent: _SentEvent, item_id: str, damaged: bool) -> None:
        item = self._items.get(item_id)
        if damaged:
            self._note_item(item)
            return
        self.audio_us += sent.audio_us
        if item is not None:
            item.delivered_us += sent.audio_us
            item.audible_us += sent.audio_us if sent.audible else 0
            item.changed = True
            self._note_item(item)

    def _end_items(self, event: ResponseOutputAudioDone | ResponseDone) -> None:
        for item in list(self._items.values()):
            whole = isinstance(event, ResponseDone) and item.response_id == event.response.id
            if whole or (isinstance(event, ResponseOutputAudioDone) and item.item_id == event.item_id):
                item.ended = True
                self._note_item(item, at_once=True)
                if item.delivered_us == item.sent_us:
                    self._items.pop(item.item_id, None)

    def _note_item(self, item: _ItemAudio | None, *, at_once: bool = False) -> None:
        if item is None or not item.changed:
            return
        now = self._now()
        whole = item.ended and item.delivered_us == item.sent_us
        if at_once or whole or item.noted_at is None or now - item.noted_at >= _AUDIO_EVERY_US:
            item.noted_at, item.changed = now, False
            self._add(
                AudioDelivered(
                    t=0,
                    connection=0,
                    response_id=item.response_id,
                    item_id=item.item_id,
                    sent_ms=item.sent_us // MS,
                    delivered_ms=item.delivered_us // MS,
                    audible_ms=item.audible_us // MS,
                )
            )
            if whole:
                del self._items[item.item_id]

    # --- from the client ---

    def uplink_held(self, size_bytes: int, audio_us: int) -> None:
        """A message of the client, or bytes that nobody reads, reached the socket and not the session."""
        self._uplink_bytes += size_bytes
        self._uplink_us += audio_us
        self._note_uplink()

    def uplink_arrived(self, size_bytes: int, audio_us: int, late_us: int) -> None:
        """A message that was held reaches the session, so much later."""
        self._uplink_bytes -= size_bytes
        self._uplink_us -= audio_us
        self._uplink_late_us = late_us
        self._note_uplink(at_once=not self._uplink_bytes)

    def _note_uplink(self, *, at_once: bool = False) -> None:
        now = self._now()
        self._uplink_changed = True
        if at_once or self._uplink_noted_at is None or now - self._uplink_noted_at >= _UPLINK_EVERY_US:
            self._uplink_noted_at, self._uplink_changed = now, False
            self._add(
                UplinkHeldBack(
                    t=0,
                    connection=0,
                    size_bytes=self._uplink_bytes,
                    audio_ms=self._uplink_us // MS,
                    late_ms=self._uplink_late_us // MS,
                )
            )

    # --- both ---

    def flush_due(self) -> None:
        """Write what has changed, of what had no entry for long; call it often."""
        for item in list(self._items.values()):
            self._note_item(item)

    def flush(self) -> None:
        """Write all that has changed since the last entries: the connection is gone, or someone reads the journal."""
        for item in list(self._items.values()):
            self._note_item(item, at_once=True)
        if self._uplink_changed:
            self._note_uplink(at_once=True)

    def _add(self, entry: EventHeldBack | EventDelivered | AudioDelivered | UplinkHeldBack) -> None:
        self._write(replace(entry, t=self._now(), connection=self._connection))
