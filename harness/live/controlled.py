"""What the control API may do to a running server, and the views that it hands out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from harness.faults.seams import Seam

SessionState = Literal["open", "closed"]
TurnState = Literal["idle", "speaking", "wedged", "off"]


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault in force. ``session`` None: on all present sessions and on those to come.

    Those of ``serve --fault`` are in force from the start; each session begins and ends them by its own clock.
    """

    id: int
    name: str
    seam: Seam
    session: int | None
    struck_at: float
    """Unix time, in seconds."""
    ends_at: float | None
    """Unix time, in seconds; None: until it is released."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Those that differ from their defaults, as they are written in a scenario."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as it is now, or as it was when it ended. Ages are in seconds before this moment."""

    number: int
    """Counts the server's connections from 1; journals are named by it."""
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
    """What turn detection is in: ``off`` without turn detection, ``wedged`` if it will never react again."""
    response_id: str | None
    """The response in progress."""
    audio_in_s: float
    audio_out_s: float
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
    """How many journal entries it has, the forgotten ones too: the ``since`` that gives what follows."""


class Controlled(Protocol):
    """The server, as the control API sees it. All of it runs on the server's event loop and returns at once.

    A session that is not known or has ended is a :exc:`harness.errors.SettingError`, and so is an unknown fault and an
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
        """What a request must bear (``Authorization: Bearer``); None on a server that asks for none."""
        ...

    def sessions(self) -> list[SessionView]:
        """Those that are open and the last hundred closed ones, by number."""
        ...

    def journal(self, number: int) -> bytes | None:
        """The session's journal as JSON lines: the header, then what is remembered. None if there is none such."""
        ...

    def entries(self, number: int, since: int) -> tuple[int, list[dict[str, Any]]]:
        """The journal entries from index ``since`` on, and the index that follows the last.

        Entries that are forgotten already are left out. Raises :exc:`SettingError` for an unknown session.
        """
        ...

    def strike(
        self, name: str, *, session: int | None, lasts_s: float | None, parameters: Mapping[str, object] | None = None
    ) -> FaultView:
        """Begin a fault, with parameters as they are written in a scenario.

        Raises :exc:`SettingError` if there is no such fault, parameter or session, or it cannot be injected.
        """
        ...

    def release(self, fault_id: int) -> bool:
        """End a fault; False if none such is in force."""
        ...

    def faults(self) -> list[FaultView]:
        """The faults in force, in the order in which they began; first those that the server was started with."""
        ...

    def emit(self, number: int, event: dict[str, Any]) -> None:
        """Send a scripted server event to a session. Raises :exc:`SettingError`."""
        ...

    def close(self, number: int, code: int, reason: str) -> bool:
        """Close a session's WebSocket; False if no such session is open. Raises :exc:`SettingError` for a bad code."""
        ...
