"""What passes between a client and the world: each side gets objects of its own, whatever the other does with its.

A client may change what it is given and what it has returned, as it could if a network lay between; and it may return
anything. So :func:`for_client` copies what it gets, and :func:`from_client` makes new commands of plain values.
"""

from collections.abc import Callable
from copy import copy
from inspect import CORO_CREATED, getcoroutinestate
from types import CoroutineType
from typing import Any

import msgspec

from ..audio.formats import FORMATS
from ..clients.interface import (
    Command,
    Connect,
    Disconnect,
    Log,
    MarkPlayback,
    Ping,
    Play,
    ReopenCapture,
    ResumePlayback,
    Signal,
    StopPlayback,
    TellUser,
)
from ..errors import ClientError, ProtocolError
from ..journal import ClientLog
from ..journal.files import entry_of
from ..protocol.codec import decode_client_event, decode_server_event, encode
from ..protocol.events import Event, ResponseOutputAudioDelta, ResponseOutputAudioTranscriptDelta
from ..user_code import is_a, is_interrupt, raised, shown

_FLAT = (ResponseOutputAudioDelta, ResponseOutputAudioTranscriptDelta)
"""The events that are sent most, which hold nothing that could be changed but their own fields."""
_CLOSE_CODES = (range(1000, 1004), range(1007, 1015), range(3000, 5000))
"""What a Close frame may hold: RFC 6455, section 7.4, and the codes registered since."""
_EXACT: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__index__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}
"""From a value of a subclass, which may do anything, to the plain value."""
_FIELDS: dict[type, dict[str, type]] = {
    Connect: {},
    Disconnect: {"code": int},
    Ping: {},
    Play: {"audio": bytes, "item_id": str, "response_id": str},
    MarkPlayback: {"name": str},
    StopPlayback: {},
    ReopenCapture: {},
    ResumePlayback: {},
    Log: {"kind": str},
    TellUser: {"text": str},
}


def for_client(message: Event | Signal) -> Event | Signal:
    """The same message as an object of the client's own."""
    if isinstance(message, _FLAT):
        return copy(message)
    return decode_server_event(encode(message)) if isinstance(message, Event) else copy(message)


def commands_from(returned: Any, method: str) -> list[Any]:
    """What a method returned, as a list that the client does not have. Raises :exc:`ClientError` for anything else."""
    if is_a(returned, list):
        return list.__getitem__(returned, slice(None))
    if type(returned) is CoroutineType and getcoroutinestate(returned) == CORO_CREATED:
        returned.close()  # or Python complains that nobody awaited it
    raise ClientError(f"the client's {method}() returned {shown(returned)}; it must return a list of commands")


def wake_from(returned: Any) -> int | None:
    """What ``next_wake`` returned. Raises :exc:`ClientError` for anything but an integer and None."""
    if returned is None or type(returned) is int:
        return returned
    if not is_a(returned, int) or is_a(returned, bool):
        raise ClientError(
            f"the client's next_wake() returned {shown(returned)}; it must return whole microseconds or None"
        )
    return int.__index__(returned)


def from_client(command: Any) -> Event | Command:
    """A command that the client returned, checked. Raises :exc:`ClientError` if it is none, or holds what it cannot."""
    if is_a(command, Event):
        return _event(command)
    kind = type(command)
    if kind not in _FIELDS:
        cure = "; make it an object, such as ResponseCreate()" if is_a(command, dict) else ""
        raise ClientError(f"the client returned {shown(command)}, which is neither a client event nor a command{cure}")
    values = {name: _value(command, name, wanted) for name, wanted in _FIELDS[kind].items()}
    if kind is Play:
        values["format"] = _format(command)
    elif kind is Log:
        values["fields"] = _log_fields(command, values["kind"])
    elif kind is Disconnect and not any(values["code"] in codes for codes in _CLOSE_CODES):
        raise ClientError(
            f"the client returned a Disconnect with the code {values['code']}, which no Close frame may hold; "
            "use 1000, or one from 3000 to 4999"
        )
    made: Command = kind(**values)
    return made


def _event(event: Event) -> Event:
    """The event as the server reads it, in which dictionaries for objects, such as an item's, have become objects."""
    for name in event.__struct_fields__:
        if name != "audio" and isinstance(getattr(event, name), bytes | bytearray | memoryview):
            raise ClientError(f"the client sent {shown(event)}, whose {name} is of bytes; decode() it to a str")
    try:
        return decode_client_event(encode(event))
    except ProtocolError as error:
        raise ClientError(f"the client sent {shown(event)}, which is no valid client event: {error.message}") from None
    except BaseException as error:  # whatever cannot be encoded
        if is_interrupt(error):
            raise
        raise ClientError(f"the client sent {shown(event)}, which cannot be encoded: {raised(error)}") from None


def _value(command: Any, name: str, wanted: type) -> Any:
    value = getattr(command, name, None)
    if not is_a(value, wanted) or is_a(value, bool):
        raise ClientError(
            f"the client returned a command whose {type(command).__name__}.{name} is {shown(value)}; it must be a "
            f"{wanted.__name__}"
        )
    plain = _EXACT[wanted](value)
    if wanted is str and not _is_encodable(plain):
        raise ClientError(
            f"the client returned a command whose {type(command).__name__}.{name} is {shown(plain)}, which holds half "
            "of a surrogate pair and cannot be written as UTF-8; send whole characters"
        )
    return plain


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _format(play: Play) -> str | None:
    found = getattr(play, "format", None)
    if found is None:
        return None
    name: str | None = _EXACT[str](found) if is_a(found, str) else None
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise ClientError(f"the client returned a Play whose format is {shown(found)}; use one of: {known}")
    return name


def _log_fields(log: Log, kind: str) -> dict[str, Any]:
    """The fields of a log as JSON has them."""
    given: Any = getattr(log, "fields", None)
    if not is_a(given, dict):
        raise ClientError(f"the client returned a command whose Log.fields is {shown(given)}; it must be a dict")
    if not all(is_a(name, str) for name in dict.keys(given)):
        raise ClientError(f"the client logged {shown(given)}; the names of fields must be strings")
    try:
        fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(given))
    except BaseException as error:  # whatever cannot be written as JSON
        if is_interrupt(error):
            raise
        raise ClientError(
            f"the client logged {shown(given)}, which cannot be written as JSON: {raised(error)}"
        ) from None
    if clash := {"t", "lane", "kind"} & fields.keys():
        raise ClientError(
            f"the client logged a field named {min(clash)!r}, which every journal entry has already; rename it"
        )
    if not _reads_back_as_a_log(kind, fields):
        raise ClientError(
            f"the client logged {kind!r} with the fields of stillthere's own entry of that kind, and a reader of the "
            "journal could not tell them apart; rename the kind"
        )
    return fields


def _reads_back_as_a_log(kind: str, fields: dict[str, Any]) -> bool:
    try:
        return isinstance(entry_of({"t": 0, "lane": ClientLog.lane, "kind": kind, **fields}), ClientLog)
    except (KeyError, TypeError, ValueError):
        return False
