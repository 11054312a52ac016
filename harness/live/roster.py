"""The connections of a server by number: those that are open, and the last ones that have ended."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harness.errors import SettingError
from harness.live.connection import Connection
from harness.live.controlled import SessionView
from harness.live.record import Record
from harness.live.refused import Refused
from harness.live.views import refused_view, session_view
from harness.live.websocket import WebSocket

REMEMBERED_SESSIONS = 100
"""So many that have ended can still be looked at."""


@dataclass(slots=True)
class Member:
    """A connection as the server keeps it."""

    owner: Connection | Refused
    websocket: WebSocket
    peer: str
    opened_at: float = field(default_factory=time.time)

    def view(self) -> SessionView:
        """What it looks like now."""
        if isinstance(self.owner, Refused):
            return refused_view(self.owner, self.opened_at, self.peer)
        return session_view(self.owner, self.opened_at, self.peer)


class Ended(NamedTuple):
    """What is kept of a connection that has gone: how it looked at last, and its journal."""

    last: SessionView
    record: Record

    def view(self) -> SessionView:
        """What it looked like at last."""
        return self.last


class Roster:
    """All members, in the order of their numbers."""

    def __init__(self) -> None:
        self._open: dict[int, Member] = {}
        self._ended: dict[int, Ended] = {}

    def add(self, member: Member) -> None:
        """A connection has come."""
        self._open[member.owner.number] = member

    def ended(self, number: int) -> None:
        """A connection has gone, and what it held with it; the oldest of those that have is forgotten."""
        member = self._open.pop(number)
        self._ended[number] = Ended(member.view(), member.owner.record)
        if len(self._ended) > REMEMBERED_SESSIONS:
            del self._ended[next(iter(self._ended))]

    def views(self) -> list[SessionView]:
        """What they look like now."""
        known: dict[int, Member | Ended] = {**self._ended, **self._open}
        return [known[number].view() for number in sorted(known)]

    def open(self) -> list[Member]:
        """Those that have not ended."""
        return list(self._open.values())

    def connections(self) -> Iterator[Connection]:
        """The open ones that have a session."""
        return (member.owner for member in self.open() if isinstance(member.owner, Connection))

    def journal(self, number: int) -> bytes | None:
        """The journal of one, as JSON lines; None if it is not known."""
        record = self._record(number)
        return None if record is None else record.document()

    def entries(self, number: int, since: int) -> tuple[int, list[dict[str, Any]]]:
        """What follows index ``since`` in its journal. Raises :exc:`SettingError` if it is not known."""
        record = self._record(number)
        if record is None:
            raise SettingError(f"there is no session {number}; it never was, or is forgotten")
        return record.count, record.entries(since)

    def connection(self, number: int) -> Connection:
        """An open session. Raises :exc:`SettingError` if there is none of this number."""
        for connection in self.connections():
            if connection.number == number:
                return connection
        raise SettingError(f"no session {number} is open")

    def _record(self, number: int) -> Record | None:
        if number in self._open:
            return self._open[number].owner.record
        return self._ended[number].record if number in self._ended else None
