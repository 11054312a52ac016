"""The journal of one live connection, in the form of the virtual stage; times count from the connection's start.

The lane ``client`` holds the events that came from the client, ``server`` those that were sent to it, ``uplink`` how
loud its audio was. The last :data:`REMEMBERED` entries are kept in memory, as the lines that they are; a file gets all.
A client's key never stands in it, whatever the client repeats of it.
"""

import logging
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from harness.audio.formats import AudioFormat
from harness.journal import FORMAT
from harness.live.levels import UplinkLevels
from harness.protocol.events import PIECES, Event, event_type
from harness.protocol.summary import summary
from harness.server.outputs import Close, Note, Output
from harness.units import MS, SECOND

REMEMBERED = 2_000
REMEMBERED_BYTES = 1024 * 1024
"""The lines in memory are no more than this either."""
LONGEST_TEXT = 1_000
"""Characters of a client's text that an entry keeps."""
WRITTEN_BYTES = 64 * 1024
"""Lines are written to the file when so many bytes have come together, when :meth:`Record.save` is called, and at
the end."""
SHORTEST_SECRET = 6
"""A shorter key is no secret, and to blot it out would spoil the journal."""

_log = logging.getLogger("harness.live")
_encode = msgspec.json.encode


class Record:
    """Tell it what happens, then :meth:`close` it. ``path`` None: nothing is written to a file."""

    def __init__(self, number: int, header: dict[str, Any], path: Path | None, key: str | None = None) -> None:
        self.count = 0
        """How many entries there have been."""
        self._number = number
        self._path = path
        self._secret = _encode(key)[1:-1] if key is not None and len(key) >= SHORTEST_SECRET else None
        self._header = self._blotted(_encode({"stillthere": FORMAT, **header}) + b"\n")
        self._lines: deque[bytes] = deque()
        self._remembered_bytes = 0
        self._unwritten = [self._header] if path is not None else []
        self._unwritten_bytes = 0
        self._next_arrival = 0
        self._levels = UplinkLevels(self._level)
        self.write(0, "connection", "open")

    @property
    def heard_us(self) -> int:
        """Length of the client's audio, but for the last half second."""
        return self._levels.heard_us

    def write(self, t: int, lane: str, kind: str, /, **fields: Any) -> None:
        """Add an entry of this connection."""
        brief = {name: _brief(value) for name, value in fields.items()}
        line = self._blotted(_encode({"t": t, "lane": lane, "kind": kind, "connection": self._number, **brief}) + b"\n")
        self.count += 1
        self._lines.append(line)
        self._remembered_bytes += len(line)
        while len(self._lines) > REMEMBERED or self._remembered_bytes > REMEMBERED_BYTES:
            self._remembered_bytes -= len(self._lines.popleft())
        if self._path is not None:
            self._unwritten.append(line)
            self._unwritten_bytes += len(line)
            if self._unwritten_bytes > WRITTEN_BYTES:
                self.save()

    def appended(self, now: int, audio: bytes, audio_format: AudioFormat) -> None:
        """Audio came. There is one entry for each second in which some did, and the levels."""
        if now >= self._next_arrival:
            self._next_arrival = (now // SECOND + 1) * SECOND
            self.write(now, "server", "audio_arrives", arrived_ms=self.heard_us // MS)
        self._levels.add(now, audio, audio_format)

    def received(self, now: int, event: Event) -> None:
        """Any other event came from the client."""
        self.write(now, "client", event_type(event), **_fields(event))

    def answered(self, now: int, output: Output) -> None:
        """The session gave this; pieces of audio and text have no entry of their own."""
        if isinstance(output, Note):
            self.write(now, output.lane, output.kind, **output.fields)
        elif not isinstance(output, (Close, *PIECES)):
            self.write(now, "server", event_type(output), **_fields(output))

    def close(self, now: int, code: int, reason: str) -> None:
        """The connection has ended like this."""
        self._levels.flush()
        self.write(now, "connection", "closed", code=code, reason=reason)
        self.save()

    def save(self) -> None:
        """Append what is not yet written to the file. One that cannot be written is told once, and left alone."""
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
        """The entries from this index on, but for those that are forgotten."""
        forgotten = self.count - len(self._lines)
        return [msgspec.json.decode(line) for line in islice(self._lines, max(0, since - forgotten), None)]

    def document(self) -> bytes:
        """The header and all that is remembered."""
        return self._header + b"".join(self._lines)

    def _level(self, t: int, fields: dict[str, Any]) -> None:
        self.write(t, "uplink", "audio", **fields)

    def _blotted(self, line: bytes) -> bytes:
        """The line without the client's key."""
        return line if self._secret is None else line.replace(self._secret, b"[key]")


def _brief(value: Any) -> Any:
    """A client may write any amount of text into a name or an id."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}…"
    return {_brief(key): _brief(each) for key, each in value.items()} if isinstance(value, dict) else value


def _fields(event: Event) -> dict[str, Any]:
    """What is told of an event; a name that every entry has is left to the entry."""
    return {name: value for name, value in summary(event).items() if name not in ("t", "lane", "kind", "connection")}
