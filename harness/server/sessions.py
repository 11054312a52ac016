"""Which session a connection gets: a conversation, a transcription, or a translation."""

from .session import Session, SessionKind, SessionSetup
from .transcription_session import TranscriptionSession
from .translation_session import TranslationSession

_KINDS: dict[SessionKind, type[Session]] = {
    "realtime": Session,
    "transcription": TranscriptionSession,
    "translation": TranslationSession,
}


def make_session(setup: SessionSetup, name: str) -> Session:
    """A new session of the kind that ``setup`` names; ``name`` seeds its ids."""
    return _KINDS[setup.kind](setup, name)
