"""The lines of one live journal, for all connections that are joined in it: the last ones in memory, all in a file.

The last :data:`REMEMBERED_ENTRIES` entries stay in memory, as lines. The keys of its clients are never in it, even if a
client repeats its key: see :mod:`harness.live.client_keys`.
"""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from ..journal import FORMAT, EntriesMissing
from .client_keys import ClientKeys, no_id
from .journal_file import JournalFile

REMEMBERED_ENTRIES = 2_000
REMEMBERED_BYTES = 1024 * 1024
"""The lines in memory take no more than this."""
_OF_CLIENT = ("model", "journal")
"""Fields of the header that a client chooses."""

_encode = msgspec.json.encode


class JournalLines:
    """Collects lines. ``path`` None: nothing is written to a file. ``keys`` are hidden."""

    def __init__(self, header: dict[str, Any], path: Path | None, keys: Iterable[str] = ()) -> None:
        self.count = 0
        """The number of entries so far, the forgotten ones too."""
        self.keys = ClientKeys(keys)
        """The keys of all its clients."""
        shown = {name: self.shown(header[name]) for name in _OF_CLIENT if isinstance(header.get(name), str)}
        self.header = {"stillthere": FORMAT, **header, **shown}
        self._header = _encode(self.header) + b"\n"
        self._lines: deque[bytes] = deque()
        self._remembered_bytes = 0
        self._file = JournalFile(path, self._header) if path is not None else None

    @property
    def path(self) -> Path | None:
        """The file; None: there is none."""
        return None if self._file is None else self._file.path

    @property
    def forgotten(self) -> int:
        """The number of entries that are no longer in memory."""
        return self.count - len(self._lines)

    def shown(self, text: str) -> str:
        """A text of a client as it may be kept and shown: in part, and without keys."""
        return self.keys.brief(text)

    def add(self, document: dict[str, Any], is_ours: Callable[[str], bool] = no_id) -> None:
        """Add an entry, as it is on disk; ``is_ours`` knows the ids that its connection mints."""
        line = _encode(self.keys.entry(document, is_ours)) + b"\n"
        self.count += 1
        self._lines.append(line)
        self._remembered_bytes += len(line)
        while len(self._lines) > REMEMBERED_ENTRIES or self._remembered_bytes > REMEMBERED_BYTES:
            self._remembered_bytes -= len(self._lines.popleft())
        if self._file is not None:
            self._file.add(line, document["t"])

    def save(self) -> None:
        """Append to the file what is not yet written."""
        if self._file is not None:
            self._file.save()

    def entries(self, since: int) -> list[dict[str, Any]]:
        """The entries from this index on, without those that are forgotten."""
        return [msgspec.json.decode(line) for line in islice(self._lines, max(0, since - self.forgotten), None)]

    def document(self, last: dict[str, Any] | None = None) -> bytes:
        """The header and all entries in memory, as JSON lines, and ``last``; first that others are forgotten."""
        end = b"" if last is None else _encode(last) + b"\n"
        return self._header + self._forgotten() + b"".join(self._lines) + end

    def _forgotten(self) -> bytes:
        forgotten = self.forgotten
        if not forgotten:
            return b""
        until_us = msgspec.json.decode(self._lines[0])["t"] if self._lines else 0
        return _encode(EntriesMissing(t=0, entries=forgotten, until_us=until_us).document()) + b"\n"
