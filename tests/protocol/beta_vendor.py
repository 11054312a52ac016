"""The vendor's own types of the beta as a judge of events, as :mod:`tests.protocol.vendor` is for the GA."""

from typing import Any, get_args

from openai.types.beta.realtime import RealtimeServerEvent
from pydantic import BaseModel

from tests.protocol import vendor

MODELS: dict[str, type[BaseModel]] = {
    get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(get_args(RealtimeServerEvent)[0])
}
"""The vendor's model of each beta server event, by ``type``."""

SEEN = {
    f"session.{event}.session{field} is no field of {owner}"
    for event in ("created", "updated")
    for field, owner in {
        ".object": "Session", ".expires_at": "Session", ".client_secret": "Session", ".include": "Session",
        ".prompt": "Session", ".truncation": "Session", ".turn_detection.idle_timeout_ms": "TurnDetection",
    }.items()
}  # fmt: skip
"""Fields that captures have (2024-10 to 2025-12) and the types lack."""


def complaints(document: dict[str, Any]) -> list[str]:
    """What the vendor's beta types find wrong with a server event as it was on the wire."""
    model = MODELS.get(document["type"])
    if model is None:
        return [f"the vendor knows no event {document['type']!r}"]
    try:
        parsed = model.model_validate(document, strict=True)
    except ValueError as error:
        return str(error).splitlines()
    return [found for found in vendor._extras(parsed, document["type"]) if found not in SEEN]
