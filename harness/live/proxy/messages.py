"""Events of an endpoint that is not ours, as entries of a journal: also those that stillthere does not know exactly.

An event whose fields are not as documented has an entry with the ids, positions and states that it has. The names of
the beta, which compatible endpoints still use, are those of today in a journal. What people said and what was said to
them is never in an entry, only how long it is; and of tools only how many there are. What looks like a key is hidden,
whoever has sent it.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from ...errors import ProtocolError
from ...journal import EventAtClient, EventByServer
from ...protocol.codec import SERVER_EVENT_TYPES, decode_client_event, decode_server_event
from ...protocol.events import ClientEvent, Event, ServerEvent, SessionUpdated
from ...protocol.summary import summary

_TODAY = {
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "conversation.item.created": "conversation.item.added",
}
"""The types of the beta, and what they are called today."""
_WORDS = ("transcript", "text", "arguments", "output", "name", "logprobs", "delta", "audio")
"""Fields that hold what was said, what it led to, or sound."""
_PLAIN = (
    "item_id", "previous_item_id", "response_id", "call_id", "audio_start_ms", "audio_end_ms", "content_index",
    "output_index", "elapsed_ms", "status",
)  # fmt: skip
"""Fields of an event that is not as documented that an entry has."""
_NESTED = {
    "response": {"id": "response_id", "status": "status"},
    "item": {"id": "item_id", "role": "role", "status": "status", "call_id": "call_id"},
    "error": {"code": "code", "message": "message", "param": "param"},
}
_KEY = re.compile(r"(?<![A-Za-z0-9])[se]k[-_][A-Za-z0-9*._-]{6,}")
_SHORT = 200
"""Characters of a text of such an event."""
_Entry = TypeVar("_Entry", EventAtClient, EventByServer)


class Read:
    """A message: its ``type``, the event if it is as documented, and the message's fields if it is not."""

    __slots__ = ("document", "event", "kind")

    def __init__(self, kind: str, event: Event | None, document: Mapping[str, Any]) -> None:
        self.kind, self.event, self.document = kind, event, document

    @property
    def session(self) -> Any:
        """The object of a session in it."""
        return self.document.get("session") if self.event is None else getattr(self.event, "session", None)

    def audio(self) -> bytes | None:
        """The audio of an append that is not one of a conversation; None if it is no base64."""
        try:
            return msgspec.convert(self.document.get("audio"), bytes)
        except msgspec.ValidationError:
            return None

    def entry(self, made: type[_Entry], t: int, connection: int) -> _Entry:
        """Its entry."""
        fields: dict[str, Any]
        if self.event is not None:
            fields = dict(made.of(self.event, t=t, connection=connection).fields)
        else:
            fields = _fields(self.document)
        return made(t=t, kind=self.kind, connection=connection, fields=without_keys(_without_words(fields)))


def read_server(data: bytes) -> Read | None:
    """A message of the endpoint; None if it is no event."""
    try:
        event: ServerEvent = decode_server_event(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _other(data, known=True)
    kind = str(event.__struct_config__.tag)
    if kind in _TODAY:
        return _other(data, known=True)
    return Read(kind, event, {})


def read_client(data: bytes) -> Read | None:
    """A message of the client; None if it is no event."""
    try:
        event: ClientEvent = decode_client_event(data)
    except ProtocolError:
        return _other(data, known=False)
    return Read(str(event.__struct_config__.tag), event, {})


def _other(data: bytes, *, known: bool) -> Read | None:
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    kind = document.get("type") if isinstance(document, dict) else None
    if not isinstance(kind, str):
        return None
    renamed = _TODAY.get(kind, kind) if known else kind
    if known and renamed in SERVER_EVENT_TYPES:
        try:
            return Read(renamed, msgspec.convert({"event_id": "", **document, "type": renamed}, ServerEvent), {})
        except msgspec.ValidationError:
            pass
    return Read(renamed[:_SHORT], None, document)


def _fields(document: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: document[name] for name in _PLAIN if _is_plain(document.get(name))}
    for name, parts in _NESTED.items():
        nested = document.get(name)
        if isinstance(nested, dict):
            found |= {ours: nested[theirs] for theirs, ours in parts.items() if _is_plain(nested.get(theirs))}
    if isinstance(document.get("session"), dict):
        found |= summary(SessionUpdated(event_id="", session=document["session"]))
    return found


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= _SHORT)


def _without_words(fields: dict[str, Any]) -> dict[str, Any]:
    shown = {name: _length(value) if name in _WORDS else value for name, value in fields.items()}
    settings = shown.get("settings")
    if isinstance(settings, dict) and isinstance(settings.get("tools"), list):
        shown["settings"] = {**settings, "tools": [f"tool {n + 1}" for n in range(len(settings["tools"]))]}
    return shown


def without_keys(value: Any) -> Any:
    """A text, or what holds texts, without whatever looks like a key of the service: ``sk-…``, ``ek_…``."""
    if isinstance(value, str):
        return _KEY.sub("[key]", value)
    if isinstance(value, dict):
        return {without_keys(name): without_keys(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_keys(each) for each in value]
    return value


def _length(value: Any) -> Any:
    return f"({len(value)} characters)" if isinstance(value, str) else value if isinstance(value, int) else None
