"""Objects that events carry: conversation items, responses, usage.

Field order is the order on the wire. ``UNSET`` fields are left out of the JSON, as the service leaves them out.
Source: OpenAPI v2.3.0 and captures of the GA service.
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

Status = Literal["in_progress", "completed", "incomplete"]
MessagePhase = Literal["commentary", "final_answer"]
"""What an assistant's message is (recorded of gpt-realtime-2.1, and in no schema)."""
Role = Literal["user", "assistant", "system"]
ResponseStatus = Literal["in_progress", "completed", "cancelled", "failed", "incomplete"]


class Content(Struct, frozen=True, kw_only=True):
    """A part of a message item: ``input_audio``, ``input_text``, ``input_image``, ``output_audio``, ``output_text``."""

    type: str
    text: str | UnsetType = UNSET
    audio: bytes | UnsetType | None = UNSET
    transcript: str | UnsetType | None = UNSET
    image_url: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET


class Item(Struct, frozen=True, kw_only=True):
    """A conversation item: a message, a function call or its output, or one of the four kinds of MCP."""

    id: str | UnsetType | None = UNSET
    type: str
    object: str | UnsetType | None = UNSET
    status: Status | UnsetType | None = UNSET
    role: Role | UnsetType = UNSET
    content: list[Content] | UnsetType = UNSET
    phase: MessagePhase | UnsetType | None = UNSET
    name: str | UnsetType = UNSET
    call_id: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET
    output: str | UnsetType | None = UNSET
    server_label: str | UnsetType = UNSET
    tools: list[dict[str, Any]] | UnsetType = UNSET
    approval_request_id: str | UnsetType | None = UNSET
    approve: bool | UnsetType = UNSET
    reason: str | UnsetType | None = UNSET
    error: dict[str, Any] | UnsetType | None = UNSET


class Part(Struct, frozen=True, kw_only=True):
    """A content part as ``response.content_part.*`` names it: ``audio`` or ``text``."""

    type: str
    transcript: str | UnsetType = UNSET
    text: str | UnsetType = UNSET


class StatusDetails(Struct, frozen=True, kw_only=True):
    """Why a response ended other than completed."""

    type: str
    reason: str | UnsetType = UNSET
    error: dict[str, Any] | UnsetType = UNSET


class CachedTokens(Struct, frozen=True, kw_only=True):
    """Of the tokens that were cached, how many of each kind."""

    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0


class InputTokens(Struct, frozen=True, kw_only=True):
    """Tokens that a response was given, by kind. Nothing is cached here, and images count as none (ours)."""

    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0
    cached_tokens: int = 0
    cached_tokens_details: CachedTokens = CachedTokens()


class OutputTokens(Struct, frozen=True, kw_only=True):
    """Tokens that a response put out, by kind; those of reasoning are among the text's (recorded)."""

    text_tokens: int = 0
    audio_tokens: int = 0
    reasoning_tokens: int | UnsetType = UNSET


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens of a response: about one for 100 ms of user audio and one for 50 ms of assistant audio (cost guide)."""

    total_tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    input_token_details: InputTokens = InputTokens()
    output_token_details: OutputTokens = OutputTokens()


class Response(Struct, frozen=True, kw_only=True):
    """A response as ``response.created`` and ``response.done`` show it."""

    object: str = "realtime.response"
    id: str
    status: ResponseStatus
    status_details: StatusDetails | None = None
    output: list[Item] = []
    conversation_id: str | None = None
    output_modalities: tuple[str, ...] = ("audio",)
    max_output_tokens: int | str = "inf"
    audio: dict[str, Any] | UnsetType = UNSET
    usage: Usage | None = None
    metadata: dict[str, str] | None = None


class RateLimit(Struct, frozen=True, kw_only=True):
    """One line of ``rate_limits.updated``."""

    name: str
    limit: int
    remaining: int
    reset_seconds: float


class ErrorDetails(Struct, frozen=True, kw_only=True):
    """The body of an ``error`` event. ``event_id`` is that of the client's event, if it had one."""

    type: str
    code: str | None
    message: str
    param: str | None = None
    event_id: str | None = None
