"""Text logs that name events: with the event as JSON, as Python or Node prints it, or without it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .finding import Found, events_in
from .frames import AnyFrame, CloseFrame, EventFrame
from .loose import NotLoose, parse_loose, read_string
from .opening import Note
from .times import Stamp, stamp_in, stamp_of
from .vocabulary import CLIENT_TYPES, SERVER_TYPES, TYPES_IN_TEXT
from .windows import LONGEST_VALUE

_CLOSING = ("}", "]", ")")
_LONGEST_SENTENCE = 2000
_LONGEST_OBJECT_LINES = 3000
_MOST_TRIES = 30
"""So often an object that goes over lines is parsed in search of its end."""
_NEAR_LINES = 2
"""An event's time may stand so many lines above it."""
_EPOCH = re.compile(r"^\W{0,3}(\d{10}(?:\.\d+)?|\d{13}(?:\.\d+)?)\b")
_CLOSED = re.compile(
    r"(?i)(?:web ?socket|\bws\b|socket|connection|server|client)[^{}\n]{0,60}?(?:clos|disconnect|ended)"
    r"[^{}\n]{0,80}?\b(1\d{3}|4\d{3})\b"
)
_TYPE_FIRST = re.compile(r"""\{\s*["']type["']\s*:\s*["']([\w.]+)["']""")
_ALL_TYPES = CLIENT_TYPES | SERVER_TYPES
_decode = json.JSONDecoder(strict=False).raw_decode


@dataclass(slots=True)
class _Pending:
    """An object that goes on in the next line."""

    lines: list[str]
    size: int
    line: int
    stamp: Stamp | None
    named: str | None
    depth: int = 0
    tries: int = 0


def lines_of(pieces: Iterable[str]) -> Iterator[str]:
    """The lines of a text; of one that is too long, its beginning."""
    rest = ""
    for piece in pieces:
        rest += piece
        *whole, rest = rest.split("\n")
        yield from whole
        if len(rest) > LONGEST_VALUE:
            yield rest
            rest = ""
    if rest:
        yield rest


def read_text(pieces: Iterable[str], note: Note, mapping: Mapping[str, str] | None = None) -> Iterator[AnyFrame]:
    """The events that a text log names, and the closes of the connection that it tells of."""
    reader = _TextReader(mapping)
    held: EventFrame | None = None
    """An event of which only the name was found: the next line may have the event itself."""
    named_only = 0
    for frame in reader.frames(lines_of(pieces)):
        if held is not None:
            if not (isinstance(frame, EventFrame) and _is_same(held, frame)):
                named_only += 1
                yield held
            held = None
        if isinstance(frame, EventFrame) and len(frame.document) == 1:
            held = frame
        else:
            yield frame
    if held is not None:
        named_only += 1
        yield held
    if named_only:
        events = "1 event is" if named_only == 1 else f"{named_only} events are"
        note(f"{events} named in the log without what {'it' if named_only == 1 else 'they'} held.")


def _is_same(named: EventFrame, frame: EventFrame) -> bool:
    near = int(frame.place.split()[1]) - int(named.place.split()[1]) <= _NEAR_LINES
    return near and len(frame.document) > 1 and frame.document.get("type") == named.document["type"]


