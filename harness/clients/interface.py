"""What a client under test is: a class with four methods, told of things and handing back commands.

A client never reads a clock and never waits: ``now`` comes in as microseconds, and it says by :attr:`next_wake` when it
wants :meth:`Client.wake`. The world dials the first connection; everything after that is the client's to ask for.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from harness.audio.chunk import Chunk
from harness.protocol.events import Event

# --- what a client is told besides server events ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """The connection is open; the next event is ``session.created``."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection closed. 1006: without a Close frame."""

    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DialFailed:
    """A connection could not be made."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a :class:`Ping`."""


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """All audio handed to :class:`Play` so far has been played."""


@dataclass(frozen=True, slots=True)
class AppState:
    """The app went to the background or came back."""

    foreground: bool


Signal = Opened | Closed | DialFailed | Pong | PlaybackEnded | AppState

# --- what a client asks for besides client events --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connect:
    """Leave the connection, if there is one, and dial a new one: a new session with an empty conversation."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection."""

    code: int = 1000


@dataclass(frozen=True, slots=True)
class Ping:
    """A WebSocket ping."""


@dataclass(frozen=True, slots=True)
class Play:
    """Queue assistant audio (bytes in the session's output format) for the speaker."""

    audio: bytes
    item_id: str
    response_id: str


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Drop what is queued."""


@dataclass(frozen=True, slots=True)
class ReopenCapture:
    """Release the microphone and open it anew."""


@dataclass(frozen=True, slots=True)
class ResumePlayback:
    """Resume a suspended output."""


@dataclass(frozen=True, slots=True)
class Log:
    """A line for the journal; ``kind`` is a short word, ``fields`` JSON values."""

    kind: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TellUser:
    """Say to the user that something is wrong."""

    text: str


Command = Event | Connect | Disconnect | Ping | Play | StopPlayback | ReopenCapture | ResumePlayback | Log | TellUser


class Client(Protocol):
    """The four methods of a client under test. Any class that has them will do."""

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        """The microphone delivered a chunk: int16 mono at 24 kHz."""

    def receive(self, event: Event | Signal, now: int) -> list[Command]:
        """A server event or a signal arrived."""

    def wake(self, now: int) -> list[Command]:
        """:meth:`next_wake` has come."""

    def next_wake(self) -> int | None:
        """When :meth:`wake` is wanted, in microseconds; None if it is not."""
