"""A session's configuration: the full echo that ``session.created`` shows, and its atomic partial update.

An update is checked whole before anything changes: one bad field discards it (captured; that it does not is a policy,
``update_error``). ``null`` clears, an absent field keeps (documented). ``model`` in an update is ignored.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..audio.formats import FORMATS, PCM24K, AudioFormat
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
from .models import Model, model_of
from .policy import ServerPolicy
from .transcription_models import shows_languages

INSTRUCTIONS = "You are a helpful, witty and friendly assistant. Talk quickly, in a warm and lively voice."
"""A new session shows the server's default instructions (documented); these words are ours."""
_VOICE_PATH = "session.audio.output.voice"
"""The field that ``cannot_update_voice`` is about; the error does not name it."""


_PATHS: Mapping[str, tuple[str, ...]] = {
    "turn_detection": ("audio", "input", "turn_detection"),
    "create_response": ("audio", "input", "turn_detection", "create_response"),
    "interrupt_response": ("audio", "input", "turn_detection", "interrupt_response"),
    "input_format": ("audio", "input", "format"),
    "output_format": ("audio", "output", "format"),
    "voice": ("audio", "output", "voice"),
    "instructions": ("instructions",),
    "tools": ("tools",),
    "output_modalities": ("output_modalities",),
}
"""Where a setting stands that the policy ``ignored_setting`` names."""


class SessionConfig:
    """The configuration; :attr:`echo` is what ``session.created`` and ``session.updated`` show."""

    responds = True
    """Whether the session answers what the user says."""
    traits = Model()
    """What depends on its model."""
    _not_in_force: dict[str, Any] | None = None
    """What the session does in place of what it shows, under the policy ``ignored_setting``."""

    def __init__(self, session_id: str, model: str, turn_detection: Mapping[str, Any], expires_at: int) -> None:
        self.traits = model_of(model)
        self._detections = detection.defaults_of(self.traits.silence_duration_ms, turn_detection)
        self._merge = _session(self._detections)
        self.echo = _defaults(session_id, model, dict(self._detections[0]), expires_at, self.traits.voice)
        self.spoken_voice: Any = None
        """The voice of the first assistant audio; from then on it cannot change (documented)."""

    @property
    def model(self) -> str:
        """The model that the session is of."""
        return str(self.echo["model"])

    @property
    def in_force(self) -> dict[str, Any]:
        """What the session does; the same as :attr:`echo` unless a policy says otherwise."""
        return self.echo if self._not_in_force is None else self._not_in_force

    @property
    def voice(self) -> Any:
        """The voice of the assistant: that of its first audio, or the configured one."""
        return self.spoken_voice or self.in_force["audio"]["output"]["voice"]

    @property
    def input_format(self) -> AudioFormat:
        """The declared format of appended audio."""
        return FORMATS[self.in_force["audio"]["input"]["format"]["type"]]

    @property
    def output_format(self) -> AudioFormat:
        """The format of the assistant's audio."""
        return FORMATS[self.in_force["audio"]["output"]["format"]["type"]]

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """The server's turn detection, or None where the client commits by itself."""
        found: dict[str, Any] | None = self.in_force["audio"]["input"]["turn_detection"]
        return found

    @property
    def transcribes(self) -> bool:
        """Whether the client asked for the user's words."""
        return self.transcription is not None

    @property
    def transcription(self) -> dict[str, Any] | None:
        """How the user's words are transcribed, or None."""
        found: dict[str, Any] | None = self.in_force["audio"]["input"]["transcription"]
        return found

    def turn_settings(self, policy: ServerPolicy) -> TurnSettings:
        """The settings of the turn automaton by :attr:`turn_detection`; the defaults if detection is off."""
        return detection.turn_settings(self.turn_detection or self._detections[0], policy)

    def update(self, changes: dict[str, Any], ignored: str = "none") -> bool:
        """Merge a partial session; gives whether the setting ``ignored`` is now shown otherwise than it is in force.

        Raises :exc:`ProtocolError`, with nothing changed, if any field is wrong.
        """
        if "type" not in changes:
            raise missing("session.type")
        before, self.echo = self.in_force, _in_order(self._merged(changes))
        self._not_in_force = _with(self.echo, _PATHS[ignored], before) if ignored in _PATHS else None
        return self.in_force != self.echo

    def update_in_part(self, changes: dict[str, Any]) -> None:
        """Of an update that :meth:`update` refuses, merge the fields before its first bad one (a policy)."""
        if "type" in changes:
            self.echo = _in_order(self._merged(valid_part(changes, self._merged, "session")))
            self._not_in_force = None

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


