"""What happens on one live connection, as entries of a journal in the form of the virtual stage.

The lane ``client`` has the events received from the client, ``server`` those sent to it, ``delivery`` which of them a
fault kept back, ``uplink`` how loud the client's audio was. A journal has one clock, from its first connection on.
"""

from typing import Any

from ..audio.formats import AudioFormat
from ..journal import (
    AudioArrived,
    ConnectionClosed,
    ConnectionOpened,
    Entry,
    EventAtClient,
    EventByServer,
    SessionEntry,
    StillOpen,
    UplinkAudio,
)
from ..protocol.events import PIECES, Event
from ..server.outputs import Close, Output
from ..server.shared import IdSource
from ..units import MS, SECOND
from ..world.tape import Levels
from .journal_lines import JournalLines
from .levels import UplinkLevels
from .socket.handshake import EndedBy


def session_name(number: int) -> str:
    """The name from which the ids of a connection's session are made."""
    return f"live/{number}"


class JournalWriter:
    """Writes what happens on one connection; :meth:`close` comes last.

    All times that it is given count from the start of the connection, which was ``began_us`` after that of the journal.
    """

    def __init__(self, number: int, lines: JournalLines, began_us: int = 0) -> None:
        self.lines = lines
        self._number = number
        self._began_us = began_us
        self._ids = IdSource(session_name(number))
        self._next_arrival = 0
        self._levels = UplinkLevels(self._level)
        self.add(ConnectionOpened(t=0, connection=number))

    @property
    def is_first(self) -> bool:
        """Whether it is the first connection of its journal."""
        return not self._began_us

    @property
    def received_us(self) -> int:
        """Length of the client's audio in microseconds, without the last half second."""
        return self._levels.received_us

    def add(self, entry: Entry) -> None:
        """Add an entry of this connection."""
        self.lines.add(self._document(entry), self._ids.is_of)

    def document(self, now: int) -> bytes:
        """The journal as JSON lines, while the connection is open."""
        return self.lines.document(self._document(StillOpen(t=now, connection=self._number)))

    def still_open(self, now: int) -> StillOpen:
        """The entry that ends the journal of an open connection for a reader, on the journal's clock."""
        return StillOpen(t=self._began_us + now, connection=self._number)

    def _document(self, entry: Entry) -> dict[str, Any]:
        t = self._began_us + entry.t
        document = {"t": t, "lane": entry.lane, "kind": entry.kind, "connection": self._number}
        return document | {name: each for name, each in entry.document().items() if name not in document}

    def appended(self, now: int, audio: bytes, audio_format: AudioFormat) -> None:
        """Audio was received: one entry for each second with audio, and the levels."""
        if now >= self._next_arrival:
            self._next_arrival = (now // SECOND + 1) * SECOND
            self.add(AudioArrived(t=now, arrived_ms=self.received_us // MS))
        self._levels.add(now, audio, audio_format)

    def received(self, now: int, event: Event) -> None:
        """Any other event was received from the client."""
        self.add(EventAtClient.of(event, t=now, connection=self._number))

    def answered(self, now: int, output: Output) -> None:
        """The session returned this; pieces of audio and text have no entry."""
        if isinstance(output, SessionEntry):
            self.add(output.at(now, self._number))
        elif not isinstance(output, (Close, *PIECES)):
            self.add(EventByServer.of(output, t=now, connection=self._number))

    def close(self, now: int, code: int, reason: str, by: EndedBy) -> str:
        """The connection is closed, with this code and reason; returns the reason as it may be shown."""
        shown = self.lines.shown(reason) if by == "client" else reason
        self._levels.flush()
        self.add(ConnectionClosed(t=now, connection=self._number, code=code, reason=shown, by=by))
        self.lines.save()
        return shown

    def _level(self, t: int, levels: Levels) -> None:
        self.add(UplinkAudio(t=t, connection=self._number, **levels))
