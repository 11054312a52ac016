"""Keys of clients: whatever the key is, a journal says the same without it.

The conversations are those of a real session and a real journal, on a clock of their own; a few go over real sockets.
"""

import asyncio
import base64
import itertools
import json
import logging
import re
import string
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus

from harness import journal
from harness.journal.entries import CLOSED
from harness.live.admission import read_connect_request
from harness.live.client_keys import LONGEST_TEXT, ClientKeys
from harness.live.journal_lines import JournalLines
from harness.live.journal_writer import JournalWriter, session_name
from harness.live.registry import OpenConnection
from harness.live.server import LiveServer
from harness.live.session import LiveSession
from harness.live.settings import LiveSettings
from harness.live.socket.inbox import ReceiveMemory
from harness.protocol.codec import CLIENT_EVENT_TYPES, SERVER_EVENT_TYPES
from harness.server.session import Session, SessionSetup
from harness.units import SECOND
from harness.verdict.diagnosis import diagnose
from tests.live.testing import DEAF, QUICK_VOICE, dial, pieces, receive, spoken

PLAIN = "sk-0PQRplainPLAIN"


# --- 2 000 keys ---


@cache
def all_keys() -> tuple[str, ...]:
    lanes = [str(each.lane) for each in CLOSED]
    kinds = [str(each.kind) for each in CLOSED]
    names = [name for each in CLOSED for name in each.__struct_fields__]
    words = [
        "stillthere", "server", "closed", "client", "lane", "kind", "t", "connection", "live", "stage", "detector",
        "completed", "in_progress", "cancelled", "server_vad", "semantic_vad", "type", "threshold", "message", "user",
        "item", "resp", "item_", "call", "sess", "event", "marin", "audio/pcm", "gpt-realtime", "none", "null", "true",
        "false", "instructions", "settings", "turn_detection", "invalid_value", "invalid_json", "root", "key", "[key]",
        "[key", "ey]", "(hidden)", "hidden", "***", "*", "…", "[", "]", "(", "Bearer", "x", "y", "mute", "stop",
    ]  # fmt: skip
    pieces_of_json = [
        '"', '""', "'", "\\", "\\\\", '\\"', "\\u0041", "\\n", "{", "}", ",", ":", '","kind":"', '{"t":0', '"lane":',
        '"}', "},{", "\n", "\r\n", "\t", "\0", "\x7f", "\x85", "\u2028", "%22", "%", "%41", "+", "/", "a/b+c==", "a b",
    ]  # fmt: skip
    digits = [*string.digits, "00", "000", "000000", "24000", "1000", "1.0", "-1", "0.5", "1e3", "12", "20000"]
    emoji = [
        "🙂", "🙂🙂", "👩‍👩‍👧", "é", "ß", "ẞ", "İ", "ı",
        "ſ", "Ω", "漢字", "\U0010ffff", "\u200b", "a\u0301", "ð\x9f\x99\x82",
    ]  # fmt: skip
    found = [*lanes, *kinds, *names, *CLIENT_EVENT_TYPES, *SERVER_EVENT_TYPES, *words, *pieces_of_json, *digits]
    found += [*emoji, *string.ascii_letters, *string.punctuation, "sk-" + "ab" * 25, "a" * 40, "ab" * 9, PLAIN[:17]]
    generator = np.random.default_rng(13)
    alphabets = [string.digits, string.ascii_letters + "_-.", "{}[]\",:\\' ", "🙂é漢\u2028", string.printable, "01ab_"]
    for alphabet in itertools.cycle(alphabets):
        found = list(dict.fromkeys(found))
        if len(found) >= 2_000:
            return tuple(found[:2_000])
        found += ["".join(generator.choice(list(alphabet), generator.integers(1, 30))) for _ in range(20)]
    raise AssertionError


def one_of_twenty() -> list[str]:
    return [key for number, key in enumerate(all_keys()) if number % 20 == 7]


# --- a conversation in which the client repeats its key ---


@dataclass
class Clock:
    """Stands for the event loop: a live session only asks it for the time."""

    now_s: float = 0.0

    def time(self) -> float:
        return self.now_s


class Wakes:
    """Stands for the timer of all sessions; :func:`conversation` wakes."""

    def set(self, when_s, sleeper):
        return 0

    def cancel(self, slot, sleeper):
        pass


