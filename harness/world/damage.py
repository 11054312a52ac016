"""Messages that are damaged on the wire."""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from ..errors import ProtocolError
from ..faults.on_wire import damaged_text
from ..faults.seams import Direction
from ..protocol.codec import decode_client_event, decode_server_event, encode
from ..protocol.events import Event


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that arrived and is not an event; ``error`` is what a server answers."""

    error: ProtocolError | None


def damaged(direction: Direction, message: Any, damage: Literal["corrupt", "truncate"]) -> Any:
    """The event that arrives in place of a damaged one, or :class:`Unreadable`."""
    if not isinstance(message, Event):
        return message
    text = damaged_text(encode(message), damage)
    try:
        return decode_client_event(text) if direction == "up" else decode_server_event(text)
    except ProtocolError as error:
        return Unreadable(error)
    except (msgspec.DecodeError, UnicodeError):
        return Unreadable(None)
