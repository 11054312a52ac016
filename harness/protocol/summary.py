"""An event in a few JSON fields, for the journal: ids, positions, states and errors, without audio and other bulk."""

from typing import Any

from msgspec import UNSET

from .events import Event
from .objects import ErrorDetails, Item, Part, Response

_PLAIN = (str, int, float, bool, type(None))


def summary(event: Event) -> dict[str, Any]:
    """The event's scalar fields, and of its objects what identifies them."""
    fields: dict[str, Any] = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if value is UNSET or name == "event_id":
            continue
        if isinstance(value, _PLAIN):
            fields[name] = value
        elif isinstance(value, bytes):
            fields[name] = len(value)
        else:
            fields.update(_object(name, value))
    return fields


def _object(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Item):
        item = {"item_id": value.id, "role": value.role, "status": value.status}
        return {key: found for key, found in item.items() if found is not UNSET}
    if isinstance(value, Response):
        reason = value.status_details.reason if value.status_details else None
        return {"response_id": value.id, "status": value.status, **({"reason": reason} if reason else {})}
    if isinstance(value, ErrorDetails):
        return {"code": value.code, "message": value.message, "param": value.param}
    if isinstance(value, Part):
        return {}
    if name == "session":
        return _turn_detection(value)
    return {}


def _turn_detection(session: Any) -> dict[str, Any]:
    """Of a session's configuration, which a client may have written in any shape, the part that decides on turns."""
    found = session
    for key in ("audio", "input", "turn_detection"):
        if not isinstance(found, dict) or key not in found:
            return {}
        found = found[key]
    return {"turn_detection": found}
