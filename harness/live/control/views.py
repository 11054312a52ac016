"""What the control API may call on a running server, and what it shows of sessions and faults."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ...causes import Cause
from ...faults.seams import Fault, Seam
from ...verdict.links import DiagnosisState
from ..access import Visit

SessionState = Literal["open", "closed"]
TurnState = Literal["idle", "speaking", "wedged", "off"]
WhichSessions = Literal["all", "first", "next"]
"""Which sessions a fault of no single session is injected into: all, only the first of each client, or only the next
one that is opened."""
FaultState = Literal["active", "waiting"]


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault that acts, or will. ``session`` None: in all present and future sessions, or in those of ``sessions``.

    Those of ``serve --fault`` are there from the start; each session starts and ends them by its own clock.
    """

    id: int
    name: str
    seam: Seam
    session: int | None
    struck_at: float
    """When it started, or will; one that waits for a session: when it was asked for. Unix time, in seconds."""
    ends_at: float | None
    """Unix time, in seconds; None: until it is ended, or by the clock of each session."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Those that differ from their defaults, as they are written in a scenario."""
    sessions: WhichSessions = "all"
    """With "first", a client that connects again finds a healthy session. With "next", ``session`` is set once a
    session is opened."""
    state: FaultState = "active"
    """``waiting``: it has not started, or none of the sessions that get it has it now."""
    after_s: float = 0.0
    """So long after it was asked for, or after the session was opened, it starts."""
    lasts_s: float | None = None
    """None: until it is ended."""
    each_session: bool = False
    """Whether each session that is opened starts and ends it by its own clock."""


@dataclass(frozen=True, slots=True)
class SessionFaultView:
    """A fault on one session."""

    id: int
    """As ``GET /faults`` has it."""
    name: str
    left_s: float | None
    """How long it still lasts, in seconds; None: until it is ended."""
    is_over: bool
    """Its time is over, and what it did stays until the client connects again."""


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
    """Names of the faults on it, the latest last; one whose time is over too, as long as what it did stays."""
    peer: str
    """The client's address and port."""
    close_code: int | None
    """None while it is open; 1006 if it ended without a Close frame."""
    close_reason: str
    entries: int
    """Number of its journal entries, the forgotten ones too: as ``since`` it gives the entries that follow."""
    faults_now: tuple[SessionFaultView, ...] = ()
    """The same faults, with the time that each has left."""


@dataclass(frozen=True, slots=True)
class VerdictView:
    """Whether what was said last in a session was answered so far, as a server can know it.

    It is of the session's journal, in which the connections of one client are joined. Times are in seconds on the
    journal's clock.
    """

    state: DiagnosisState
    """``quiet``: nobody spoke; ``unknown``: the entries that would tell are forgotten."""
    cause: Cause | None
    """None unless it is ``silent``."""
    says: str | None
    """What the cause means."""
    since_s: float | None
    """Since when it is silent."""
    at_s: float
    """When this was judged."""
    confidence: float
    evidence: tuple[str, ...]


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
    def now(self) -> float:
        """Unix time, in seconds."""
        ...

    @property
    def token(self) -> str | None:
        """What a request must send (``Authorization: Bearer``); None if the server has no token."""
        ...

    @property
    def injectable(self) -> Mapping[str, type[Fault]]:
        """The faults that it can inject, by name."""
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

    def verdict(self, number: int) -> VerdictView:
        """The verdict so far on a session, at most a second old. Raises :exc:`SettingError` for an unknown session."""
        ...

    def verdicts(self, numbers: Iterable[int]) -> dict[int, VerdictView]:
        """The verdicts on several sessions, in bounded time: some may be old, or missing until the next request."""
        ...

    def picture(self, number: int, since: int) -> tuple[int, dict[str, Any]]:
        """The index after the last entry, and the picture of a session with the entries from index ``since`` on.

        Raises :exc:`SettingError` for an unknown session.
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
        after_s: float = 0.0,
    ) -> FaultView:
        """Start a fault, now or after a time, with parameters as they are written in a scenario.

        Raises :exc:`SettingError` if there is no such fault, parameter or session, or it cannot be injected.
        """
        ...

    def end_fault(self, fault_id: int) -> bool:
        """End a fault; False if it is not active."""
        ...

    def faults(self) -> list[FaultView]:
        """The faults that act or will, in the order in which they were asked for; first those from the start."""
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
