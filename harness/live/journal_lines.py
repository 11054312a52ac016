"""The lines of one live journal, for all connections that are joined in it: the last ones in memory, all in a file.

The last :data:`REMEMBERED_ENTRIES` entries stay in memory, as lines. The keys of its clients are never in it, even if a
client repeats its key.
"""

import logging
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from ..journal import FORMAT

REMEMBERED_ENTRIES = 2_000
REMEMBERED_BYTES = 1024 * 1024
"""The lines in memory take no more than this."""
LONGEST_TEXT = 1_000
"""Characters of one text of the client that an entry keeps."""
_WRITTEN_BYTES = 64 * 1024
"""Lines are written to the file once there are so many bytes, by :meth:`JournalLines.save`, and at the end."""
_SHORTEST_SECRET = 6
"""A shorter key is not a secret, and to replace it everywhere would spoil the journal."""

_log = logging.getLogger("harness.live")
_encode = msgspec.json.encode


class JournalLines:
    """Collects lines. ``path`` None: nothing is written to a file."""

    def __init__(self, header: dict[str, Any], path: Path | None, key: str | None = None) -> None:
        self.count = 0
        """The number of entries so far, the forgotten ones too."""
        self._path = path
        self._secrets: set[bytes] = set()
        self.hide(key)
        self._header = self._redacted(_encode({"stillthere": FORMAT, **header}) + b"\n")
        self._lines: deque[bytes] = deque()
        self._remembered_bytes = 0
        self._unwritten = [self._header] if path is not None else []
        self._unwritten_bytes = 0

    def hide(self, key: str | None) -> None:
        """Replace this key from now on."""
        if key is not None and len(key) >= _SHORTEST_SECRET:
            self._secrets.add(_encode(key)[1:-1])

    def add(self, document: dict[str, Any]) -> None:
        """Add an entry, as it is on disk."""
        line = self._redacted(_encode({name: _brief(value) for name, value in document.items()}) + b"\n")
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

    def document(self, last: dict[str, Any] | None = None) -> bytes:
        """The header and all entries in memory, as JSON lines, and after them ``last``."""
        end = b"" if last is None else _encode(last) + b"\n"
        return self._header + b"".join(self._lines) + end

    def _redacted(self, line: bytes) -> bytes:
        """The line without the clients' keys."""
        for secret in self._secrets:
            line = line.replace(secret, b"[key]")
        return line


def _brief(value: Any) -> Any:
    """At most :data:`LONGEST_TEXT` characters of each text: a client may send any amount in a name or an id."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}…"
    return {_brief(key): _brief(each) for key, each in value.items()} if isinstance(value, dict) else value