class Socket:
    """Stands for the client's socket, which takes everything at once."""

    blocked = False
    transport = gone = None

    def send(self, text, number):
        return True

    def flush(self):
        pass

    def close(self, code, reason):
        raise AssertionError(reason)


@dataclass(frozen=True)
class Conversation:
    """What is kept and shown of it."""

    lines: list[dict]
    diagnosis: object
    view: object


@cache
def audio() -> tuple[str, ...]:
    found = pieces(spoken("speech_en_f_arctic_a0009") + bytes(48_000), 9_600)
    return tuple(base64.b64encode(piece).decode() for piece in found)


def messages(key):
    """In every field that the service takes or refuses, in every shape; none of it is right or wrong by the key."""
    session = {"type": "realtime", "instructions": f"My key is {key}."}
    tool = {"type": "function", "name": f"call_{key}", "parameters": {}}
    text = [{"type": "input_text", "text": key}]
    message = {"type": "message", "role": "user", "content": text}
    yield {"type": "session.update", "event_id": key, "session": {**session, "tools": [tool]}}
    yield {"type": "session.update", "session": {**session, "audio": {"output": {"voice": f"x{key}"}}}}
    yield {"type": "session.update", "session": {**session, f"x{key}": 1}}
    yield {"type": "session.update", "session": {**session, "audio": {"input": {"turn_detection": {f"x{key}": [key]}}}}}
    yield {"type": "session.update", "session": {**session, "audio": {"input": {"format": {"type": f"x{key}"}}}}}
    yield {"type": f"x{key}"}
    yield {"type": "conversation.item.create", "item": {**message, "id": f"mine-{key}"}}
    yield {"type": "conversation.item.create", "item": {**message, "id": f"mine-{key}"}}
    yield {"type": "conversation.item.create", "item": {**message, "id": f"{key}{key}"}}
    yield {"type": "conversation.item.create", "item": message, "previous_item_id": f"mine-{key}"}
    yield {"type": "conversation.item.create", "item": {"type": f"x{key}", "id": f"other-{key}"}}
    call = {"type": "function_call", "call_id": f"c-{key}", "name": key, "arguments": json.dumps({"key": key})}
    yield {"type": "conversation.item.create", "item": call}
    yield {"type": "conversation.item.retrieve", "item_id": f"no-{key}"}
    yield {"type": "conversation.item.delete", "item_id": f"mine-{key}"}
    yield {"type": "conversation.item.truncate", "item_id": f"no-{key}", "content_index": 0, "audio_end_ms": 0}
    yield {"type": "response.cancel", "response_id": f"x{key}"}
    yield {"type": "response.create", "response": {"conversation": f"x{key}"}}
    yield {"type": "conversation.item.retrieve", "item_id": "z" * (LONGEST_TEXT - 5) + key}
    given = {"type": "function_call_output", "call_id": f"c-{key}", "output": key}
    yield {"type": "response.create", "response": {"input": [given], "metadata": {f"x{key}": key}}}


def conversation(key, monkeypatch, *, answered) -> Conversation:
    clock = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: clock)
    detection = {"create_response": answered}
    setup = SessionSetup(model=f"my-{key}", voice=QUICK_VOICE, detector="energy", turn_detection=detection)
    session = Session(setup, session_name(1))
    header = {"stage": "live", "detector": "energy", "model": f"my-{key}", "journal": f"{key}-1"}
    kept = JournalLines(header, None, [key])
    ended, memory = (lambda _: None), ReceiveMemory()
    live = LiveSession(1, session, JournalWriter(1, kept), Wakes(), memory, on_start=ended, on_end=ended)
    live.opened(Socket())

    def until(then_s):
        while session.next_wake is not None and session.next_wake <= then_s * SECOND:
            clock.now_s = max(clock.now_s, session.next_wake / SECOND)
            live.wake()
        clock.now_s = then_s

    for number, event in enumerate(messages(key)):
        until(1 + number / 10)
        live.text(json.dumps(event).encode())
    until(8)
    for number, piece in enumerate(audio()):
        until(8 + number / 5)
        live.text(json.dumps({"type": "input_audio_buffer.append", "audio": piece}).encode())
    until(30)
    written = kept.document(live.journal._document(journal.StillOpen(t=live.now, connection=1)))
    live.closed(1000, f"good bye from {key}"[:100], "client")
    lines = [json.loads(line) for line in kept.document().splitlines()]
    found = diagnose(journal.parse(written.decode().split("\n"), "live"))
    return Conversation(lines, found, OpenConnection(live, Socket(), "127.0.0.1:1").view())


