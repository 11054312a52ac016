"""Captures: what an answer takes from the words, instructions or results that its rule matches.

In a text, ``{city}`` is what the group ``(?P<city>…)`` of a pattern of the rule matched; ``{result}`` is the output of
the tool, ``{result.days.0.high}`` a field of it, if it is JSON, and ``{arguments.city}`` an argument of the call that
it is the output of. ``{{city}}`` is the word in braces itself; other braces are braces.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

RESULT, ARGUMENTS = "result", "arguments"
"""The captures that come from a tool's result, and from the call that it is the result of."""
LONGEST_CAPTURE = 200
"""Of a longer text only so many characters are used: an answer has an end, whatever a client sends."""
_NAME = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)*"
_PLACEHOLDER = re.compile(rf"\{{\{{({_NAME})\}}\}}|\{{({_NAME})\}}")
_ABSENT = object()


class NotCaptured(LookupError):
    """What an answer uses was not captured."""


class Captures:
    """What a rule captured: groups of its patterns, and the tool's output and arguments, each JSON text or None."""

    def __init__(
        self, groups: Mapping[str, str | None], result: str | None = None, arguments: str | None = None
    ) -> None:
        self._groups = groups
        self._tool = {RESULT: result, ARGUMENTS: arguments}

    def __getitem__(self, name: str) -> Any:
        """A text, or a JSON value of the tool. Raises :exc:`NotCaptured`."""
        head, *path = name.split(".")
        if head in self._tool:
            return _field(self._tool[head], path, name)
        if self._groups.get(name) is None:
            raise NotCaptured(f"no pattern captures {name!r}; write (?P<{name}>...) in one")
        return _cut(str(self._groups[name]))


def names_in(text: str) -> Iterator[str]:
    """The captures that a text uses."""
    return (match[2] for match in _PLACEHOLDER.finditer(text) if match[2])


def has_captures(text: str) -> bool:
    """Whether the text is to be filled: it uses captures, or has words in double braces."""
    return _PLACEHOLDER.search(text) is not None


def filled(text: str, captures: Captures) -> str:
    """The text with its captures. Raises :exc:`NotCaptured`."""
    return _PLACEHOLDER.sub(lambda match: f"{{{match[1]}}}" if match[1] else _text(captures[match[2]]), text)


def filled_json(document: str, captures: Captures) -> str:
    """JSON text with the captures in its strings; a string that is one capture alone takes the type of that too.

    Raises :exc:`NotCaptured`.
    """
    return _sendable(json.dumps(_filled_value(json.loads(document), captures), ensure_ascii=False))


def longest(text: str) -> str:
    """The text with as many words in place of each capture as one can have."""
    return _PLACEHOLDER.sub(lambda match: match[0] if match[1] else " a" * (LONGEST_CAPTURE // 2), text)


def texts_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """All strings of a JSON value, each with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts_in(part, (*path, key))


def _filled_value(value: Any, captures: Captures) -> Any:
    if isinstance(value, dict):
        return {key: _filled_value(part, captures) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled_value(part, captures) for part in value]
    if not isinstance(value, str):
        return value
    alone = _PLACEHOLDER.fullmatch(value)
    if alone is None or alone[1]:
        return filled(value, captures)
    found = captures[alone[2]]
    return found if len(_text(found)) < LONGEST_CAPTURE else _text(found)


def _field(document: str | None, path: list[str], name: str) -> Any:
    if document is None:
        raise NotCaptured(f"no result of a tool has {name!r}")
    if not path:
        return _cut(document)
    try:
        value = json.loads(document, parse_constant=lambda _: None, parse_float=_finite)
    except (ValueError, RecursionError):
        raise NotCaptured(f"no result of a tool has {name!r}") from None
    for part in path:
        value = _part(value, part)
        if value is _ABSENT:
            raise NotCaptured(f"no result of a tool has {name!r}")
    return value


def _finite(number: str) -> float | None:
    """A number of a document; None if it is too large to be written as JSON again."""
    value = float(number)
    return value if math.isfinite(value) else None


def _part(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key, _ABSENT)
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return _ABSENT


def _text(value: Any) -> str:
    return _cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return _sendable(text[:LONGEST_CAPTURE])


def _sendable(text: str) -> str:
    """Without halves of surrogate pairs, which JSON can name and no message can carry."""
    return text.encode(errors="replace").decode()
