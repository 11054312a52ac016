"""An endpoint that refuses, is away, or closes at once: the client gets the same, and the journal says it."""

import asyncio
import json
import os
import socket
import ssl
import stat
import wave

import openai
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness import journal
from harness.audio.formats import PCM24K
from harness.errors import InputError
from harness.journal import ConnectionDialFailed, ConnectionOpened
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.live.tls import make_identity
from harness.server.session import SessionSetup
from harness.verdict.diagnosis import diagnose
from tests.live.proxy.testing import before_endpoint, origin, parsed, proxied, proxy_before
from tests.live.testing import KEY, PATIENCE_S, QUICK_VOICE, append, dial, pieces, receive, spoken

CLIP = "speech_en_f_arctic_a0009"
SETUP = SessionSetup(voice=QUICK_VOICE, detector="energy")


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def only_journal(folder):
    (file,) = folder.glob("*.jsonl")
    return journal.read(file)


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    return make_identity(tmp_path_factory.mktemp("ca"))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nX-Request-Id: r1\r\n\r\n{}", 401),
        (b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\nX-Request-Id: r1\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 503),
        (b"HTTP/1.1 429 Slow\r\nX-Request-Id: r1\r\nConnection: close\r\n\r\n{}", 429),
        (
            b"HTTP/1.1 307 No\r\nLocation: https://other.example/\r\nX-Request-Id: r1\r\nContent-Length: 2\r\n\r\n{}",
            307,
        ),
    ],
)
async def test_an_answer_in_place_of_a_websocket_is_passed_on(tmp_path, answer, status):
    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    ended = []
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as endpoint:
        port = endpoint.sockets[0].getsockname()[1]
        async with proxy_before(f"ws://127.0.0.1:{port}", journal_dir=tmp_path, on_end=ended.append) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(HANDSHAKE)
            got = await asyncio.wait_for(reader.read(), PATIENCE_S)
            writer.close()
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"x-request-id: r1" in head.lower() and body == b"{}"
    assert (b"location: https://other.example/" in head.lower()) == (status == 307), "it is the client that follows"
    found = only_journal(tmp_path)
    (failed,) = found.select(ConnectionDialFailed)
    assert failed.why == f"ws://127.0.0.1:{port} answered with {status}"
    assert diagnose(found).cause == "unreachable"
    assert [each.why for each in ended] == [failed.why]


HANDSHAKE = (
    b"GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Authorization: Bearer sk-abc\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_an_endpoint_that_is_away(tmp_path):
    async with proxy_before(f"ws://127.0.0.1:{free_port()}", journal_dir=tmp_path) as proxy:
        for _ in range(2):
            with pytest.raises((OSError, EOFError, ConnectionClosed, Exception)) as refused:
                await connect(proxy.url, additional_headers=KEY)
            assert not isinstance(refused.value, InvalidStatus), "no HTTP answer"
    found = only_journal(tmp_path)
    assert [each.why.partition(" ")[2] for each in found.select(ConnectionDialFailed)] == ["refuses connections"] * 2
    assert diagnose(found).cause == "unreachable"


async def test_an_endpoint_that_hangs_up_without_an_answer(tmp_path):
    async with await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0) as endpoint:
        port = endpoint.sockets[0].getsockname()[1]
        async with proxy_before(f"ws://127.0.0.1:{port}", journal_dir=tmp_path) as proxy:
            with pytest.raises(Exception):  # noqa: B017 (websockets' versions differ)
                await connect(proxy.url)
    (failed,) = only_journal(tmp_path).select(ConnectionDialFailed)
    assert failed.why.endswith("ended the connection without an answer")


