"""The session that a client secret opens, by its ``session.type``: what is checked, and what the answer shows of it.

Each kind is checked by its own configuration, so the same mistakes have the same errors as in a ``session.update``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ProtocolError
from ...protocol.checks import Check, missing, one_of, string, wrong_type
from ...server.config import SessionConfig
from ...server.session import SessionKind
from ...server.transcription_session import TranscriptionConfig
from ...server.translation_session import TranslationConfig

NEVER = 0
"""``expires_at`` of a session that has not begun (documented and captured)."""
_NO_MODEL = "You must not provide a model parameter for transcription sessions."
_KIND: Check = one_of("realtime", "transcription")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A session that was asked for: what an update of it would hold, and what the answer shows."""

    kind: SessionKind
    model: str | None
    session: Mapping[str, Any]
    shown: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a session has that nobody asked for: its id, its model and the server's turn detection."""

    session_id: str
    model: str
    turn_detection: Mapping[str, Any]
    any_model: bool = False
    """Whether a transcription may have a model that the service does not have."""

    def config(self) -> SessionConfig:
        """The configuration of a realtime session."""
        return SessionConfig(self.session_id, self.model, self.turn_detection, NEVER)


def kind_of(session: Any) -> SessionKind:
    """The kind of session that ``session`` is. Raises :exc:`ProtocolError`."""
    if not isinstance(session, dict):
        raise wrong_type("session", session, "an object")
    if "type" not in session:
        raise missing("session.type")
    return "transcription" if _KIND(session["type"], "session.type") == "transcription" else "realtime"


def realtime(session: dict[str, Any], new: NewSession, model: str | None) -> Wanted:
    """A realtime session, for a client that names ``model`` or will name one. Raises :exc:`ProtocolError`."""
    config = new.config()
    config.update(session)
    return Wanted("realtime", model, session, config.echo)


def transcription(session: dict[str, Any], new: NewSession) -> Wanted:
    """A transcription session. Raises :exc:`ProtocolError`."""
    if "model" in session:
        raise ProtocolError("invalid_model", _NO_MODEL, param="session.model")
    config = TranscriptionConfig(new.session_id, new.turn_detection, NEVER, any_model=new.any_model, model=None)
    config.update(session)
    return Wanted("transcription", None, session, config.echo)


def translation(session: Any, new: NewSession) -> Wanted:
    """A translation session. Raises :exc:`ProtocolError`."""
    if not isinstance(session, dict):
        raise wrong_type("session", session, "an object")
    if "model" not in session:
        raise missing("session.model")
    model = string(session["model"], "session.model")
    if "type" in session:
        one_of("translation")(session["type"], "session.type")
    config = TranslationConfig(new.session_id, model, NEVER)
    changes = {name: value for name, value in session.items() if name not in ("type", "model")}
    config.update(changes)
    return Wanted("translation", model, changes, config.echo)
