import asyncio
import contextlib
import signal
import socket
import sys
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.errors import InputError, SettingError
from harness.live import server as live
from harness.live.server import LiveServer, run_server
from harness.server.session import SessionSetup
from tests.live.talking import PATIENCE_S, dial, receive, still_works
from tests.live.test_connection import ask_for_much

CHEAP = SessionSetup(detector="energy")


async def session_of(server, path="/v1/realtime"):
    async with connect(f"ws://127.0.0.1:{server.port}{path}") as websocket:
        return (await receive(websocket))["session"]


class TestOpening:
    async def test_two_paths(self, deaf_server):
        for path in ("/v1/realtime", "/realtime", "/v1/realtime?model=m&x=%ff"):
            async with dial(deaf_server, path) as websocket:
                await still_works(websocket)

    async def test_other_paths_are_404_in_one_sentence(self, deaf_server):
        for path in ("/", "/v1/realtime/", "/v1/live?model=m", "//["):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(f"ws://127.0.0.1:{deaf_server.port}{path}"):
                    pass
            assert refused.value.response.status_code == 404
            sentence = refused.value.response.body.decode()
            assert path.partition("?")[0] in sentence
            assert "/v1/realtime" in sentence

    async def test_model_of_the_query(self, deaf_server):
        assert (await session_of(deaf_server, "/v1/realtime?model=gpt-realtime-2"))["model"] == "gpt-realtime-2"
        assert (await session_of(deaf_server))["model"] == "gpt-realtime"

    async def test_sessions_differ_and_last_an_hour(self, deaf_server):
        one, two = await session_of(deaf_server), await session_of(deaf_server)
        assert one["id"] != two["id"]
        assert 3500 < one["expires_at"] - time.time() <= 3600

    async def test_subprotocol(self, deaf_server):
        browser = ["realtime", "openai-insecure-api-key.sk-x", "openai-agents-sdk.0.20.0"]
        for offered, chosen in ((browser, "realtime"), (["openai-insecure-api-key.sk-x"], None), (None, None)):
            async with connect(deaf_server.url, subprotocols=offered) as websocket:
                assert websocket.subprotocol == chosen

    async def test_any_key_or_none(self, deaf_server):
        for headers in ({}, {"Authorization": "Bearer sk-x"}, {"Authorization": "nonsense"}):
            async with connect(deaf_server.url, additional_headers=headers) as websocket:
                await receive(websocket)


class TestKeepalive:
    async def test_a_client_without_pongs_is_closed_with_1011(self, monkeypatch):
        monkeypatch.setattr(live, "PING_S", 0.1)
        async with LiveServer(CHEAP) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(
                b"GET /v1/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            said = await reader.read(-1)
            writer.close()
        # Captured: the service's PING has four bytes of payload.
        assert b"\x89\x04" in said
        assert b"\x03\xf3keepalive ping timeout" in said


class TestStopping:
    async def test_closes_with_1001(self):
        async with LiveServer(CHEAP) as server:
            websocket = await connect(server.url)
            await receive(websocket)
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd.code == 1001

    async def test_does_not_wait_for_a_client_that_reads_nothing(self, monkeypatch):
        monkeypatch.setattr(live, "STOP_WITHIN_S", 0.2)
        async with contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout(PATIENCE_S), LiveServer(CHEAP) as server:
                websocket = await stack.enter_async_context(dial(server, max_queue=1))
                await ask_for_much(websocket)
                await asyncio.sleep(0.2)
            with pytest.raises(ConnectionClosed):
                while True:
                    await websocket.recv()

    async def test_does_not_wait_for_half_a_handshake(self, monkeypatch):
        monkeypatch.setattr(live, "STOP_WITHIN_S", 0.2)
        async with asyncio.timeout(PATIENCE_S), LiveServer(CHEAP) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET /v1/realtime HTTP/1.1\r\n")
            await asyncio.sleep(0.05)
        with contextlib.suppress(ConnectionError):
            assert b"101" not in await reader.read(-1)
        writer.close()


class TestListening:
    async def test_port_in_use(self):
        async with LiveServer(CHEAP) as server:
            with pytest.raises(InputError) as refused:
                async with LiveServer(CHEAP, port=server.port):
                    pass
        assert str(refused.value) == (
            f"cannot listen on 127.0.0.1 port {server.port}: it is in use; choose another port, or 0 for any free one"
        )

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com", ""])
    def test_only_loopback(self, host):
        with pytest.raises(InputError, match=r"port 8765: .*use 127\.0\.0\.1") as refused:
            run_server(CHEAP, host, 8765, None, pytest.fail)
        assert host in str(refused.value)

    @pytest.mark.parametrize("port", [-1, 65_536])
    def test_port_out_of_range(self, port):
        with pytest.raises(InputError, match=f"port {port}: .*65535"):
            run_server(CHEAP, "127.0.0.1", port, None, pytest.fail)

    def test_unknown_detector_is_told_before_any_client(self):
        with pytest.raises(SettingError, match="psychic"):
            run_server(SessionSetup(detector="psychic"), "127.0.0.1", 0, None, pytest.fail)

    def test_journal_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(InputError, match="choose another folder"):
            run_server(CHEAP, "127.0.0.1", 0, tmp_path / "file" / "journals", pytest.fail)

    async def test_localhost_and_ipv6(self):
        async with LiveServer(CHEAP, "localhost") as server:
            assert server.url == f"ws://127.0.0.1:{server.port}/v1/realtime"
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("this machine has no IPv6")
        async with LiveServer(CHEAP, "::1") as server:
            assert server.url == f"ws://[::1]:{server.port}/v1/realtime"
            async with dial(server) as websocket:
                await still_works(websocket)


PROGRAM = """
from harness.live.server import run_server
from harness.server.session import SessionSetup
run_server(SessionSetup(detector="energy"), "127.0.0.1", 0, None, lambda url: print(url, flush=True))
print("stopped")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent another way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signal_stops_cleanly(number):
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, stdout=pipe, stderr=pipe)
    try:
        url = (await process.stdout.readline()).decode().strip()
        rude = await connect(url)
        rude.transport.write(b"\x81\xfe\x10\x00")
        rude.transport.abort()
        async with connect(url) as websocket:
            await receive(websocket)
            process.send_signal(number)
            with pytest.raises(ConnectionClosed) as closed:
                await websocket.recv()
        assert closed.value.rcvd.code == 1001
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, output, errors) == (0, b"stopped\n", b"")