def leaves(value, at=()):
    """Each text and number, by its place; names that a client chose are not part of it."""
    if isinstance(value, dict):
        for number, (name, each) in enumerate(value.items()):
            mine = "turn_detection" in at
            if mine:
                yield (*at, number, "name"), name
            yield from leaves(each, (*at, number if mine else name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, (*at, number))
    else:
        yield at, value


TEXTS = {"message", "param", "tools", "voice", "item_id", "previous_item_id", "call_id", "transcript", "text"}
"""Fields that may repeat the client; what of ours stands there may be hidden with a key that is a word of it."""
MINTED = "0000000"


def check(key, monkeypatch, *modes):
    for answered in modes or (True, False):
        plain = plain_conversation(answered)
        found = conversation(key, monkeypatch, answered=answered)
        assert found.diagnosis == plain.diagnosis
        assert len(found.lines) == len(plain.lines)
        for line, usual in zip(found.lines, plain.lines, strict=True):
            here, there = dict(leaves(line)), dict(leaves(usual))
            assert here.keys() == there.keys()
            for place, text in there.items():
                of_client = isinstance(text, str) and ("[key]" in text or text.startswith("z" * 100))
                if of_client:
                    assert key not in here[place], (place, here[place])
                elif "instructions" in place:
                    assert re.fullmatch("[0-9a-f]{12}", here[place])  # a digest of what the client wrote
                elif here[place] != text:
                    assert isinstance(text, str) and TEXTS & set(map(str, place)) and MINTED not in text, (place, line)
        assert key not in found.view.model + found.view.close_reason


@cache
def plain_conversation(answered):
    with pytest.MonkeyPatch.context() as patch:
        return conversation(PLAIN, patch, answered=answered)


@pytest.fixture(autouse=True, scope="module")
def _no_log():
    logging.getLogger("harness.live").setLevel(logging.ERROR)
    yield
    logging.getLogger("harness.live").setLevel(logging.NOTSET)


def test_the_conversations_have_an_answer_and_a_silence_and_the_key_in_many_places():
    answered, silent = plain_conversation(True), plain_conversation(False)
    assert (answered.diagnosis.state, silent.diagnosis.cause) == ("answered", "client_waiting")
    for found in (answered, silent):
        assert sum("[key]" in text for line in found.lines for _, text in leaves(line) if isinstance(text, str)) > 25
        assert PLAIN not in json.dumps(found.lines)


def test_there_are_2000_keys():
    assert len(set(all_keys())) == 2_000
    assert {"server", "closed", "stillthere", "000000", '"', "\\", '","kind":"', "🙂", "speech_started", "t"} <= {
        *all_keys()
    }


@pytest.mark.parametrize("key", ["stillthere", "server", "closed", "000000", '","kind":"', "speech_started", "🙂", "e"])
def test_a_journal_says_the_same_with_a_key_that_is_a_word_of_it(key, monkeypatch):
    check(key, monkeypatch)


def test_a_journal_says_the_same_with_one_of_twenty_keys(monkeypatch):
    for number, key in enumerate(one_of_twenty()):
        check(key, monkeypatch, number % 2 == 0)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_a_journal_says_the_same_with_every_key(part, monkeypatch):
    for number, key in enumerate(all_keys()[part::10]):
        check(key, monkeypatch, number % 2 == 0)


# --- the forms of a key ---


@given(key=st.text(min_size=1, max_size=40), before=st.text(max_size=20), after=st.text(max_size=20))
def test_no_text_holds_the_key(key, before, after):
    keys = ClientKeys([key])
    for form in (key, quote(key, safe="", errors="replace"), json.dumps(key)[1:-1], key * 3):
        found = keys.hidden(f"{before}{form}{after}")
        assert key not in found and form not in found


@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=30), st.text(max_size=60))
def test_several_keys(keys, text):
    found = ClientKeys(keys).hidden(text)
    assert not [key for key in keys if key in found]


@pytest.mark.parametrize("spaces", range(LONGEST_TEXT - 60, LONGEST_TEXT + 60, 7))
def test_a_key_is_hidden_before_a_text_is_cut(spaces):
    key = "sk-proj-abcdefghijklmnopqrstuvwxyz"
    assert "sk-proj" not in ClientKeys([key]).brief("z" * spaces + key + "z" * 3_000)


