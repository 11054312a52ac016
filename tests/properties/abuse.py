"""Client messages, legal and not, made from the typed events and from tables; and mutations of them.

A message is ``legal`` if no state of the session can make it wrong, ``illegal`` if none can make it right, and
``either`` if it depends, or if it is not worked out.
"""

import base64
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies as st

from harness.protocol.events import ClientEvent
from tests.properties.testing import LATEST
from tests.server.playbook import silence, speech

Document = dict[str, Any]
Path = tuple[str | int, ...]
LEGAL, ILLEGAL, EITHER = "legal", "illegal", "either"


@dataclass(frozen=True)
class Message:
    """What is put on the wire, and what must come of it."""

    text: str | bytes
    verdict: str

    def __repr__(self) -> str:
        return f"Message({self.text[:200]!r}, {self.verdict!r})"


def encoded(audio: bytes) -> str:
    return base64.b64encode(audio).decode()


def sent(event: str, **fields: Any) -> Document:
    return {"type": event, **fields}


def updated(**session: Any) -> Document:
    return sent("session.update", session={"type": "realtime", **session})


def message(role: str, **part: Any) -> Document:
    return {"type": "message", "role": role, "content": [part]}


REFERENCE = "item_reference"
TOOL = {"type": "function", "name": "lookup", "description": "Finds", "parameters": {"type": "object"}}
MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.test/mcp", "allowed_tools": ["find"]}
IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"}
VAD = {"type": "server_vad", "threshold": 0.4, "prefix_padding_ms": 100, "silence_duration_ms": 250}
LEGAL_DOCUMENTS: list[Document] = [
    *(sent("input_audio_buffer.append", audio=encoded(audio)) for audio in (
        b"", b"\x01", bytes(3), speech(1), speech(9), silence(9), speech(3) + silence(8), speech(0.4) + b"\x00",
    )),
    sent("input_audio_buffer.clear"),
    updated(),
    updated(instructions="Be kind", model="gpt-nonesuch"),
    updated(output_modalities=["text"]),
    updated(output_modalities=["audio"], max_output_tokens=1),
    updated(max_output_tokens="inf", tools=[TOOL], tool_choice={"type": "function", "name": "lookup"}),
    updated(tools=[], tool_choice="none", tracing="auto", prompt=None, include=None),
    updated(truncation="auto", parallel_tool_calls=True, reasoning={"effort": "low"}),
    updated(truncation={"type": "retention_ratio", "retention_ratio": 0.5, "token_limits": {"post_instructions": 9}}),
    updated(tools=[MCP], tool_choice="required", include=["item.input_audio_transcription.logprobs"]),
    updated(tracing={"workflow_name": "w", "group_id": "g", "metadata": {}}, prompt={"id": "p", "variables": {}}),
    updated(audio={"input": {"turn_detection": VAD}}),
    updated(audio={"input": {"turn_detection": None}}),
    updated(audio={"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}}),
    updated(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}}),
    updated(audio={"input": {"turn_detection": {"type": "server_vad", "interrupt_response": False}}}),
    updated(audio={"input": {"transcription": {"model": "whisper-1", "language": "en"}}}),
    updated(audio={"input": {"transcription": None, "noise_reduction": {"type": "near_field"}}}),
    updated(audio={"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcma"}}}),
    updated(audio={"input": {"format": {"type": "audio/pcm", "rate": 24000}}, "output": {"speed": 1.5}}),
    sent("conversation.item.create", item=message("user", type="input_text", text="Hi")),
    sent("conversation.item.create", item=message("system", type="input_text", text="\u0000\U0001f600")),
    sent("conversation.item.create", item=message("assistant", type="output_text", text="")),
    sent("conversation.item.create", item=message("user", type="input_audio", audio=encoded(speech(3)))),
    sent("conversation.item.create", item={"type": "function_call_output", "call_id": "call_1", "output": "42"}),
    sent("conversation.item.create", item={"type": "function_call", "name": "f", "arguments": "{}"}),
    sent("conversation.item.create", item=message("user", **IMAGE)),
    sent(
        "conversation.item.create",
        item={"type": "mcp_approval_response", "approval_request_id": "mcpr_0", "approve": True},
    ),
]  # fmt: skip

