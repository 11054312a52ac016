"""Finds the event in a record of a log, and the time, connection and count that stand beside it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .frames import CloseFrame, EventFrame, TelephoneFrame
from .mapping import look_up
from .times import Stamp, stamp_of
from .twilio import is_telephone, stream_stamp
from .vocabulary import is_event, is_event_type

DEEPEST = 5
"""An event is found within so many objects and arrays around it; texts that hold JSON do not count."""
_TIMES = (
    "ts",
    "timestamp",
    "time",
    "Timestamp",
    "@timestamp",
    "timestamp_monotonic",
    "t",
    "at",
    "t_ms",
    "ts_ms",
    "timeMs",
    "timestampMs",
    "timestamp_ms",
    "time_ms",
    "datetime",
    "date",
    "created_at",
    "createdAt",
    "received_at",
    "sent_at",
    "asctime",
    "elapsed",
    "offset_ms",
    "monotonic",
    "started_at",
)
_SOCKETS = (
    "sessionId",
    "session_id",
    "connection_id",
    "connectionId",
    "connection",
    "conn",
    "ws_id",
    "socket",
    "callSid",
)
_TYPE_BESIDE = (
    "event_type",
    "eventType",
    "eventName",
    "messageType",
    "event_name",
    "MessageType",
    "event",
    "type",
    "name",
)
_LABELS = ("direction", "dir", "Dir", "source", "server_sent", "from_client", "sender")
_CLIENT = {
    "client",
    "out",
    "outgoing",
    "outbound",
    "send",
    "sent",
    "up",
    "client-to-azure",
    "client-to-server",
    ">>>",
    "local",
}
_SERVER = {
    "server",
    "in",
    "incoming",
    "inbound",
    "receive",
    "received",
    "recv",
    "down",
    "azure-to-client",
    "server-to-client",
    "<<<",
    "remote",
}


@dataclass(frozen=True, slots=True)
class Found:
    """An event in a record, and what stands beside it."""

    event: dict[str, Any]
    stamp: Stamp | None = None
    socket: str = ""
    by_client: bool | None = None
    count: int = 1

    def frame(self, place: str) -> EventFrame | TelephoneFrame:
        """The event at its place in the log."""
        if "type" in self.event and is_event(self.event):
            return EventFrame(place, self.event, self.stamp, self.socket, self.by_client, self.count)
        return TelephoneFrame(place, self.event, self.stamp or stream_stamp(self.event))


def events_in(record: Any, mapping: Mapping[str, str] | None = None) -> Iterator[Found]:
    """The events of a record. Most records hold one; a file can be one record that holds all of them."""
    if mapping:
        if (mapped := _mapped(record, mapping)) is not None:
            yield mapped
        return
    for path, event in _search(record, (), DEEPEST):
        yield Found(
            event,
            _stamp(path),
            _first_text(path, _SOCKETS),
            _label(path),
            _count(path),
        )


def _search(
    value: Any, path: tuple[Mapping[str, Any], ...], depth: int
) -> Iterator[tuple[tuple[Mapping[str, Any], ...], dict[str, Any]]]:
    if isinstance(value, str):
        inner = _parsed(value)
        if inner is not None:
            yield from _search(inner, path, depth)
    elif isinstance(value, list):
        for each in value if depth else ():
            yield from _search(each, path, depth - 1)
    elif isinstance(value, dict):
        if is_telephone(value):
            yield (*path, value), value
            return
        if is_event(value):
            yield (*path, value), _inner(value) or value
            return
        found = False
        if depth:
            for each in value.values():
                for one in _search(each, (*path, value), depth - 1):
                    found = True
                    yield one
        if not found and (event := _named_beside(value)) is not None:
            yield (*path, value), event


def _inner(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """The event itself, in a record that has its type beside it as well."""
    for each in record.values():
        inner = _parsed(each) if isinstance(each, str) else each
        if isinstance(inner, dict) and is_event(inner) and inner["type"] == record["type"]:
            return inner
    return None


def _parsed(text: str) -> Any:
    if len(text) < 8 or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _named_beside(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """An event of which a record names the type, and has the fields beside it, or in an object, or not at all."""
    for key in _TYPE_BESIDE:
        kind = record.get(key)
        if isinstance(kind, str) and is_event_type(kind):
            rest = next((each for each in record.values() if isinstance(each, dict)), {})
            return {**rest, "type": kind}
    return None


def _mapped(record: Any, mapping: Mapping[str, str]) -> Found | None:
    """The event of a record by the user's mapping. A part that is not mapped is looked for as ever."""
    if "event" in mapping:
        event = look_up(record, mapping["event"])
        event = _parsed(event) if isinstance(event, str) else event
    else:
        event = next((each.event for each in events_in(record)), record)
    if not isinstance(event, dict):
        return None
    if "type" in mapping and isinstance(kind := look_up(record, mapping["type"]), str):
        event = {**event, "type": kind}
    if not is_event(event) and not is_telephone(event):
        return None
    path = (record, event) if isinstance(record, dict) else (event,)
    time = mapping.get("time", "")
    stamp = stamp_of(look_up(record, time), time) if time else _stamp(path)
    session = look_up(record, mapping["session"]) if "session" in mapping else _first_text(path, _SOCKETS)
    direction = look_up(record, mapping["direction"]) if "direction" in mapping else None
    by_client = direction.lower() in _CLIENT if isinstance(direction, str) else _label(path)
    return Found(event, stamp, str(session or "")[:100], by_client, _count(path))


def _stamp(path: tuple[Mapping[str, Any], ...]) -> Stamp | None:
    for record in path:
        for key in _TIMES:
            if key in record and (stamp := stamp_of(record[key], key)) is not None:
                return stamp
    return None


def _first_text(path: tuple[Mapping[str, Any], ...], keys: tuple[str, ...]) -> str:
    for record in path:
        for key in keys:
            value = record.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return str(value)[:100]
    return ""


def _label(path: tuple[Mapping[str, Any], ...]) -> bool | None:
    for record in path:
        for key in _LABELS:
            value = record.get(key)
            if key == "server_sent" and isinstance(value, bool):
                return not value
            if key == "from_client" and isinstance(value, bool):
                return value
            if isinstance(value, str) and value.lower() in _CLIENT | _SERVER:
                return value.lower() in _CLIENT
    return None


def _count(path: tuple[Mapping[str, Any], ...]) -> int:
    """How many events a record stands for: the console counts those that came after it (openai-realtime-console)."""
    value = path[0].get("count") if len(path) > 1 else None
    return value + 1 if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1_000_000 else 1


def close_in(record: Mapping[str, Any]) -> CloseFrame | None:
    """The end of a connection, if that is what a record tells of: a code of a WebSocket, and the word."""
    for one in (record, *(each for each in record.values() if isinstance(each, dict))):
        code = next((one[key] for key in ("code", "close_code", "closeCode", "status_code") if key in one), None)
        if isinstance(code, int) and 1000 <= code < 5000 and not isinstance(code, bool):
            words = [*record, *(each for each in (*record.values(), *one.values()) if isinstance(each, str))]
            if any("clos" in word.lower() or "disconnect" in word.lower() for word in words):
                reason = one.get("reason", one.get("close_reason", ""))
                stamp = _stamp((record, one))
                return CloseFrame(
                    stamp, code, reason if isinstance(reason, str) else "", _first_text((record,), _SOCKETS)
                )
    return None
