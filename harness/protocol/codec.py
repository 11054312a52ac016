"""JSON text to events and back. A message that is no event raises :exc:`ProtocolError` in the service's words.

Texts marked captured or reported in the protocol facts are the service's own; those for bad base64, wrong types and
oversize audio are ours (the service's are unknown).
"""

import json
import re
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from ..errors import ProtocolError
from .checks import LONGEST_SHOWN, shown
from .checks import missing as missing_field
from .events import ClientEvent, Event, ServerEvent
from .objects import Role, Status
from .translation_events import TranslationClientEvent, TranslationServerEvent

MAX_APPEND_BYTES = 15 * 1024 * 1024
"""Largest audio of one append, in bytes (documented)."""

CLIENT_EVENT_TYPES = tuple(str(event.__struct_config__.tag) for event in get_args(ClientEvent))
"""The ``type`` of every client event."""
SERVER_EVENT_TYPES = tuple(str(event.__struct_config__.tag) for event in get_args(ServerEvent))
"""The ``type`` of every server event."""
SUPPORTED_TYPES = (
    "session.update",
    "session.close",
    "input_audio_buffer.append",
    "session.input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.truncate",
    "conversation.item.delete",
    "conversation.item.retrieve",
    "response.create",
    "response.cancel",
)
"""What the service says that it supports over WebSocket (captured, 2026-09). Two are of translation sessions, and
``output_audio_buffer.clear``, of WebRTC, is not among them."""

_client_decoder: msgspec.json.Decoder[ClientEvent] = msgspec.json.Decoder(ClientEvent)
TRANSLATION_TYPES = tuple(str(event.__struct_config__.tag) for event in get_args(TranslationClientEvent))
"""The ``type`` of every client event of a translation session."""
TRANSLATION_SERVER_TYPES = tuple(str(event.__struct_config__.tag) for event in get_args(TranslationServerEvent))
"""The ``type`` of every server event that only a translation session has."""
_translation_decoder: msgspec.json.Decoder[TranslationClientEvent] = msgspec.json.Decoder(TranslationClientEvent)
_server_decoder: msgspec.json.Decoder[ServerEvent] = msgspec.json.Decoder(ServerEvent)
_fields: msgspec.json.Decoder[dict[str, msgspec.Raw]] = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw: msgspec.json.Decoder[msgspec.Raw] = msgspec.json.Decoder(msgspec.Raw)
_encoder = msgspec.json.Encoder()
_PATH = re.compile(r" - at `\$\.?(.*?)`$")
_MISSING = re.compile(r"Object missing required field `(.*?)`")
_TYPES = re.compile(r"Expected `(.*?)`, got `(.*?)`")
_ENUM = re.compile(r"Invalid enum value '(.*?)'")
_ENUMS = {"role": get_args(Role), "status": get_args(Status)}
_NOT_JSON = object()
_LENIENT_BYTES = 1024 * 1024
"""What is longer is decoded only by msgspec: Python's own decoder takes half a minute for 30 MB of brackets."""


def encode(event: Event) -> bytes:
    """The event as UTF-8 JSON."""
    return _encoder.encode(event)


def decode_server_event(text: str | bytes) -> ServerEvent:
    """A server event. Raises :exc:`msgspec.ValidationError` if it is none that stillthere knows."""
    return _server_decoder.decode(text)


def scripted_event(document: Mapping[str, Any], event_id: str) -> ServerEvent:
    """A server event from its fields, with ``event_id`` unless it has its own.

    Audio is base64, as on the wire. Raises :exc:`msgspec.ValidationError` for an unknown type or a wrong field.
    """
    event: ServerEvent = msgspec.convert({"event_id": event_id, **document}, ServerEvent)
    return event


def decode_client_event(text: str | bytes) -> ClientEvent:
    """A client event, unknown fields ignored. Raises :exc:`ProtocolError` with the service's code and text."""
    try:
        return _client_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _explain(text, error) from None


def decode_translation_event(text: str | bytes) -> TranslationClientEvent:
    """A client event of a translation session. Raises :exc:`ProtocolError`; which types it lists is assumed."""
    try:
        return _translation_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _explain(text, error, TRANSLATION_TYPES, TRANSLATION_TYPES) from None


def oversize_append(size_bytes: int) -> ProtocolError:
    """What an append of too much audio is answered with."""
    message = (
        f"Invalid 'audio': {size_bytes} bytes in one append; send at most {MAX_APPEND_BYTES} bytes (15 MiB) at a time."
    )
    return ProtocolError("invalid_value", message, param="audio")