class _TextReader:
    def __init__(self, mapping: Mapping[str, str] | None) -> None:
        self._mapping = mapping
        self._stamp: Stamp | None = None
        self._stamp_line = -_NEAR_LINES - 1
        self._pending: _Pending | None = None

    def frames(self, lines: Iterator[str]) -> Iterator[AnyFrame]:
        """The events in a log's lines."""
        for number, line in enumerate(lines, start=1):
            pending = self._pending
            if pending is None:
                yield from self._line(number, line)
                continue
            pending.lines.append(line)
            pending.size += len(line)
            pending.depth += _depth(line)
            # It ends with a bracket, and with as many as it began with, if there are none in its texts.
            if (pending.depth <= 0 and line.rstrip()) or line[:1] in _CLOSING:
                pending.tries += 1
                found = self._object("\n".join(pending.lines), 0)
                if found is not None:
                    self._pending = None
                    yield from self._found(found[0], pending.line, pending.stamp, pending.named)
                    continue
            if self._is_hopeless(pending) or self._is_new(line):
                self._pending = None
                if pending.named:
                    yield EventFrame(f"line {pending.line}", {"type": pending.named}, pending.stamp)
                yield from self._line(number, line)
        if self._pending is not None and self._pending.named:
            yield EventFrame(f"line {self._pending.line}", {"type": self._pending.named}, self._pending.stamp)

    def _is_hopeless(self, pending: _Pending) -> bool:
        long = len(pending.lines) > _LONGEST_OBJECT_LINES or pending.size > LONGEST_VALUE
        return long or pending.tries > _MOST_TRIES

    def _is_new(self, line: str) -> bool:
        """Whether a line within an object begins another record: the object was cut."""
        return not line[:1].isspace() and line[:1] not in _CLOSING and _type_named(line) is not None

    def _line(self, number: int, line: str) -> Iterator[AnyFrame]:
        start = _object_start(line)
        before = line if start is None else line[:start]
        stamp = _stamp_before(before)
        if stamp is not None:
            self._stamp, self._stamp_line = stamp, number
        elif number - self._stamp_line <= _NEAR_LINES:
            stamp = self._stamp
        if closed := _CLOSED.search(before[:_LONGEST_SENTENCE]):
            yield CloseFrame(stamp, int(closed[1]))
        named = _type_named(before)
        if start is None:
            if named:
                yield EventFrame(f"line {number}", {"type": named}, stamp)
            return
        at: int | None = start
        while at is not None:
            found = self._object(line, at)
            if found is None:
                named = named or _type_within(line[at : at + _LONGEST_SENTENCE])
                if self._pending is not None:
                    self._pending.line, self._pending.stamp, self._pending.named = number, stamp, named
                elif named:
                    yield EventFrame(f"line {number}", {"type": named}, stamp)
                return
            frames = list(self._found(found[0], number, stamp, named))
            yield from frames
            at = _object_start(line, found[1])
            named = None

    def _object(self, text: str, at: int) -> tuple[Any, int] | None:
        """The object at a place. None: there is none; if it may go on, it is pending."""
        try:
            return _decode(text, at)
        except (ValueError, RecursionError):
            pass
        try:
            if at and text[at - 1] in "'\"":
                inner, end = read_string(text, at - 1)
                return json.loads(inner), end
        except (NotLoose, ValueError, RecursionError):
            pass
        try:
            return parse_loose(text, at)
        except (NotLoose, RecursionError) as error:
            if isinstance(error, NotLoose) and error.at_end and self._pending is None:
                self._pending = _Pending([text[at:]], len(text) - at, 0, None, None, _depth(text[at:]))
            return None

    def _found(self, value: Any, number: int, stamp: Stamp | None, named: str | None) -> Iterator[AnyFrame]:
        events = list(events_in(value, self._mapping))
        if not events and named:
            events = [Found({**(value if isinstance(value, dict) else {}), "type": named})]
        for each in events:
            frame = each.frame(f"line {number}")
            yield replace(frame, stamp=each.stamp or stamp or frame.stamp)


def _type_within(text: str) -> str | None:
    """The event of an object that was cut: the library websockets prints the first and last 75 characters."""
    found = _TYPE_FIRST.match(text)
    return found[1] if found and found[1] in _ALL_TYPES else None


def _depth(text: str) -> int:
    """How many brackets a text opens more than it closes."""
    return text.count("{") + text.count("[") - text.count("}") - text.count("]")


def _object_start(line: str, at: int = 0) -> int | None:
    """Where an object begins in a line, if one does."""
    found = re.compile(r"""\{(?=\s*(?:["'}]|\\"|[\w$]+\s*:|$))|\[(?=\s*\{)""").search(line, at)
    return found.start() if found else None


def _type_named(text: str) -> str | None:
    """The event that a text names; None: none, or several, as a list of them does."""
    names = {found[0] for found in TYPES_IN_TEXT.finditer(text[:_LONGEST_SENTENCE]) if found[0] in _ALL_TYPES}
    return names.pop() if len(names) == 1 else None


def _stamp_before(text: str) -> Stamp | None:
    if found := _EPOCH.match(text):
        return stamp_of(float(found[1]))
    return stamp_in(text)