def test_a_key_that_an_error_cuts_is_hidden_as_far_as_it_goes():
    key = "sk-proj-" + "abcdefgh" * 20
    assert ClientKeys([key]).hidden(f"Invalid value: '{key[:100]}'.") == "Invalid value: '[key]'."


@pytest.mark.parametrize("key", ["…", "z…"])
def test_what_stands_for_the_rest_of_a_text_is_no_key_either(key):
    assert key not in ClientKeys([key]).brief("z" * 5_000)


def test_a_long_text_of_a_short_key_does_not_take_long():
    assert len(ClientKeys(["a"]).brief("a" * 10_000_000)) < 10_000


def test_a_key_as_long_as_a_header_takes_little_memory_and_is_hidden():
    key = "".join(np.random.default_rng(1).choice(list(string.printable), 30_000))
    keys = ClientKeys([key])
    assert sum(map(len, keys._long)) < 50_000
    assert keys.brief(f"Say {key} again") == "Say [key]…"


def test_a_journal_that_a_thousand_keys_share():
    """Connections that name a journal may each have a key of their own; the last are hidden, and the first."""
    keys = ClientKeys(["the-token-of-the-server"])
    for number in range(1_000):
        keys.add([f"sk-of-connection-{number}"])
    assert keys.hidden("the-token-of-the-server sk-of-connection-990 sk-of-connection-999") == "[key] [key] [key]"
    assert len(keys._long) < 200


def test_a_deep_object_of_a_client_is_kept_in_part():
    deep = {}
    for _ in range(900):
        deep = {"a": deep}
    assert len(json.dumps(ClientKeys(["x"]).entry({"t": 0, "turn_detection": deep}))) < 200


@pytest.mark.parametrize(
    ("headers", "target", "offered", "secret"),
    [
        ({"authorization": "Bearer sk-1"}, "/", (), "sk-1"),
        ({"authorization": "Bearer sk-1 and more"}, "/", (), "sk-1 and more"),
        ({"authorization": "Bearer sk-1, Bearer sk-2"}, "/", (), "sk-2"),
        ({"authorization": "Basic c2s6"}, "/", (), "c2s6"),
        ({"authorization": "sk-1"}, "/", (), "sk-1"),
        ({"authorization": "Bearer sk-1"}, "/", ("realtime", "openai-insecure-api-key.sk-2"), "sk-2"),
        ({"api-key": "sk-1"}, "/", (), "sk-1"),
        ({}, "/v1/realtime?api-key=sk-1&model=x", (), "sk-1"),
        ({"authorization": "Bearer\tsk-another"}, "/", (), "sk-another"),
        ({"authorization": "Bearer:sk-another"}, "/", (), "sk-another"),
        ({"authorization": 'Bearer "sk-another"'}, "/", (), "sk-another"),
        ({"authorization": "Token token=sk-another"}, "/", (), "sk-another"),
        ({"authorization": "Basic dXNlcjpzay1hbm90aGVy"}, "/", (), "sk-another"),
        ({"proxy-authorization": "Bearer sk-another"}, "/", (), "sk-another"),
        ({"cookie": "theme=dark; session=sk-another"}, "/", (), "sk-another"),
        ({"ocp-apim-subscription-key": "sk-1"}, "/", (), "sk-1"),
        ({"x-auth-token": "sk-1"}, "/", (), "sk-1"),
        ({}, "/v1/realtime?API_KEY=sk-1", (), "sk-1"),
        ({}, "/v1/realtime?authorization=Bearer%20sk-another", (), "sk-another"),
        ({}, "/", ("realtime", "OpenAI-Insecure-API-Key.sk-1"), "sk-1"),
        ({}, "/", ("realtime", "sk-another"), "sk-another"),
        ({}, "/", ("realtime", "openai-ephemeral-key.sk-another"), "sk-another"),
    ],
)
def test_whatever_may_be_a_key_in_a_handshake_is_hidden(headers, target, offered, secret):
    assert secret in read_connect_request(target, headers, offered).secrets


def test_what_is_no_key_in_a_handshake_stays():
    """Words of the protocol, short parts of a cookie, and names that only look alike."""
    headers = {"sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==", "cookie": "theme=dark", "user-agent": "keyboard-app"}
    offered = ("realtime", "openai-beta.realtime-v1", "openai-agents-sdk.0.20.0")
    assert read_connect_request("/?model=gpt-realtime", headers, offered).secrets == ("theme=dark",)


# --- over real sockets ---


