"""What passes the proxy is the same at the other end, and stands in a journal like a live server's."""

import asyncio
import json
import os
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from harness.journal import AudioArrived, EventAtClient, EventByServer, ShadowSpeechStarted
from harness.journal import ConnectionClosed as Closed
from harness.live.server import LiveServer
from harness.server.session import SessionSetup
from harness.verdict.diagnosis import diagnose, is_live
from harness.verdict.live_verdict import judge_live
from tests.live.proxy.testing import before_endpoint, parsed, proxied
from tests.live.testing import PATIENCE_S, QUICK_VOICE, append, dial, pieces, receive, spoken

CLIP = "speech_en_f_arctic_a0009"
SETUP = SessionSetup(voice=QUICK_VOICE, detector="energy")
ODD_TEXT = '{ "type" :"x.unknown",\n"b":1.50, "a":"é\\u00e9\U0001f600","a":2 }'
"""JSON that no codec would write again as it is."""


async def until(websocket, kind):
    while (event := await receive(websocket))["type"] != kind:
        pass
    return event


async def speak(websocket):
    for piece in pieces(spoken(CLIP) + bytes(48_000), 4_800):
        await websocket.send(append(piece))


async def test_a_conversation_through_the_proxy():
    async with LiveServer(SETUP) as server, proxied(server) as proxy, dial(proxy) as websocket:
        await speak(websocket)
        await until(websocket, "response.done")
        found = parsed(proxy)
        assert is_live(found)
        kinds = [entry.kind for entry in found.select(EventByServer)]
        assert kinds[:4] == [
            "session.created", "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
        ]  # fmt: skip
        assert list(found.select(ShadowSpeechStarted)) and list(found.select(AudioArrived))
        assert diagnose(found).state == "answered"
        assert judge_live(found).name == "held"
        assert found.header["proxy_to"] == server.url.removesuffix("/v1/realtime")


async def test_messages_pass_byte_by_byte():
    seen = []

    async def echo(endpoint):
        async for message in endpoint:
            seen.append(message)
            await endpoint.send(message)

    sent = [
        ODD_TEXT,
        "",
        "no JSON at all",
        os.urandom(3_000),
        b"",
        "x" * 300_000,
        json.dumps(["list"]),
        os.urandom(300_000),
    ]
    async with before_endpoint(echo) as proxy, connect(proxy.url, max_size=None) as websocket:
        for message in sent:
            await websocket.send(message)
            async with asyncio.timeout(PATIENCE_S):
                assert await websocket.recv() == message
    assert seen == sent


async def test_fragments_arrive_as_one_message():
    seen = []

    async def keep(endpoint):
        seen.append(await endpoint.recv())
        await endpoint.send(["a", "b", "c"])

    async with before_endpoint(keep) as proxy, connect(proxy.url) as websocket:
        await websocket.send(["one ", "two ", "three"])
        async with asyncio.timeout(PATIENCE_S):
            assert await websocket.recv() == "abc"
    assert seen == ["one two three"]


async def test_what_a_client_asks_for_is_asked_of_the_endpoint():
    seen = {}

    async def note(endpoint):
        seen.update(path=endpoint.request.path, headers=dict(endpoint.request.headers.raw_items()))
        await endpoint.send("{}")

    headers = {
        "Authorization": "Bearer sk-secret-of-the-client",
        "OpenAI-Project": "p1",
        "X-Stillthere-Journal": "mine",
    }
    options = {"additional_headers": headers, "subprotocols": ["realtime", "openai-insecure-api-key.sk-other"]}
    async with before_endpoint(note, options={"subprotocols": ["realtime"]}) as proxy:
        url = f"{proxy.url}?model=gpt-realtime&journal=a&x=%2F%20+1"
        async with connect(url, **options) as websocket:
            assert websocket.subprotocol == "realtime"
            await websocket.recv()
    assert seen["path"] == "/v1/realtime?model=gpt-realtime&x=%2F%20+1"
    lowered = {name.lower(): value for name, value in seen["headers"].items()}
    assert lowered["authorization"] == "Bearer sk-secret-of-the-client"
    assert lowered["openai-project"] == "p1"
    assert lowered["sec-websocket-protocol"] == "realtime, openai-insecure-api-key.sk-other"
    assert "x-stillthere-journal" not in lowered


async def test_the_endpoint_chooses_no_subprotocol():
    async def wait(endpoint):
        await endpoint.wait_closed()

    async with before_endpoint(wait) as proxy, connect(proxy.url, subprotocols=["realtime"]) as websocket:
        assert websocket.subprotocol is None


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (4001, "über"), (3000, ""), (1011, "x" * 123)])
async def test_a_close_of_the_endpoint_reaches_the_client(code, reason):
    async def close(endpoint):
        await endpoint.close(code, reason)

    async with before_endpoint(close) as proxy, connect(proxy.url) as websocket:
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(websocket.recv(), PATIENCE_S)
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, reason)
        await _gone(proxy)
        (entry,) = parsed(proxy).select(Closed)
        assert (entry.code, entry.reason, entry.by) == (code, reason, "server")


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (4002, "done"), (1001, "leaves")])
async def test_a_close_of_the_client_reaches_the_endpoint(code, reason):
    seen = asyncio.get_running_loop().create_future()

    async def wait(endpoint):
        await endpoint.wait_closed()
        seen.set_result((endpoint.close_code, endpoint.close_reason))

    async with before_endpoint(wait) as proxy:
        websocket = await connect(proxy.url)
        await websocket.close(code, reason)
        assert await asyncio.wait_for(seen, PATIENCE_S) == (code, reason)
        await _gone(proxy)
        (entry,) = parsed(proxy).select(Closed)
        assert (entry.code, entry.reason, entry.by) == (code, reason, "client")


