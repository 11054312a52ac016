"""Messages that are damaged on the wire, or were no events when they were sent."""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from ..errors import ProtocolError
from ..faults.on_wire import damaged_text
from ..faults.seams import Direction
from ..protocol.codec import decode_client_event, decode_server_event, encode
from ..protocol.events import Event


@dataclass(frozen=True, slots=True)
class Damaged:
    """A text message as it arrives."""

    text: bytes
    event: Event | None
    """What it still says; None if it is no event."""
    error: ProtocolError | None = None
    """What a server answers to it."""


def damaged(direction: Direction, message: Any, damage: Literal["corrupt", "truncate"]) -> Any:
    """What arrives in place of a message. A ping, a pong and a Close are not damaged."""
    if not isinstance(message, Event | Damaged):
        return message
    text = damaged_text(message.text if isinstance(message, Damaged) else encode(message), damage)
    try:
        return Damaged(text, decode_client_event(text) if direction == "up" else decode_server_event(text))
    except ProtocolError as error:
        return Damaged(text, None, error)
    except (msgspec.DecodeError, UnicodeError):
        return Damaged(text, None)
