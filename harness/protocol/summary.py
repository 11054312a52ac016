"""An event in a few JSON fields, for the journal: ids, positions, states and errors, without audio and other bulk.

Of a session, ``turn_detection`` is kept as it is, and ``settings`` has the rest of what a client sets, in short:
``instructions`` as the first 12 hex digits of their SHA-256, ``tools`` by name, ``voice``, ``input_format`` and
``output_format`` by type. A session that is no conversation has ``session_type`` and ``transcribes``, the model that
transcribes. A setting that the session's object does not name is absent. A ``response.create`` has the
settings that it names too; ``given`` counts the items of its ``input``, and ``outputs`` has the ids of the calls whose
results are among them.
"""

import hashlib
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
        item = {"item_id": value.id, "role": value.role, "status": value.status, "call_id": value.call_id}
        if value.type != "message":
            item["item_type"] = value.type
        return {key: found for key, found in item.items() if found is not UNSET}
    if isinstance(value, Response):
        reason = value.status_details.reason if value.status_details else None
        return {"response_id": value.id, "status": value.status, **({"reason": reason} if reason else {})}
    if isinstance(value, ErrorDetails):
        return {"code": value.code, "message": value.message, "param": value.param}
    if isinstance(value, Part):
        return {}
    if name == "session":
        return _session(value)
    if name == "response":
        return _request(value)
    return {}


def _request(response: Any) -> dict[str, Any]:
    """What is kept of the body of a ``response.create``."""
    if not isinstance(response, dict):
        return {}
    fields: dict[str, Any] = _session(response)
    if response.get("conversation") == "none":
        fields["conversation"] = "none"
    given = response.get("input")
    if isinstance(given, list) and given:
        fields["given"] = len(given)
        outputs = [_name(item, "call_id") for item in given if _name(item, "type") == "function_call_output"]
        if outputs:
            fields["outputs"] = outputs
    return fields


def _session(session: Any) -> dict[str, Any]:
    """What is kept of a session's configuration, which a client may have written in any shape."""
    if not isinstance(session, dict):
        return {}
    fields: dict[str, Any] = {}
    sides = _dictionary(session.get("audio"))
    listens, speaks = _dictionary(sides.get("input")), _dictionary(sides.get("output"))
    if session.get("type") in ("transcription", "translation"):
        fields["session_type"] = session["type"]
        if "transcription" in listens:
            fields["transcribes"] = _name(listens["transcription"], "model")
    if "turn_detection" in listens:
        fields["turn_detection"] = listens["turn_detection"]
    settings: dict[str, Any] = {}
    if "instructions" in session:
        settings["instructions"] = _digest(session["instructions"])
    if "tools" in session:
        settings["tools"] = [_name(tool) for tool in session["tools"]] if isinstance(session["tools"], list) else None
    if "voice" in speaks:
        settings["voice"] = _name(speaks["voice"], "id")
    if "format" in listens:
        settings["input_format"] = _name(listens["format"], "type")
    if "format" in speaks:
        settings["output_format"] = _name(speaks["format"], "type")
    return {**fields, "settings": settings} if settings else fields


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _digest(text: Any) -> str | None:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12] if isinstance(text, str) else None


def _name(value: Any, key: str = "name") -> str | None:
    found = value.get(key) if isinstance(value, dict) else value
    return found if isinstance(found, str) else None
