"""Logs of JSON: lines, an array, values written one after the other, or one object that holds all of them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .finding import close_in, events_in
from .frames import AnyFrame
from .opening import LATER_MISSING, Note
from .windows import CutOff, Unreadable, Window

_NEXT_LINE = re.compile(r"\n\s*[{\[]")
_NEXT_RECORD = re.compile(r"\n\s*\{")
_LOOKED_AT = 5000
_DEEPEST = 3
"""An object that is too long may hold the log, and again one in it, so often."""
_HOLDS_RECORDS = re.compile(r'\{[^\[\]]{0,4000}"\w+"\s*:\s*\[\s*\{')


def read_records(window: Window, note: Note, mapping: Mapping[str, str] | None = None) -> Iterator[AnyFrame]:
    """The events of a log of JSON, and the closes that it tells of."""
    reader = _RecordReader(window, mapping)
    try:
        yield from reader.frames()
    except CutOff:
        note(f"The log is cut off in line {window.line}; its last record is left out.")
    except Unreadable as error:
        note(f"The log is no JSON from line {window.line} on ({error}); {LATER_MISSING}.")
    if reader.broken:
        records = "1 record is" if len(reader.broken) == 1 else f"{len(reader.broken)} records are"
        note(f"{records} no JSON, the first in line {reader.broken[0]}; what could not be read is left out.")
    if mapping and not reader.used:
        paths = ", ".join(f"{part}={path}" for part, path in mapping.items())
        found = f"; the first record has {', '.join(reader.first_keys)}" if reader.first_keys else ""
        note(f"By --map {paths} no record holds an event{found}.")


class _RecordReader:
    def __init__(self, window: Window, mapping: Mapping[str, str] | None) -> None:
        self._window = window
        self._mapping = mapping
        self.broken: list[int] = []
        """The lines of records that are no JSON."""
        self.used = False
        """Whether any event was found."""
        self.first_keys: list[str] = []

    def frames(self) -> Iterator[AnyFrame]:
        """What the log holds. Raises :exc:`CutOff` or :exc:`Unreadable` where it ends too early."""
        while character := self._window.peek():
            if character == "[":
                yield from self._array()
                continue
            try:
                yield from self._record()
            except Unreadable:
                self._go_on(_NEXT_LINE)

    def _array(self, depth: int = 0) -> Iterator[AnyFrame]:
        for _ in self._window.members():
            try:
                yield from self._record(depth)
            except Unreadable:
                self._go_on(_NEXT_RECORD)

    def _record(self, depth: int = 0) -> Iterator[AnyFrame]:
        """One value. If it is too long, or the file ends in it, it may be an object that holds the log."""
        place = f"line {self._window.line}"
        try:
            value = self._window.value()
        except (Unreadable, CutOff):
            text = self._window.text[self._window.at : self._window.at + _LOOKED_AT]
            if depth > _DEEPEST or _HOLDS_RECORDS.match(text) is None:
                raise
            for _ in self._window.fields():
                if self._window.peek() == "[":
                    yield from self._array(depth + 1)
                else:
                    self._window.skip()
            return
        yield from self._of(value, place)

    def _of(self, value: Any, place: str) -> Iterator[AnyFrame]:
        if not self.first_keys and isinstance(value, dict):
            self.first_keys = [str(key)[:40] for key in list(value)[:12]]
        found = False
        for each in events_in(value, self._mapping):
            found = self.used = True
            yield each.frame(place)
        if not found and isinstance(value, dict) and (close := close_in(value)) is not None:
            yield close

    def _go_on(self, pattern: re.Pattern[str]) -> None:
        """Go on with the next line that looks like a record."""
        self.broken.append(self._window.line)
        self._window.at += 1
        if self._window.find(pattern):
            self._window.at += 1
        else:
            self._window.at = len(self._window.text)
