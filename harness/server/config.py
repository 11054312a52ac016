"""A session's configuration: the full echo that ``session.created`` shows, and its atomic partial update.

An update is checked whole before anything changes: one bad field discards it (captured; that it does not is a policy,
``update_error``). ``null`` clears, an absent field keeps (documented). ``model`` in an update is ignored.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..audio.formats import FORMATS, AudioFormat
from ..errors import ProtocolError
from ..protocol.checks import (
    Check,
    array,
    boolean,
    fields,
    missing,
    nullable,
    number,
    one_of,
    string,
    unknown,
    wrong_type,
)
from ..vad.turn import TurnSettings
from . import detection, shapes
from .policy import ServerPolicy

_VOICE = "marin"
"""The default voice (captured)."""
INSTRUCTIONS = "You are a helpful, witty and friendly assistant. Talk quickly, in a warm and lively voice."
"""A new session shows the server's default instructions (documented); these words are ours."""
_SILENCE_MS = {"gpt-realtime-2.1-mini": 500}
"""Models that are taken to have another ``silence_duration_ms`` than the usual 200 (assumed: no capture shows it)."""
_USUAL_SILENCE_MS = 200
"""Captured of gpt-realtime in every log, and in the specification's own example; the prose says 500."""
_FAMILIES = ("gpt-realtime", "gpt-4o-realtime", "gpt-4o-mini-realtime")
"""A model is one of these or begins with one and a dash (documented names and dated snapshots)."""
_VOICE_PATH = "session.audio.output.voice"
"""The field that ``cannot_update_voice`` is about; the error does not name it."""


class SessionConfig:
    """The configuration in force; :attr:`echo` is what ``session.created`` and ``session.updated`` show."""

    def __init__(self, session_id: str, model: str, turn_detection: Mapping[str, Any], expires_at: int) -> None:
        self._detections = detection.defaults_of(silence_duration_ms(model), turn_detection)
        self._merge = _session(self._detections)
        self.echo = _defaults(session_id, model, dict(self._detections[0]), expires_at)
        self.spoken_voice: Any = None
        """The voice of the first assistant audio; from then on it cannot change (documented)."""

    @property
    def voice(self) -> Any:
        """The voice of the assistant: that of its first audio, or the configured one."""
        return self.spoken_voice or self.echo["audio"]["output"]["voice"]

    @property
    def input_format(self) -> AudioFormat:
        """The declared format of appended audio."""
        return FORMATS[self.echo["audio"]["input"]["format"]["type"]]

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """The server's turn detection, or None where the client commits by itself."""
        found: dict[str, Any] | None = self.echo["audio"]["input"]["turn_detection"]
        return found

    @property
    def transcribes(self) -> bool:
        """Whether the client asked for the user's words."""
        return self.echo["audio"]["input"]["transcription"] is not None

    def turn_settings(self, policy: ServerPolicy) -> TurnSettings:
        """The settings of the turn automaton by :attr:`turn_detection`; the defaults if detection is off."""
        return detection.turn_settings(self.turn_detection or self._detections[0], policy)

    def update(self, changes: dict[str, Any]) -> None:
        """Merge a partial session. Raises :exc:`ProtocolError`, with nothing changed, if any field is wrong."""
        if "type" not in changes:
            raise missing("session.type")
        self.echo = self._merged(changes)

    def update_in_part(self, changes: dict[str, Any]) -> None:
        """Of an update that :meth:`update` refuses, merge the fields before its first bad one (a policy)."""
        if "type" in changes:
            self.echo = self._merged(valid_part(changes, self._merged, "session"))

    def _merged(self, changes: dict[str, Any]) -> dict[str, Any]:
        """What an update would make of the configuration. Raises :exc:`ProtocolError`."""
        merged: dict[str, Any] = self._merge(changes, "session", self.echo)
        if merged["audio"]["output"]["voice"] != self.echo["audio"]["output"]["voice"]:
            self.check_voice(merged["audio"]["output"]["voice"])
        return merged

    def check_voice(self, voice: Any) -> None:
        """Raise :exc:`ProtocolError` if the assistant has spoken in another voice already."""
        if self.spoken_voice not in (None, voice):
            message = "Cannot update a conversation's voice if assistant audio is present."
            raise ProtocolError("cannot_update_voice", message)


def _defaults(session_id: str, model: str, turn_detection: dict[str, Any], expires_at: int) -> dict[str, Any]:
    pcm = {"type": "audio/pcm", "rate": 24_000}
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "prompt": None,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": dict(pcm),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": turn_detection,
            },
            "output": {"format": dict(pcm), "voice": _VOICE, "speed": 1.0},
        },
        "include": None,
    }


def token_limit(value: Any, path: str) -> Any:
    """``inf``, or 1 to 4096 tokens (documented)."""
    return value if value == "inf" else number(1, 4096, whole=True)(value, path)


def audio_format(value: Any, path: str) -> Any:
    """A format as the echo shows it; of PCM there is one rate, 24000 Hz (documented)."""
    if not isinstance(value, dict):
        raise wrong_type(path, value, "an object")
    if "type" not in value:
        raise missing(f"{path}.type")
    name = one_of(*FORMATS)(value["type"], f"{path}.type")
    for key in value:
        if key not in ("type", "rate"):
            raise unknown(f"{path}.{key}")
    rate = FORMATS[name].rate_hz
    number(rate, rate, whole=True)(value.get("rate", rate), f"{path}.rate")
    return {"type": name, "rate": rate} if name == "audio/pcm" else {"type": name}


