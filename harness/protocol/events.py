"""The events of the GA dialect that stillthere simulates, as frozen types tagged by ``type``.

Audio is raw ``bytes`` here; the codec turns it into base64 and back.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from harness.protocol.objects import ErrorDetails, Item, Part, RateLimit, Response


class Event(Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all events; :func:`event_type` gives an event's ``type``."""


def event_type(event: Event) -> str:
    """The event's ``type`` on the wire."""
    return str(event.__struct_config__.tag)


# --- client -> server -----------------------------------------------------------------------------------------------


class SessionUpdate(Event, frozen=True, kw_only=True, tag="session.update"):
    session: dict[str, Any]
    event_id: str | None = None


class InputAudioBufferAppend(Event, frozen=True, kw_only=True, tag="input_audio_buffer.append"):
    audio: bytes
    event_id: str | None = None


class InputAudioBufferCommit(Event, frozen=True, kw_only=True, tag="input_audio_buffer.commit"):
    event_id: str | None = None


class InputAudioBufferClear(Event, frozen=True, kw_only=True, tag="input_audio_buffer.clear"):
    event_id: str | None = None


class OutputAudioBufferClear(Event, frozen=True, kw_only=True, tag="output_audio_buffer.clear"):
    event_id: str | None = None


class ConversationItemCreate(Event, frozen=True, kw_only=True, tag="conversation.item.create"):
    item: Item
    previous_item_id: str | None = None
    event_id: str | None = None


class ConversationItemDelete(Event, frozen=True, kw_only=True, tag="conversation.item.delete"):
    item_id: str
    event_id: str | None = None


class ConversationItemRetrieve(Event, frozen=True, kw_only=True, tag="conversation.item.retrieve"):
    item_id: str
    event_id: str | None = None


class ConversationItemTruncate(Event, frozen=True, kw_only=True, tag="conversation.item.truncate"):
    item_id: str
    content_index: int
    audio_end_ms: int
    event_id: str | None = None


class ResponseCreate(Event, frozen=True, kw_only=True, tag="response.create"):
    response: dict[str, Any] | None = None
    event_id: str | None = None


class ResponseCancel(Event, frozen=True, kw_only=True, tag="response.cancel"):
    response_id: str | None = None
    event_id: str | None = None


ClientEvent = (
    SessionUpdate
    | InputAudioBufferAppend
    | InputAudioBufferCommit
    | InputAudioBufferClear
    | OutputAudioBufferClear
    | ConversationItemCreate
    | ConversationItemDelete
    | ConversationItemRetrieve
    | ConversationItemTruncate
    | ResponseCreate
    | ResponseCancel
)

# --- server -> client -----------------------------------------------------------------------------------------------


class ErrorEvent(Event, frozen=True, kw_only=True, tag="error"):
    event_id: str
    error: ErrorDetails


class SessionCreated(Event, frozen=True, kw_only=True, tag="session.created"):
    event_id: str
    session: dict[str, Any]


class SessionUpdated(Event, frozen=True, kw_only=True, tag="session.updated"):
    event_id: str
    session: dict[str, Any]


class ConversationCreated(Event, frozen=True, kw_only=True, tag="conversation.created"):
    event_id: str
    conversation: dict[str, Any]


class InputAudioBufferSpeechStarted(Event, frozen=True, kw_only=True, tag="input_audio_buffer.speech_started"):
    event_id: str
    audio_start_ms: int
    item_id: str


class InputAudioBufferSpeechStopped(Event, frozen=True, kw_only=True, tag="input_audio_buffer.speech_stopped"):
    event_id: str
    audio_end_ms: int
    item_id: str


class InputAudioBufferCommitted(Event, frozen=True, kw_only=True, tag="input_audio_buffer.committed"):
    event_id: str
    previous_item_id: str | None
    item_id: str


class InputAudioBufferCleared(Event, frozen=True, kw_only=True, tag="input_audio_buffer.cleared"):
    event_id: str


class ConversationItemAdded(Event, frozen=True, kw_only=True, tag="conversation.item.added"):
    event_id: str
    previous_item_id: str | None
    item: Item