async def test_an_endpoint_that_is_cut_off():
    async def cut(endpoint):
        endpoint.transport.abort()

    async with before_endpoint(cut) as proxy, connect(proxy.url) as websocket:
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(websocket.recv(), PATIENCE_S)
        assert closed.value.rcvd is None, "there was no Close frame"
        await _gone(proxy)
        (entry,) = parsed(proxy).select(Closed)
        assert (entry.code, entry.by) == (1006, "server")


async def test_a_client_that_is_cut_off():
    seen = asyncio.get_running_loop().create_future()

    async def wait(endpoint):
        await endpoint.wait_closed()
        seen.set_result(endpoint.close_code)

    async with before_endpoint(wait) as proxy:
        websocket = await connect(proxy.url)
        websocket.transport.abort()
        assert await asyncio.wait_for(seen, PATIENCE_S) == 1006


async def test_pings_are_answered_by_the_other_end():
    latency = asyncio.get_running_loop().create_future()

    async def ping(endpoint):
        latency.set_result(await (await endpoint.ping(b"from the endpoint")))
        await endpoint.wait_closed()

    async with before_endpoint(ping) as proxy, connect(proxy.url) as websocket:
        await asyncio.wait_for(latency, PATIENCE_S)
        await asyncio.wait_for(await websocket.ping(b"from the client"), PATIENCE_S)


async def test_a_ping_is_not_answered_if_the_endpoint_does_not():
    stop = asyncio.Event()

    async def stand(endpoint):
        endpoint.transport.pause_reading()
        await stop.wait()
        endpoint.transport.resume_reading()
        await endpoint.wait_closed()

    async with before_endpoint(stand) as proxy, connect(proxy.url) as websocket:
        pong = await websocket.ping()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(pong), 0.3)
        stop.set()
        await asyncio.wait_for(pong, PATIENCE_S)


async def test_an_endpoint_that_does_not_read_stops_the_client():
    stop = asyncio.Event()

    async def stand(endpoint):
        endpoint.transport.pause_reading()
        await stop.wait()
        endpoint.transport.resume_reading()
        await endpoint.wait_closed()

    async with before_endpoint(stand) as proxy, connect(proxy.url, compression=None) as websocket:
        sent = 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                while True:
                    await websocket.send(bytes(64 * 1024))
                    sent += 64 * 1024
        assert sent < 40 * 1024 * 1024, "buffers of sockets, not of the proxy"
        assert proxy._memory.held_bytes < 2 * 1024 * 1024
        stop.set()


async def test_a_client_that_does_not_read_stops_the_endpoint():
    sent = 0

    async def flood(endpoint):
        nonlocal sent
        with suppress(ConnectionClosed):
            while True:
                await endpoint.send(bytes(64 * 1024))
                sent += 64 * 1024

    async with before_endpoint(flood) as proxy, connect(proxy.url, compression=None, max_size=None) as websocket:
        websocket.transport.pause_reading()
        await asyncio.sleep(0.8)
        before = sent
        await asyncio.sleep(0.3)
        assert sent == before < 40 * 1024 * 1024
        websocket.transport.resume_reading()
        async with asyncio.timeout(PATIENCE_S):
            while sent == before:
                await websocket.recv()
        websocket.transport.abort()


async def test_what_the_client_says_stands_in_the_journal_without_its_words():
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "my secret diagnosis"}]}
    tools = [{"type": "function", "name": "cancel_subscription_of_anna", "parameters": {}}]
    update = {"type": "realtime", "instructions": "You are Zork", "tools": tools}
    async with LiveServer(SETUP) as server, proxied(server) as proxy, dial(proxy) as websocket:
        await websocket.send(json.dumps({"type": "conversation.item.create", "item": said}))
        await websocket.send(json.dumps({"type": "session.update", "session": update}))
        await until(websocket, "session.updated")
        await speak(websocket)
        await until(websocket, "response.done")
        text = proxy.journal(1).decode()
        assert [e.kind for e in parsed(proxy).select(EventAtClient)] == ["conversation.item.create", "session.update"]
        for word in ("diagnosis", "Zork", "anna", "hibari"):
            assert word not in text
        assert " characters)" in text, "of the transcript its length is kept"


async def _gone(proxy):
    async with asyncio.timeout(PATIENCE_S):
        while proxy.connections:
            await asyncio.sleep(0.01)


async def test_the_endpoint_answers_a_close_of_the_client():
    """The handshake of the Close is finished on both sides: nothing is reset."""
    seen = asyncio.get_running_loop().create_future()

    async def wait(endpoint):
        await endpoint.wait_closed()
        seen.set_result((endpoint.protocol.close_rcvd, endpoint.protocol.close_sent, endpoint.protocol.eof_sent))

    async with before_endpoint(wait) as proxy:
        websocket = await connect(proxy.url)
        await websocket.close(4000, "enough")
        received, sent, ended = await asyncio.wait_for(seen, PATIENCE_S)
        assert received.code == sent.code == 4000 and ended
        async with asyncio.timeout(PATIENCE_S):
            while proxy._upstreams:
                await asyncio.sleep(0.01)
