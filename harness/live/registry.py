"""The connections of a server by number, open and closed: how each looks from outside, and its journal."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import dropwhile, islice
from typing import Any, NamedTuple, Protocol

from ..errors import SettingError
from ..journal import StillOpen
from ..server.session import Session
from ..units import SECOND
from ..vad.turn import State
from .connection import LiveConnection
from .control.views import SessionPage, SessionState, SessionView, TurnState
from .journal_lines import JournalLines
from .journal_writer import JournalWriter
from .session import LiveSession, RefusedClient

_REMEMBERED_SESSIONS = 100
"""So many closed connections are still known."""


class Carrier(Protocol):
    """What carries a connection: a WebSocket, or the link of a call."""

    @property
    def transport(self) -> asyncio.Transport | None:
        """Of TCP, if it has one here."""
        ...

    def stop(self) -> None:
        """The whole server stops."""
        ...


@dataclass(slots=True)
class OpenConnection:
    """A connection that is open."""

    handler: LiveConnection | RefusedClient
    carrier: Carrier
    peer: str
    opened_at: float = field(default_factory=time.time)

    def view(self) -> SessionView:
        """What it looks like now."""
        if isinstance(self.handler, RefusedClient):
            return _refused_view(self.handler, self.opened_at, self.peer)
        if isinstance(self.handler, LiveSession):
            return _session_view(self.handler, self.opened_at, self.peer)
        return self.handler.view(self.opened_at, self.peer)


class ClosedConnection(NamedTuple):
    """What is kept of a connection that is closed."""

    last: SessionView
    journal: JournalWriter

    def view(self) -> SessionView:
        """What it looked like when it closed."""
        return self.last


class ConnectionRegistry:
    """All open connections and the last closed ones."""

    def __init__(self) -> None:
        self._open: dict[int, OpenConnection] = {}
        """By number, ascending."""
        self._closed: dict[int, ClosedConnection] = {}
        self._sharing: dict[JournalLines, dict[int, LiveConnection]] = {}
        """The open sessions of each journal."""

    def add(self, connection: OpenConnection) -> None:
        """A connection is open."""
        handler = connection.handler
        self._open[handler.number] = connection
        if isinstance(handler, LiveConnection):
            self._sharing.setdefault(handler.journal.lines, {})[handler.number] = handler

    def close(self, number: int) -> None:
        """A connection is closed: keep its last view and its journal, and forget the oldest closed one."""
        connection = self._open.pop(number)
        lines = connection.handler.journal.lines
        sharing = self._sharing.get(lines, {})
        sharing.pop(number, None)
        if not sharing:
            self._sharing.pop(lines, None)
        self._closed[number] = ClosedConnection(connection.view(), connection.handler.journal)
        if len(self._closed) > _REMEMBERED_SESSIONS:
            del self._closed[next(iter(self._closed))]

    def views(self) -> list[SessionView]:
        """What they look like now, by number."""
        known: dict[int, OpenConnection | ClosedConnection] = {**self._closed, **self._open}
        return [known[number].view() for number in sorted(known)]

    def page(self, limit: int, before: int | None, state: SessionState | None) -> SessionPage:
        """The newest ones, see :class:`ControlledServer`; only their views are made."""
        known = []
        if state != "closed":
            known.append(reversed(self._open))
        if state != "open":
            known.append(iter(sorted(self._closed, reverse=True)))
        found: Iterator[int] = merge(*known, reverse=True)
        if before is not None:
            found = dropwhile(before.__le__, found)
        numbers = list(islice(found, limit + 1))
        views = [self._known(number).view() for number in reversed(numbers[:limit])]
        older = numbers[limit - 1] if len(numbers) > limit else None
        return SessionPage(views, len(self._open), len(self._closed), older)

    def view(self, number: int) -> SessionView | None:
        """One connection; None if it is not known."""
        return self._known(number).view() if number in self._open or number in self._closed else None

    def _known(self, number: int) -> OpenConnection | ClosedConnection:
        return self._open[number] if number in self._open else self._closed[number]

    def open(self) -> list[OpenConnection]:
        """The open connections."""
        return list(self._open.values())

    def journals(self) -> list[JournalWriter]:
        """The journals of all connections that it knows."""
        return [each.handler.journal for each in self._open.values()] + [e.journal for e in self._closed.values()]

    def sessions(self) -> Iterator[LiveConnection]:
        """The open connections that have a session."""
        return (each.handler for each in self.open() if isinstance(each.handler, LiveConnection))

    def journal(self, number: int) -> bytes | None:
        """The journal of a connection, as JSON lines; None if it is not known."""
        journal = self._journal(number)
        if journal is None:
            return None
        for session in self._going_on(journal):
            return session.journal.document(session.now)
        return journal.lines.document()

    def documents(self) -> list[bytes]:
        """The different journals of all connections that it knows, as JSON lines, by their first number."""
        first: dict[JournalLines, int] = {}
        for number in sorted((*self._closed, *self._open)):
            journal = self._journal(number)
            assert journal is not None
            first.setdefault(journal.lines, number)
        return [document for number in first.values() if (document := self.journal(number)) is not None]

    def entries(self, number: int, since: int) -> tuple[int, list[dict[str, Any]]]:
        """The next index, and the entries from index ``since`` on. Raises :exc:`SettingError` if it is not known."""
        lines, _ = self.lines(number)
        return lines.count, lines.entries(since)

    def lines(self, number: int) -> tuple[JournalLines, StillOpen | None]:
        """The lines of a connection's journal, and what ends them if it goes on. Raises :exc:`SettingError`."""
        journal = self._journal(number)
        if journal is None:
            raise SettingError(f"there is no session {number}, or it is forgotten; use one that is listed")
        going_on = self._going_on(journal)
        return journal.lines, going_on[0].journal.still_open(going_on[0].now) if going_on else None

    def session(self, number: int) -> LiveConnection:
        """An open session. Raises :exc:`SettingError` if no session with this number is open."""
        found = self._open.get(number)
        if found is not None and isinstance(found.handler, LiveConnection):
            return found.handler
        raise SettingError(f"no session {number} is open; use one that is")

    def _going_on(self, journal: JournalWriter) -> list[LiveConnection]:
        """The open sessions that share this journal; what they have not yet written is in it afterwards."""
        found = list(self._sharing.get(journal.lines, {}).values())
        for session in found:
            session.deliveries.flush()
        return found

    def _journal(self, number: int) -> JournalWriter | None:
        if number in self._open:
            return self._open[number].handler.journal
        return self._closed[number].journal if number in self._closed else None


