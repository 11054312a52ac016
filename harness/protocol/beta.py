"""The beta dialect, ``OpenAI-Beta: realtime=v1``, on the wire.

What a beta client sends becomes a GA event, what the session answers becomes beta JSON: :mod:`~.beta_requests` and
:mod:`~.beta_objects` hold the two directions, this module the events themselves and what a connection must remember.

Names and shapes are documented (OpenAPI v2.3.0), the order of a turn and the session's fields captured (2024-10 to
2025-12). Two things differ in order. ``conversation.item.created`` comes once for an item, where the GA has
``conversation.item.added``. ``rate_limits.updated`` follows ``response.created``, which is the session's doing:
:attr:`Beta.policy`. Events that the beta never had are not sent: ``conversation.item.done``, diarised segments, idle
timeouts, DTMF and all of MCP.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from harness.errors import ProtocolError
from harness.protocol import codec
from harness.protocol.beta_objects import Asked, in_beta_words, item_of, response_of, session_of
from harness.protocol.beta_requests import item_to_ga, response_to_ga, session_to_ga, transcription_to_ga
from harness.protocol.events import (
    ClientEvent,
    ConversationItemCreate,
    Event,
    ResponseCreate,
    SessionUpdate,
    event_type,
)

RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "conversation.item.added": "conversation.item.created",
        "response.output_audio.delta": "response.audio.delta",
        "response.output_audio.done": "response.audio.done",
        "response.output_audio_transcript.delta": "response.audio_transcript.delta",
        "response.output_audio_transcript.done": "response.audio_transcript.done",
        "response.output_text.delta": "response.text.delta",
        "response.output_text.done": "response.text.done",
    }
)
"""GA server events that the beta calls otherwise (documented)."""

ABSENT = frozenset(
    {
        "conversation.item.done",
        "conversation.item.input_audio_transcription.segment",
        "input_audio_buffer.dtmf_event_received",
        "input_audio_buffer.timeout_triggered",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.completed",
        "mcp_list_tools.failed",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
        "response.mcp_call.failed",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
    }
)
"""GA server events that the beta does not have (documented by absence)."""

CLIENT_EVENT_TYPES = (*codec.CLIENT_EVENT_TYPES, "transcription_session.update")
"""The ``type`` of every beta client event."""

REQUESTS = {"name": "requests", "limit": 1000, "remaining": 999, "reset_seconds": 60}
"""The line of ``rate_limits.updated`` that the GA no longer has (figures of the documented example)."""

_GA_ONLY_FIELDS = {
    "response.function_call_arguments.done": ("name",),
    "conversation.item.input_audio_transcription.completed": ("languages",),
}


class Beta:
    """The beta dialect of one connection: it remembers what the GA has no place for, temperature and modalities."""

    name = "beta"
    policy: Mapping[str, str] = MappingProxyType({"rate_limits": "after_created"})
    session: Mapping[str, Any] = MappingProxyType({"audio": {"output": {"voice": "alloy"}}})
    """Captured: ``alloy`` is the voice of a new session."""

    def __init__(self) -> None:
        self._asked = Asked()
        self._ga_session: dict[str, Any] = {}
        self._update: Asked | None = None
        self._request: Asked | None = None
        self._responses: dict[str, Asked] = {}

    def decode(self, text: str | bytes) -> ClientEvent:
        """A beta client's message as a GA event. Raises :exc:`ProtocolError` with the beta's names."""
        try:
            event = codec.decode_client_event(text)
        except ProtocolError as error:
            if (error.code, error.param) != ("invalid_value", "type"):
                raise
            return _unknown_to_ga(text, error)
        if isinstance(event, SessionUpdate):
            changes, self._update = session_to_ga(event.session, self._asked)
            return msgspec.structs.replace(event, session=changes)
        if isinstance(event, ResponseCreate) and event.response is not None:
            changes, self._request = response_to_ga(event.response, self._asked)
            return msgspec.structs.replace(event, response=changes)
        if isinstance(event, ConversationItemCreate):
            return msgspec.structs.replace(event, item=item_to_ga(event.item))
        return event

    def encode(self, event: Event) -> list[bytes]:
        """The event as the beta tells it, if it has such an event."""
        ga_type = event_type(event)
        if ga_type in ABSENT:
            return []
        document = msgspec.to_builtins(event)
        document["type"] = RENAMED.get(ga_type, ga_type)
        for name in ("obfuscation", *_GA_ONLY_FIELDS.get(ga_type, ())):
            document.pop(name, None)
        if "item" in document:
            document["item"] = item_of(document["item"])
            if document["item"] is None:
                return []
        elif "session" in document:
            self._tell_session(document)
        elif "response" in document:
            self._tell_response(document)
        elif "rate_limits" in document:
            document["rate_limits"] = [
                REQUESTS,
                *(each for each in document["rate_limits"] if each["name"] == "tokens"),
            ]
        elif ga_type == "error":
            self._update = self._request = None  # what was asked for last was refused
            document["error"] = in_beta_words(document["error"])
        return [msgspec.json.encode(document)]

    def _tell_session(self, document: dict[str, Any]) -> None:
        self._ga_session = document["session"]
        if document["type"] == "session.updated" and self._update is not None:
            self._asked, self._update = self._update, None
        if document["session"].get("type") == "transcription":
            document["type"] = document["type"].replace("session.", "transcription_session.")
        document["session"] = session_of(document["session"], self._asked)

    def _tell_response(self, document: dict[str, Any]) -> None:
        response_id = document["response"]["id"]
        if document["type"] == "response.created":
            self._responses[response_id] = self._request or self._asked
            self._request = None
            asked = self._responses[response_id]
        else:
            asked = self._responses.pop(response_id, self._asked)
        document["response"] = response_of(document["response"], self._ga_session, asked)


def _unknown_to_ga(text: str | bytes, error: ProtocolError) -> ClientEvent:
    """The one client event that only the beta has; any other raises."""
    document = json.loads(text)
    if document["type"] != "transcription_session.update":
        said = error.message.rpartition(" Supported values are: ")[0]
        known = ", ".join(f"'{name}'" for name in CLIENT_EVENT_TYPES)
        raise ProtocolError("invalid_value", f"{said} Supported values are: {known}.", param="type") from None
    event = codec.decode_client_event(json.dumps({**document, "type": "session.update"}))
    assert isinstance(event, SessionUpdate)
    return msgspec.structs.replace(event, session=transcription_to_ga(event.session))
