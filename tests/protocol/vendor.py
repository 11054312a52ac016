"""The vendor's own Python types as a judge of events: no unknown type, no wrong field, no field unknown to them."""

from importlib.metadata import version
from typing import Any, get_args

from openai.types.realtime import RealtimeServerEvent
from pydantic import BaseModel


def _models() -> dict[str, type[BaseModel]]:
    union = get_args(RealtimeServerEvent)[0]
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(union)}


MODELS = _models()
"""The vendor's model of each server event, by ``type``."""

SEEN = {
    **{f"session.{event}.session": {"object", "id", "expires_at"} for event in ("created", "updated")},
    **{event: {"obfuscation"} for event in MODELS if event.endswith(".delta")},
    **{event: {"content"} for event in MODELS if event.startswith("response.content_part.")},
    "RealtimeConversationItemAssistantMessage": {"phase"},
    "RealtimeResponseUsageOutputTokenDetails": {"reasoning_tokens"},
}
"""Fields that captures have and the types lack, by where they are or by the type; ``content`` is Azure's."""


IS_COMPLETE = int(version("openai").partition(".")[0]) >= 3
"""Older models lack fields that the service sends; `make test-oldest` can install no newer ones."""


def complaints(document: dict[str, Any]) -> list[str]:
    """What the vendor's types find wrong with a server event as it was on the wire."""
    model = MODELS.get(document["type"])
    if model is None:
        return [f"the vendor knows no event {document['type']!r}"]
    try:
        parsed = model.model_validate(_with_named_voice(document), strict=True)
    except ValueError as error:
        return str(error).splitlines()
    return list(_extras(parsed, document["type"])) if IS_COMPLETE else []


def _with_named_voice(document: dict[str, Any]) -> dict[str, Any]:
    """A response shows a custom voice as it was asked for; its type has only names, unlike that of a session."""
    response = document.get("response") or {}
    voice = response.get("audio", {}).get("output", {}).get("voice")
    if not isinstance(voice, dict):
        return document
    output = {**response["audio"]["output"], "voice": voice["id"]}
    return {**document, "response": {**response, "audio": {"output": output}}}


def _extras(found: Any, path: str) -> Any:
    if isinstance(found, BaseModel):
        seen = SEEN.get(path, set()) | SEEN.get(type(found).__name__, set())
        for name in sorted({*(found.model_extra or ())} - seen):
            yield f"{path}.{name} is no field of {type(found).__name__}"
        for name, value in found:
            yield from _extras(value, f"{path}.{name}")
    elif isinstance(found, list):
        for value in found:
            yield from _extras(value, path)
