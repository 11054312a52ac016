"""What a client may send: the 11 events of the GA dialect (documented). Any may carry an ``event_id``."""

from typing import Any

from .event import Event
from .objects import Item


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
