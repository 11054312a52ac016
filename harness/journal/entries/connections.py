"""Connections and calls, as the network sees them."""

from typing import ClassVar

from msgspec import UNSET, UnsetType

from .base import ConnectionEntry


class ConnectionDialled(ConnectionEntry, frozen=True, kw_only=True):
    """The client dials."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "dial"
    written_by: ClassVar[str] = "the network"


class ConnectionOpened(ConnectionEntry, frozen=True, kw_only=True):
    """The connection is open."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "open"
    written_by: ClassVar[str] = "the network; live, the session"


class ConnectionDialFailed(ConnectionEntry, frozen=True, kw_only=True):
    """The dial was refused or timed out."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "dial_failed"
    written_by: ClassVar[str] = "the network; live, the server or the proxy"
    why: str | UnsetType = UNSET
    """Live, through a proxy: what the endpoint answered, or why it was not reached."""


class ConnectionClosed(ConnectionEntry, frozen=True, kw_only=True):
    """The connection is closed, as the client sees it."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "closed"
    written_by: ClassVar[str] = "the network; live, the session"
    code: int
    """The Close code; 1006: without a Close frame."""
    reason: str | UnsetType = UNSET
    """Live only: the text of the Close frame."""
    by: str | UnsetType = UNSET
    """Live only: who ended it: ``client``, ``server``, or ``stop`` if the whole server stopped."""


class CallStateChanged(ConnectionEntry, frozen=True, kw_only=True):
    """Over WebRTC: the state of a call has changed, as the client's browser or the server sees it."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "call"
    written_by: ClassVar[str] = "the call"
    state: str
    """``disconnected``, ``failed`` or ``connected`` in the browser; ``channel_closed``: the data channel was closed;
    ``given_up``: the server has had no sign of the client for 30 s and ended the call, which the client is not told."""


class MediaPackets(ConnectionEntry, frozen=True, kw_only=True):
    """Over WebRTC: one second of the packets of a call, of 20 ms each, by direction."""

    lane: ClassVar[str] = "media"
    kind: ClassVar[str] = "packets"
    written_by: ClassVar[str] = "the call, for each second in which a packet was sent, at its end"
    up_sent: int
    """Packets that the client sent."""
    up_lost: int
    """How many of them were lost on their way."""
    up_made_up: int
    """How often the server had nothing to hear in a packet's place, neither it nor the copy in the next one."""
    down_sent: int
    """Packets that the server sent."""
    down_lost: int
    """How many of them were lost on their way."""
    down_made_up: int
    """How often the client had nothing to play in a packet's place."""


class UplinkFull(ConnectionEntry, frozen=True, kw_only=True):
    """The connection takes nothing more of an app: what it has sent fills the buffers of its system."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "full"
    written_by: ClassVar[str] = "the stage, for an app or a program"


class UplinkDrained(ConnectionEntry, frozen=True, kw_only=True):
    """The connection takes what an app sends again."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "drained"
    written_by: ClassVar[str] = "the stage, for an app or a program"


class ConnectionFaultEnded(ConnectionEntry, frozen=True, kw_only=True):
    """Live only: a fault on this connection has ended, by itself or on request."""

    lane: ClassVar[str] = "connection"
    kind: ClassVar[str] = "fault_ends"
    written_by: ClassVar[str] = "live, the session"
    fault: str
    """The fault's name."""
