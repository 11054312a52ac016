"""Reads journals from files and from lines."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ..errors import InputError
from ..protocol.codec import CLIENT_EVENT_TYPES, SERVER_EVENT_TYPES
from .entries import (
    CLOSED,
    ClientLog,
    Entry,
    EventAtClient,
    EventByServer,
    EventEntry,
    FaultInjected,
    RoomNoise,
    UnknownEntry,
)
from .journal import READABLE_FORMATS, Journal

_CLASSES: dict[tuple[str, str], type[Entry]] = {(each.lane, str(each.kind)): each for each in CLOSED}
_CLASSES_OF_LANE: dict[str, type[Entry]] = {each.lane: each for each in (RoomNoise, FaultInjected)}
_EVENTS: dict[str, type[EventEntry]] = {each.lane: each for each in (EventByServer, EventAtClient)}
_EVENT_TYPES = frozenset({*CLIENT_EVENT_TYPES, *SERVER_EVENT_TYPES})


def read(path: str | Path) -> Journal:
    """Read a journal from its file. Raises :exc:`InputError` with the first line that is wrong."""
    try:
        with Path(path).open(encoding="utf-8", newline="\n") as lines:  # a text may contain other line breaks
            return parse(lines, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a journal: {error}") from None


def parse(lines: Iterable[str], name: str) -> Journal:
    """Read a journal from its lines; ``name`` is used in error messages. Raises :exc:`InputError`."""
    journal: Journal | None = None
    for number, line in enumerate(lines, start=1):
        try:
            document = json.loads(line)
            if journal is None:
                if (format_number := document.pop("stillthere")) not in READABLE_FORMATS:
                    raise ValueError
                journal = Journal(document, number=format_number)
            else:
                journal.add(entry_of(document))
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            raise InputError(f"{name}:{number}:1: this line is not part of a stillthere journal") from None
    if journal is None:
        raise InputError(f"{name} is empty; a journal begins with a header line")
    return journal


def entry_of(document: dict[str, Any]) -> Entry:
    """The entry of a line. Raises :exc:`KeyError`, :exc:`TypeError` or :exc:`ValueError` if the line is wrong."""
    t, lane, kind = document.pop("t"), document.pop("lane"), document.pop("kind")
    if not (isinstance(t, int) and isinstance(lane, str) and isinstance(kind, str)):
        raise TypeError
    closed = _CLASSES.get((lane, kind))
    if closed is not None and (lane != ClientLog.lane or document.keys() <= set(closed.__struct_fields__)):
        try:
            return msgspec.convert({"t": t, **document}, closed)
        except msgspec.ValidationError:
            if lane != ClientLog.lane:  # a client's own log may use the same kind with fields of its own
                raise
    if lane in _CLASSES_OF_LANE:
        return msgspec.convert({"t": t, "kind": kind, **document}, _CLASSES_OF_LANE[lane])
    if lane in _EVENTS and kind in _EVENT_TYPES:
        connection = document.get("connection")
        if isinstance(connection, int):
            del document["connection"]
            return _EVENTS[lane](t=t, kind=kind, connection=connection, fields=document)
        if lane != ClientLog.lane:
            raise TypeError
    if lane == ClientLog.lane:
        return ClientLog(t=t, kind=kind, fields=document)
    return UnknownEntry(t=t, lane=lane, kind=kind, fields=document)
