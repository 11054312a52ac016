"""What the client did, and what it logged."""

from typing import Any, ClassVar

from .base import ConnectionEntry, Entry


class ClientPong(ConnectionEntry, frozen=True, kw_only=True):
    """The client received a pong."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "pong"
    written_by: ClassVar[str] = "the network"


class ClientUnreadable(ConnectionEntry, frozen=True, kw_only=True):
    """The client received a message that is not an event."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "unreadable"
    written_by: ClassVar[str] = "the network"


class ClientDisconnects(Entry, frozen=True, kw_only=True):
    """The client closes the connection by itself, not to dial another one."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "disconnects"
    written_by: ClassVar[str] = "the world, for the client under test"
    code: int
    """The Close code."""


class ClientReopensCapture(Entry, frozen=True, kw_only=True):
    """The client reopens the microphone."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "reopens_capture"
    written_by: ClassVar[str] = "the world, for the client under test"


class AudioNodeCollected(Entry, frozen=True, kw_only=True):
    """The garbage collector takes a source of audio from a page's audio graph, which still needs it."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "node_collected"
    written_by: ClassVar[str] = (
        "the world, for the fault `graph-collected`; for a page in a browser, the stage, from "
        "`WebAudio.audioNodeWillBeDestroyed`"
    )
    node: str
    """The type of the node, as the browser names it: ``MediaStreamAudioSource``."""
    left: int = 0
    """How many nodes of this type the page has left. 0: it captures nothing any more."""


class ClientTellsUser(Entry, frozen=True, kw_only=True):
    """The client tells the user that something is wrong."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "tells_user"
    written_by: ClassVar[str] = "the world, for the client under test"
    text: str
    """The message to the user."""


class ClientLog(Entry, frozen=True, kw_only=True):
    """A line that the client logs; the client chooses ``kind`` and ``fields``, but not those of another class.

    The client kit logs ``remedy`` and ``noticed`` (``symptom``, ``remedy``), ``watchdog`` (``sends``), and
    ``first_chunk`` (``line``). Of an app, each line that it writes to its standard output is ``prints`` (``line``).
    """

    lane: ClassVar[str] = "client"
    written_by: ClassVar[str] = "the client under test"
    kind: str
    fields: dict[str, Any]
    """The other fields of the line, in their order."""


class AppEnded(Entry, frozen=True, kw_only=True):
    """The app under test ended before the run did."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "app_ended"
    written_by: ClassVar[str] = "the stage, for an app or a program"
    error: str | None
    """What it raised, or with which exit code it ended; null if it just returned."""
    place: str | None
    """The line of its own that led to it; null if that is not known."""


class AppFenced(Entry, frozen=True, kw_only=True):
    """The app under test did something that its stage cannot do as a real device would."""

    lane: ClassVar[str] = "client"
    kind: ClassVar[str] = "fence"
    written_by: ClassVar[str] = "the stage, for an app or a program, once for each such thing"
    what: str
    """What it was, and what was done instead."""
