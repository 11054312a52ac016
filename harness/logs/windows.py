"""Reads JSON that is longer than memory, value by value, through a window that slides over the text."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

LONGEST_VALUE = 16 * 1024 * 1024
"""A value of more characters is left out: the service takes no message that is longer."""
_NEAR_END = 40
"""An error so near the end of what was read may be due to its being the end."""
_SPACE = re.compile(r"[ \t\r\n\0\ufeff\x1e]*")
_STRUCTURE = re.compile(r'["{}\[\]]')
_STRING_ENDS = re.compile(r'["\\]')
_SCALAR_ENDS = re.compile(r"[,\]}\s]")
_decode = json.JSONDecoder().raw_decode


class Unreadable(Exception):
    """The text at this place is no JSON, or is longer than :data:`LONGEST_VALUE`."""


class CutOff(Exception):
    """The text ends within a value."""


class Window:
    """A text, and how far it was read. Only what is not read yet is in memory.

    Iterate :meth:`fields` or :meth:`members` and, for each, call exactly one of :meth:`value`, :meth:`skip`,
    :meth:`fields` and :meth:`members`.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = iter(chunks)
        self.text = ""
        self.at = 0
        self.ended = False
        self._lines = 1
        self._counted = 0

    @property
    def line(self) -> int:
        """The line of the place that was reached; lines count from 1."""
        self._lines += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._lines

    def more(self) -> bool:
        """Read on. False: there is no more."""
        if self.ended:
            return False
        chunk = next(self._chunks, None)
        if chunk is None:
            self.ended = True
            return False
        _ = self.line
        self.text = self.text[self.at :] + chunk
        self.at = self._counted = 0
        return True

    def peek(self) -> str:
        """The next character that is no space; empty at the end of the text."""
        while True:
            found = _SPACE.match(self.text, self.at)
            assert found is not None
            self.at = found.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """The next value, which is then read. Raises :exc:`Unreadable` or :exc:`CutOff`, and has not moved then."""
        if not self.peek():
            raise CutOff
        while True:
            try:
                value, end = _decode(self.text, self.at)
            except json.JSONDecodeError as error:
                open_ended = error.msg.startswith("Unterminated string") or error.pos > len(self.text) - _NEAR_END
                if not open_ended or len(self.text) - self.at > LONGEST_VALUE:
                    raise Unreadable(error.msg) from None
                if not self._grow():
                    raise CutOff from None
            except (ValueError, RecursionError) as error:  # a number of thousands of digits; thousands of brackets
                raise Unreadable(str(error)) from None
            else:
                if end == len(self.text) and not isinstance(value, dict | list | str) and self._grow():
                    continue  # a number may go on
                if end - self.at > LONGEST_VALUE:
                    raise Unreadable("it is too long")
                self.at = end
                return value

    def _grow(self) -> bool:
        """Read as much again as is in the window: so that a long value is not decoded anew for each chunk."""
        wanted = 2 * (len(self.text) - self.at)
        grown = False
        while len(self.text) - self.at < wanted and self.more():
            grown = True
        return grown

    def fields(self) -> Iterator[str]:
        """The keys of the object that is next. Raises :exc:`Unreadable` or :exc:`CutOff`."""
        if self.peek() != "{":
            raise Unreadable("no object")
        self.at += 1
        while (character := self.peek()) != "}":
            if character == ",":
                self.at += 1
                continue
            if character != '"':
                raise Unreadable("no key") if character else CutOff
            key = self.value()
            if self.peek() != ":":
                raise Unreadable("no colon") if self.peek() else CutOff
            self.at += 1
            yield key
        self.at += 1

    def members(self) -> Iterator[None]:
        """The members of the array that is next. Raises :exc:`Unreadable` or :exc:`CutOff`."""
        if self.peek() != "[":
            raise Unreadable("no array")
        self.at += 1
        while (character := self.peek()) != "]":
            if character == ",":
                self.at += 1
            elif character:
                yield
            else:
                raise CutOff
        self.at += 1

    def skip(self) -> None:
        """Go past the next value, however long it is. Raises :exc:`CutOff`."""
        depth = 0
        while True:
            character = self.peek()
            if character in ("{", "["):
                depth += 1
            elif character in ("}", "]"):
                depth -= 1
            elif character == '"':
                self._skip_string()
            elif not character:
                raise CutOff
            elif depth == 0:
                self._skip_until(_SCALAR_ENDS)
                return
            if character != '"':
                self.at += 1
            if depth <= 0:
                return
            self._skip_until(_STRUCTURE)

    def _skip_string(self) -> None:
        self.at += 1
        while True:
            self._skip_until(_STRING_ENDS)
            if self.text[self.at : self.at + 1] == '"':
                self.at += 1
                return
            while self.at + 2 > len(self.text):
                if not self.more():
                    raise CutOff
            self.at += 2

    def _skip_until(self, pattern: re.Pattern[str]) -> None:
        """Go on to what matches; at the end of the text :exc:`CutOff` is raised."""
        while True:
            found = pattern.search(self.text, self.at)
            if found is not None:
                self.at = found.start()
                return
            self.at = len(self.text)
            if not self.more():
                raise CutOff

    def find(self, pattern: re.Pattern[str]) -> bool:
        """Go on to where ``pattern`` matches, which is within one line or a few. False: nowhere."""
        while True:
            found = pattern.search(self.text, self.at)
            if found is not None and (found.end() < len(self.text) or self.ended):
                self.at = found.start()
                return True
            self.at = found.start() if found is not None else max(self.at, len(self.text) - 200)
            if not self.more():
                return found is not None
