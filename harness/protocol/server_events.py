"""Server events about the session, the input buffer and the conversation (GA, documented)."""

from typing import Any

from msgspec import UNSET, UnsetType

from .event import Event
from .objects import ErrorDetails, Item, RateLimit


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
    previous_item_id: str | None = None
    item_id: str


class InputAudioBufferCleared(Event, frozen=True, kw_only=True, tag="input_audio_buffer.cleared"):
    event_id: str


class ConversationItemAdded(Event, frozen=True, kw_only=True, tag="conversation.item.added"):
    event_id: str
    previous_item_id: str | None = None
    item: Item


class ConversationItemDone(Event, frozen=True, kw_only=True, tag="conversation.item.done"):
    event_id: str
    previous_item_id: str | None = None
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


class ConversationItemCreated(Event, frozen=True, kw_only=True, tag="conversation.item.created"):
    """The beta's event, still in the GA schema and in no GA capture."""

    event_id: str
    previous_item_id: str | None = None
    item: Item


class TranscriptionDelta(Event, frozen=True, kw_only=True, tag="conversation.item.input_audio_transcription.delta"):
    event_id: str
    item_id: str
    content_index: int = 0
    delta: str = ""
    logprobs: list[dict[str, Any]] | UnsetType | None = UNSET
    obfuscation: str | UnsetType = UNSET


class TranscriptionCompleted(
    Event, frozen=True, kw_only=True, tag="conversation.item.input_audio_transcription.completed"
):
    event_id: str
    item_id: str
    content_index: int = 0
    transcript: str
    logprobs: list[dict[str, Any]] | UnsetType | None = UNSET
    usage: dict[str, Any]
    languages: list[dict[str, Any]] | UnsetType | None = UNSET


class TranscriptionFailed(Event, frozen=True, kw_only=True, tag="conversation.item.input_audio_transcription.failed"):
    event_id: str
    item_id: str
    content_index: int = 0
    error: dict[str, Any]


class TranscriptionSegment(Event, frozen=True, kw_only=True, tag="conversation.item.input_audio_transcription.segment"):
    """Of a diarised transcription; scriptable, not simulated."""

    event_id: str
    item_id: str
    content_index: int = 0
    text: str
    id: str
    speaker: str
    start: float
    end: float


class InputAudioBufferTimeoutTriggered(Event, frozen=True, kw_only=True, tag="input_audio_buffer.timeout_triggered"):
    event_id: str
    audio_start_ms: int
    audio_end_ms: int
    item_id: str


class InputAudioBufferDtmfEventReceived(Event, frozen=True, kw_only=True, tag="input_audio_buffer.dtmf_event_received"):
    """Of telephone calls; scriptable, not simulated. The only server event without an id (documented)."""

    event: str
    received_at: int


class McpListToolsInProgress(Event, frozen=True, kw_only=True, tag="mcp_list_tools.in_progress"):
    """All MCP events are scriptable, not simulated."""

    event_id: str
    item_id: str


class McpListToolsCompleted(Event, frozen=True, kw_only=True, tag="mcp_list_tools.completed"):
    event_id: str
    item_id: str


class McpListToolsFailed(Event, frozen=True, kw_only=True, tag="mcp_list_tools.failed"):
    event_id: str
    item_id: str


class OutputAudioBufferStarted(Event, frozen=True, kw_only=True, tag="output_audio_buffer.started"):
    """Of WebRTC and SIP, as its two siblings."""

    event_id: str
    response_id: str


class OutputAudioBufferStopped(Event, frozen=True, kw_only=True, tag="output_audio_buffer.stopped"):
    event_id: str
    response_id: str


class OutputAudioBufferCleared(Event, frozen=True, kw_only=True, tag="output_audio_buffer.cleared"):
    event_id: str
    response_id: str


class RateLimitsUpdated(Event, frozen=True, kw_only=True, tag="rate_limits.updated"):
    event_id: str
    rate_limits: list[RateLimit]
