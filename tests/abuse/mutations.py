"""Messages of a client, each broken in one way that knows the protocol, as bytes on the wire.

A message may name what a session has only while it runs: ``@item:0@`` is its latest item, ``@item:1@`` the one
before, and so are ``@gone:N@`` (deleted items), ``@response:N@`` and ``@call:N@``. :class:`tests.abuse.victim.Victim`
fills them in, so that a list of messages means the same thing when some of it is left out.
"""

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from harness.live.socket.limits import MAX_MESSAGE_BYTES
from harness.protocol.codec import CLIENT_EVENT_TYPES, SERVER_EVENT_TYPES
from tests.properties.abuse import DEPENDENT_DOCUMENTS, LEGAL_DOCUMENTS, Document, encoded, message, sent, updated
from tests.properties.testing import LATEST
from tests.server.playbook import silence, speech

REFUSED, TAKEN, EITHER = "refused", "taken", "either"


class Wired(NamedTuple):
    """One message: its bytes, how it was made, and what must become of it, if that is known without the session."""

    data: bytes
    kind: str
    due: str = EITHER


_MESSAGE = message("user", type="input_text", text="What time is it?")
_CREATED = {**_MESSAGE, "id": "item_mine"}
_MCP_CALL = {"type": "mcp_call", "server_label": "docs", "name": "find", "arguments": "{}"}
_FAILED_CALL = {**_MCP_CALL, "output": None, "error": {"type": "http_error", "code": 500, "message": "down"}}
TURN = [sent("input_audio_buffer.append", audio=encoded(audio)) for audio in (speech(9), speech(3), silence(9))]
_MORE: list[Document] = [
    *TURN,
    sent("input_audio_buffer.append", audio=encoded(speech(2)), event_id="event_append"),
    sent("input_audio_buffer.commit", event_id="event_commit"),
    sent("input_audio_buffer.clear", event_id="event_clear"),
    sent("output_audio_buffer.clear"),
    sent("response.create", event_id="event_create"),
    sent("response.create", response={"input": [], "conversation": "none", "metadata": {"topic": "weather"}}),
    sent("response.create", response={"input": [_MESSAGE, {"type": "item_reference", "id": "@item:1@"}]}),
    sent("response.create", response={"tool_choice": "none", "tools": [], "max_output_tokens": 30}),
    sent("response.create", response={"audio": {"output": {"voice": "marin", "format": {"type": "audio/pcma"}}}}),
    sent("response.cancel", response_id="@response:0@", event_id="event_cancel"),
    sent("response.cancel", response_id="@response:1@"),
    *(sent(f"conversation.item.{verb}", item_id="@item:1@") for verb in ("delete", "retrieve")),
    sent("conversation.item.retrieve", item_id="@gone:0@"),
    sent("conversation.item.truncate", item_id="@item:0@", content_index=0, audio_end_ms=50, event_id="event_cut"),
    sent("conversation.item.truncate", item_id="@item:2@", content_index=0, audio_end_ms=0),
    sent("conversation.item.create", item=_CREATED, previous_item_id="root"),
    sent("conversation.item.create", item=_MESSAGE, previous_item_id="@gone:0@"),
    sent("conversation.item.create", item={"type": "function_call_output", "call_id": "@call:0@", "output": "{}"}),
    sent("conversation.item.create", item={"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}),
    sent("conversation.item.create", item=_FAILED_CALL),
    sent(
        "conversation.item.create",
        item={"type": "mcp_list_tools", "server_label": "docs", "tools": [{"name": "find", "input_schema": {}}]},
    ),
    updated(audio={"input": {"turn_detection": {"type": "server_vad", "prefix_padding_ms": 5000}}}),
    updated(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}}),
]
_DEPENDENT = [json.loads(json.dumps(document).replace(LATEST, "@item:0@")) for document in DEPENDENT_DOCUMENTS]
VALID: list[Document] = [*LEGAL_DOCUMENTS, *_DEPENDENT, *_MORE]
"""Messages of every type of client event, as real clients send them."""
_TEXTS = [json.dumps(document).encode() for document in VALID]
_TURN_TEXTS = [json.dumps(document).encode() for document in TURN]
_LEGAL = {json.dumps(document).encode() for document in LEGAL_DOCUMENTS}

