"""The keys of clients are hidden in what is kept and shown of a connection: text by text, before it is encoded.

A text is searched if it came from the client or may repeat it: names, ids, messages, settings. A key is found in the
forms that a client may give it: as it is, percent-encoded, escaped as in JSON, in other letter case, and cut short
after :data:`_HEAD` characters or more. What is ours stays, whatever the key is, so that a journal says the same with
every key:

* numbers, and the names of fields;
* fields that only ever hold a word of the server or of the protocol (:data:`_OURS`);
* ids that the connection mints itself;
* in the type of an item and in settings that have words of their own, a text that as a whole is one (:data:`_WORDS`).
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from ..audio.formats import FORMATS
from ..server.detection import LONGEST_WAIT_MS, SEMANTIC, TURN_DETECTION
from ..server.items import ITEM_REFERENCE, ITEM_TYPES

LONGEST_TEXT = 1_000
"""Characters of one text of the client that an entry keeps."""
_DEEPEST = 8
"""Levels of a client's object that an entry keeps."""
_HEAD = 16
"""So much of a key is hidden even if the rest was cut."""
_LONGEST_KEY = 1024
"""Of a longer key, so much is compared, and all that follows in the text is hidden."""
_MOST_ADDED = 32
_MARKS = ("[key]", "(hidden)", "***", "…", "")
"""What stands for a key: the first that holds no key itself."""
_OURS = frozenset(
    {"t", "lane", "kind", "event", "by", "fault", "status", "role", "code", "reason", "conversation", "instructions"}
)
"""Fields of an entry whose texts are never the client's: it can only choose among the protocol's words, or nothing.

The reason of a client's Close frame is hidden where it is received, and of instructions there is only a digest."""
_FORMATS = frozenset(FORMATS)
_WORDS: dict[str, frozenset[str]] = {
    "type": frozenset({"server_vad", "semantic_vad"}),
    "eagerness": frozenset(LONGEST_WAIT_MS),
    "item_type": frozenset({*ITEM_TYPES, ITEM_REFERENCE}),
    "input_format": _FORMATS,
    "output_format": _FORMATS,
    "voice": frozenset({"alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"}),
}
"""Words of the protocol, by the field in which a client may use them."""
_NAMES = frozenset({*TURN_DETECTION, *SEMANTIC})
"""The names of the fields of ``turn_detection``, which a client may send in any shape."""


def no_id(text: str) -> bool:
    """No text is an id of the server."""
    return False


class ClientKeys:
    """The keys to hide: those given first, and the last :data:`_MOST_ADDED` of those added later."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._first = tuple(filter(None, keys))
        self._added: dict[str, None] = {}
        self._longest = 0
        self._long: tuple[str, ...] = ()
        self._pattern = re.compile(r"(?!)")
        self._mark = _MARKS[0]
        self._prepare()

    def add(self, keys: Iterable[str]) -> None:
        """Hide these as well from now on."""
        new = [key for key in keys if key and key not in self._first and key not in self._added]
        if new:
            self._added = dict.fromkeys([*self._added, *new][-_MOST_ADDED:])
            self._prepare()

    def _prepare(self) -> None:
        forms = {form for key in (*self._first, *self._added) for form in _forms(key[:_LONGEST_KEY])}
        if not forms:
            return
        self._longest = max(map(len, forms))
        self._long = tuple(form for form in forms if len(form) > _HEAD)
        heads = sorted({form[:_HEAD] for form in forms}, key=lambda head: (-len(head), head))
        self._pattern = re.compile("|".join(map(re.escape, heads)), re.IGNORECASE)
        self._mark = next(mark for mark in _MARKS if not self._pattern.search(mark))

    def hidden(self, text: str) -> str:
        """The text without keys; if one would come into being by that, nothing of it stays."""
        match = self._pattern.search(text)
        if match is None:
            return text
        parts, at = [], 0
        while match is not None:
            parts += [text[at : match.start()], self._mark]
            at = self._end(text, match)
            match = self._pattern.search(text, at)
        found = "".join([*parts, text[at:]])
        return self._mark if self._pattern.search(found) else found

    def brief(self, text: str) -> str:
        """The text without keys, and of that at most :data:`LONGEST_TEXT` characters."""
        searched = LONGEST_TEXT + self._longest + 1
        found = self.hidden(text[:searched])
        if len(found) <= LONGEST_TEXT and len(text) <= searched:
            return found
        cut = f"{found[:LONGEST_TEXT]}…"
        return cut[:-1] if self._pattern.search(cut) else cut

    def entry(self, document: dict[str, Any], is_ours: Callable[[str], bool] = no_id) -> dict[str, Any]:
        """An entry of a journal without keys; ``is_ours`` knows the ids that the connection mints."""
        return {name: self._field(name, value, is_ours) for name, value in document.items()}

    def _field(self, name: str, value: Any, is_ours: Callable[[str], bool]) -> Any:
        if name in _OURS:
            return value
        if name == "settings" and isinstance(value, dict):
            return self.entry(value, is_ours)
        if name == "turn_detection" and isinstance(value, dict):
            return {
                each if each in _NAMES else self.brief(each): self._setting(each, setting)
                for each, setting in value.items()
            }
        return self._setting(name, value, is_ours)

    def _setting(self, name: str, value: Any, is_ours: Callable[[str], bool] = no_id) -> Any:
        return value if isinstance(value, str) and value in _WORDS.get(name, ()) else self._value(value, is_ours)

    def _value(self, value: Any, is_ours: Callable[[str], bool], depth: int = 0) -> Any:
        if isinstance(value, str):
            return value if is_ours(value) else self.brief(value)
        if isinstance(value, dict | list | tuple) and depth == _DEEPEST:
            return self.hidden("…")
        if isinstance(value, dict):
            return {self.brief(name): self._value(each, is_ours, depth + 1) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(each, is_ours, depth + 1) for each in value]
        return value

    def _end(self, text: str, match: re.Match[str]) -> int:
        """Where the key ends, or as much of it as the text has."""
        end = match.end()
        for form in self._long:
            same = 0
            for mine, given in zip(form, text[match.start() : match.start() + len(form)], strict=False):
                if mine.lower() != given.lower():
                    break
                same += 1
            if same >= _LONGEST_KEY:
                return len(text)
            if same >= _HEAD:
                end = max(end, match.start() + same)
        return end


def _forms(key: str) -> set[str]:
    """What a text may hold in place of the key. A header's bytes are read as Latin-1, and may have been UTF-8."""
    plain = {key, unquote(key)}
    for each in tuple(plain):
        with contextlib.suppress(UnicodeError):
            plain.add(each.encode("latin-1").decode())
        with contextlib.suppress(UnicodeError):
            plain.add(each.encode().decode("latin-1"))
    forms = set(plain)
    for each in plain:
        escaped = (json.dumps(each), json.dumps(each, ensure_ascii=False), repr(each))
        quoted = (quote(each, errors="replace"), quote(each, safe="", errors="replace"))
        forms |= {*quoted, quote_plus(each, errors="replace"), *(text[1:-1] for text in escaped)}
    return forms - {""}
