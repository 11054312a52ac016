"""The types of events: which side sends them, and what they were called before the service was generally available."""

import re
from typing import Any

from ..protocol.codec import CLIENT_EVENT_TYPES, SERVER_EVENT_TYPES, TRANSLATION_SERVER_TYPES, TRANSLATION_TYPES

CLIENT_TYPES = frozenset({*CLIENT_EVENT_TYPES, *TRANSLATION_TYPES, "transcription_session.update"})
"""What a client sends; no server sends any of them."""

PRESENT_NAMES = {
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "transcription_session.created": "session.created",
    "transcription_session.updated": "session.updated",
    "transcription_session.update": "session.update",
}
"""The names of the Beta, which logs of before September 2025 have, and what those events are called now."""

SERVER_TYPES = frozenset({*SERVER_EVENT_TYPES, *TRANSLATION_SERVER_TYPES, *PRESENT_NAMES}) - CLIENT_TYPES

APPEND = "input_audio_buffer.append"
AUDIO_FIELDS = {
    APPEND: "audio",
    "session.input_audio_buffer.append": "audio",
    "response.audio.delta": "delta",
    "response.output_audio.delta": "delta",
    "session.output_audio.delta": "delta",
}
"""Where an event that carries audio has it."""

_FAMILY = re.compile(
    r"(session|response|conversation|input_audio_buffer|output_audio_buffer|transcription_session|rate_limits|mcp_list_tools)"
    r"(\.[a-z0-9_]{1,60}){1,5}"
)
TYPES_IN_TEXT = re.compile(rf"(?<![\w.]){_FAMILY.pattern}(?![\w.]*\()")
"""An event's type in running text."""


def is_event(document: Any) -> bool:
    """Whether a value is an event of the protocol: an object whose ``type`` is one of them, or is named like one."""
    if not isinstance(document, dict):
        return False
    kind = document.get("type")
    if not isinstance(kind, str):
        return False
    if kind == "error":
        return isinstance(document.get("error"), dict)
    return is_event_type(kind)


def is_event_type(kind: str) -> bool:
    """Whether a text is the type of an event, or is named like one: new ones are added to the service."""
    return kind in CLIENT_TYPES or kind in SERVER_TYPES or _FAMILY.fullmatch(kind) is not None


def is_by_client(kind: str) -> bool:
    """Whether a client sends events of this type: labels of logs are wrong too often to be asked."""
    return kind in CLIENT_TYPES