_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    7,
    0.5,
    "",
    "x",
    [],
    {},
    [[]],
    [None],
    {"": 0},
    {"type": "message"},
)
_NUMBERS = ("-1", "0", "-0.0", "1e308", "1e999", "-1e999", "NaN", "Infinity", "1.5", "9" * 40, "-" + "9" * 25,
            "9007199254740993", "4294967296", "1E-400", "01", "+1", "0x10", "1_000")  # fmt: skip
_IDS = ("@item:0@", "@item:1@", "@item:5@", "@gone:0@", "@gone:1@", "@response:0@", "@response:1@", "@call:0@",
        "item_of_another_session", "root", "", " ", "item_mine", "x" * 513, "__proto__", "../..", "\u0000")  # fmt: skip
_STRINGS = ("", " ", "\u0000", "\ud800", "x\udfffy", "\ud83d", "\U0001f600", "\u202eabc", "x" * 20_000, "\ufeff",
            "\x7f\x1b[2J", "null", "%s%n", "\\u0000", "\r\n", "\u2028")  # fmt: skip
_NAMES = ("nope", "", "__class__", "Type", "event_id ", "\ud800", "\u0000", "type", "id")
_TYPES: tuple[Any, ...] = (
    *CLIENT_EVENT_TYPES,
    *SERVER_EVENT_TYPES,
    *("", "session", "session.close", "transcription_session.update", "SESSION.UPDATE", "response.create "),
    *("response.audio.delta", "\ud800", "x" * 3000, None, 5, True, [], {}, ["response.create"]),
)
_BASE64 = ("=", "A", "AA", "AAA", "AAAA=", "A===", "AA==AA==", "AAAA\n", " AAAA", "____", "AA-_", "\u00e9AAA",
           "AAA\u0000", "data:audio/pcm;base64,AAAA", "AQ==", "AAA=", "AQID", "%41%41")  # fmt: skip


def _value(random: Random, values: tuple[Any, ...]) -> Any:
    """One of them, which may be changed afterwards."""
    return deepcopy(random.choice(values))


# --- places in a document -------------------------------------------------------------------------------------------

Place = tuple[Any, Any]
"""A container and a key or an index in it."""


def _places(value: Any) -> list[Place]:
    found: list[Place] = []
    pending = [value]
    while pending:
        inside = pending.pop()
        keys = inside if isinstance(inside, dict) else range(len(inside)) if isinstance(inside, list) else ()
        for key in keys:
            found.append((inside, key))
            pending.append(inside[key])
    return found


def _one(random: Random, document: Document, fits: Callable[[Any, Any], bool] = lambda key, value: True) -> Place:
    """Any place that fits, else any place; the event's type is left alone if there is another."""
    places = [place for place in _places(document) if place[1] != "type" or place[0] is not document]
    fitting = [(inside, key) for inside, key in places if fits(key, inside[key])]
    return random.choice(fitting or places or [(document, "type")])


