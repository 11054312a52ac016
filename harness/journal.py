"""The journal of one run: a header line, then one JSON line an entry, in the order in which things happened.

An entry has ``t`` (microseconds since the start), ``lane`` (who), ``kind`` (what) and the fields of its kind. The bytes
are a function of what happened alone, so the SHA-256 identifies a run on every Python and with every hash seed.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from harness.errors import InputError

FORMAT = 1
"""Version of the journal's form, in the header as ``stillthere``."""


class Entry(NamedTuple):
    """One thing that happened at ``t`` microseconds."""

    t: int
    lane: str
    kind: str
    fields: dict[str, Any]


class Journal:
    """Append-only; judges and reports read :attr:`entries`, files hold :meth:`lines`."""

    def __init__(self, header: dict[str, Any]) -> None:
        self.header = {"stillthere": FORMAT, **header}
        self.entries: list[Entry] = []

    def write(self, t: int, lane: str, kind: str, /, **fields: Any) -> None:
        """Add an entry. ``fields`` are JSON values; floats are rounded by who writes them."""
        self.entries.append(Entry(t, lane, kind, fields))

    def select(self, lane: str, *kinds: str) -> Iterator[Entry]:
        """The entries of a lane, of these kinds if any are given."""
        for entry in self.entries:
            if entry.lane == lane and (not kinds or entry.kind in kinds):
                yield entry

    def lines(self) -> Iterator[bytes]:
        """The journal's lines, each with its newline."""
        encode = msgspec.json.encode
        yield encode(self.header) + b"\n"
        for t, lane, kind, fields in self.entries:
            yield encode({"t": t, "lane": lane, "kind": kind, **fields}) + b"\n"

    def sha256(self) -> str:
        """Hex digest of :meth:`lines`."""
        digest = hashlib.sha256()
        for line in self.lines():
            digest.update(line)
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write the lines to a file, making its folder."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(self.lines()))


def read(path: Path) -> Journal:
    """A journal from its file. Raises :exc:`InputError` naming the first line that is not one."""
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:  # other line breaks may stand within a text
            return parse(lines, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a journal: {error}") from None


def parse(lines: Iterable[str], name: str) -> Journal:
    """A journal from its lines; ``name`` stands in error messages."""
    journal: Journal | None = None
    for number, line in enumerate(lines, start=1):
        try:
            document = json.loads(line)
            if journal is None:
                if document.pop("stillthere") != FORMAT:
                    raise ValueError
                journal = Journal(document)
            else:
                journal.write(document.pop("t"), document.pop("lane"), document.pop("kind"), **document)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            raise InputError(f"{name}:{number}:1: this line is not part of a stillthere journal") from None
    if journal is None:
        raise InputError(f"{name} is empty; a journal begins with a header line")
    return journal