class VoicelessConfig(SessionConfig):
    """The configuration of a session that answers nothing. Subclasses make :attr:`echo`."""

    responds = False
    spoken_voice: Any = None

    @property
    def output_format(self) -> AudioFormat:
        """That of what a session sends, if it sends audio at all; it cannot be chosen (documented)."""
        return PCM24K

    @property
    def voice(self) -> Any:
        """It has none that could be chosen."""
        return None


def _with(document: dict[str, Any], path: Sequence[str], source: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the value at ``path`` from another one; unchanged where one of them has nothing there."""
    key, *rest = path
    if key not in document or key not in source:
        return document
    inner, other = document[key], source[key]
    if not rest:
        return {**document, key: other}
    if not isinstance(inner, dict) or not isinstance(other, Mapping):
        return document
    return {**document, key: _with(inner, rest, other)}


def _defaults(
    session_id: str, model: str, turn_detection: dict[str, Any], expires_at: int, voice: str
) -> dict[str, Any]:
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
        "truncation": "auto",
        "prompt": None,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": dict(pcm),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": turn_detection,
            },
            "output": {"format": dict(pcm), "voice": voice, "speed": 1.0},
        },
        "include": None,
    }


_ONLY_IF_SET = ("reasoning", "parallel_tool_calls")
"""Fields that a session shows once they were given; behind ``prompt`` (captured of ``reasoning``)."""


def _in_order(session: dict[str, Any]) -> dict[str, Any]:
    """A session whose optional fields stand where the service shows them."""
    optional = {name: session.pop(name) for name in _ONLY_IF_SET if name in session}
    ordered: dict[str, Any] = {}
    for name, value in session.items():
        ordered[name] = value
        if name == "prompt":
            ordered.update(optional)
    return ordered


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


def _transcription(value: Any, path: str, current: Any) -> Any:
    """An object that may be null; what a model could be told is shown even if nobody told it (captured)."""
    if value is None:
        return None
    given = {**(current or {}), **_TRANSCRIPTION(value, path)}
    several = ("languages",) if shows_languages(given.get("model")) else ()
    if not several and given.get("languages") is None:
        given.pop("languages", None)
    first = ("model",) if "model" in given else ()
    shown = dict.fromkeys((*first, "language", *several, "prompt"))
    return {**shown, **given}


def _instructions(value: Any, path: str) -> Any:
    """Of an empty text the server makes its default instructions (captured)."""
    return string(value, path) or INSTRUCTIONS


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
    return _merges({**_FIELDS, "audio": _merges({"input": _hears(detections), "output": _merges(_SPEAKS)})})


def _hears(detections: Sequence[Mapping[str, Any]]) -> _Merge:
    return _merges(
        {
            "format": _replaces(audio_format),
            "transcription": _transcription,
            "noise_reduction": _joins(_NOISE_REDUCTION),
            "turn_detection": lambda value, path, current: detection.merged(value, path, current, detections),
        }
    )


def transcription_update(detections: Sequence[Mapping[str, Any]], session_type: Check) -> _Merge:
    """What an update of a transcription session may hold; these are the defaults of its turn detection."""
    return _merges(
        {
            "type": _replaces(session_type),
            "audio": _merges({"input": _hears(detections)}),
            "include": _FIELDS["include"],
        }
    )


def translation_update(language: Check) -> _Merge:
    """What an update of a translation session may hold (documented)."""
    hears: dict[str, _Merge] = {"transcription": _joins(_TRANSCRIPTION), "noise_reduction": _joins(_NOISE_REDUCTION)}
    speaks = {"language": _replaces(language)}
    return _merges({"audio": _merges({"input": _merges(hears), "output": _merges(speaks)})})


_FIELDS: dict[str, _Merge] = {
    "model": _keeps,
    **{
        name: _replaces(check)
        for name, check in {
            "type": _session_type,
            "output_modalities": modalities,
            "instructions": _instructions,
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