def _is_number(key: Any, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_id(key: Any, value: Any) -> bool:
    return isinstance(key, str) and (key == "id" or key.endswith("_id")) and key != "event_id"


def _is_text(key: Any, value: Any) -> bool:
    return isinstance(value, str)


# --- changes of the document ----------------------------------------------------------------------------------------


def _dropped(random: Random, document: Document) -> None:
    inside, key = random.choice(_places(document))
    del inside[key]


def _renamed(random: Random, document: Document) -> None:
    inside, key = _one(random, document)
    if isinstance(inside, dict):
        inside[random.choice(_NAMES)] = inside.pop(key)


def _retyped(random: Random, document: Document) -> None:
    inside, key = _one(random, document)
    inside[key] = _value(random, _VALUES)


def _another_id(random: Random, document: Document) -> None:
    inside, key = _one(random, document, _is_id)
    inside[key] = random.choice(_IDS)


def _another_text(random: Random, document: Document) -> None:
    inside, key = _one(random, document, _is_text)
    inside[key] = random.choice(_STRINGS)


def _another_type(random: Random, document: Document) -> None:
    document["type"] = _value(random, _TYPES)


def _extended(random: Random, document: Document) -> None:
    containers = [document, *(inside[key] for inside, key in _places(document) if isinstance(inside[key], dict))]
    random.choice(containers)[random.choice(_NAMES)] = _value(random, _VALUES)


def _spliced(random: Random, document: Document) -> None:
    """A piece of another message in the place of one of this."""
    inside, key = _one(random, document)
    other = _some(random)
    source, place = random.choice(_places(other))
    inside[key] = source[place]


def _nested(random: Random, document: Document) -> None:
    inside, key = _one(random, document)
    value: Any = inside[key]
    for _ in range(random.choice((1, 3, 30, 300))):
        value = [value] if random.random() < 0.5 else {"a": value}
    inside[key] = value


def _repeated(random: Random, document: Document) -> None:
    inside, key = _one(random, document, lambda key, value: isinstance(value, list | dict))
    value = inside[key]
    if isinstance(value, dict):
        inside[key] = {f"{name}{index}": each for name, each in value.items() for index in range(40)}
    else:
        times = random.choice((0, 2, 300))
        fits = len(json.dumps(value)) * times < MAX_MESSAGE_BYTES  # a longer message reaches no session
        inside[key] = (value if isinstance(value, list) else [value]) * (times if fits else 2)


def _event_id(random: Random, document: Document) -> None:
    document["event_id"] = _value(random, (*_STRINGS, *_VALUES))


def _bad_base64(random: Random, document: Document) -> None:
    inside, key = _one(random, document, lambda key, value: key == "audio" and isinstance(value, str))
    whole = random.choice(_BASE64)
    given = inside[key] if isinstance(inside[key], str) else ""
    cut = random.randrange(len(given) + 1)
    inside[key] = random.choice((whole, given[:cut], given[:cut] + whole, given.rstrip("=")))


def _odd_audio(random: Random, document: Document) -> None:
    document.clear()
    size = random.choice((1, 2, 3, 5, 767, 1535, 1537, 4799, 9_601))
    audio = random.choice((random.randbytes(size), bytes(size), (speech(12) + b"\x00")[:size]))
    document.update(sent("input_audio_buffer.append", audio=base64.b64encode(audio).decode()))


_CHANGES: dict[str, Callable[[Random, Document], None]] = {
    "field dropped": _dropped,
    "field renamed": _renamed,
    "field added": _extended,
    "another type of value": _retyped,
    "another id": _another_id,
    "another string": _another_text,
    "another event type": _another_type,
    "piece of another message": _spliced,
    "nested": _nested,
    "repeated": _repeated,
    "event_id": _event_id,
    "bad base64": _bad_base64,
    "odd audio": _odd_audio,
}

# --- changes of the bytes -------------------------------------------------------------------------------------------


def _another_number(random: Random, document: Document) -> Wired:
    inside, key = _one(random, document, _is_number)
    inside[key] = "@number@"
    return Wired(_text(document).replace(b'"@number@"', random.choice(_NUMBERS).encode()), "another number")


def _duplicate_key(random: Random, document: Document) -> Wired:
    name, value = random.choice(list(document.items()))
    again = random.choice((value, *_VALUES, random.choice(_TYPES)))
    pair = f"{json.dumps(name)}:{json.dumps(again)}".encode()
    text = _text(document)
    return Wired(
        text[:-1] + b"," + pair + b"}" if random.random() < 0.5 else b"{" + pair + b"," + text[1:], "key twice"
    )


def _flipped(random: Random, document: Document) -> Wired:
    data = bytearray(_text(document))
    for _ in range(random.choice((1, 1, 2, 8))):
        data[random.randrange(len(data))] = random.choice((random.randrange(256), 0x22, 0x5C, 0x7B, 0x7D, 0x2C))
    return Wired(bytes(data), "bytes changed")


def _cut(random: Random, document: Document) -> Wired:
    text = _text(document)
    return Wired(text[: random.randrange(len(text))], "cut short", REFUSED)


def _joined(random: Random, document: Document) -> Wired:
    between = random.choice((b"", b"\n", b",", b"\x00", b" "))
    return Wired(_text(document) + between + random.choice(_TEXTS), "two in one", REFUSED)


def _wrapped(random: Random, document: Document) -> Wired:
    before, after = random.choice(
        (
            (b"\xef\xbb\xbf", b""),
            (b"\x00", b""),
            (b"", b"\x00"),
            (b"[", b"]"),
            (b'"', b'"'),
            (b"\xff\xfe", b""),
            (b"", b"}"),
        )
    )
    return Wired(before + _text(document) + after, "wrapped", REFUSED)


def _not_utf8(random: Random, document: Document) -> Wired:
    text = _text(document)
    at = random.randrange(len(text) + 1)
    wrong = random.choice(
        (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x80", b"\xf4\x90\x80\x80")
    )
    return Wired(text[:at] + wrong + text[at:], "not UTF-8")  # the name of an ignored field may hold it


def _deep(random: Random, document: Document) -> Wired:
    depth = random.choice((500, 5_000, 50_000))
    inside = random.choice((b"[", b'{"a":'))
    whole = _text(document)[:-1] + b',"deep":' + inside * depth
    return Wired(random.choice((inside * depth, whole)), "deep", REFUSED)


def _nothing(random: Random, document: Document) -> Wired:
    texts = (
        b"",
        b" ",
        b"null",
        b"true",
        b"5",
        b"[]",
        b"{}",
        b'""',
        b"\n",
        b"nul",
        b"\x00" * 9,
        b"'",
        b"-",
        b'{"type":',
    )
    return Wired(random.choice(texts), "no event", REFUSED)


_BREAKS: tuple[Callable[[Random, Document], Wired], ...] = (
    _another_number,
    _duplicate_key,
    _flipped,
    _cut,
    _joined,
    _wrapped,
    _not_utf8,
    _nothing,
)
_DEEP_ONE_IN = 200
"""Deep messages are long: one in so many."""
_SEVERAL_ONE_IN = 8

# --- messages -------------------------------------------------------------------------------------------------------


def valid(random: Random) -> Wired:
    """A message as it should be; often of a turn, so that a session comes far."""
    data = random.choice(_TURN_TEXTS if random.random() < 0.4 else _TEXTS)
    return Wired(data, "valid", TAKEN if data in _LEGAL else EITHER)


def mutated(random: Random) -> Wired:
    """A message that is broken in one way, or in a few."""
    document = _some(random)
    if random.randrange(_DEEP_ONE_IN) == 0:
        return _deep(random, document)
    if random.random() < 0.35:
        return random.choice(_BREAKS)(random, document)
    if random.randrange(_SEVERAL_ONE_IN) == 0:
        for _ in range(random.choice((2, 3, 5))):
            if document:
                random.choice(list(_CHANGES.values()))(random, document)
        return Wired(_text(document), "several changes")
    kind, change = random.choice(list(_CHANGES.items()))
    change(random, document)
    return Wired(_text(document), kind)


def _some(random: Random) -> Document:
    document: Document = json.loads(random.choice(_TEXTS))
    return document


def _text(document: Document) -> bytes:
    return json.dumps(document).encode()
