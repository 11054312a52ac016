"""The journal of one live connection, in the form of the virtual stage; times count from the connection's start.

The lane ``client`` has the events received from the client, ``server`` those sent to it, ``uplink`` how loud its audio
was. The last :data:`REMEMBERED_ENTRIES` entries stay in memory, as lines; a file gets all of them. The client's key is
never in it, even if the client repeats it.
"""

import logging
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from ..audio.formats import AudioFormat
from ..journal import (
    FORMAT,
    AudioArrived,
    ConnectionClosed,
    ConnectionOpened,
    Entry,
    EventAtClient,
    EventByServer,
    SessionEntry,
    UplinkAudio,
)
from ..protocol.events import PIECES, Event
from ..server.outputs import Close, Output
from ..units import MS, SECOND
from ..world.tape import Levels
from .levels import UplinkLevels

REMEMBERED_ENTRIES = 2_000
REMEMBERED_BYTES = 1024 * 1024
"""The lines in memory take no more than this."""
LONGEST_TEXT = 1_000
"""Characters of one text of the client that an entry keeps."""
_WRITTEN_BYTES = 64 * 1024
"""Lines are written to the file once there are so many bytes, by :meth:`JournalWriter.save`, and at the end."""
_SHORTEST_SECRET = 6
"""A shorter key is not a secret, and to replace it everywhere would spoil the journal."""

_log = logging.getLogger("harness.live")
_encode = msgspec.json.encode


class JournalWriter:
    """Writes what happens on one connection; :meth:`close` comes last. ``path`` None: nothing is written to a file."""

    def __init__(self, number: int, header: dict[str, Any], path: Path | None, key: str | None = None) -> None:
        self.count = 0
        """The number of entries so far, the forgotten ones too."""
        self._number = number
        self._path = path
        self._secret = _encode(key)[1:-1] if key is not None and len(key) >= _SHORTEST_SECRET else None
        self._header = self._redacted(_encode({"stillthere": FORMAT, **header}) + b"\n")
        self._lines: deque[bytes] = deque()
        self._remembered_bytes = 0
        self._unwritten = [self._header] if path is not None else []
        self._unwritten_bytes = 0
        self._next_arrival = 0
        self._levels = UplinkLevels(self._level)
        self.add(ConnectionOpened(t=0, connection=number))

    @property
    def received_us(self) -> int:
        """Length of the client's audio in microseconds, without the last half second."""
        return self._levels.received_us

    def add(self, entry: Entry) -> None:
        """Add an entry of this connection."""
        document = {"t": entry.t, "lane": entry.lane, "kind": entry.kind, "connection": self._number}
        document |= {name: _brief(value) for name, value in entry.document().items() if name not in document}
        line = self._redacted(_encode(document) + b"\n")
        self.count += 1
        self._lines.append(line)
        self._remembered_bytes += len(line)
        while len(self._lines) > REMEMBERED_ENTRIES or self._remembered_bytes > REMEMBERED_BYTES:
            self._remembered_bytes -= len(self._lines.popleft())
        if self._path is not None:
            self._unwritten.append(line)
            self._unwritten_bytes += len(line)
            if self._unwritten_bytes > _WRITTEN_BYTES:
                self.save()

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

    def close(self, now: int, code: int, reason: str) -> None:
        """The connection is closed, with this code and reason."""
        self._levels.flush()
        self.add(ConnectionClosed(t=now, connection=self._number, code=code, reason=reason))
        self.save()

    def save(self) -> None:
        """Append to the file what is not yet written. If that fails, it is logged once and not tried again."""
        if self._path is None or not self._unwritten:
            return
        try:
            with self._path.open("ab") as file:
                file.writelines(self._unwritten)
        except OSError as error:
            _log.warning("the journal %s cannot be written: %s; choose another folder", self._path, error.strerror)
            self._path = None
        self._unwritten.clear()
        self._unwritten_bytes = 0

    def entries(self, since: int) -> list[dict[str, Any]]:
        """The entries from this index on, without those that are forgotten."""
        forgotten = self.count - len(self._lines)
        return [msgspec.json.decode(line) for line in islice(self._lines, max(0, since - forgotten), None)]

    def document(self) -> bytes:
        """The header and all entries in memory, as JSON lines."""
        return self._header + b"".join(self._lines)

    def _level(self, t: int, levels: Levels) -> None:
        self.add(UplinkAudio(t=t, connection=self._number, **levels))

    def _redacted(self, line: bytes) -> bytes:
        """The line without the client's key."""
        return line if self._secret is None else line.replace(self._secret, b"[key]")


def _brief(value: Any) -> Any:
    """At most :data:`LONGEST_TEXT` characters of each text: a client may send any amount in a name or an id."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}…"
    return {_brief(key): _brief(each) for key, each in value.items()} if isinstance(value, dict) else value
