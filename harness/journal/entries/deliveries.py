"""What a live server wrote to the client's socket, and what it did not."""

from typing import ClassVar

from .base import ConnectionEntry


class EventHeldBack(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: a fault keeps the event of the entry before from the client; :class:`EventDelivered` may follow.

    An event without this entry was written to the client's socket at once. Whether the client read it is not known.
    """

    lane: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "held_back"
    written_by: ClassVar[str] = "live, the session"
    number: int
    """The number of the event: those of the server are counted from 1 on each connection."""
    event: str
    """The type of the event."""
    response_id: str | None
    """The response it belongs to."""


class EventDelivered(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: an event that was held back is written to the client's socket."""

    lane: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "delivered"
    written_by: ClassVar[str] = "live, the session"
    number: int
    """The number of the event, as in :class:`EventHeldBack`."""
    event: str
    """The type of the event."""
    late_ms: int
    """How much later than it was sent, in milliseconds."""
    damaged: bool
    """Whether a fault changed its text: the client probably cannot read it."""


class AudioDelivered(ConnectionEntry, frozen=True, kw_only=True):
    """How much audio of an item was delivered to the client so far: live, written to its socket.

    Live, there are at most two entries a second, and the last one of an item has its totals; in virtual time there is
    one, with the event of the audio's end. That audio was played, a server cannot know.
    """

    lane: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "audio"
    written_by: ClassVar[str] = "the network; live, the session"
    response_id: str
    """The response."""
    item_id: str
    """The conversation item."""
    sent_ms: int
    """Length of the audio that the session sent, in milliseconds."""
    delivered_ms: int
    """Length of the audio that was delivered, in milliseconds."""
    audible_ms: int
    """How much of what was delivered can be heard, in milliseconds: live, what is louder than -54 dBFS."""


class UplinkHeldBack(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: what a fault keeps from the session of the client's messages; at most two entries a second."""

    lane: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "uplink"
    written_by: ClassVar[str] = "live, the session"
    size_bytes: int
    """Size of the messages that were lost or still wait, in bytes."""
    audio_ms: int
    """Length of the audio in them, in milliseconds; 0 on a dead connection, where nothing is read."""
    late_ms: int
    """How much later than it was received the last message arrived that did arrive, in milliseconds."""


class StillOpen(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: the connection was open when the journal was read; what the journal does not have has not happened."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "still_open"
    written_by: ClassVar[str] = "live, the control API, as the last line of a journal that goes on"
