"""The journal in memory: a header and the entries, in the order in which things happened.

The bytes of :meth:`Journal.lines` depend only on what happened, so their SHA-256 identifies a run on every Python and
with every hash seed.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, overload

import msgspec

from ..protocol.events import Event
from ..writing import write_private
from .entries import Entry, EventEntry
from .entries.events import tags_of

FORMAT = 2
"""The number of the journal's format, in the header as ``stillthere``.

New lanes, kinds and fields that a reader may ignore do not change the number: a reader keeps an unknown entry as an
:class:`UnknownEntry`. The number increases when a field, kind or lane is renamed or removed, or changes its meaning or
unit. A journal of each earlier number stays in ``tests/journal/formats`` and can still be read.

2: ``speaker heard`` means 200 ms that are audible and what the server sent; it was 300 ms of anything.
"""
READABLE_FORMATS = (1, FORMAT)
"""The numbers that :func:`harness.journal.read` takes."""

VIRTUAL = "virtual"
"""The ``stage`` in the header of a run of a client's class, in virtual time."""
VIRTUAL_APP = "virtual asyncio"
"""The ``stage`` of a run of an app in virtual time."""
REAL_TIME = "real time"
"""The ``stage`` of a run of a program on the wall clock."""
LIVE = "live"
"""The ``stage`` of a live server's journal, which has only the server's side."""

A = TypeVar("A", bound=Entry)
B = TypeVar("B", bound=Entry)
C = TypeVar("C", bound=Entry)
V = TypeVar("V", bound=EventEntry)


class Journal:
    """The header and the entries of a run; entries are only added, never changed.

    ``header`` holds JSON values, such as the names of the scenario and the client; ``number`` is that of its format.
    """

    def __init__(self, header: dict[str, Any], *, number: int = FORMAT) -> None:
        self.header = {"stillthere": number, **header}
        self.entries: list[Entry] = []
        self._found: dict[tuple[type[Entry], ...], list[Entry]] = {}
        self._by_class: dict[type[Entry], list[Entry]] = {}
        self._events: dict[tuple[type[EventEntry], tuple[type[Event], ...]], list[Any]] = {}
        self._whole = (0, 0, 0)
        """Which list these are of, how long it was, and its last entry."""
        self.notes: list[str] = []
        """What a reader should know of its file, a sentence each: such as that the last line is torn."""

    def add(self, entry: Entry) -> None:
        """Append an entry. The caller must have rounded its floats."""
        self.entries.append(entry)

    @overload
    def select(self, a: type[A], /) -> Iterator[A]: ...

    @overload
    def select(self, a: type[A], b: type[B], /) -> Iterator[A | B]: ...

    @overload
    def select(self, a: type[A], b: type[B], c: type[C], /) -> Iterator[A | B | C]: ...

    @overload
    def select(self, *types: type[A]) -> Iterator[A]: ...

    def select(self, *types: type[Entry]) -> Iterator[Entry]:
        """The entries of these classes, in order, as many as there are now."""
        return iter(self._of(types))

    def _of(self, types: tuple[type[Entry], ...]) -> list[Entry]:
        """The entries of these classes; found once for as long as nothing is added."""
        self._forget_what_changed()
        found = self._found.get(types)
        if found is None:
            wanted = [each for each in self._by_class if issubclass(each, types)]
            if len(wanted) == 1:
                found = self._by_class[wanted[0]]
            else:
                found = [entry for entry in self.entries if type(entry) in wanted] if wanted else []
            self._found[types] = found
        return found

    def _forget_what_changed(self) -> None:
        whole = id(self.entries), len(self.entries), id(self.entries[-1]) if self.entries else 0
        if self._whole != whole:
            self._whole = whole
            self._found.clear()
            self._events.clear()
            self._by_class = {}
            for entry in self.entries:
                self._by_class.setdefault(type(entry), []).append(entry)

    def events(self, side: type[V], *types: type[Event]) -> Iterator[V]:
        """The events of these classes on one side: :class:`EventByServer` or :class:`EventAtClient`."""
        self._forget_what_changed()
        found = self._events.get((side, types))
        if found is None:
            kinds = tags_of(types)
            found = self._events[side, types] = [entry for entry in self._of((side,)) if entry.kind in kinds]
        return iter(found)

    @property
    def is_of_app(self) -> bool:
        """Whether an app or a program was under test, and not a client's class."""
        return self.header.get("stage") in (VIRTUAL_APP, REAL_TIME)

    @property
    def end(self) -> int:
        """The time of the last entry, in microseconds; 0 for an empty journal."""
        return self.entries[-1].t if self.entries else 0

    def lines(self) -> Iterator[bytes]:
        """The journal's lines, each with its newline."""
        encode = msgspec.json.encode
        yield encode(self.header) + b"\n"
        for entry in self.entries:
            yield encode(entry.document()) + b"\n"

    def sha256(self) -> str:
        """Hex digest of :meth:`lines`."""
        digest = hashlib.sha256()
        for line in self.lines():
            digest.update(line)
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write the lines to a file for its owner only; its folder is created. Raises :exc:`OSError`."""
        write_private(path, b"".join(self.lines()))
