"""What one response is made with: the session's configuration, changed by the fields of its ``response.create``."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..audio.formats import FORMATS, AudioFormat
from ..errors import ProtocolError
from ..protocol.checks import array, boolean, fields, kind, nullable, one_of, string
from ..protocol.objects import Item
from . import config, shapes
from .config import SessionConfig
from .items import input_item

_MAX_METADATA = 16
"""Pairs of ``metadata`` (documented)."""
_LONGEST_KEY, _LONGEST_VALUE = 64, 512
"""Characters of each (documented)."""


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """The settings of one response."""

    modalities: tuple[str, ...]
    output_format: dict[str, Any]
    voice: Any
    max_output_tokens: int | str
    instructions: str = ""
    """Those of the response, or else of the session."""
    tools: tuple[str, ...] = ()
    """The names of the functions that it may call."""
    metadata: dict[str, str] | None = None
    in_conversation: bool = True
    """False for out-of-band responses: they write nothing to the default conversation (documented)."""
    input: tuple[Item, ...] | None = None
    """The items it is given in place of the conversation."""

    @property
    def text_only(self) -> bool:
        """Whether it has no audio."""
        return self.modalities == ("text",)

    @property
    def audio_format(self) -> AudioFormat:
        """How its audio is encoded."""
        return FORMATS[self.output_format["type"]]


def request_of(session: SessionConfig, changes: dict[str, Any] | None) -> ResponseRequest:
    """The request of a ``response.create``. Raises :exc:`ProtocolError` for an unknown or wrong field."""
    given = _RESPONSE(changes or {}, "response")
    output = session.in_force["audio"]["output"]
    asked = (given.get("audio") or {}).get("output") or {}
    if asked.get("voice") is not None:
        session.check_voice(asked["voice"])
    tokens = given.get("max_output_tokens")
    items = given.get("input")
    return ResponseRequest(
        modalities=tuple(given.get("output_modalities") or session.in_force["output_modalities"]),
        output_format=asked.get("format") or output["format"],
        voice=asked.get("voice") or session.voice,
        max_output_tokens=session.echo["max_output_tokens"] if tokens is None else tokens,
        instructions=_effective("instructions", given, session.in_force) or "",
        tools=tuple(_callable(*(_effective(name, given, session.in_force) for name in ("tools", "tool_choice")))),
        metadata=given.get("metadata"),
        in_conversation=given.get("conversation") != "none",
        input=None if items is None else tuple(items),
    )


def words_of(item: Item) -> str:
    """The words of a message: its texts and transcripts."""
    parts = item.content if isinstance(item.content, list) else []
    said = (part.text if isinstance(part.text, str) else part.transcript for part in parts)
    return " ".join(words for words in said if isinstance(words, str))


def typed_in(item: Item) -> str | None:
    """The texts of a message; None if it has none."""
    parts = item.content if isinstance(item.content, list) else []
    texts = [part.text for part in parts if isinstance(part.text, str)]
    return " ".join(texts) if texts else None


def _effective(name: str, given: dict[str, Any], session: dict[str, Any]) -> Any:
    """A field of the response, or else of the session."""
    return session[name] if given.get(name) is None else given[name]


def _callable(tools: list[dict[str, Any]] | None, choice: Any) -> Iterator[str]:
    """The names of the functions among the tools that the choice leaves: all of them, one of them, or none."""
    for tool in tools or ():
        chosen = choice.get("name") if isinstance(choice, dict) and choice.get("type") == "function" else None
        if tool.get("type") == "function" and choice != "none" and chosen in (None, tool.get("name")):
            yield str(tool.get("name"))


def _metadata(value: Any, path: str) -> Any:
    kind("an object", dict)(value, path)
    if len(value) > _MAX_METADATA:
        message = f"Invalid '{path}': {len(value)} pairs. Give at most {_MAX_METADATA}."
        raise ProtocolError("object_above_max_properties", message, param=path)
    for key, text in value.items():
        for each, longest in ((key, _LONGEST_KEY), (string(text, f"{path}.{key}"), _LONGEST_VALUE)):
            if len(each) > longest:
                message = f"Invalid '{path}': a string of {len(each)} characters. Give at most {longest}."
                raise ProtocolError("string_above_max_length", message, param=path)
    return value


_RESPONSE = fields(
    {
        "conversation": nullable(one_of("auto", "none")),
        "output_modalities": nullable(config.modalities),
        "instructions": nullable(string),
        "tools": nullable(shapes.tools),
        "tool_choice": nullable(shapes.tool_choice),
        "max_output_tokens": nullable(config.token_limit),
        "metadata": nullable(_metadata),
        "prompt": shapes.prompt,
        "reasoning": shapes.reasoning,
        "parallel_tool_calls": nullable(boolean),
        "input": nullable(array(input_item)),
        "audio": nullable(
            fields(
                {"output": nullable(fields({"format": nullable(config.audio_format), "voice": nullable(shapes.voice)}))}
            )
        ),
    }
)
