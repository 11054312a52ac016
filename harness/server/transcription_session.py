"""A session that writes down what the user says and answers nothing: ``?intent=transcription``.

Turn detection, the buffer and the words are those of a conversation. What differs is the session's object, of which
all fields are captured, and that there are no responses.
"""

from collections.abc import Mapping
from typing import Any

from ..errors import ProtocolError
from ..protocol.events import ResponseCreate
from . import detection
from .config import SessionConfig, VoicelessConfig, transcription_update
from .outputs import Output
from .session import Session, SessionSetup
from .transcription_models import is_transcriber, streams

_ECHOED = ("type", "threshold", "prefix_padding_ms", "silence_duration_ms", "eagerness")
"""Of turn detection, a new session shows these fields only (captured)."""
_DETECTION_PATH = "session.audio.input.turn_detection"


class TranscriptionConfig(VoicelessConfig):
    """The configuration of a transcription session."""

    def __init__(
        self, session_id: str, turn_detection: Mapping[str, Any], expires_at: int, *, any_model: bool, model: str | None
    ) -> None:
        usual = detection.defaults_of(detection.TURN_DETECTION["silence_duration_ms"], turn_detection)
        self._detections = tuple({key: each[key] for key in _ECHOED if key in each} for each in usual)
        self._merge = transcription_update(self._detections, _session_type)
        self._any_model = any_model
        self.echo = {
            "type": "transcription",
            "object": "realtime.transcription_session",
            "id": session_id,
            "expires_at": expires_at,
            "audio": {
                "input": {
                    "format": {"type": "audio/pcm", "rate": 24_000},
                    "transcription": None,
                    "noise_reduction": None,
                    "turn_detection": dict(self._detections[0]),
                }
            },
            "include": None,
        }
        if model is not None:
            self.update({"type": "transcription", "audio": {"input": {"transcription": {"model": model}}}})

    @property
    def model(self) -> str:
        """The model that transcribes; empty until the client names one."""
        return (self.transcription or {}).get("model") or ""

    def _merged(self, changes: dict[str, Any]) -> dict[str, Any]:
        """What an update would make of the configuration. Raises :exc:`ProtocolError`.

        A model that streams takes no turn detection (reported, with the sentence): asking for it is refused, and
        choosing such a model without a word about it switches it off (inferred: the guide leaves the field out).
        """
        if "type" in changes:  # before the fields that only a conversation has
            _session_type(changes["type"], "session.type")
        merged: dict[str, Any] = self._merge(changes, "session", self.echo)
        hears = merged["audio"]["input"]
        model = (hears["transcription"] or {}).get("model")
        if model is not None and not (self._any_model or is_transcriber(model)):
            message = f'Model "{model:.64}" is not supported in transcription mode.'
            raise ProtocolError("invalid_model", message, param="session.audio.input.transcription.model")
        if not streams(model):
            return merged
        if ((changes.get("audio") or {}).get("input") or {}).get("turn_detection") is not None:
            message = "Turn detection is not supported for this transcription model."
            raise ProtocolError("invalid_value", message, param=_DETECTION_PATH)
        return {**merged, "audio": {"input": {**hears, "turn_detection": None}}}


class TranscriptionSession(Session):
    """The server's side of a connection that was dialled for transcription."""

    def __init__(self, setup: SessionSetup, name: str) -> None:
        super().__init__(setup, name)
        self._handlers[ResponseCreate] = _no_response

    def _configured(self, setup: SessionSetup, session_id: str) -> SessionConfig:
        model = setup.model if is_transcriber(setup.model) or (setup.any_model and setup.model) else None
        return TranscriptionConfig(
            session_id, setup.turn_detection, setup.expires_at, any_model=setup.any_model, model=model
        )


def _session_type(value: Any, path: str) -> Any:
    """Only its own type; the sentence is the service's (reported)."""
    if value != "transcription":
        message = "Passing a realtime session update event to a transcription session is not allowed."
        raise ProtocolError("invalid_value", message, param=path)
    return value


def _no_response(event: ResponseCreate, now: int) -> list[Output]:
    """What the service says is unknown; that there are no responses is documented."""
    message = "A transcription session has no responses; connect with a model and without intent=transcription for one."
    raise ProtocolError("invalid_value", message, param="type")