@pytest.mark.parametrize("key", ["server", "closed", "stillthere", "000000", '","kind":"', "e", "sk-ordinary-key"])
async def test_a_server_keeps_and_shows_no_key(tmp_path, caplog, key):
    caplog.set_level(logging.DEBUG)
    name = f"run-{key}" if key.isalnum() else "run"
    path = f"/v1/realtime?model=gpt-realtime&journal={name}"
    headers = {"Authorization": f"Bearer {key}"}
    async with LiveServer(DEAF, LiveSettings(journal_dir=tmp_path)) as server:
        async with dial(server, path, additional_headers=headers) as websocket:
            await websocket.send(json.dumps({"type": f"x{key}"}))
            assert key in json.loads(json.dumps((await receive(websocket))["error"]["message"]))
            await websocket.send(json.dumps({"type": "conversation.item.retrieve", "item_id": f"x{key}"}))
            await receive(websocket)
            await websocket.close(1000, f"from {key}")
        _, entries = server.entries(1, 0)
        assert server.sessions()[0].close_reason == journal.read(next(tmp_path.iterdir())).entries[-1].reason
        assert key not in server.sessions()[0].close_reason
    (file,) = tmp_path.iterdir()
    assert key == "000000" or key == "e" or key not in file.name.removesuffix(".jsonl")
    found = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert entries == found[1:]
    assert key not in found[0]["journal"] or key not in name
    assert [line["kind"] for line in found[1:]] == [
        "open", "session.created", "error", "conversation.item.retrieve", "error", "closed",
    ]  # fmt: skip
    for line in found[1:]:
        for field in ("message", "item_id", "reason"):
            assert key not in line.get(field, "")
    mine = [record.getMessage() for record in caplog.records if record.name.startswith("harness")]
    assert not [text for text in mine if key in text]


async def test_the_key_of_a_client_that_joins_by_name_is_hidden(tmp_path):
    path = "/v1/realtime?model=gpt-realtime&journal=shared"
    async with LiveServer(DEAF, LiveSettings(journal_dir=tmp_path)) as server:
        for key in ("sk-the-first", "sk-the-second"):
            async with dial(server, path, additional_headers={"Authorization": f"Bearer {key}"}) as websocket:
                await websocket.send(json.dumps({"type": key}))
                await receive(websocket)
    (file,) = tmp_path.iterdir()
    assert b"sk-the" not in file.read_bytes() and file.read_bytes().count(b"[key]") == 2


async def test_the_token_is_hidden_whoever_repeats_it(tmp_path, caplog):
    """A client with a wrong key is refused; its journal and the log hold neither its key nor the token."""
    settings = LiveSettings(journal_dir=tmp_path, token="the-token-of-all")
    path = "/v1/realtime?model=the-token-of-all"
    headers = {"Authorization": "Bearer sk-wrong"}
    async with LiveServer(DEAF, settings) as server:
        with pytest.raises(AssertionError):
            async with dial(server, path, additional_headers=headers):
                pass
        async with asyncio.timeout(5):
            while server.sessions()[0].state == "open":
                await asyncio.sleep(0.01)
        shown = repr(server.sessions()[0])
    (file,) = tmp_path.iterdir()
    for text in (shown, file.read_text(), caplog.text):
        assert "the-token" not in text and "sk-wrong" not in text


async def test_a_page_that_is_refused_is_logged_without_its_key(caplog):
    caplog.set_level(logging.WARNING, "harness.live")
    offered = ["realtime", "openai-insecure-api-key.sk-the-page"]
    async with LiveServer(DEAF) as server:
        with pytest.raises(InvalidStatus, match="403"):
            async with dial(server, subprotocols=offered, origin="https://sk-the-page.example"):
                pass
    assert "--allow-origin https://[key].example" in caplog.text and "sk-the-page" not in caplog.text
    caplog.clear()


async def test_a_bug_of_ours_is_logged_without_the_key(monkeypatch, caplog):
    def fail(self, event, now):
        raise KeyError(event.item_id)

    monkeypatch.setattr(Session, "receive", fail)
    async with LiveServer(DEAF) as server, dial(server, additional_headers={"Authorization": "Bearer sk-me"}) as client:
        await client.send(json.dumps({"type": "conversation.item.retrieve", "item_id": "sk-me"}))
        await client.wait_closed()
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "KeyError: '[key]'" in record.getMessage() and "sk-me" not in caplog.text
    caplog.clear()
