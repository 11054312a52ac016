"""Reads journals from files and from lines."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ..errors import InputError
from ..protocol.codec import CLIENT_EVENT_TYPES, SERVER_EVENT_TYPES, TRANSLATION_SERVER_TYPES, TRANSLATION_TYPES
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
_EVENT_TYPES = frozenset({*CLIENT_EVENT_TYPES, *SERVER_EVENT_TYPES, *TRANSLATION_TYPES, *TRANSLATION_SERVER_TYPES})


def read(path: str | Path) -> Journal:
    """Read a journal from its file. Raises :exc:`InputError` with the first line that is wrong.

    A last line that is torn is left out, and :attr:`Journal.notes` says so.
    """
    try:
        with Path(path).open("rb") as lines:  # a text may contain other line breaks
            return parse(lines, str(path))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; give the path of a file") from None


def parse(lines: Iterable[str | bytes], name: str) -> Journal:
    """Read a journal from its lines; ``name`` is used in error messages. Raises :exc:`InputError`."""
    journal: Journal | None = None
    last = 0
    """The number of a line that cannot be read: the last one, or the journal is broken there."""
    torn = ""
    for number, line in enumerate(lines, start=1):
        text = _text(line)
        if journal is None:
            journal = _header(text, name)
        elif last and text.strip("\0 \r\n"):
            raise _wrong(name, last)
        elif not text.strip():
            last = last or number
        elif (document := _document(text)) is not None:
            journal.add(_entry(document, name, number))
        elif _can_be_torn(text):
            last, torn = last or number, text
        else:
            raise _wrong(name, number)
    if journal is None:
        raise InputError(f"{name} is empty; a journal begins with a header line")
    if torn:
        journal.notes.append(f"{name}:{last}: the last line is torn and is left out; its writer ended in it")
    return journal


def _text(line: str | bytes) -> str:
    """The line; bytes that are not UTF-8 become halves of surrogate pairs, which no line of a journal has."""
    return line if isinstance(line, str) else line.decode("utf-8", "surrogateescape")


def _document(text: str) -> Any:
    """What a line holds; None if it is not JSON in UTF-8."""
    try:
        text.encode()
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _can_be_torn(text: str) -> bool:
    """Whether it can be the beginning of an entry, or what a file system left of one after a loss of power: zeros."""
    return text.startswith("{") or not text.strip("\0 \r\n")


def _header(text: str, name: str) -> Journal:
    text = text.removeprefix("\ufeff")  # some editors write a byte order mark
    document = _document(text)
    try:
        if (format_number := document.pop("stillthere")) not in READABLE_FORMATS:
            raise ValueError
    except (ValueError, KeyError, AttributeError, TypeError):
        if any("\ud800" <= each <= "\udfff" for each in text):
            raise InputError(f"{name} cannot be read as a journal: it is not text in UTF-8") from None
        raise _wrong(name, 1) from None
    return Journal(document, number=format_number)


def _entry(document: Any, name: str, number: int) -> Entry:
    try:
        return entry_of(document)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        if isinstance(document, dict) and "stillthere" in document:
            cure = "write each journal to a file of its own"
            raise InputError(f"{name}:{number}:1: another journal begins here; {cure}") from None
        raise _wrong(name, number) from None


def _wrong(name: str, number: int) -> InputError:
    return InputError(f"{name}:{number}:1: this line is not part of a stillthere journal")


def entry_of(document: dict[str, Any]) -> Entry:
    """The entry of a line. Raises :exc:`KeyError`, :exc:`TypeError` or :exc:`ValueError` if the line is wrong."""
    t, lane, kind = document.pop("t"), document.pop("lane"), document.pop("kind")
    if not (isinstance(t, int) and isinstance(lane, str) and isinstance(kind, str)):
        raise TypeError
    closed = _CLASSES.get((lane, kind))
    if closed is not None and (lane != ClientLog.lane or document.keys() <= set(closed.__struct_fields__)):
        try:
            return msgspec.convert({"t": t, **document}, closed)
        except msgspec.ValidationError as error:  # of old versions it is no ValueError
            if lane != ClientLog.lane:  # a client's own log may use the same kind with fields of its own
                raise ValueError(str(error)) from None
    if lane in _CLASSES_OF_LANE:
        try:
            return msgspec.convert({"t": t, "kind": kind, **document}, _CLASSES_OF_LANE[lane])
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None
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
