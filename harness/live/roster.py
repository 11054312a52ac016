"""The connections of a server by number: those that are open, and the last ones that have ended."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.errors import SettingError
from harness.live.connection import Connection
from harness.live.controlled import SessionView
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


class Roster:
    """All members, in the order of their numbers."""

    def __init__(self) -> None:
        self._members: dict[int, Member] = {}
        self._ended: dict[int, None] = {}

    def add(self, member: Member) -> None:
        """A connection has come."""
        self._members[member.owner.number] = member

    def ended(self, number: int) -> None:
        """A connection has gone; the oldest of those that have is forgotten."""
        self._ended[number] = None
        if len(self._ended) > REMEMBERED_SESSIONS:
            oldest = next(iter(self._ended))
            del self._ended[oldest], self._members[oldest]

    def views(self) -> list[SessionView]:
        """What they look like now."""
        return [member.view() for member in self._members.values()]

    def open(self) -> Iterator[Member]:
        """Those that have not ended."""
        return (member for number, member in list(self._members.items()) if number not in self._ended)

    def connections(self) -> Iterator[Connection]:
        """The open ones that have a session."""
        return (member.owner for member in self.open() if isinstance(member.owner, Connection))

    def journal(self, number: int) -> bytes | None:
        """The journal of one, as JSON lines; None if it is not known."""
        member = self._members.get(number)
        return None if member is None else member.owner.record.document()

    def entries(self, number: int, since: int) -> tuple[int, list[dict[str, Any]]]:
        """What follows index ``since`` in its journal. Raises :exc:`SettingError` if it is not known."""
        if number not in self._members:
            raise SettingError(f"there is no session {number}; it never was, or is forgotten")
        record = self._members[number].owner.record
        return record.count, record.entries(since)

    def connection(self, number: int) -> Connection:
        """An open session. Raises :exc:`SettingError` if there is none of this number."""
        for connection in self.connections():
            if connection.number == number:
                return connection
        raise SettingError(f"no session {number} is open")
