"""What is missing in a journal, and what of it this version does not know."""

from typing import Any, ClassVar

from .base import Entry


class EntriesMissing(Entry, frozen=True, kw_only=True):
    """Live only: entries that belong here are missing; what happened in this time is not known."""

    lane: ClassVar[str] = "journal"
    kind: ClassVar[str] = "missing"
    written_by: ClassVar[str] = (
        "live, in a file that could not be written for a time, as on a full disk; the control API, for what it forgot"
    )
    entries: int
    """The number of entries."""
    until_us: int
    """The time of the last of them or later, in microseconds."""


class UnknownEntry(Entry, frozen=True, kw_only=True):
    """An entry of a lane or kind that this version does not know, kept as it was read."""

    lane: str  # type: ignore[misc]
    kind: str
    fields: dict[str, Any]
    """The other fields of the line, in their order."""
