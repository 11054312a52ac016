"""What clients can make the server hold, and for how long: no buffer grows beyond what stands here.

The limits are ours but for the message size, which leaves room for the documented largest append to be refused in
words; what the service does when a client stops reading is unknown.
"""

from dataclasses import dataclass

MAX_MESSAGE_BYTES = 40 * 1024 * 1024
"""Room for 20 MiB of audio in base64: an append above the documented 15 MiB is told so by an ``error`` event."""
READ_BYTES = 64 * 1024
"""So much is read from a socket at once."""
SLICE_BYTES = 16 * 1024
"""So much of what has come is parsed at a time, so that answers that nobody reads stop the parsing."""
COMPRESSED_SLICE_BYTES = 4 * 1024
"""The same with permessage-deflate, where it may become a thousand times as much."""
HELD_BYTES = 1024 * 1024
"""A stalled wire that holds more than this is not read from, and its session says no more."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the server is patient, in seconds."""

    ping_every_s: float = 20.26
    """Between two PINGs (captured)."""
    pong_within_s: float = 20.0
    """A client that has not answered by then is closed with 1011 (the code is captured, that the server does so is
    inferred)."""
    stalled_s: float = 40.0
    """A client that has read nothing for so long is cut: as long as it may leave a PING unanswered."""
    close_within_s: float = 10.0
    """A client that has not answered the server's Close by then is cut."""
    stop_within_s: float = 2.0
    """The same when the server stops."""


class Memory:
    """What the unfinished messages of all connections may take together."""

    def __init__(self, limit_bytes: int = 256 * 1024 * 1024) -> None:
        self.buffer = memoryview(bytearray(READ_BYTES))
        """Into which everything is read."""
        self.held_bytes = 0
        self._limit_bytes = limit_bytes

    def change(self, by_bytes: int) -> bool:
        """Hold more or less; False if that is too much."""
        self.held_bytes += by_bytes
        return self.held_bytes <= self._limit_bytes
