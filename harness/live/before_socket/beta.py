"""The older shape of a session's configuration, flat: ``POST /v1/realtime/sessions`` and ``transcription_sessions``.

It is turned into today's, checked as that, and shown flat again; so is the path of a mistake. Documented (OpenAPI
v2.3.0). A session that is opened with its key is one of today: its events are GA events.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from ...errors import ProtocolError
from ...protocol.checks import Check, array, number, one_of, unknown
from .kinds import NEVER, NewSession, Wanted, transcription

_FORMATS: dict[str, dict[str, Any]] = {
    "pcm16": {"type": "audio/pcm", "rate": 24_000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
_IN, _OUT = ("audio", "input"), ("audio", "output")
_HEARS = {
    "input_audio_format": (*_IN, "format"),
    "input_audio_transcription": (*_IN, "transcription"),
    "input_audio_noise_reduction": (*_IN, "noise_reduction"),
    "turn_detection": (*_IN, "turn_detection"),
    "include": ("include",),
}
_PLACES: dict[str, tuple[str, ...]] = {
    **_HEARS,
    "model": ("model",),
    "modalities": ("output_modalities",),
    "instructions": ("instructions",),
    "voice": (*_OUT, "voice"),
    "output_audio_format": (*_OUT, "format"),
    "speed": (*_OUT, "speed"),
    "tools": ("tools",),
    "tool_choice": ("tool_choice",),
    "tracing": ("tracing",),
    "prompt": ("prompt",),
    "max_response_output_tokens": ("max_output_tokens",),
}
"""Where each field is today."""
_TEMPERATURE: Check = number(0.6, 1.2)
_USUAL_TEMPERATURE = 0.8
_Found = TypeVar("_Found")
_FORMAT: Check = one_of(*_FORMATS)
_MODALITIES: Check = array(one_of("text", "audio"))


def realtime(flat: dict[str, Any], new: NewSession, model: str | None) -> Wanted:
    """A realtime session. Raises :exc:`ProtocolError`."""
    temperature = _TEMPERATURE(flat.get("temperature", _USUAL_TEMPERATURE), "temperature")
    rest = {name: value for name, value in flat.items() if name != "temperature"}
    session = _of_today(rest, _PLACES, "realtime")
    config = new.config()
    _checked(lambda: config.update(session))
    return Wanted("realtime", model, session, {**_flat(config.echo, new), "temperature": temperature})


def transcription_session(flat: dict[str, Any], new: NewSession) -> Wanted:
    """A transcription session. Raises :exc:`ProtocolError`."""
    modalities = _MODALITIES(flat.get("modalities", ["audio", "text"]), "modalities")
    session = _of_today({name: value for name, value in flat.items() if name != "modalities"}, _HEARS, "transcription")
    wanted = _checked(lambda: transcription(session, new))
    heard = wanted.shown["audio"]["input"]
    shown = {
        "id": new.session_id,
        "object": "realtime.transcription_session",
        "expires_at": NEVER,
        "modalities": modalities,
        "turn_detection": heard["turn_detection"],
        "input_audio_format": _format_name(heard["format"]),
        "input_audio_transcription": heard["transcription"],
        "input_audio_noise_reduction": heard["noise_reduction"],
        "include": wanted.shown["include"],
    }
    return Wanted("transcription", None, session, shown)


def _of_today(flat: dict[str, Any], places: dict[str, tuple[str, ...]], kind: str) -> dict[str, Any]:
    session: dict[str, Any] = {"type": kind}
    for name, value in flat.items():
        if name not in places:
            raise unknown(name)
        at = session
        for part in places[name][:-1]:
            at = at.setdefault(part, {})
        at[places[name][-1]] = _value_of_today(name, value)
    return session


def _value_of_today(name: str, value: Any) -> Any:
    if name.endswith("_audio_format"):
        return dict(_FORMATS[_FORMAT(value, name)])
    if name == "modalities":
        return ["audio"] if "audio" in _MODALITIES(value, name) else ["text"]
    return value


def _checked(check: Callable[[], _Found]) -> _Found:
    """What ``check`` gives; a mistake is told by the name that its field has in the flat shape."""
    try:
        return check()
    except ProtocolError as error:
        path = error.param or ""
        for name, place in _PLACES.items():
            today = ".".join(("session", *place))
            if path == today or path.startswith((f"{today}.", f"{today}[")):
                here = name + path.removeprefix(today)
                message = error.message.replace(f"'{path}'", f"'{here}'")
                raise ProtocolError(error.code, message, param=here) from None
        raise


def _flat(echo: dict[str, Any], new: NewSession) -> dict[str, Any]:
    hears, speaks = echo["audio"]["input"], echo["audio"]["output"]
    return {
        "id": new.session_id,
        "object": "realtime.session",
        "expires_at": NEVER,
        "model": new.model,
        "modalities": ["audio", "text"] if echo["output_modalities"] == ["audio"] else ["text"],
        "instructions": echo["instructions"],
        "voice": speaks["voice"],
        "input_audio_format": _format_name(hears["format"]),
        "output_audio_format": _format_name(speaks["format"]),
        "input_audio_transcription": hears["transcription"],
        "input_audio_noise_reduction": hears["noise_reduction"],
        "turn_detection": hears["turn_detection"],
        "tools": echo["tools"],
        "tool_choice": echo["tool_choice"],
        "max_response_output_tokens": echo["max_output_tokens"],
        "speed": speaks["speed"],
        "tracing": echo["tracing"],
        "prompt": echo["prompt"],
        "include": echo["include"],
    }


def _format_name(audio_format: dict[str, Any]) -> str:
    return next(name for name, today in _FORMATS.items() if today["type"] == audio_format["type"])
