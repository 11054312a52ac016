"""The file of one live journal: it goes on after a time in which nothing could be written, and says what is missing.

The file is always a new one, which only its owner can read. While it cannot be written, as on a full disk, up to
:data:`MOST_UNWRITTEN_BYTES` wait; what happens after that is counted, and stands in the file as one
:class:`~harness.journal.EntriesMissing` once it can be written again. A line is there whole or not at all.
"""

import contextlib
import logging
import os
from pathlib import Path

import msgspec

from ..journal import EntriesMissing
from ..writing import open_regular

MOST_UNWRITTEN_BYTES = 1024 * 1024
_WRITTEN_BYTES = 64 * 1024
"""Lines are written once there are so many bytes, by :meth:`JournalFile.save`, and at the end."""
_MOST_NAMES = 100

_log = logging.getLogger("harness.live")


class JournalFile:
    """Takes lines; :meth:`save` writes them. Nothing raises: that a file cannot be written is logged, once each time.

    ``header`` is the first line.
    """

    def __init__(self, path: Path, header: bytes) -> None:
        self.path = path
        self._header = header
        self._created = self._in_trouble = self._half_written = False
        self._size = 0
        """How much of the file is whole lines of ours."""
        self._unwritten: list[bytes] = []
        self._unwritten_bytes = 0
        self._written = self._waiting = EntriesMissing(t=0, entries=0, until_us=0)
        self._missing: EntriesMissing | None = None
        """The entries that follow those that wait."""

    def add(self, line: bytes, t: int) -> None:
        """Add an entry's line; ``t`` is the time of the entry in microseconds."""
        full = self._in_trouble and self._unwritten_bytes + len(line) > MOST_UNWRITTEN_BYTES
        if full or self._missing is not None:
            first = t if self._missing is None else self._missing.t
            entries = 0 if self._missing is None else self._missing.entries
            self._missing = EntriesMissing(t=first, entries=entries + 1, until_us=t)
            return
        self._unwritten.append(line)
        self._unwritten_bytes += len(line)
        self._waiting = EntriesMissing(t=0, entries=self._waiting.entries + 1, until_us=t)
        if self._unwritten_bytes > _WRITTEN_BYTES and not self._in_trouble:
            self.save()

    def save(self) -> None:
        """Append what is not yet written, if there is anything."""
        if not self._unwritten and self._missing is None:
            return
        lines = list(self._unwritten)
        if self._missing is not None:
            lines.append(_line(self._missing))
        try:
            self._append(b"".join(lines))
        except OSError as error:
            self._failed(error)
        else:
            self._succeeded()

    def _failed(self, error: OSError) -> None:
        if not self._in_trouble:
            _log.warning(
                "the journal %s cannot be written: %s; it is tried again every second, so make room or mend the folder",
                self.path,
                error.strerror,
            )
        self._in_trouble = True

    def _succeeded(self) -> None:
        if self._in_trouble:
            lost = 0 if self._missing is None else self._missing.entries
            _log.warning("the journal %s can be written again; %d of its entries are missing", self.path, lost)
        kept = self._waiting.entries + self._written.entries
        self._written = EntriesMissing(t=0, entries=kept, until_us=self._waiting.until_us)
        self._waiting = EntriesMissing(t=0, entries=0, until_us=self._waiting.until_us)
        self._in_trouble, self._missing = False, None
        self._unwritten.clear()
        self._unwritten_bytes = 0

    # --- the file ---

    def _append(self, data: bytes) -> None:
        """Write all of it or nothing. Raises :exc:`OSError`."""
        descriptor = self._open()
        try:
            size = os.fstat(descriptor).st_size
            if self._half_written and size > self._size:
                os.ftruncate(descriptor, self._size)
                size = self._size
            if not size:
                data = self._beginning() + data
            self._size, self._half_written = size, True
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
            except OSError:
                with contextlib.suppress(OSError):  # else it is cut the next time
                    os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)  # some file systems say only here that the disk is full
        self._size, self._half_written = size + len(data), False

    def _beginning(self) -> bytes:
        """The header; and if the file was there before and is gone, that its entries are missing."""
        return self._header + (_line(self._written) if self._written.entries else b"")

    def _open(self) -> int:
        if self._created:
            with contextlib.suppress(FileNotFoundError):
                return open_regular(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0))
        descriptor = self._create()
        self._created = True
        return descriptor

    def _create(self) -> int:
        """A new file: what is there already, a file or anything else, is left alone."""
        wanted = self.path
        for number in range(1, _MOST_NAMES):
            path = wanted if number == 1 else wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
            with contextlib.suppress(FileExistsError):
                descriptor = open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL)
                if path != wanted:
                    _log.warning("%s exists and is left alone; the journal is %s", wanted, path)
                self.path = path
                return descriptor
        raise FileExistsError(None, "such files exist already", str(wanted))


def _line(entry: EntriesMissing) -> bytes:
    return msgspec.json.encode(entry.document()) + b"\n"
