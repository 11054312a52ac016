"""A session's configuration: the full echo that ``session.created`` shows, and its atomic partial update.

An update is checked whole before anything changes: one bad field discards it (captured). ``null`` clears, an absent
field keeps (documented). ``model`` in an update is ignored.
"""

from collections.abc import Callable, Mapping
from typing import Any

from harness.audio.formats import FORMATS, AudioFormat
from harness.errors import ProtocolError, SettingError
from harness.vad.turn import TurnSettings

Check = Callable[[Any, str], Any]

TURN_DETECTION: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
"""Defaults of a new session. 200 ms of silence is captured; the prose says 500."""


class SessionConfig:
    """The configuration in force; :attr:`echo` is what ``session.created`` and ``session.updated`` show."""

    def __init__(self, session_id: str, model: str, turn_detection: Mapping[str, Any], expires_at: int) -> None:
        self.echo = _defaults(session_id, model, {**TURN_DETECTION, **turn_detection}, expires_at)
        self._defaults = self.echo["audio"]["input"]["turn_detection"]

    @property
    def input_format(self) -> AudioFormat:
        """The declared format of appended audio."""
        return FORMATS[self.echo["audio"]["input"]["format"]["type"]]

    @property
    def output_format(self) -> AudioFormat:
        """The format of the assistant's audio."""
        return FORMATS[self.echo["audio"]["output"]["format"]["type"]]

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """The server's turn detection, or None where the client commits by itself."""
        found: dict[str, Any] | None = self.echo["audio"]["input"]["turn_detection"]
        return found

    def turn_settings(self, prefix_in_start: bool) -> TurnSettings:
        """What the turn automaton needs of :attr:`turn_detection`; the defaults where detection is off."""
        chosen = self.turn_detection or self._defaults
        return TurnSettings(
            threshold=chosen["threshold"],
            prefix_padding_ms=chosen["prefix_padding_ms"],
            silence_duration_ms=chosen["silence_duration_ms"],
            prefix_in_start=prefix_in_start,
        )

    def update(self, changes: dict[str, Any], *, voice_locked: bool) -> None:
        """Merge a partial session. Raises :exc:`ProtocolError`, with nothing changed, if any field is wrong.

        ``voice_locked``: assistant audio is present, so the voice cannot change any more (captured).
        """
        if "type" not in changes:
            raise ProtocolError(
                "missing_required_parameter", "Missing required parameter: 'session.type'.", param="session.type"
            )
        merged = _merged(self.echo, changes, _SESSION, "session", self._defaults)
        if voice_locked and merged["audio"]["output"]["voice"] != self.echo["audio"]["output"]["voice"]:
            message = "Cannot update a conversation's voice if assistant audio is present."
            raise ProtocolError("cannot_update_voice", message)
        self.echo = merged


def check_turn_detection(changes: Mapping[str, Any]) -> None:
    """Raise :exc:`SettingError` if these are no turn detection settings."""
    try:
        _turn_detection(dict(changes), "turn_detection", dict(TURN_DETECTION))
    except ProtocolError as error:
        raise SettingError(error.message) from None


def _defaults(session_id: str, model: str, turn_detection: dict[str, Any], expires_at: int) -> dict[str, Any]:
    pcm = {"type": "audio/pcm", "rate": 24_000}
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": "",
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
            "output": {"format": dict(pcm), "voice": "marin", "speed": 1.0},
        },
        "include": None,
    }


# --- checks of single fields: each returns the value to store, or raises ----------------------------------------------


def _wrong(path: str, value: Any, wanted: str) -> ProtocolError:
    return ProtocolError(
        "invalid_type", f"Invalid type for '{path}': expected {wanted}, but got {value!r} instead.", param=path
    )


def _kind(wanted: str, *kinds: type) -> Check:
    def check(value: Any, path: str) -> Any:
        if type(value) not in kinds:
            raise _wrong(path, value, wanted)
        return value

    return check


_NONE = type(None)
_boolean = _kind("a boolean", bool)


def _tools(value: Any, path: str) -> Any:
    for index, tool in enumerate(_kind("an array", list)(value, path)):
        _kind("an object", dict)(tool, f"{path}[{index}]")
    return value


def _token_limit(value: Any, path: str) -> Any:
    return value if value == "inf" else _number(1, 4096, whole=True)(value, path)


