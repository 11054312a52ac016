"""Blots out what is secret or personal in events: what is not known to be harmless is not kept.

Kept are the names of the protocol's fields, the protocol's own words, counts and positions, and the length of every
text. An id becomes another one, the same each time, that tells the same second if the vendor's ids do. Audio is a
voice, and is kept only if that is asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .clips import without_audio
from .logged import LoggedClose, LoggedEvent, LoggedSession, LoggedTelephone, SessionLog
from .protocol_words import FIELDS, NUMBERS_BELOW, is_word
from .stamped_ids import seconds_of
from .vocabulary import CLIENT_TYPES, SERVER_TYPES

_TEXTS = frozenset(
    {
        "arguments",
        "delta",
        "description",
        "instructions",
        "message",
        "output",
        "text",
        "transcript",
    }
)
"""Fields whose texts are blotted out even if they are words of the protocol."""
_IDS = frozenset(
    {
        "id",
        "event_id",
        "item_id",
        "response_id",
        "previous_item_id",
        "call_id",
        "conversation_id",
        "approval_request_id",
        "session_id",
    }
)
_NAMES = {"name": "tool", "server_label": "server", "speaker": "speaker"}
"""Fields with names that the app gave: each becomes a number."""
_BLOTTED = re.compile(r"\[blotted \d{1,9}\]")
_ID_KINDS = re.compile(r"(event|item|resp|sess|conv|call|msg|fc|fco|rs|mcp|mcpr|part|asst|user)_[A-Za-z0-9]{8,64}")
_OWN_NAMES = re.compile(r"(socket|session) \d{1,6}|\d{1,4}")
_TIME_DIGITS = 5
_NO_TIME = "00000"
_DEEPEST = 30


class Blotter:
    """Blots out events, one after the other; the same id becomes the same other one in all of them."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, int] = {}

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event without what is secret or personal, and without its audio."""
        kind = event.get("type")
        blotted = self._object(without_audio(event), 0)
        known = kind in CLIENT_TYPES or kind in SERVER_TYPES
        return {**blotted, "type": kind if known else f"{_family(kind)}.other"}

    def identity(self, value: str) -> str:
        """The id that stands for an id."""
        if _OWN_NAMES.fullmatch(value):
            return value
        found = _ID_KINDS.fullmatch(value)
        kind = found[1] if found else "id"
        if (known := self._names.get(("id", value))) is not None:
            return known
        tail = value.rpartition("_")[2]
        time = tail[:_TIME_DIGITS] if found and seconds_of(value) is not None else _NO_TIME
        number = self._number(kind)
        return self._names.setdefault(("id", value), f"{kind}_{time}{number:011d}")

    def name(self, kind: str, value: str) -> str:
        """The name that stands for a name that the app gave."""
        if (known := self._names.get((kind, value))) is not None:
            return known
        return self._names.setdefault((kind, value), f"{kind}_{self._number(kind)}")

    def _number(self, kind: str) -> int:
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def _object(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        return {key: self._value(key, each, depth + 1) for key, each in value.items() if key in FIELDS}

    def _value(self, key: str, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return value if -NUMBERS_BELOW < value < NUMBERS_BELOW else 0
        if isinstance(value, str):
            return self._text(key, value)
        if depth > _DEEPEST or (key in _TEXTS and key != "output"):
            return None
        if isinstance(value, Mapping):
            return self._object(value, depth)
        return [self._value(key, each, depth + 1) for each in value] if isinstance(value, list) else None

    def _text(self, key: str, value: str) -> str:
        if key in _IDS:
            return self.identity(value)
        if key in _NAMES:
            return self.name(_NAMES[key], value)
        if key not in _TEXTS and is_word(key, value):
            return value
        return blotted_text(value)


def blotted_text(text: str) -> str:
    """What stands for a text: its length in characters."""
    return text if _BLOTTED.fullmatch(text) else f"[blotted {len(text)}]"


def _family(kind: object) -> str:
    family = str(kind).partition(".")[0]
    return family if family in {known.partition(".")[0] for known in SERVER_TYPES} else "unknown"


def blot(log: SessionLog, *, keep_audio: bool = False) -> SessionLog:
    """The log without what is secret or personal; with ``keep_audio`` its voices stay."""
    blotter = Blotter()
    return replace(log, sessions=tuple(_session(each, blotter, keep_audio) for each in log.sessions))


def _session(session: LoggedSession, blotter: Blotter, keep_audio: bool) -> LoggedSession:
    def voice(one: LoggedEvent | LoggedTelephone) -> bytes | memoryview | None:
        return one.audio if keep_audio else None

    events = tuple(replace(each, event=blotter.event(each.event), audio=voice(each)) for each in session.events)
    telephone = tuple(
        replace(each, mark=blotter.name("mark", each.mark) if each.mark else "", audio=voice(each))
        for each in session.telephone
    )
    name = blotter.identity(session.name)
    return replace(session, name=name, events=events, telephone=telephone, close=_close(session.close))


def _close(close: LoggedClose | None) -> LoggedClose | None:
    return replace(close, reason=blotted_text(close.reason)) if close is not None and close.reason else close