DEPENDENT_DOCUMENTS: list[Document] = [
    sent("input_audio_buffer.commit"),
    sent("response.create"),
    sent("response.create", response=None),
    sent("response.create", response={"output_modalities": ["text"], "metadata": {"a": "b"}, "instructions": "x"}),
    sent("response.create", response={"conversation": "none", "input": [{"type": REFERENCE, "id": LATEST}]}),
    sent("response.create", response={"conversation": "none", "input": [message("user", type="input_text", text="x")]}),
    sent("response.create", response={"max_output_tokens": 2, "audio": {"output": {"format": {"type": "audio/pcmu"}}}}),
    sent("response.cancel"),
    sent("response.cancel", response_id="resp_nowhere"),
    updated(audio={"output": {"voice": "cedar"}}),
    sent("conversation.item.delete", item_id=LATEST),
    sent("conversation.item.retrieve", item_id=LATEST),
    *(sent("conversation.item.truncate", item_id=LATEST, content_index=0, audio_end_ms=ms) for ms in (0, 90, 10**9)),
    sent("conversation.item.create", item={**message("user", type="input_text", text="Hi"), "id": "item_mine"}),
    sent(
        "conversation.item.create",
        item=message("user", type="input_text", text="Hi"),
        previous_item_id=LATEST,
    ),
]  # fmt: skip

# --- illegal by the types of the events ----------------------------------------------------------------------------


def _wrong_values(kind: Any) -> Iterator[Any]:
    """Values of another type than a field's."""
    kinds = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    names = {type(each).__name__ for each in kinds}
    if not names & {"NoneType", "AnyType"}:
        yield None
    for name, value in {
        "IntType": 7, "BoolType": True, "StrType": "\u2603", "ListType": [[]], "DictType": {"": 0}, "FloatType": 0.5,
    }.items():  # fmt: skip
        alike = {name, "AnyType", *({"BytesType", "LiteralType"} if name == "StrType" else ())}
        alike |= {"StructType"} if name == "DictType" else set()
        if not names & alike:
            yield value


def _set(document: Document, path: Path, value: Any) -> Document:
    changed = deepcopy(document)
    target: Any = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


def _dropped(document: Document, path: Path) -> Document:
    changed = deepcopy(document)
    target: Any = changed
    for key in path[:-1]:
        target = target[key]
    del target[path[-1]]
    return changed


def _by_type(document: Document, struct: Any, path: Path = ()) -> Iterator[Document]:
    """The document with each typed field missing, if it must be there, or of a wrong type."""
    found: Any = document
    for key in path:
        found = found[key]
    for field in struct.fields:
        here = (*path, field.encode_name)
        if field.required and field.encode_name in found:
            yield _dropped(document, here)
        for value in _wrong_values(field.type):
            yield _set(document, here, value)
        if isinstance(field.type, msgspec.inspect.StructType) and isinstance(found.get(field.encode_name), dict):
            yield from _by_type(document, field.type, here)


_STRUCTS = {struct.tag: struct for struct in msgspec.inspect.type_info(ClientEvent).types}
_COMPLETE = {document["type"]: document for document in [*LEGAL_DOCUMENTS, *DEPENDENT_DOCUMENTS]}

# --- illegal by what the service documents -------------------------------------------------------------------------

