"""GA objects in the shape of the beta: sessions, items, responses, errors.

Field order is that of a captured ``session.created`` (2025-12) and ``response.created`` (2025-06).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

FORMATS: Mapping[str, str] = MappingProxyType(
    {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
)
"""The beta's audio formats, and what the GA calls them (documented)."""
CONTENT_TYPES: Mapping[str, str] = MappingProxyType({"text": "output_text", "audio": "output_audio"})
"""The beta's types of an assistant's content, and what the GA calls them (documented)."""

TEMPERATURE = 0.8
"""Of a new session (documented and captured)."""

_BETA_FORMATS = {ga: beta for beta, ga in FORMATS.items()}
_BETA_CONTENT_TYPES = {ga: beta for beta, ga in CONTENT_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a beta client can ask for and the GA has no place for."""

    temperature: float = TEMPERATURE
    modalities: tuple[str, ...] = ("audio", "text")
    """As last asked for with audio: the GA says ``["audio"]`` for them all. The default is captured."""

    def modalities_for(self, ga: list[str]) -> list[str]:
        """The beta's modalities for the GA's ``output_modalities``."""
        return list(self.modalities) if "audio" in ga else ga


def session_of(ga: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """The session object; of a transcription session only what the beta shows of one (documented)."""
    hears = ga["audio"]["input"]
    heard = {
        "input_audio_noise_reduction": hears.get("noise_reduction"),
        "input_audio_format": _BETA_FORMATS[hears["format"]["type"]],
        "input_audio_transcription": hears.get("transcription"),
    }
    detection = hears.get("turn_detection")
    include = ga.get("include")
    if ga.get("type") == "transcription":
        session_id = {"object": "realtime.transcription_session", "id": ga.get("id")}
        return {**session_id, **heard, "turn_detection": detection, "include": include}
    speaks = ga["audio"]["output"]
    return {
        "object": "realtime.session",
        "id": ga.get("id"),
        "model": ga.get("model"),
        "modalities": asked.modalities_for(ga["output_modalities"]),
        "instructions": ga["instructions"],
        "voice": speaks["voice"],
        "output_audio_format": _BETA_FORMATS[speaks["format"]["type"]],
        "tools": ga["tools"],
        "tool_choice": ga["tool_choice"],
        "temperature": asked.temperature,
        "max_response_output_tokens": ga["max_output_tokens"],
        "turn_detection": detection,
        "speed": speaks["speed"],
        "tracing": ga.get("tracing"),
        **({"truncation": ga["truncation"]} if "truncation" in ga else {}),
        "prompt": ga.get("prompt"),
        "expires_at": ga.get("expires_at"),
        **heard,
        "client_secret": None,
        "include": include,
    }


def item_of(ga: dict[str, Any]) -> dict[str, Any] | None:
    """The item object, or None for an item of MCP, which the beta does not have."""
    if ga["type"].startswith("mcp_"):
        return None
    item = {key: value for key, value in ga.items() if key not in ("id", "object")}
    if "content" in item:
        item["content"] = [
            {**part, "type": _BETA_CONTENT_TYPES.get(part["type"], part["type"])} for part in item["content"]
        ]
    return {**({"id": ga["id"]} if "id" in ga else {}), "object": "realtime.item", **item}


def response_of(ga: dict[str, Any], ga_session: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """The response object; what a GA response of text leaves out is as in its session."""
    session_output = ga_session.get("audio", {}).get("output", {})
    output = {**session_output, **ga.get("audio", {}).get("output", {})}
    audio_format = output.get("format")
    return {
        "object": "realtime.response",
        "id": ga["id"],
        "status": ga["status"],
        "status_details": ga.get("status_details"),
        "output": [item for each in ga.get("output", []) if (item := item_of(each)) is not None],
        "conversation_id": ga.get("conversation_id"),
        "modalities": asked.modalities_for(list(ga["output_modalities"])),
        "voice": output.get("voice"),
        "output_audio_format": _BETA_FORMATS[audio_format["type"]] if audio_format else None,
        "temperature": asked.temperature,
        "max_output_tokens": ga.get("max_output_tokens"),
        "usage": ga.get("usage"),
        "metadata": ga.get("metadata"),
    }


# --- errors -----------------------------------------------------------------------------------------------------------

_PATHS = {
    "session.audio.input.format": "session.input_audio_format",
    "session.audio.input.transcription": "session.input_audio_transcription",
    "session.audio.input.noise_reduction": "session.input_audio_noise_reduction",
    "session.audio.input.turn_detection": "session.turn_detection",
    "session.audio.output.format": "session.output_audio_format",
    "session.audio.output.voice": "session.voice",
    "session.audio.output.speed": "session.speed",
    "session.output_modalities": "session.modalities",
    "session.max_output_tokens": "session.max_response_output_tokens",
    "response.audio.output.format": "response.output_audio_format",
    "response.audio.output.voice": "response.voice",
    "response.output_modalities": "response.modalities",
    "response.max_output_tokens": "response.max_response_output_tokens",
}
"""Where a GA error points, and where the beta client wrote it."""
_ANY_PATH = re.compile("|".join(map(re.escape, _PATHS)))


def in_beta_words(error: dict[str, Any]) -> dict[str, Any]:
    """An error's body with the paths of the beta, unless it is about the GA's own name for something."""
    if error["code"] == "unknown_parameter" and error["param"] in _PATHS:
        return error
    told = {
        name: _ANY_PATH.sub(lambda path: _PATHS[path[0]], error[name]) for name in ("message", "param") if error[name]
    }
    return {**error, **told}
