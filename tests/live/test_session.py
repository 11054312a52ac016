import asyncio

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.live.socket.limits import MAX_MESSAGE_BYTES, Timing
from harness.server.session import Session
from tests.live.testing import (
    DEAF,
    HEARING_ONLY,
    KEY,
    PATIENCE_S,
    address,
    append,
    ask,
    ask_for_much,
    dial,
    edges,
    edges_without_socket,
    pieces,
    receive,
    spoken,
    still_works,
)

WOMAN, MAN = "speech_en_f_arctic_a0009", "speech_en_m_arctic_a0007"
MIB = 1024 * 1024


def of_random_sizes(audio: bytes) -> list[bytes]:
    cuts = np.sort(np.random.default_rng(3).integers(1, len(audio), 60))
    return [audio[start:end] for start, end in zip([0, *cuts], [*cuts, len(audio)], strict=True)]


CHUNKINGS = {
    "at once": lambda audio: [audio],
    "20 ms": lambda audio: pieces(audio, 960),
    "100 ms": lambda audio: pieces(audio, 4_800),
    "an odd number of bytes": lambda audio: pieces(audio, 1_777),
    "random sizes": of_random_sizes,
}


class TestHearing:
    @pytest.fixture
    async def hearing_server(self):
        async with LiveServer(HEARING_ONLY) as running:
            yield running

    @pytest.mark.behaviour("grid")
    @pytest.mark.parametrize("cut", CHUNKINGS.values(), ids=CHUNKINGS)
    async def test_edges_do_not_depend_on_chunks_or_socket(self, hearing_server, cut):
        """Captured (§4.2): the grid."""
        audio = spoken(WOMAN)
        async with dial(hearing_server) as websocket:
            for piece in cut(audio):
                await websocket.send(append(piece))
            found = await edges(websocket)
        assert found == edges_without_socket(audio)
        assert len(found) >= 2
        # All captured pairs of the service are on the grid of 32 ms frames (prefix padding is 300 ms).
        assert all((ms + 300 if edge == "started" else ms) % 32 == 0 for edge, ms in found)

    @pytest.mark.behaviour("any-chunks")
    async def test_edges_do_not_depend_on_pauses(self, hearing_server):
        """Inferred (§4.3): the clock is appended audio."""
        audio = spoken(WOMAN)
        async with dial(hearing_server) as websocket:
            for number, piece in enumerate(pieces(audio, 4_800)):
                await websocket.send(append(piece))
                await asyncio.sleep(0.02 if number % 7 == 0 else 0)
            assert await edges(websocket) == edges_without_socket(audio)

    async def test_two_sessions_do_not_mix(self, hearing_server):
        async def speak(clip):
            async with dial(hearing_server) as websocket:
                for piece in pieces(spoken(clip), 4_800):
                    await websocket.send(append(piece))
                    await asyncio.sleep(0)
                return await edges(websocket)

        woman, man = await asyncio.gather(speak(WOMAN), speak(MAN))
        assert woman == edges_without_socket(spoken(WOMAN))
        assert man == edges_without_socket(spoken(MAN))
        assert woman != man


BAD_MESSAGES = {
    "no JSON": ("hello", "invalid_json", None),
    "empty": ("", "invalid_json", None),
    "cut JSON": ('{"type": "input_audio_buffer.app', "invalid_json", None),
    "no object": ("[1, 2]", "invalid_event", None),
    "no type": ("{}", "invalid_event", None),
    "unknown type": ('{"type": "session.destroy"}', "invalid_value", "type"),
    "binary": (b"\x00\x01\x02", "invalid_event", None),
    "binary JSON": (b'{"type": "input_audio_buffer.clear"}', "invalid_event", None),
    "bad base64": ('{"type": "input_audio_buffer.append", "audio": "§§§"}', "invalid_value", "audio"),
    "audio missing": ('{"type": "input_audio_buffer.append"}', "missing_required_parameter", "audio"),
    "audio a number": ('{"type": "input_audio_buffer.append", "audio": 7}', "invalid_type", "audio"),
    "nested too deeply": ('{"type": "session.update", "session": ' + '{"a":' * 90_000, "invalid_json", None),
    "half a surrogate": ('{"type": "session.destroy\\ud800"}', "invalid_json", None),
    "session missing": ('{"type": "session.update"}', "missing_required_parameter", "session"),
    "20 MiB of audio": (append(bytes(20 * MIB)), "invalid_value", "audio"),
}