def _session_view(live: LiveSession, opened_at: float, peer: str) -> SessionView:
    session = live.session
    response = session.response
    detection = session.config.turn_detection
    code, reason = live.ending or (None, "")
    echo = session.config.echo
    return SessionView(
        number=live.number,
        id=echo["id"],
        model=live.journal.lines.shown(session.config.model),
        dialect="ga",
        state="open" if live.ending is None else "closed",
        opened_at=opened_at,
        open_s=live.open_us / SECOND,
        turn_detection=None if detection is None else detection["type"],
        turn=_turn(session),
        response_id=None if response is None or live.ending is not None else response.id,
        audio_in_s=live.journal.received_us / SECOND,
        audio_out_s=live.deliveries.audio_us / SECOND,
        events_in=live.events_in,
        events_out=live.events_out,
        faults=tuple(each.name for each in live.faults.values()),
        peer=peer,
        close_code=code,
        close_reason=reason,
        entries=live.journal.lines.count,
        faults_now=live.faults_now,
    )


def _refused_view(refused: RefusedClient, opened_at: float, peer: str) -> SessionView:
    code, reason = refused.ending or (None, "")
    return SessionView(
        number=refused.number,
        id="",
        model=refused.journal.lines.shown(refused.request.model or ""),
        dialect="beta" if refused.request.asks_for_beta else "ga",
        state="open" if refused.ending is None else "closed",
        opened_at=opened_at,
        open_s=0.0,
        turn_detection=None,
        turn="off",
        response_id=None,
        audio_in_s=0.0,
        audio_out_s=0.0,
        events_in=0,
        events_out=1,
        faults=(),
        peer=peer,
        close_code=code,
        close_reason=reason,
        entries=refused.journal.lines.count,
    )


def _turn(session: Session) -> TurnState:
    turn = session.hearing.turn
    if not session.hearing.listening:
        return "off"
    if turn.state is State.WEDGED:
        return "wedged"
    return "speaking" if turn.speaking else "idle"