class ConversationItemDone(Event, frozen=True, kw_only=True, tag="conversation.item.done"):
    event_id: str
    previous_item_id: str | None
    item: Item


class ConversationItemDeleted(Event, frozen=True, kw_only=True, tag="conversation.item.deleted"):
    event_id: str
    item_id: str


class ConversationItemRetrieved(Event, frozen=True, kw_only=True, tag="conversation.item.retrieved"):
    event_id: str
    item: Item


class ConversationItemTruncated(Event, frozen=True, kw_only=True, tag="conversation.item.truncated"):
    event_id: str
    item_id: str
    content_index: int
    audio_end_ms: int


class ResponseCreated(Event, frozen=True, kw_only=True, tag="response.created"):
    event_id: str
    response: Response


class ResponseDone(Event, frozen=True, kw_only=True, tag="response.done"):
    event_id: str
    response: Response


class ResponseOutputItemAdded(Event, frozen=True, kw_only=True, tag="response.output_item.added"):
    event_id: str
    response_id: str
    output_index: int
    item: Item


class ResponseOutputItemDone(Event, frozen=True, kw_only=True, tag="response.output_item.done"):
    event_id: str
    response_id: str
    output_index: int
    item: Item


class OutputEvent(Event, frozen=True, kw_only=True):
    """Base of events about one content part of a response's output."""

    event_id: str
    response_id: str
    item_id: str
    output_index: int
    content_index: int


class ResponseContentPartAdded(OutputEvent, frozen=True, kw_only=True, tag="response.content_part.added"):
    part: Part


class ResponseContentPartDone(OutputEvent, frozen=True, kw_only=True, tag="response.content_part.done"):
    part: Part


class ResponseOutputAudioDelta(OutputEvent, frozen=True, kw_only=True, tag="response.output_audio.delta"):
    delta: bytes


class ResponseOutputAudioDone(OutputEvent, frozen=True, kw_only=True, tag="response.output_audio.done"):
    pass


class ResponseOutputAudioTranscriptDelta(
    OutputEvent, frozen=True, kw_only=True, tag="response.output_audio_transcript.delta"
):
    delta: str
    obfuscation: str | UnsetType = UNSET


class ResponseOutputAudioTranscriptDone(
    OutputEvent, frozen=True, kw_only=True, tag="response.output_audio_transcript.done"
):
    transcript: str


class ResponseOutputTextDelta(OutputEvent, frozen=True, kw_only=True, tag="response.output_text.delta"):
    delta: str
    obfuscation: str | UnsetType = UNSET


class ResponseOutputTextDone(OutputEvent, frozen=True, kw_only=True, tag="response.output_text.done"):
    text: str


class RateLimitsUpdated(Event, frozen=True, kw_only=True, tag="rate_limits.updated"):
    event_id: str
    rate_limits: list[RateLimit]


ServerEvent = (
    ErrorEvent
    | SessionCreated
    | SessionUpdated
    | ConversationCreated
    | InputAudioBufferSpeechStarted
    | InputAudioBufferSpeechStopped
    | InputAudioBufferCommitted
    | InputAudioBufferCleared
    | ConversationItemAdded
    | ConversationItemDone
    | ConversationItemDeleted
    | ConversationItemRetrieved
    | ConversationItemTruncated
    | ResponseCreated
    | ResponseDone
    | ResponseOutputItemAdded
    | ResponseOutputItemDone
    | ResponseContentPartAdded
    | ResponseContentPartDone
    | ResponseOutputAudioDelta
    | ResponseOutputAudioDone
    | ResponseOutputAudioTranscriptDelta
    | ResponseOutputAudioTranscriptDone
    | ResponseOutputTextDelta
    | ResponseOutputTextDone
    | RateLimitsUpdated
)

PIECES = (ResponseOutputAudioDelta, ResponseOutputAudioTranscriptDelta, ResponseOutputTextDelta)
"""Events that bring something piece by piece; a ``done`` event tells the whole."""
