"""``GET /v1/models``: the models that the vendor's types name for realtime, transcription and translation."""

from typing import Any

from ...server.models import is_known_model
from ...server.transcription_models import is_transcriber, is_translator

REALTIME = (
    "gpt-realtime",
    "gpt-realtime-2025-08-28",
    "gpt-realtime-1.5",
    "gpt-realtime-2",
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime-mini",
    "gpt-realtime-mini-2025-10-06",
    "gpt-realtime-mini-2025-12-15",
)
TRANSCRIPTION = (
    "gpt-realtime-whisper",
    "gpt-live-transcribe",
    "gpt-transcribe",
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-4o-mini-transcribe-2025-12-15",
    "whisper-1",
)
TRANSLATION = ("gpt-realtime-translate",)
_CREATED = 1_756_271_701
"""Of every model: when gpt-realtime was released. Those of the others are not known."""


def model_object(model: str) -> dict[str, Any]:
    """A model as it is listed (documented)."""
    return {"id": model, "object": "model", "created": _CREATED, "owned_by": "system"}


def model_list() -> dict[str, Any]:
    """All of them."""
    return {"object": "list", "data": [model_object(model) for model in (*REALTIME, *TRANSCRIPTION, *TRANSLATION)]}


def is_served(model: str) -> bool:
    """Whether a session or a transcription with this model can be had; snapshots with other dates are."""
    return is_known_model(model) or is_transcriber(model) or is_translator(model)