def _number(low: float, high: float, *, whole: bool = False, nullable: bool = False) -> Check:
    def check(value: Any, path: str) -> Any:
        if value is None and nullable:
            return None
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise _wrong(path, value, "an integer" if whole else "a number")
        kind = "integer" if whole else "decimal"
        if not low <= value:
            message = f"Invalid '{path}': {kind} below minimum value. Expected a value >= {low}, but got {value}."
            raise ProtocolError(f"{kind}_below_min_value", message, param=path)
        if not value <= high:
            message = f"Invalid '{path}': {kind} above maximum value. Expected a value <= {high}, but got {value}."
            raise ProtocolError(f"{kind}_above_max_value", message, param=path)
        return value

    return check


def _one_of(*known: Any) -> Check:
    def check(value: Any, path: str) -> Any:
        if value not in known:
            supported = ", ".join(f"'{name}'" for name in known)
            message = f"Invalid value: '{value}'. Supported values are: {supported}."
            raise ProtocolError("invalid_value", message, param=path)
        return value

    return check


def _audio_format(value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise _wrong(path, value, "an object")
    name = _one_of(*FORMATS)(value.get("type"), f"{path}.type")
    for key in value:
        if key not in ("type", "rate"):
            raise _unknown(f"{path}.{key}")
    rate = FORMATS[name].rate_hz
    _number(rate, rate, whole=True)(value.get("rate", rate), f"{path}.rate")
    return {"type": name, "rate": rate} if name == "audio/pcm" else {"type": name}


_TURN_FIELDS: dict[str, Check] = {
    "type": _one_of("server_vad"),
    "threshold": _number(0, 1),
    "prefix_padding_ms": _number(0, 10_000, whole=True),
    "silence_duration_ms": _number(0, 60_000, whole=True),
    "idle_timeout_ms": _number(5_000, 30_000, whole=True, nullable=True),
    "create_response": _boolean,
    "interrupt_response": _boolean,
}


def _turn_detection(value: Any, path: str, current: dict[str, Any] | None) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _wrong(path, value, "an object or null")
    return {**(current or TURN_DETECTION), **_checked(value, _TURN_FIELDS, path)}


def _unknown(path: str) -> ProtocolError:
    return ProtocolError("unknown_parameter", f"Unknown parameter: '{path}'.", param=path)


def _checked(value: dict[str, Any], fields: dict[str, Check], path: str) -> dict[str, Any]:
    for key in value:
        if key not in fields:
            raise _unknown(f"{path}.{key}")
    return {key: fields[key](given, f"{path}.{key}") for key, given in value.items()}


def _session_type(value: Any, path: str) -> Any:
    if value == "transcription":
        message = "Passing a transcription session update event to a realtime session is not allowed."
        raise ProtocolError("invalid_value", message, param=path)
    return _one_of("realtime")(value, path)


_SESSION: dict[str, Any] = {
    "type": _session_type,
    "model": None,
    "output_modalities": _one_of(["audio"], ["text"]),
    "instructions": _kind("a string", str),
    "tools": _tools,
    "tool_choice": _kind("a string or an object", str, dict),
    "max_output_tokens": _token_limit,
    "tracing": _kind("a string, an object or null", str, dict, _NONE),
    "prompt": _kind("an object or null", dict, _NONE),
    "include": _kind("an array or null", list, _NONE),
    "truncation": _kind("a string or an object", str, dict),
    "reasoning": _kind("an object or null", dict, _NONE),
    "parallel_tool_calls": _boolean,
    "audio": {
        "input": {
            "format": _audio_format,
            "transcription": _kind("an object or null", dict, _NONE),
            "noise_reduction": _kind("an object or null", dict, _NONE),
            "turn_detection": _turn_detection,
        },
        "output": {
            "format": _audio_format,
            "voice": _kind("a string or an object", str, dict),
            "speed": _number(0.25, 1.5),
        },
    },
}
"""Fields an update may hold: a check, a nested map, or None for ignored."""


def _merged(
    current: dict[str, Any], changes: Any, fields: dict[str, Any], path: str, turn_defaults: dict[str, Any]
) -> dict[str, Any]:
    if not isinstance(changes, dict):
        raise _wrong(path, changes, "an object")
    merged = dict(current)
    for key, value in changes.items():
        where = f"{path}.{key}"
        if key not in fields:
            raise _unknown(where)
        rule = fields[key]
        if isinstance(rule, dict):
            merged[key] = _merged(current[key], value, rule, where, turn_defaults)
        elif rule is _turn_detection:
            merged[key] = _turn_detection(value, where, current[key] or turn_defaults)
        elif rule is not None:
            merged[key] = rule(value, where)
    return merged
