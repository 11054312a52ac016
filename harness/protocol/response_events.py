"""Server events about a response and its output (GA, documented). ``obfuscation`` is captured and in no schema."""

from msgspec import UNSET, UnsetType

from .event import Event
from .objects import Item, Part, Response


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
    """Azure sends the part a second time, as ``content`` (captured)."""

    part: Part
    content: Part | UnsetType = UNSET


class ResponseContentPartDone(OutputEvent, frozen=True, kw_only=True, tag="response.content_part.done"):
    """Azure sends the part a second time, as ``content`` (captured)."""

    part: Part
    content: Part | UnsetType = UNSET


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


class CallEvent(Event, frozen=True, kw_only=True):
    """Base of events about a tool call in a response's output."""

    event_id: str
    response_id: str
    item_id: str
    output_index: int


class ResponseFunctionCallArgumentsDelta(
    CallEvent, frozen=True, kw_only=True, tag="response.function_call_arguments.delta"
):
    call_id: str
    delta: str
    obfuscation: str | UnsetType = UNSET


class ResponseFunctionCallArgumentsDone(
    CallEvent, frozen=True, kw_only=True, tag="response.function_call_arguments.done"
):
    call_id: str
    name: str
    arguments: str


class ResponseMcpCallArgumentsDelta(CallEvent, frozen=True, kw_only=True, tag="response.mcp_call_arguments.delta"):
    """All MCP events are scriptable, not simulated."""

    delta: str
    obfuscation: str | UnsetType | None = UNSET


class ResponseMcpCallArgumentsDone(CallEvent, frozen=True, kw_only=True, tag="response.mcp_call_arguments.done"):
    arguments: str


class ResponseMcpCallInProgress(Event, frozen=True, kw_only=True, tag="response.mcp_call.in_progress"):
    event_id: str
    output_index: int
    item_id: str


class ResponseMcpCallCompleted(Event, frozen=True, kw_only=True, tag="response.mcp_call.completed"):
    event_id: str
    output_index: int
    item_id: str


class ResponseMcpCallFailed(Event, frozen=True, kw_only=True, tag="response.mcp_call.failed"):
    event_id: str
    output_index: int
    item_id: str