_DETECTION: Path = ("session", "audio", "input", "turn_detection")
_BAD_VALUES: list[tuple[Document, Path, list[Any]]] = [
    (updated(), ("session", "type"), ["transcription", "beta", None, 5]),
    (updated(), ("session", "nope"), [1, None]),
    (updated(), ("session", "output_modalities"), [["audio", "text"], [], ["video"], "audio", None]),
    (updated(), ("session", "instructions"), [5, [], {}]),
    (updated(), ("session", "max_output_tokens"), [0, 4097, 1.5, "many", True, 10**30]),
    (updated(), ("session", "tools"), [5, {}, "x", [5], [None]]),
    (updated(), ("session", "audio"), [5, "x", [], {"sideways": {}}, {"input": 5}, {"output": {"volume": 1}}]),
    (updated(audio={"output": {}}), ("session", "audio", "output", "speed"), [0, 1.6, -1, "fast", None, True]),
    (updated(audio={"input": {}}), ("session", "audio", "input", "format"), [5, {}, {"type": "opus"}, "audio/pcm"]),
    (
        updated(audio={"input": {"format": {"type": "audio/pcm"}}}),
        ("session", "audio", "input", "format", "rate"),
        [16_000, 48_000, 0, "24000", -1],
    ),
    (updated(audio={"input": {"turn_detection": {}}}), _DETECTION, [5, "server_vad", [], {"type": "client_vad"}]),
    (updated(audio={"input": {"turn_detection": VAD}}), (*_DETECTION, "threshold"), [-0.1, 1.1, "x", None, True]),
    (updated(audio={"input": {"turn_detection": VAD}}), (*_DETECTION, "silence_duration_ms"), [-1, 0.5, None, 10**30]),
    (updated(audio={"input": {"turn_detection": VAD}}), (*_DETECTION, "prefix_padding_ms"), [-1, "x", None, 10**30]),
    (updated(audio={"input": {"turn_detection": VAD}}), (*_DETECTION, "idle_timeout_ms"), [4999, 30_001, "x", 0]),
    (updated(audio={"input": {"turn_detection": VAD}}), (*_DETECTION, "eagerness"), ["auto"]),
    (updated(audio={"input": {"turn_detection": VAD}}), (*_DETECTION, "create_response"), [None, "yes", 1]),
    (sent("response.create", response={}), ("response", "nope"), [1]),
    (sent("response.create", response={}), ("response", "output_modalities"), [["x"], [], 5, ["audio", "text"]]),
    (sent("response.create", response={}), ("response", "conversation"), ["both", 5, []]),
    (sent("response.create", response={}), ("response", "max_output_tokens"), [0, 4097, "many", -(10**30)]),
    (sent("response.create", response={}), ("response", "metadata"), [5, {"a": 5}, {str(n): "" for n in range(17)}]),
    (sent("response.create", response={}), ("response", "input"), [5, [5], [{"type": "x"}], [{"type": REFERENCE}]]),
    (sent("response.create", response={}), ("response", "audio"), [5, {"output": {"format": {"type": "opus"}}}]),
    (sent("conversation.item.create", item={}), ("item",), [
        {"type": "nope"}, {"type": "message"}, {"type": "message", "role": "user"}, {"type": "function_call"},
        {"type": "function_call_output", "output": "x"}, {"type": "message", "role": "tool", "content": []},
        message("user", type="output_text", text="x"), message("assistant", type="input_text", text="x"),
        message("user", type="input_audio", audio="not base64!"), message("user", type="input_text", text=5),
    ]),
    (sent("input_audio_buffer.append"), ("audio",), ["=", "not base64!", "AAA", "\u00e9\u00e9\u00e9\u00e9", "\u0000"]),
    (sent("conversation.item.delete"), ("item_id",), ["item_nowhere", "x" * 100_000, "\U0001f600"]),
    (sent("conversation.item.retrieve"), ("item_id",), ["item_nowhere", "\u0000"]),
    (sent("conversation.item.truncate", content_index=0, audio_end_ms=0), ("item_id",), ["item_nowhere"]),
    (sent("output_audio_buffer.clear"), ("event_id",), ["mine"]),
    (sent("nope"), ("type",), ["nope", "", "session.updated", "error", 5, None, [], {}, "\U0001f600", "x" * 100_000]),
]  # fmt: skip


