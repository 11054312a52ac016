"""What every entry of a journal has."""

from typing import Any, ClassVar

from msgspec import UNSET, Struct


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened at ``t``.

    Its fields are what JSON has, which refers to no entry: the garbage collector need not look at the many there are.
    """

    lane: ClassVar[str]
    written_by: ClassVar[str]
    """Which part writes it, for docs/journal.md."""
    t: int
    """Microseconds since the start of the run."""

    @property
    def kind(self) -> str:
        """What happened, as on disk."""
        raise NotImplementedError

    def document(self) -> dict[str, Any]:
        """The dictionary on disk: ``t``, ``lane``, ``kind``, then the fields in their order."""
        document: dict[str, Any] = {"t": self.t, "lane": self.lane, "kind": self.kind}
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name in NOT_IN_LINE or value is UNSET:
                continue
            if name == "fields":
                document.update(value)
            else:
                document[name] = value
        return document


NOT_IN_LINE = frozenset({"t", "lane", "kind"})
"""Fields of the class that its line has in another place."""


class ConnectionEntry(Entry, frozen=True, kw_only=True):
    """An entry about one connection."""

    connection: int
    """The number of the connection: dials are counted from 1."""
