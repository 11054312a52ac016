"""Reads objects as programs print them: JSON, the ``repr`` of Python, and ``util.inspect`` of Node, cut or not."""

import re
from typing import Any

_SPACE = re.compile(r"[\s,]*")
_NAME = re.compile(r"[\w$.-]+")
_PLACEHOLDER = re.compile(r"\[[A-Z][\w ]*(?:: [\w ]+)?\]|<[^<>\n]{0,200}>|\.\.\.[^,\n\]}]*|…[^,\n\]}]*")
_CLASS = re.compile(r"[A-Z]\w*(?:\(\d+\))?(?:\s+\[[\w ]+\])?\s*(?=[{\[])")
_QUOTES = "'\"`"
_PLAIN = {quote: re.compile(rf"[^\\{quote}]*") for quote in _QUOTES}
_JOINED = re.compile(r"\s*\+\s*['\"`]")
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None, "undefined": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "\n": ""}
_DEEPEST = 40
NOT_PRINTED = "…"
"""Stands for what the program did not print: ``[Object]``."""


class NotLoose(Exception):
    """The text is no object as a program prints one; ``at_end``: it may be, if more of it follows."""

    def __init__(self, *, at_end: bool = False) -> None:
        super().__init__()
        self.at_end = at_end


def parse_loose(text: str, at: int) -> tuple[Any, int]:
    """The value that begins at a place of a text, and where it ends. Raises :exc:`NotLoose`."""
    return _value(text, at, 0)


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise NotLoose
    at = _past_space(text, at)
    character = text[at]
    if found := _PLACEHOLDER.match(text, at):
        return NOT_PRINTED, found.end()
    if found := _CLASS.match(text, at):
        return _value(text, found.end(), depth + 1)
    if character == "{":
        return _object(text, at + 1, depth)
    if character in "[(":
        return _array(text, at + 1, depth, "]" if character == "[" else ")")
    if character in _QUOTES:
        return read_string(text, at)
    if found := _NAME.match(text, at):
        return _word(found[0]), found.end()
    raise NotLoose


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    at = found.end() if found else at
    if at >= len(text):
        raise NotLoose(at_end=True)
    return at


def _word(word: str) -> Any:
    if word in _WORDS:
        return _WORDS[word]
    try:
        return int(word) if len(word) < 20 else word
    except ValueError:
        try:
            return float(word)
        except ValueError:
            return word


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while True:
        at = _past_space(text, at)
        if text[at] == "}":
            return found, at + 1
        if hint := _PLACEHOLDER.match(text, at):
            at = hint.end()
            continue
        if text[at] in _QUOTES:
            key, at = read_string(text, at)
        elif name := _NAME.match(text, at):
            key, at = name[0], name.end()
        else:
            raise NotLoose
        at = _past_space(text, at)
        if text[at] != ":":
            raise NotLoose
        found[key], at = _value(text, at + 1, depth + 1)


def _array(text: str, at: int, depth: int, end: str) -> tuple[list[Any], int]:
    found: list[Any] = []
    while True:
        at = _past_space(text, at)
        if text[at] == end:
            return found, at + 1
        value, at = _value(text, at, depth + 1)
        found.append(value)


def read_string(text: str, at: int) -> tuple[str, int]:
    """The text in quotes that begins at a place, and where it ends. Node joins long ones with ``+``."""
    quote = text[at]
    parts: list[str] = []
    at += 1
    while (found := _PLAIN[quote].match(text, at)) is not None and found.end() < len(text):
        parts.append(found[0])
        at = found.end() + 1
        if text[at - 1] == "\\":
            plain, at = _escaped(text, at)
            parts.append(plain)
        elif (joined := _JOINED.match(text, at)) is not None:
            quote, at = text[joined.end() - 1], joined.end()
        else:
            return "".join(parts), at
    raise NotLoose(at_end=True)


def _escaped(text: str, at: int) -> tuple[str, int]:
    """The character that an escape stands for, and where it ends; ``at`` is behind the backslash."""
    escaped = text[at : at + 1]
    width = {"u": 4, "x": 2}.get(escaped, 0)
    at += 1 + width
    if at > len(text):
        raise NotLoose(at_end=True)
    try:
        return (chr(int(text[at - width : at], 16)) if width else _ESCAPES.get(escaped, escaped)), at
    except ValueError:
        raise NotLoose from None