class TestBadMessages:
    @pytest.mark.behaviour("binary", "append-refused")
    @pytest.mark.parametrize(("message", "code", "param"), BAD_MESSAGES.values(), ids=BAD_MESSAGES)
    async def test_are_answered_by_one_error(self, deaf_server, message, code, param):
        """Captured for what is binary (§2.1) and what is no event (§4.7); assumed for bad audio (§4.4)."""
        async with dial(deaf_server) as websocket:
            answer = await ask(websocket, message)
            assert answer["type"] == "error"
            assert answer["error"]["type"] == "invalid_request_error"
            assert answer["error"]["code"] == code
            assert answer["error"]["param"] == param
            assert answer["error"]["message"]
            await still_works(websocket)

    async def test_error_names_the_clients_event(self, deaf_server):
        async with dial(deaf_server) as websocket:
            answer = await ask(websocket, {"type": "session.destroy", "event_id": "mine"})
            assert answer["error"]["event_id"] == "mine"

    @pytest.mark.behaviour("fragments")
    async def test_message_in_fragments_is_one_message(self, deaf_server):
        """Documented (§2.1), in RFC 6455."""
        async with dial(deaf_server) as websocket:
            await websocket.send(iter(['{"type": "input_audio', "_buffer", '.clear"}']))
            assert (await receive(websocket))["type"] == "input_audio_buffer.cleared"

    @pytest.mark.behaviour("largest-message")
    @pytest.mark.parametrize(
        ("compression", "size"), [(None, MAX_MESSAGE_BYTES + 1), ("deflate", 2 * MAX_MESSAGE_BYTES)]
    )
    async def test_too_large_frame_is_closed_with_1009(self, deaf_server, compression, size):
        """Ours (§5)."""
        websocket = await connect(address(deaf_server), additional_headers=KEY, compression=compression)
        await receive(websocket)
        with pytest.raises(ConnectionClosedError) as closed:
            await ask(websocket, "x" * size)
        assert closed.value.rcvd.code == 1009
        async with dial(deaf_server) as websocket:
            await still_works(websocket)

    @pytest.mark.behaviour("fragments")
    async def test_text_that_is_not_utf8_is_closed_with_1007(self, deaf_server):
        """Documented (§2.1), in RFC 6455."""
        async with dial(deaf_server) as websocket:
            websocket.transport.write(b"\x81\x81\x00\x00\x00\x00\xff")
            with pytest.raises(ConnectionClosedError) as closed:
                await websocket.recv()
        assert closed.value.rcvd.code == 1007


class TestLeaving:
    async def test_in_the_middle_of_a_response(self, server):
        for leave in ("close", "abort"):
            async with dial(server) as websocket:
                await websocket.send('{"type": "response.create"}')
                while (await receive(websocket))["type"] != "response.output_audio.delta":
                    pass
                if leave == "abort":
                    websocket.transport.abort()
        async with dial(server) as websocket:
            await still_works(websocket)

    async def test_in_the_middle_of_a_frame(self, deaf_server):
        async with dial(deaf_server) as websocket:
            websocket.transport.write(b"\x81\xfe\x10\x00\x00\x00")
            websocket.transport.abort()

    async def test_in_the_middle_of_the_handshake(self, deaf_server):
        for words in (b"", b"GET /v1/real", b"GET /v1/realtime HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00"):
            _, writer = await asyncio.open_connection("127.0.0.1", deaf_server.port)
            writer.write(words)
            writer.close()
            await writer.wait_closed()
        async with dial(deaf_server) as websocket:
            await still_works(websocket)

    async def test_fifty_at_once(self, deaf_server):
        async def come_and_go(number):
            async with dial(deaf_server) as websocket:
                if number % 2:
                    websocket.transport.abort()

        await asyncio.gather(*(come_and_go(number) for number in range(50)))
        async with dial(deaf_server) as websocket:
            await still_works(websocket)

    async def test_by_half_with_much_unsent(self, deaf_server):
        async with dial(deaf_server, max_queue=1) as websocket:
            await ask_for_much(websocket)
            await asyncio.sleep(0.2)
            websocket.protocol.send_close(1000)
            websocket.send_data()
            websocket.transport.write_eof()
            await asyncio.sleep(0.1)
            with pytest.raises(ConnectionClosed):
                while True:
                    await websocket.recv()
        async with dial(deaf_server) as websocket:
            await still_works(websocket)

    @pytest.mark.behaviour("slow-reader")
    async def test_a_client_that_reads_nothing_is_cut_off(self):
        """Ours (§5)."""
        impatient = LiveSettings(timing=Timing(stalled_s=0.2))
        async with LiveServer(DEAF, impatient) as server, dial(server, max_queue=1) as websocket:
            await ask_for_much(websocket)
            async with asyncio.timeout(PATIENCE_S):
                while server.connections:
                    await asyncio.sleep(0.02)
            with pytest.raises(ConnectionClosedError):
                while True:
                    await websocket.recv()


class TestOwnFaults:
    @pytest.mark.behaviour("our-bug")
    async def test_are_logged_and_close_with_1011(self, deaf_server, monkeypatch, caplog):
        """Ours (§4.7)."""

        def fail(*_):
            raise ZeroDivisionError

        monkeypatch.setattr(Session, "receive", fail)
        async with dial(deaf_server) as websocket:
            with pytest.raises(ConnectionClosedError) as closed:
                await ask(websocket, '{"type": "input_audio_buffer.clear"}')
        assert closed.value.rcvd.code == 1011
        assert "bug of stillthere" in caplog.text
        assert "ZeroDivisionError" in caplog.text
        caplog.clear()