def binary_frame() -> ProtocolError:
    """What a binary WebSocket frame is answered with (captured)."""
    return ProtocolError(
        "invalid_event", "Expected a text WebSocket message; binary frames are not supported.", param=None
    )


def event_id_of(text: str | bytes) -> str | None:
    """The ``event_id`` of a message that could not be decoded as an event, for the answer to echo."""
    fields = _fields_of(text)
    found = _short(fields["event_id"]) if isinstance(fields, dict) and "event_id" in fields else None
    return _encodable(found) if isinstance(found, str) else None


def _fields_of(text: str | bytes) -> dict[str, msgspec.Raw] | object:
    """The fields of an object, not yet decoded: a client may put millions of values into one.

    :data:`_NOT_JSON` if it is none; another object for any other JSON.
    """
    try:
        # Given bytes, a decoder would also take a byte order mark or UTF-16, which are no JSON on a WebSocket.
        text = text if isinstance(text, str) else bytes(text).decode()
        return _fields.decode(text)
    except UnicodeDecodeError:
        return _NOT_JSON
    except msgspec.ValidationError:  # no object, as far as it was read
        try:
            return _raw.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return _NOT_JSON
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _lenient_fields(text) if len(text) <= _LENIENT_BYTES else _NOT_JSON


def _lenient_fields(text: str | bytes) -> dict[str, msgspec.Raw] | object:
    """As Python reads it, which takes what is no JSON: NaN, and halves of surrogate pairs."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _NOT_JSON
    if not isinstance(document, dict):
        return document if document is not None else ()
    return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in document.items()}


def _short(raw: msgspec.Raw) -> Any:
    """The value, if it is not long; else how it begins, as text."""
    text = bytes(raw)
    return json.loads(text) if len(text) <= _LENIENT_BYTES else text[:LONGEST_SHOWN].decode("utf-8", "replace")


def _explain(
    text: str | bytes,
    error: Exception,
    types: tuple[str, ...] = CLIENT_EVENT_TYPES,
    supported: tuple[str, ...] = SUPPORTED_TYPES,
) -> ProtocolError:
    fields = _fields_of(text)
    if fields is _NOT_JSON or not isinstance(error, msgspec.ValidationError):
        return ProtocolError("invalid_json", f"Invalid event: failed to parse JSON value. {_first_line(error)}")
    if not isinstance(fields, dict):
        return ProtocolError("invalid_event", "Invalid event: expected a JSON object with a 'type'.")
    if "type" not in fields:
        return ProtocolError("invalid_event", "The 'type' field is missing.")
    given = _short(fields["type"])
    return explain_field(str(error)) if given in types else unsupported_type(given, supported)


def unsupported_type(given: Any, supported: tuple[str, ...] = SUPPORTED_TYPES) -> ProtocolError:
    """What an event is answered with that the service does not take (captured)."""
    known = ", ".join(f"'{name}'" for name in supported)
    text = given if isinstance(given, str) else shown(given)
    message = f"Invalid value: '{_encodable(text[:LONGEST_SHOWN])}'. Supported values are: {known}."
    return ProtocolError("invalid_value", message, param="type")


def explain_field(error: str, within: str = "") -> ProtocolError:
    """msgspec's complaint about a field as the service would word it; ``within`` is where the value stood."""
    found = _PATH.search(error)
    path = ".".join(filter(None, (within, found[1] if found else "")))
    if missing := _MISSING.search(error):
        return missing_field(f"{path}.{missing[1]}" if path else missing[1])
    if "base64" in error:
        message = f"Invalid '{path}': the audio is not valid base64. Send base64-encoded audio bytes."
        return ProtocolError("invalid_value", message, param=path)
    if types := _TYPES.search(error):
        message = f"Invalid type for '{path}': expected {types[1]}, but got {types[2]} instead."
        return ProtocolError("invalid_type", message, param=path)
    known = _ENUMS.get(path.rpartition(".")[2])
    if known and (given := _ENUM.search(error)):
        supported = ", ".join(f"'{name}'" for name in known)
        message = f"Invalid value: '{given[1]}'. Supported values are: {supported}."
        return ProtocolError("invalid_value", message, param=path)
    return ProtocolError("invalid_value", f"Invalid value for '{path}': {_first_line(error)}", param=path or None)


def _encodable(text: str) -> str:
    """The text with ``?`` for halves of surrogate pairs: JSON can escape them, UTF-8 cannot hold them."""
    return text.encode("utf-8", "replace").decode()


def _first_line(error: object) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