async def test_a_client_that_does_not_wait_for_a_slow_endpoint():
    reached, left = asyncio.Event(), asyncio.Event()

    async def slow(reader, writer):
        reached.set()
        while await reader.read(1_000):
            pass
        left.set()
        writer.close()

    async with await asyncio.start_server(slow, "127.0.0.1", 0) as endpoint:
        port = endpoint.sockets[0].getsockname()[1]
        async with proxy_before(f"ws://127.0.0.1:{port}") as proxy:
            dialling = asyncio.ensure_future(connect(proxy.url).__aenter__())
            await asyncio.wait_for(reached.wait(), PATIENCE_S)
            dialling.cancel()
            await asyncio.wait_for(left.wait(), PATIENCE_S)


async def test_an_endpoint_that_closes_at_once():
    async def close(endpoint):
        await endpoint.close(4000, "invalid_request_error.invalid_model")

    async with before_endpoint(close) as proxy, connect(proxy.url) as websocket:
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(websocket.recv(), PATIENCE_S)
        assert closed.value.rcvd.code == 4000


async def test_what_the_fake_service_refuses_is_refused_in_the_same_way():
    async with LiveServer(SETUP) as server, proxied(server) as proxy:
        answers = []
        for each in (server, proxy):
            async with connect(each.url) as websocket:  # without a key
                error = await receive(websocket)
                await asyncio.wait_for(websocket.wait_closed(), PATIENCE_S)
                answers.append((error["error"], websocket.close_code, websocket.close_reason))
        assert answers[0] == answers[1]


# --- TLS ---


async def test_wss_on_both_sides(tmp_path, identity):
    async with (
        LiveServer(SETUP, LiveSettings(tls=identity.context)) as server,
        proxied(server, ca=identity.ca_file, tls=identity.context) as proxy,
    ):
        assert proxy.url.startswith("wss://")
        async with dial(proxy, ssl=ssl.create_default_context(cafile=identity.ca_file)) as websocket:
            for piece in pieces(spoken(CLIP), 4_800):
                await websocket.send(append(piece))
            while (await receive(websocket))["type"] != "response.done":
                pass
            assert diagnose(parsed(proxy)).state == "answered"
        assert parsed(proxy).header["proxy_to"].startswith("wss://127.0.0.1")


async def test_a_certificate_that_is_not_trusted_is_not_passed(tmp_path, identity):
    async with LiveServer(SETUP, LiveSettings(tls=identity.context)) as server:
        async with proxied(server, journal_dir=tmp_path) as proxy:
            with pytest.raises(Exception):  # noqa: B017 (websockets' versions differ)
                await connect(proxy.url, additional_headers=KEY)
        assert server.sessions() == []
    (failed,) = only_journal(tmp_path).select(ConnectionDialFailed)
    assert "has a certificate that is not trusted" in failed.why and "--ca FILE" in failed.why


# --- keys ---


async def test_no_key_is_written(tmp_path):
    secret, other = "sk-proj-AbCdEfGh1234567890", "ek_0123456789abcdef"

    async def repeat(endpoint):
        for text in (secret, other, f"Incorrect API key provided: {secret}."):
            error = f'{{"type":"error","event_id":"e","error":{{"type":"x","code":"{text}","message":"{text}"}}}}'
            await endpoint.send(error)
        await endpoint.close(4000, secret)

    for number, dialled in enumerate(
        (
            {"additional_headers": {"Authorization": f"Bearer {secret}"}},
            {"subprotocols": ["realtime", f"openai-insecure-api-key.{secret}"]},
            {"query": f"&api-key={secret}"},
        )
    ):
        folder = tmp_path / str(number)
        query = dialled.pop("query", "")
        chosen = {"subprotocols": ["realtime"]} if "subprotocols" in dialled else {}
        async with (
            before_endpoint(repeat, options=chosen, journal_dir=folder) as proxy,
            connect(f"{proxy.url}?model=m{query}", **dialled) as websocket,
        ):
            await asyncio.wait_for(websocket.wait_closed(), PATIENCE_S)
        (file,) = folder.iterdir()
        text = file.read_text(encoding="utf-8")
        assert "AbCdEfGh" not in text and "0123456789abcdef" not in text
        if os.name == "posix":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# --- the openai package ---