def modalities(value: Any, path: str) -> Any:
    """``["audio"]`` or ``["text"]``, never both (documented); the text is that of the beta, with its own values."""
    if array(string)(value, path) not in (["audio"], ["text"]):
        message = f"Invalid modalities: {value!r:.200}. Supported combinations are: ['text'] and ['audio']."
        raise ProtocolError("invalid_value", message, param=path)
    return value


_TRANSCRIPTION = fields(
    {
        "model": string,
        "language": nullable(string),
        "languages": nullable(array(string)),
        "prompt": nullable(string),
        "keywords": nullable(array(string)),
        "delay": nullable(one_of("minimal", "low", "medium", "high", "xhigh")),
    }
)
_NOISE_REDUCTION = fields({"type": one_of("near_field", "far_field"), "strength": nullable(number(0, 1))})


def _session_type(value: Any, path: str) -> Any:
    if value == "transcription":
        message = "Passing a transcription session update event to a realtime session is not allowed."
        raise ProtocolError("invalid_value", message, param=path)
    return one_of("realtime")(value, path)


_Merge = Callable[[Any, str, Any], Any]
"""Takes a value, its path and what is in force; gives what will be. Raises :exc:`ProtocolError`."""


def _replaces(check: Check) -> _Merge:
    """The value is taken for the one before."""
    return lambda value, path, current: check(value, path)


def _joins(check: Check) -> _Merge:
    """An object that may be null, and of which an update may name only some fields: the others keep their values."""
    return lambda value, path, current: None if value is None else {**(current or {}), **check(value, path)}


def _keeps(value: Any, path: str, current: Any) -> Any:
    """The value is ignored."""
    return current


def _merges(rules: Mapping[str, _Merge]) -> _Merge:
    """An object, merged field by field."""

    def merge(value: Any, path: str, current: Any) -> Any:
        if not isinstance(value, dict):
            raise wrong_type(path, value, "an object")
        for key in value:
            if key not in rules:
                raise unknown(f"{path}.{key}")
        return {**current, **{key: rules[key](each, f"{path}.{key}", current.get(key)) for key, each in value.items()}}

    return merge


def _session(detections: Sequence[Mapping[str, Any]]) -> _Merge:
    """What an update may hold, where these are the defaults of turn detection."""
    hears: dict[str, _Merge] = {
        "format": _replaces(audio_format),
        "transcription": _joins(_TRANSCRIPTION),
        "noise_reduction": _joins(_NOISE_REDUCTION),
        "turn_detection": lambda value, path, current: detection.merged(value, path, current, detections),
    }
    return _merges({**_FIELDS, "audio": _merges({"input": _merges(hears), "output": _merges(_SPEAKS)})})


_FIELDS: dict[str, _Merge] = {
    "model": _keeps,
    **{
        name: _replaces(check)
        for name, check in {
            "type": _session_type,
            "output_modalities": modalities,
            "instructions": string,
            "tools": shapes.tools,
            "tool_choice": shapes.tool_choice,
            "max_output_tokens": token_limit,
            "tracing": shapes.tracing,
            "prompt": shapes.prompt,
            "include": nullable(array(one_of("item.input_audio_transcription.logprobs"))),
            "truncation": shapes.truncation,
            "reasoning": shapes.reasoning,
            "parallel_tool_calls": boolean,
        }.items()
    },
}
_SPEAKS: dict[str, _Merge] = {
    "format": _replaces(audio_format),
    "voice": _replaces(shapes.voice),
    "speed": _replaces(number(0.25, 1.5)),
}


# --- an update in part ----------------------------------------------------------------------------------------------


def valid_part(document: dict[str, Any], check: Callable[[dict[str, Any]], object], path: str) -> dict[str, Any]:
    """The fields of ``document`` before the first that ``check`` refuses, in order, inside its objects too.

    ``check`` raises :exc:`ProtocolError` that names the field by its path, where ``path`` is that of the document
    itself. An object of which nothing is left is left out, and so is an array with a bad element.
    """
    while document:
        try:
            check(document)
        except ProtocolError as error:
            document = _before(
                document, path, _VOICE_PATH if error.code == "cannot_update_voice" else error.param or path
            )
        else:
            break
    return document


def _before(document: dict[str, Any], path: str, bad: str) -> dict[str, Any]:
    """The fields before the bad one; always fewer than ``document`` has, and none if the bad one is not in it."""
    before: dict[str, Any] = {}
    for key, value in document.items():
        here = f"{path}.{key}"
        if bad == here or bad.startswith((f"{here}.", f"{here}[")):
            kept = _before(value, here, bad) if isinstance(value, dict) else None
            return {**before, key: kept} if kept else before
        before[key] = value
    return {}


# --- models ----------------------------------------------------------------------------------------------------------


def silence_duration_ms(model: str) -> int:
    """The default of a new session."""
    return next((ms for name, ms in _SILENCE_MS.items() if model.startswith(name)), _USUAL_SILENCE_MS)


def is_known_model(model: str) -> bool:
    """Whether the service would serve a model of this name."""
    return any(model == name or model.startswith(f"{name}-") for name in _FAMILIES)
