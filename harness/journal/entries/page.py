"""A page in a browser."""

from typing import Any, ClassVar

from .base import Entry


class PageContext(Entry, frozen=True, kw_only=True):
    """An ``AudioContext`` of the page has another state."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "context"
    written_by: ClassVar[str] = "the stage, for a page, as the browser reports it"
    context: int
    """The number of the context: those of a page are counted from 1."""
    state: str
    """``suspended``, ``running``, ``interrupted`` or ``closed``."""


class PageNodeCreated(Entry, frozen=True, kw_only=True):
    """The page makes a node of its audio graph that carries a capture."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "node_created"
    written_by: ClassVar[str] = "the stage, for a page, as the browser reports it"
    context: int
    """The number of the node's context."""
    node: str
    """Its kind, as ``MediaStreamAudioSource``."""

    @property
    def is_source(self) -> bool:
        """Whether a captured stream enters the graph by it."""
        return self.node == "MediaStreamAudioSource"


class PageTrack(Entry, frozen=True, kw_only=True):
    """A captured track tells the page something: ``mute``, ``unmute`` or ``ended``."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "track"
    written_by: ClassVar[str] = "the stage, for a page"
    event: str
    """The name of the event."""
    label: str
    """The track's name of its device."""


class PageLifecycle(Entry, frozen=True, kw_only=True):
    """The page is told that it is in front, behind, frozen or thawed."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "lifecycle"
    written_by: ClassVar[str] = "the stage, for a page"
    event: str
    """``visible``, ``hidden``, ``freeze``, ``resume``, ``focus``, ``blur``, ``online``, ``offline`` or ``crash``."""


class PageConsole(Entry, frozen=True, kw_only=True):
    """A line of the page's console, or an error that nobody caught."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "console"
    written_by: ClassVar[str] = "the stage, for a page"
    level: str
    """``log``, ``warning``, ``error`` …; ``uncaught``: an exception or a promise that was rejected."""
    text: str
    """The line, up to 500 characters."""


class PageSocketBuffer(Entry, frozen=True, kw_only=True):
    """What the page's WebSockets hold back: ``bufferedAmount``, where it has changed by much."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "buffered"
    written_by: ClassVar[str] = "the stage, for a page"
    size_bytes: int
    """Of all that are open, in bytes."""


class PageNote(Entry, frozen=True, kw_only=True):
    """What the page says of itself: ``globalThis.stillthere?.note(name, values)``."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "note"
    written_by: ClassVar[str] = "the page"
    name: str
    """The name that the page chose."""
    values: dict[str, Any]
    """What it noted."""


class PageActed(Entry, frozen=True, kw_only=True):
    """Something was done to the page or to its browser: a step, an app switch, or the return from one."""

    lane: ClassVar[str] = "page"
    kind: ClassVar[str] = "acted"
    written_by: ClassVar[str] = "the stage, for a page"
    what: str
    """What, in words."""
