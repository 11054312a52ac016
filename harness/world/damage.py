"""Messages that arrive with other bytes than were sent."""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from harness.errors import ProtocolError
from harness.faults.damage import damaged_text
from harness.faults.seams import Direction
from harness.protocol.codec import decode_client_event, decode_server_event, encode
from harness.protocol.events import Event


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What arrived is no event; ``error`` is what a server says of it."""

    error: ProtocolError | None


def damaged(direction: Direction, message: Any, damage: Literal["corrupt", "truncate"]) -> Any:
    """The event that arrives in place of one that is damaged on its way, or :class:`Unreadable`."""
    if not isinstance(message, Event):
        return message
    text = damaged_text(encode(message), damage)
    try:
        return decode_client_event(text) if direction == "up" else decode_server_event(text)
    except ProtocolError as error:
        return Unreadable(error)
    except (msgspec.DecodeError, UnicodeError):
        return Unreadable(None)