def _illegal() -> Iterator[Document]:
    for kind, document in _COMPLETE.items():
        yield from _by_type(document, _STRUCTS[kind])
        yield _dropped(document, ("type",))
        yield _set(document, ("event_id",), 5)
    for document, path, values in _BAD_VALUES:
        yield from (_set(document, path, value) for value in values)


ILLEGAL_DOCUMENTS: list[Document] = list(_illegal())
ILLEGAL_TEXTS: list[str | bytes] = [
    "", " ", "[", "nul", "null", "true", "[]", '"session.update"', "5", "{}", "[" * 100_000, '{"a":' * 50_000,
    '{"type":"input_audio_buffer.clear"', "{'type': 'input_audio_buffer.clear'}",
    '{"type":"input_audio_buffer.clear"}}', '{"type":"input_audio_buffer.clear",}',
    b"\xff\xfe", b'{"type":"\xff"}', '{"type":"\\ud800"}', "\ufeff{}", b"\x00" * 99,
    '{"type":"response.cancel","response_id":1e999}', '{"type":"response.create","response":{"max_output_tokens":NaN}}',
]  # fmt: skip

# --- strategies ----------------------------------------------------------------------------------------------------

_anything = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        "x",
        "\u202e\u0000",
        "x" * 50_000,
        [],
        {},
        [[[[]]]],
        {"type": "message"},
        [None] * 99,
    ]
)


def _places(document: Any, path: Path = ()) -> Iterator[Path]:
    """All paths in a document but its root."""
    inside = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inside:
        yield (*path, key)
        yield from _places(value, (*path, key))


_ALL = [*LEGAL_DOCUMENTS, *DEPENDENT_DOCUMENTS]
_PLACED = [(document, path) for document in _ALL for path in _places(document)]


def _retyped(placed: tuple[Document, Path], value: Any) -> Message:
    return Message(json.dumps(_set(*placed, value)), EITHER)


def _forgotten(placed: tuple[Document, Path]) -> Message:
    return Message(json.dumps(_dropped(*placed)), EITHER)


def _extended(document: Document, name: str, value: Any) -> Message:
    return Message(json.dumps({**document, name: value}), EITHER)


def _cut(document: Document, share: float) -> Message:
    text = json.dumps(document)
    return Message(text[: int(share * len(text))], ILLEGAL)


def _flipped(document: Document, share: float, byte: int) -> Message:
    data = bytearray(json.dumps(document).encode())
    data[int(share * len(data))] = byte
    return Message(bytes(data), EITHER)


def _as_is(verdict: str) -> Any:
    return lambda document: Message(json.dumps(document, ensure_ascii=False), verdict)


_shares = st.floats(0, 1, exclude_max=True)
_documents = st.sampled_from(_ALL)
messages = st.one_of(
    st.sampled_from(LEGAL_DOCUMENTS).map(_as_is(LEGAL)),
    st.sampled_from(LEGAL_DOCUMENTS).map(_as_is(LEGAL)),
    st.sampled_from(DEPENDENT_DOCUMENTS).map(_as_is(EITHER)),
    st.sampled_from(ILLEGAL_DOCUMENTS).map(lambda document: Message(json.dumps(document), ILLEGAL)),
    st.sampled_from(ILLEGAL_TEXTS).map(lambda text: Message(text, ILLEGAL)),
    st.builds(_retyped, st.sampled_from(_PLACED), _anything),
    st.builds(_forgotten, st.sampled_from(_PLACED)),
    st.builds(_extended, _documents, st.sampled_from(["nope", "", "event_id", "session", "\u2603", "type"]), _anything),
    st.builds(_cut, _documents, _shares),
    st.builds(_flipped, _documents, _shares, st.integers(0, 255)),
)
"""One message; every strategy shrinks towards a legal one."""
