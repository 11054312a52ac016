"""What a reader of a form gives: events as they stand in a log, one after the other."""

from dataclasses import dataclass
from typing import Any

from .times import Stamp


@dataclass(frozen=True, slots=True)
class EventFrame:
    """An event, or another message, at its place in a log."""

    place: str
    document: dict[str, Any]
    stamp: Stamp | None = None
    socket: str = ""
    """What tells its connection from others in the log; empty: the log does not."""
    by_client: bool | None = None
    """The log's own label, for messages whose type does not tell."""
    count: int = 1
    """So many of them followed each other; the log wrote down the first."""


@dataclass(frozen=True, slots=True)
class CloseFrame:
    """The end of a connection, at its place in a log."""

    stamp: Stamp | None
    code: int | None
    reason: str = ""
    socket: str = ""
    by_client: bool | None = None


@dataclass(frozen=True, slots=True)
class LevelFrame:
    """Audio that the client sent, of which a log has the level only."""

    place: str
    stamp: Stamp
    size: int
    rms: float
    peak: int
    all_zeros: bool
    socket: str = ""


@dataclass(frozen=True, slots=True)
class SpanFrame:
    """From when, or until when, a connection was there, if that is more than its events tell."""

    stamp: Stamp | None
    opens: bool
    socket: str = ""


@dataclass(frozen=True, slots=True)
class TelephoneFrame:
    """A message of a media stream of Twilio, at its place in a log."""

    place: str
    document: dict[str, Any]
    stamp: Stamp | None = None
    socket: str = ""


AnyFrame = EventFrame | CloseFrame | LevelFrame | SpanFrame | TelephoneFrame
