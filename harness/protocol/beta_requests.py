"""What a beta client asks for, in GA words: sessions, responses, items.

A field that the beta does not have is refused here, as is a value that only the beta has a list of; all else is left
for the session to judge, whose errors :func:`harness.protocol.beta_objects.in_beta_words` translates back.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from harness.errors import ProtocolError
from harness.protocol.beta_objects import CONTENT_TYPES, FORMATS, Asked
from harness.protocol.checks import number, one_of, string, unknown
from harness.protocol.objects import Item

_ITEM_TYPES = ("message", "function_call", "function_call_output")
_CONTENT_TYPES = {"system": ("input_text",), "user": ("input_text", "input_audio"), "assistant": ("text",)}
"""What a client may put into a message, by its role (documented)."""
_temperature = number(0.6, 1.2)
"""Its bounds are documented."""

_Place = tuple[str, ...]
_Convert = Callable[[Any, str], Any]


def session_to_ga(beta: Mapping[str, Any], asked: Asked) -> tuple[dict[str, Any], Asked]:
    """The ``session`` of a beta ``session.update`` in the GA's shape, and what will be in force beside it."""
    ga = {"type": "realtime", **_moved(beta, _SESSION, "session")}
    return ga, _asked(beta, "session", asked)


def transcription_to_ga(beta: Mapping[str, Any]) -> dict[str, Any]:
    """The ``session`` of a ``transcription_session.update`` in the GA's shape."""
    return {"type": "transcription", **_moved(beta, _TRANSCRIPTION, "session")}


def response_to_ga(beta: Mapping[str, Any], asked: Asked) -> tuple[dict[str, Any], Asked]:
    """The ``response`` of a beta ``response.create`` in the GA's shape, and what is in force beside it."""
    return _moved(beta, _RESPONSE, "response"), _asked(beta, "response", asked)


def item_to_ga(item: Item) -> Item:
    """A client's item with the GA's content types."""
    one_of(*_ITEM_TYPES)(item.type, "item.type")
    if item.role is UNSET or item.content is UNSET:
        return item
    for index, part in enumerate(item.content):
        one_of(*_CONTENT_TYPES[item.role])(part.type, f"item.content[{index}].type")
    content = [msgspec.structs.replace(part, type=CONTENT_TYPES.get(part.type, part.type)) for part in item.content]
    return msgspec.structs.replace(item, content=content)


def _moved(beta: Mapping[str, Any], known: Mapping[str, tuple[_Place, _Convert] | None], path: str) -> dict[str, Any]:
    ga: dict[str, Any] = {}
    for name, value in beta.items():
        where = f"{path}.{name}"
        if name not in known:
            raise unknown(where)
        if (rule := known[name]) is None:
            continue
        (*folders, last), convert = rule
        target = ga
        for folder in folders:
            target = target.setdefault(folder, {})
        target[last] = None if value is None else convert(value, where)
    return ga


def _asked(beta: Mapping[str, Any], path: str, before: Asked) -> Asked:
    given, wanted = beta.get("temperature"), tuple(beta.get("modalities") or ())
    return Asked(
        temperature=before.temperature if given is None else _temperature(given, f"{path}.temperature"),
        modalities=wanted if "audio" in wanted else before.modalities,
    )


def _same(value: Any, path: str) -> Any:
    return value


def _audio_format(value: Any, path: str) -> Any:
    one_of(*FORMATS)(value, path)
    ga = FORMATS[value]
    return {"type": ga, "rate": 24_000} if ga == "audio/pcm" else {"type": ga}


def _modalities(value: Any, path: str) -> Any:
    """Text alone, or audio with text. The error is reported, of audio alone; the GA would call it ``["audio"]``."""
    if value in (["text"], ["audio", "text"], ["text", "audio"]):
        return ["audio"] if "audio" in value else value
    message = f"Invalid modalities: {value!r:.200}. Supported combinations are: ['text'] and ['audio', 'text']."
    raise ProtocolError("invalid_value", message, param=path)


def _voice(value: Any, path: str) -> Any:
    """A name; custom voices, which are objects, came with the GA."""
    return string(value, path)


def _tools(value: Any, path: str) -> Any:
    for index, tool in enumerate(value if isinstance(value, list) else ()):
        if isinstance(tool, dict):
            one_of("function")(tool.get("type"), f"{path}[{index}].type")
    return value


def _input(value: Any, path: str) -> Any:
    """Items as the client wrote them; what is wrong with them otherwise, the session says."""
    return (
        [_input_item(each, f"{path}[{index}]") for index, each in enumerate(value)]
        if isinstance(value, list)
        else value
    )


def _input_item(value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        return value
    one_of(*_ITEM_TYPES, "item_reference")(value.get("type"), f"{path}.type")
    allowed = _CONTENT_TYPES.get(value["role"]) if isinstance(value.get("role"), str) else None
    if allowed is None or not isinstance(value.get("content"), list):
        return value
    content = []
    for index, part in enumerate(value["content"]):
        if isinstance(part, dict):
            one_of(*allowed)(part.get("type"), f"{path}.content[{index}].type")
            part = {**part, "type": CONTENT_TYPES.get(part["type"], part["type"])}
        content.append(part)
    return {**value, "content": content}


_HEARING: dict[str, tuple[_Place, _Convert] | None] = {
    "input_audio_format": (("audio", "input", "format"), _audio_format),
    "input_audio_transcription": (("audio", "input", "transcription"), _same),
    "input_audio_noise_reduction": (("audio", "input", "noise_reduction"), _same),
    "turn_detection": (("audio", "input", "turn_detection"), _same),
    "include": (("include",), _same),
    "client_secret": None,  # of the REST call that makes a session
}
_BOTH: dict[str, tuple[_Place, _Convert] | None] = {
    "instructions": (("instructions",), _same),
    "modalities": (("output_modalities",), _modalities),
    "output_audio_format": (("audio", "output", "format"), _audio_format),
    "voice": (("audio", "output", "voice"), _voice),
    "tools": (("tools",), _tools),
    "tool_choice": (("tool_choice",), _same),
    "max_response_output_tokens": (("max_output_tokens",), _same),
    "prompt": (("prompt",), _same),
    "temperature": None,  # the GA has none; the dialect remembers it
}
_SESSION: dict[str, tuple[_Place, _Convert] | None] = {
    **_HEARING,
    **_BOTH,
    "model": (("model",), _same),
    "speed": (("audio", "output", "speed"), _same),
    "tracing": (("tracing",), _same),
    "truncation": (("truncation",), _same),
}
_TRANSCRIPTION: dict[str, tuple[_Place, _Convert] | None] = {**_HEARING, "modalities": None}
_RESPONSE: dict[str, tuple[_Place, _Convert] | None] = {
    **_BOTH,
    "conversation": (("conversation",), _same),
    "input": (("input",), _input),
    "max_output_tokens": (("max_output_tokens",), _same),
    "metadata": (("metadata",), _same),
}
"""The fields of the beta: where the GA has each, and how it writes it; None for what it has not."""
