"""The events of a translation session, an event set of its own: 3 from the client and 7 from the server (documented).

Of these, ``session.update``, ``session.created``, ``session.updated`` and ``error`` are those of a conversation.
"""

from .client_events import SessionUpdate
from .event import Event


class TranslationAppend(Event, frozen=True, kw_only=True, tag="session.input_audio_buffer.append"):
    audio: bytes
    event_id: str | None = None


class SessionClose(Event, frozen=True, kw_only=True, tag="session.close"):
    event_id: str | None = None


class SessionClosed(Event, frozen=True, kw_only=True, tag="session.closed"):
    event_id: str


class TranslationInputDelta(Event, frozen=True, kw_only=True, tag="session.input_transcript.delta"):
    event_id: str
    delta: str
    elapsed_ms: int


class TranslationOutputDelta(Event, frozen=True, kw_only=True, tag="session.output_transcript.delta"):
    event_id: str
    delta: str
    elapsed_ms: int


class TranslationAudioDelta(Event, frozen=True, kw_only=True, tag="session.output_audio.delta"):
    event_id: str
    delta: bytes
    sample_rate: int = 24_000
    channels: int = 1
    format: str = "pcm16"
    elapsed_ms: int


TranslationServerEvent = SessionClosed | TranslationInputDelta | TranslationOutputDelta | TranslationAudioDelta
"""The server's events that only a translation session has."""
TranslationClientEvent = SessionUpdate | TranslationAppend | SessionClose
"""Any event that a client may send in a translation session."""
