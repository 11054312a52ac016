"""What the control API may call on a running server, and what it shows of sessions and faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ...faults.seams import Seam
from ..access import Visit

SessionState = Literal["open", "closed"]
TurnState = Literal["idle", "speaking", "wedged", "off"]
WhichSessions = Literal["all", "first"]
"""Which sessions a fault of no single session is injected into: all, or only the first of each client."""


@dataclass(frozen=True, slots=True)
class FaultView:
    """An active fault. ``session`` None: in all present and future sessions, or the first of each client.

    Those of ``serve --fault`` are active from the start; each session starts and ends them by its own clock.
    """

    id: int
    name: str
    seam: Seam
    session: int | None
    struck_at: float
    """When it started: Unix time, in seconds."""
    ends_at: float | None
    """Unix time, in seconds; None: until it is ended."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Those that differ from their defaults, as they are written in a scenario."""
    sessions: WhichSessions = "all"
    """With "first", a client that connects again finds a healthy session. Unused if ``session`` is set."""


@dataclass(frozen=True, slots=True)
class HandsView:
    """The user's hand on the button of push-to-talk: a client under test is to follow it."""

    pressed: bool
    since: float | None
    """Since when, in Unix time; None if it was never moved."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as it is now, or as it was when it ended. Ages are in seconds before this moment."""

    number: int
    """Counts the server's connections from 1; it is in the names of journal files."""
    id: str
    """The session's own id, ``sess_…``; empty for a client that was refused."""
    model: str
    dialect: str
    state: SessionState
    opened_at: float
    """Unix time, in seconds."""
    open_s: float
    """How long it has been open, or had been when it closed."""
    turn_detection: str | None
    """``server_vad`` or ``semantic_vad``; None if the client switched it off."""
    turn: TurnState
    """State of turn detection: ``off`` if there is none, ``wedged`` if it will never react again."""
    response_id: str | None
    """The response in progress."""
    audio_in_s: float
    """Length of the audio that arrived at the session."""
    audio_out_s: float
    """Length of the audio that was written to the client's socket: what a fault keeps back is not in it."""
    events_in: int
    events_out: int
    faults: tuple[str, ...]
    """Names of the faults on it, the latest last."""
    peer: str
    """The client's address and port."""
    close_code: int | None
    """None while it is open; 1006 if it ended without a Close frame."""
    close_reason: str
    entries: int
    """Number of its journal entries, the forgotten ones too: as ``since`` it gives the entries that follow."""


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Some of the sessions that a server knows, the oldest first, and how many there are of all."""

    sessions: list[SessionView]
    open: int
    closed: int
    older: int | None
    """As ``before`` it gives the page of the sessions before these; None if there are none."""


class ControlledServer(Protocol):
    """The server, as the control API sees it. All methods run on the server's event loop and return at once.

    A session that is unknown or closed raises :exc:`harness.errors.SettingError`, and so do an unknown fault and an
    event that cannot be sent.
    """

    @property
    def url(self) -> str:
        """Where clients connect, ``ws://127.0.0.1:8765/v1/realtime``."""
        ...

    @property
    def started_at(self) -> float:
        """Unix time, in seconds."""
        ...

    @property
    def token(self) -> str | None:
        """What a request must send (``Authorization: Bearer``); None if the server has no token."""
        ...

    def visit(self, headers: Mapping[str, str]) -> Visit:
        """Whether a request with these headers is served; their names are lower-case."""
        ...

    def session_page(self, *, limit: int, before: int | None, state: SessionState | None) -> SessionPage:
        """The newest sessions: at most ``limit``, with numbers below ``before``, in this state; None: any.

        Only the views of these are made: it takes no longer with a thousand sessions than with ten.
        """
        ...

    def session(self, number: int) -> SessionView | None:
        """One session; None if it is not known. The last hundred closed ones are."""
        ...

    def journal(self, number: int) -> bytes | None:
        """The session's journal as JSON lines: header, then the entries in memory. None if there is no such session."""
        ...

    def entries(self, number: int, since: int) -> tuple[int, list[dict[str, Any]]]:
        """The index after the last entry, and the journal entries from index ``since`` on.

        Entries that are already forgotten are left out. Raises :exc:`SettingError` for an unknown session.
        """
        ...

    def start_fault(
        self,
        name: str,
        *,
        session: int | None,
        lasts_s: float | None,
        parameters: Mapping[str, object] | None = None,
        sessions: WhichSessions = "all",
    ) -> FaultView:
        """Start a fault, with parameters as they are written in a scenario.

        Raises :exc:`SettingError` if there is no such fault, parameter or session, or it cannot be injected.
        """
        ...

    def end_fault(self, fault_id: int) -> bool:
        """End a fault; False if it is not active."""
        ...

    def faults(self) -> list[FaultView]:
        """The active faults, in the order in which they started; first those that the server was started with."""
        ...

    def move_hands(self, *, pressed: bool) -> HandsView:
        """The user presses or releases the button of push-to-talk; it stands in the journals of open sessions."""
        ...

    def hands(self) -> HandsView:
        """Whether the button is pressed."""
        ...

    def emit(self, number: int, event: dict[str, Any]) -> None:
        """Send a scripted server event in a session. Raises :exc:`SettingError`."""
        ...

    def close(self, number: int, code: int, reason: str) -> bool:
        """Close a session's WebSocket; False if no such session is open. Raises :exc:`SettingError` for a bad code."""
        ...