async def test_the_openai_package_through_the_proxy():
    async with LiveServer(SETUP) as server, proxied(server) as proxy:
        client = openai.AsyncOpenAI(
            api_key="sk-x", websocket_base_url=proxy.url.removesuffix("/realtime"), base_url=http_url(proxy)
        )
        secret = await client.realtime.client_secrets.create(session={"type": "realtime", "model": "gpt-realtime"})
        assert secret.value.startswith("ek_")
        with pytest.raises(openai.AuthenticationError):
            async with openai.AsyncOpenAI(api_key=secret.value, base_url=http_url(proxy)) as page:
                await page.realtime.client_secrets.create()
        async with client.realtime.connect(model="gpt-realtime") as connection:
            for piece in pieces(spoken(CLIP), 4_800):
                await connection.send(json.loads(append(piece)))
            async with asyncio.timeout(PATIENCE_S):
                async for event in connection:
                    if event.type == "response.done":
                        break
        await client.close()
        assert diagnose(parsed(proxy)).state == "answered"


def http_url(server) -> str:
    return origin(server).replace("ws", "http", 1) + "/v1"


async def test_new_secrets_of_one_key_continue_one_journal(tmp_path):
    async with LiveServer(SETUP) as server, proxied(server, journal_dir=tmp_path) as proxy:
        for _ in range(2):
            client = openai.AsyncOpenAI(api_key="sk-x", base_url=http_url(proxy))
            secret = await client.realtime.client_secrets.create(session={"type": "realtime", "model": "gpt-realtime"})
            await client.close()
            async with dial(proxy, additional_headers={"Authorization": f"Bearer {secret.value}"}):
                pass
            async with asyncio.timeout(PATIENCE_S):
                while any(each.state == "open" for each in proxy.sessions()):
                    await asyncio.sleep(0.01)
    assert [entry.connection for entry in only_journal(tmp_path).select(ConnectionOpened)] == [1, 2]


async def test_http_without_an_endpoint_is_a_sentence():
    async with proxy_before(f"ws://127.0.0.1:{free_port()}") as proxy:
        with pytest.raises(openai.APIStatusError, match=r"the proxy has no answer: .* refuses connections") as failed:
            async with openai.AsyncOpenAI(api_key="sk-x", base_url=http_url(proxy), max_retries=0) as client:
                await client.models.list()
        assert failed.value.status_code == 502


# --- voices ---


async def test_voices_are_kept_only_if_that_is_asked_for(tmp_path):
    audio = spoken(CLIP)
    for keep in (False, True):
        folder = tmp_path / str(keep)
        async with (
            LiveServer(SETUP) as server,
            proxied(server, journal_dir=folder, keep_audio=keep) as proxy,
            dial(proxy) as websocket,
        ):
            for piece in pieces(audio, 4_801):
                await websocket.send(append(piece))
            while (await receive(websocket))["type"] != "response.done":
                pass
        waves = {file.name.rpartition("-")[2]: file for file in folder.glob("*.wav")}
        assert set(waves) == ({"sent.wav", "received.wav"} if keep else set())
    with wave.open(str(waves["sent.wav"])) as file:
        assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
        assert file.readframes(10**7) == audio
    with wave.open(str(waves["received.wav"])) as file:
        assert PCM24K.decode(file.readframes(10**7)).std() > 100, "there is a voice in it"
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in waves.values()} == {0o600}


def test_voices_need_a_folder():
    with pytest.raises(InputError, match="audio is kept beside the journals"):
        proxy_before("ws://127.0.0.1:1", keep_audio=True)


async def test_the_proxy_stops_with_all_its_connections():
    async with LiveServer(SETUP) as server:
        async with proxied(server) as proxy:
            websocket = await connect(f"{proxy.url}?model=gpt-realtime", additional_headers=KEY)
            await receive(websocket)
        await asyncio.wait_for(websocket.wait_closed(), PATIENCE_S)
        assert websocket.close_code == 1001
        async with asyncio.timeout(PATIENCE_S):
            while server.connections:
                await asyncio.sleep(0.01)
