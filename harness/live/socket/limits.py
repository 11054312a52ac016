"""How much a client can make the server hold, and for how long: no buffer grows beyond these limits.

The limits are ours, except the message size: it leaves room to refuse the documented largest append with an ``error``
event. What the service does when a client stops reading is unknown.
"""

from dataclasses import dataclass

MAX_MESSAGE_BYTES = 40 * 1024 * 1024
"""Room for 20 MiB of audio in base64: an append above the documented 15 MiB is refused by an ``error`` event."""
READ_BYTES = 64 * 1024
"""Read from a socket at once."""
SLICE_BYTES = 16 * 1024
"""Parsed at a time of what was received, so that answers that the client does not read stop the parsing."""
LARGE_BYTES = 128 * 1024
"""A larger message is inflated, decoded and answered in steps, one such message of all clients at a time."""
UNPACKED_BYTES = 256 * 1024
"""A client whose small messages inflate to more than this within one turn of the loop waits for a later turn."""
MEMORY_BYTES = 192 * 1024 * 1024
"""Held at most of all clients: their messages, what they do not read, the large items of their conversations."""
HELD_BYTES = 1024 * 1024
"""A stalled wire that holds more than this is not read from, and its session sends nothing more."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the server waits, in seconds."""

    ping_every_s: float = 20.26
    """Between two PINGs (captured)."""
    pong_within_s: float = 20.0
    """A client that has not answered by then is closed with 1011 (the code is captured, that the server does so is
    inferred)."""
    stalled_s: float = 40.0
    """A client that has read nothing for so long is disconnected: as long as it may leave a PING unanswered."""
    close_within_s: float = 10.0
    """A client that has not answered the server's Close by then is disconnected."""
    stop_within_s: float = 2.0
    """The same when the server stops."""
