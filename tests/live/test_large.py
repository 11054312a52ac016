"""Large messages on a real port: they are taken in steps, and are the same as in one."""

import asyncio
import base64
import json

import pytest

from harness.live.server import LiveServer
from harness.live.socket.inbox import ReceiveMemory
from harness.live.socket.limits import LARGE_BYTES
from tests.live.testing import (
    DEAF,
    HEARING_ONLY,
    append,
    ask,
    dial,
    edges,
    edges_without_socket,
    long_item,
    receive,
    spoken,
    still_works,
)

MAN = "speech_en_m_goforward"
MIB = 1024 * 1024
BIG = "x" * LARGE_BYTES


@pytest.fixture
async def hearing_server():
    async with LiveServer(HEARING_ONLY) as running:
        yield running


def update(**session):
    return json.dumps({"type": "session.update", "event_id": "mine", "session": {"type": "realtime", **session}})


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_a_long_append_is_heard_as_in_one(hearing_server, compression):
    audio = spoken(MAN) * 3
    assert len(append(audio)) > 2 * LARGE_BYTES
    async with dial(hearing_server, compression=compression) as websocket:
        await websocket.send(append(audio))
        assert await edges(websocket) == edges_without_socket(audio)
    assert hearing_server.sessions()[0].audio_in_s == pytest.approx(len(audio) / 48_000, abs=0.001)


async def test_escapes_in_base64_are_json_too(hearing_server):
    """Some encoders write a slash as ``\\/``."""
    audio = spoken(MAN) * 3
    text = append(audio).replace("/", "\\/")
    assert "\\/" in text
    async with dial(hearing_server) as websocket:
        await websocket.send(text)
        assert await edges(websocket) == edges_without_socket(audio)


BAD = {
    "bad base64": (append(bytes(MIB)).replace("AAAA", "§§§§", 1), "invalid_value", "audio"),
    "base64 that ends early": (append(bytes(MIB)).replace("AAAA", "AAA=", 1), "invalid_value", "audio"),
    "cut base64": (append(bytes(3 * MIB))[:-3] + '"}', "invalid_value", "audio"),
    "no JSON": ("a" * MIB, "invalid_json", None),
    "spaces": (" " * MIB, "invalid_json", None),
    "spaces before": (" " * MIB + update(instructions="x"), "invalid_json", None),
    "spaces behind": (update(instructions="x") + " " * MIB, "invalid_json", None),
    "a long event id": (json.dumps({"type": "x", "event_id": BIG}), "invalid_value", "event_id"),
    "an append with two types": (
        append(bytes(MIB)).replace("/", "\\/").replace("AAAA", "\\u0041AAA", 1)[:-1] + ',"type":"no"}',
        "invalid_value",
        "type",
    ),
    "no object": ("[" + "1," * MIB + "1]", "invalid_event", None),
    "many values": (update(tools=[{}] * 600_000), "invalid_event", None),
    "many escapes": (update(instructions="\n" * 600_000), "invalid_event", None),
    "a longer item than any": (
        json.dumps({"type": "conversation.item.create", "x": "x" * 21 * MIB}),
        "invalid_value",
        None,
    ),
    "long instructions": (update(instructions="x" * 2 * MIB), "invalid_value", "session"),
    "audio a number": (
        json.dumps({"type": "input_audio_buffer.append", "pad": BIG, "audio": 7}),
        "invalid_type",
        "audio",
    ),
    "an event id that is none": (json.dumps({"event_id": 7, "type": BIG}), "invalid_value", "type"),
}


@pytest.mark.parametrize(("message", "code", "param"), BAD.values(), ids=BAD)
async def test_a_bad_one_is_answered_by_one_error(deaf_server, message, code, param):
    async with dial(deaf_server) as websocket:
        answer = await ask(websocket, message)
        assert answer["type"] == "error"
        assert (answer["error"]["code"], answer["error"]["param"]) == (code, param)
        assert answer["error"]["message"]
        await still_works(websocket)


async def test_the_error_names_the_clients_event(deaf_server):
    async with dial(deaf_server) as websocket:
        answer = await ask(websocket, update(instructions="x" * 2 * MIB))
        assert answer["error"]["event_id"] == "mine"
        audio = base64.b64encode(bytes(16 * MIB)).decode()
        answer = await ask(websocket, {"type": "input_audio_buffer.append", "event_id": "long", "audio": audio})
        assert answer["error"]["event_id"] == "long"
        assert "15 MiB" in answer["error"]["message"]


@pytest.mark.slow
async def test_large_items_of_all_sessions_share_the_memory(monkeypatch):
    """A refused item closes nothing, small events still work, and a session that ends makes room."""
    monkeypatch.setattr("harness.live.server.ReceiveMemory", lambda: ReceiveMemory(limit_bytes=6 * MIB + MIB // 2))
    create = long_item(MIB)
    del create["item"]["id"]
    async with LiveServer(DEAF) as server, dial(server) as second:
        async with dial(server) as first:
            assert (await ask(first, create))["type"] == "conversation.item.added"
            assert (await receive(first))["type"] == "conversation.item.done"
            assert (await ask(second, create))["type"] == "conversation.item.added"
            assert (await receive(second))["type"] == "conversation.item.done"
            refused = await ask(second, create)
            assert refused["error"]["code"] == "conversation_full"
            await still_works(second)
        while server.connections > 1:
            await asyncio.sleep(0.01)
        assert (await ask(second, create))["type"] == "conversation.item.added"
