"""Events of the protocol, on both sides."""

from functools import cache
from typing import Any, ClassVar, Self

from ...protocol.events import Event, event_type
from ...protocol.summary import summary
from .base import NOT_IN_LINE, Entry


@cache
def tags_of(types: tuple[type[Event], ...]) -> frozenset[str]:
    """The ``type`` of events of these classes."""
    return frozenset(str(each.__struct_config__.tag) for each in types)


class EventEntry(Entry, frozen=True, kw_only=True):
    """An event of the protocol; ``kind`` is its ``type``, ``fields`` are its ids, positions, states and errors.

    Events that carry pieces of audio or text (``….delta``, appends) have no entries.
    """

    kind: str
    connection: int
    """The connection that it was sent on, or received on."""
    fields: dict[str, Any]
    """The other fields of the line, in their order."""

    @classmethod
    def of(cls, event: Event, *, t: int, connection: int) -> Self:
        """The entry for ``event``, without audio and other large values."""
        fields = {name: value for name, value in summary(event).items() if name not in _IN_EVERY_EVENT}
        return cls(t=t, kind=event_type(event), connection=connection, fields=fields)

    def is_a(self, *types: type[Event]) -> bool:
        """Whether the event is of one of these classes."""
        return self.kind in tags_of(types)

    @property
    def response_id(self) -> str | None:
        """The response it belongs to."""
        return self.fields.get("response_id")

    @property
    def item_id(self) -> str | None:
        """The conversation item it is about."""
        return self.fields.get("item_id")

    @property
    def status(self) -> str | None:
        """The status of a response or an item."""
        return self.fields.get("status")

    @property
    def reason(self) -> str | None:
        """Why a response was cancelled or is incomplete."""
        return self.fields.get("reason")

    @property
    def audio_start_ms(self) -> int:
        """Where speech started, from ``speech_started``. Raises :exc:`KeyError` for an event without it."""
        return int(self.fields["audio_start_ms"])

    @property
    def audio_end_ms(self) -> int:
        """Where speech ended, from ``speech_stopped``. Raises :exc:`KeyError` for an event without it."""
        return int(self.fields["audio_end_ms"])

    @property
    def item_type(self) -> str:
        """The type of the item that the event adds: ``message``, ``function_call``, ``function_call_output`` …"""
        return str(self.fields.get("item_type", "message"))

    @property
    def role(self) -> str | None:
        """The role of the item that the event adds."""
        return self.fields.get("role")

    @property
    def call_id(self) -> str | None:
        """The tool call that the event is about, or that its item makes or answers."""
        return self.fields.get("call_id")

    @property
    def settings(self) -> dict[str, Any]:
        """The settings in a session's event, in short: see :mod:`harness.protocol.summary`."""
        return dict(self.fields.get("settings") or {})

    @property
    def tells_turn_detection(self) -> bool:
        """Whether the event has :attr:`turn_detection`, as ``session.created`` and ``session.updated`` do."""
        return "turn_detection" in self.fields

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """The turn detection of the session; None: off, the client commits turns."""
        return self.fields.get("turn_detection")


_IN_EVERY_EVENT = NOT_IN_LINE | {"connection"}


class EventByServer(EventEntry, frozen=True, kw_only=True):
    """An event that the server sent, whether or not it arrived."""

    lane: ClassVar[str] = "server"
    written_by: ClassVar[str] = "the connection, at the server's end"


class EventAtClient(EventEntry, frozen=True, kw_only=True):
    """An event that the client sent or received.

    Live: an event that arrived from the client; a live server does not know what the client receives.
    """

    lane: ClassVar[str] = "client"
    written_by: ClassVar[str] = "the connection, at the client's end; live, the session"
