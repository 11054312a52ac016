import asyncio
import contextlib
import json
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode

from harness.errors import InputError, SettingError
from harness.live.admission import Admission
from harness.live.server import LiveServer, _run, run_server
from harness.live.settings import LiveSettings
from harness.live.socket.limits import Timing
from harness.server.config import INSTRUCTIONS
from harness.server.session import SessionSetup
from tests.live.socket.testing import frame, handshake, text
from tests.live.testing import DEAF, KEY, PATH, PATIENCE_S, address, ask, ask_for_much, dial, receive, still_works


async def session_of(server, path=PATH):
    async with connect(address(server, path), additional_headers=KEY) as websocket:
        return (await receive(websocket))["session"]


async def refusal_of(server, path=PATH, **options):
    """The one event of a client that is refused, and how it is closed."""
    async with connect(address(server, path), **options) as websocket:
        event = await receive(websocket)
        with pytest.raises(ConnectionClosed) as closed:
            await receive(websocket)
    return event, closed.value.rcvd


class TestOpening:
    @pytest.mark.behaviour("second-path")
    async def test_two_paths(self, deaf_server):
        """The first is documented, the second assumed (§2.1)."""
        for path in (PATH, "/realtime?model=gpt-realtime", PATH + "&x=%ff"):
            async with dial(deaf_server, path) as websocket:
                await still_works(websocket)

    @pytest.mark.behaviour("second-path")
    async def test_other_paths_are_404_in_one_sentence(self, deaf_server):
        """Assumed (§2.1)."""
        for path in ("/", "/v1x/realtime", "//["):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(address(deaf_server, path)):
                    pass
            assert refused.value.response.status_code == 404
            sentence = json.loads(refused.value.response.body)["error"]
            assert path.partition("?")[0] in sentence
            assert "/v1/realtime" in sentence

    @pytest.mark.behaviour("vendor-errors")
    async def test_other_paths_of_the_service_are_404_in_its_words(self, deaf_server):
        """Reported, of other routes (§2.6)."""
        for path in ("/v1/realtime/", "/v1/live?model=m", "/realtime/x"):
            with pytest.raises(InvalidStatus) as refused:
                async with connect(address(deaf_server, path)):
                    pass
            assert refused.value.response.status_code == 404
            message = f"Invalid URL (GET {path.partition('?')[0]})"
            error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
            assert json.loads(refused.value.response.body) == {"error": error}

    @pytest.mark.behaviour("url")
    async def test_model_of_the_query(self, deaf_server):
        """Documented (§2.1)."""
        assert (await session_of(deaf_server, "/v1/realtime?model=gpt-realtime-2"))["model"] == "gpt-realtime-2"

    @pytest.mark.behaviour("session-created-first", "expires-at")
    async def test_sessions_differ_and_last_an_hour(self, deaf_server):
        """A connection is a session (inferred, §2.1), and ends in an hour (captured, §4.6)."""
        one, two = await session_of(deaf_server), await session_of(deaf_server)
        assert one["id"] != two["id"]
        assert 3500 < one["expires_at"] - time.time() <= 3600

    @pytest.mark.behaviour("no-resumption")
    async def test_nothing_is_left_of_the_last_session(self, deaf_server):
        """Inferred (§2.1): who dials again begins with the defaults."""
        async with dial(deaf_server) as websocket:
            changes = {"type": "realtime", "instructions": "Be brief.", "audio": {"output": {"voice": "cedar"}}}
            await ask(websocket, {"type": "session.update", "session": changes})
        one, two = await session_of(deaf_server), await session_of(deaf_server)
        own = {"id", "expires_at"}
        assert {key: value for key, value in one.items() if key not in own} == {
            key: value for key, value in two.items() if key not in own
        }
        assert one["instructions"] == INSTRUCTIONS and one["audio"]["output"]["voice"] == "alloy"

    @pytest.mark.behaviour("subprotocol")
    async def test_subprotocol(self, deaf_server):
        """Inferred (§2.1): a browser needs one to be selected."""
        browser = ["realtime", "openai-insecure-api-key.sk-x", "openai-agents-sdk.0.20.0"]
        for offered, chosen in ((browser, "realtime"), (["openai-insecure-api-key.sk-x"], None)):
            async with connect(address(deaf_server), subprotocols=offered) as websocket:
                assert websocket.subprotocol == chosen
                assert (await receive(websocket))["type"] == "session.created"

    async def test_small_messages_leave_at_once(self, deaf_server):
        """Nagle's algorithm would hold an answer back until the client's next append."""
        async with dial(deaf_server):
            (transport,) = deaf_server._transports
            assert transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    async def test_hundreds_at_once(self, deaf_server):
        async with contextlib.AsyncExitStack() as stack:
            entered = (stack.enter_async_context(dial(deaf_server)) for _ in range(300))
            clients = await asyncio.gather(*entered)
            await asyncio.gather(*map(still_works, clients))
            assert deaf_server.connections == 300
            assert len({view.id for view in deaf_server.sessions()}) == 300

    @pytest.mark.behaviour("deflate")
    async def test_compression_if_it_is_offered(self, deaf_server):
        """Captured (§2.1)."""
        async with dial(deaf_server, compression="deflate") as websocket:
            assert [extension.name for extension in websocket.protocol.extensions] == ["permessage-deflate"]
            await still_works(websocket)
        async with dial(deaf_server) as websocket:
            assert websocket.protocol.extensions == []


class TestAdmission:
    async def test_a_handshake_that_fails_is_no_session(self, tmp_path):
        """It is answered, and neither counted nor written down."""
        async with LiveServer(DEAF, LiveSettings(journal_dir=tmp_path)) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(handshake(PATH).replace(b"GET", b"POST"))
            assert (await reader.read(-1)).startswith(b"HTTP/1.1 400 ")
            writer.close()
            assert server.sessions() == []
            async with dial(server):
                assert [session.number for session in server.sessions()] == [1]
        assert len(list(tmp_path.iterdir())) == 1

    @pytest.mark.behaviour("refused-after-101")
    async def test_a_refusal_is_one_event_and_a_close_after_the_101(self, deaf_server):
        """Captured (§2.1)."""
        event, closed = await refusal_of(deaf_server)
        assert event["type"] == "error"
        assert event["error"]["code"] is None
        assert event["event_id"].startswith("event_")
        assert (closed.code, closed.reason) == (3000, "invalid_request_error")

    @pytest.mark.behaviour("refused-after-101")
    async def test_close_follows_in_the_same_piece(self, deaf_server):
        """Captured (§2.1): both came in the same millisecond."""
        reader, writer = await asyncio.open_connection("127.0.0.1", deaf_server.port)
        writer.write(handshake("/v1/realtime"))
        await reader.readuntil(b"\r\n\r\n")
        assert b"\x0b\xb8invalid_request_error" in await reader.read(4096)
        writer.close()

    @pytest.mark.behaviour("refusal-codes")
    async def test_model(self, deaf_server):
        """Captured (§2.1)."""
        event, closed = await refusal_of(deaf_server, "/v1/realtime?model=gpt-5", additional_headers=KEY)
        assert event["error"]["code"] == "invalid_model"
        assert (closed.code, closed.reason) == (4000, "invalid_request_error.invalid_model")

    @pytest.mark.behaviour("sunset", "dialects")
    async def test_beta(self):
        """Captured (§2.4)."""
        headers = KEY | {"OpenAI-Beta": "realtime=v1"}
        async with LiveServer(DEAF) as server:
            event, closed = await refusal_of(server, additional_headers=headers)
        assert event["error"]["code"] == "beta_api_shape_disabled"
        assert closed.code == 4000
        settings = LiveSettings(admission=Admission(dialects="ga"))
        async with (
            LiveServer(DEAF, settings) as server,
            connect(address(server), additional_headers=headers) as websocket,
        ):
            assert "output_modalities" in (await receive(websocket))["session"]
            await still_works(websocket)

    async def test_a_token_is_the_one_good_key(self):
        async with LiveServer(DEAF, LiveSettings(token="secret-token")) as server:
            event, _ = await refusal_of(server, additional_headers=KEY)
            assert event["error"]["code"] == "invalid_api_key"
            async with dial(server, additional_headers={"Authorization": "Bearer secret-token"}) as websocket:
                await still_works(websocket)


class TestKeepalive:
    @pytest.mark.behaviour("ping", "no-pong")
    def test_the_times_are_the_service_s(self):
        """Captured (§2.1): a PING every 20.26 s; clients report that some 20 s without a PONG are too long."""
        assert (Timing().ping_every_s, Timing().pong_within_s) == (20.26, 20.0)

    @pytest.mark.behaviour("ping", "no-pong")
    async def test_a_client_without_pongs_is_closed_with_1011(self):
        """The PING is captured, the Close inferred (§2.1)."""
        impatient = LiveSettings(timing=Timing(ping_every_s=0.1, pong_within_s=0.1))
        async with LiveServer(DEAF, impatient) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(handshake(PATH, "Authorization: Bearer sk-x"))
            said = await reader.read(-1)
            writer.close()
        # Captured: the service's PING has four bytes of payload.
        assert b"\x89\x04" in said
        assert b"\x03\xf3keepalive ping timeout" in said

    @pytest.mark.behaviour("no-pong", "idle-socket")
    @pytest.mark.parametrize("timing", [Timing(ping_every_s=0.05, pong_within_s=0.04), Timing(0.04, 0.05)])
    async def test_a_client_with_pongs_stays(self, timing):
        """Inferred (§2.1)."""
        async with LiveServer(DEAF, LiveSettings(timing=timing)) as server, dial(server) as websocket:
            await asyncio.sleep(0.5)
            await still_works(websocket)


class TestExpiry:
    @pytest.mark.behaviour("expiry", "shorter-life")
    async def test_is_an_error_and_a_close(self):
        """Reported verbatim (§4.6), whenever it is that a session ends."""
        async with LiveServer(SessionSetup(detector="energy", lasts_us=100_000)) as server, dial(server) as websocket:
            assert (await receive(websocket))["error"]["code"] == "session_expired"
            with pytest.raises(ConnectionClosed) as closed:
                await receive(websocket)
        assert closed.value.rcvd.code == 1001
        assert closed.value.rcvd.reason == "Your session hit the maximum duration of 60 minutes."

    @pytest.mark.behaviour("expires-at")
    async def test_is_promised_in_session_created(self):
        """Captured (§4.6): ``expires_at`` is when the session will end, an hour from now unless it is set otherwise."""
        async with LiveServer(SessionSetup(detector="energy", lasts_us=600_000_000)) as server:
            assert (await session_of(server))["expires_at"] - time.time() == pytest.approx(600, abs=5)


class TestLeaving:
    @pytest.mark.parametrize("messages", [0, 1, 2])
    async def test_a_client_that_is_gone_when_its_close_is_read(self, deaf_server, messages):
        """It writes its last messages and its Close and ends the connection, before the server has read any of it."""
        with socket.create_connection(("127.0.0.1", deaf_server.port)) as client:
            client.sendall(handshake(PATH, "Authorization: Bearer sk-x"))
            while not any(session.events_out for session in deaf_server.sessions()):
                await asyncio.sleep(0.01)
            client.recv(65_536)
            close = frame(Opcode.CLOSE, (1000).to_bytes(2, "big"))
            client.sendall(text('{"type": "response.cancel"}') * messages + close)
        async with asyncio.timeout(PATIENCE_S):
            while deaf_server.connections:
                await asyncio.sleep(0.01)
        (session,) = deaf_server.sessions()
        assert (session.state, session.close_code) == ("closed", 1000)


class TestStopping:
    @pytest.mark.behaviour("stopping")
    async def test_closes_with_1001(self):
        """Ours (§4.7)."""
        async with LiveServer(DEAF) as server:
            websocket = await connect(address(server), additional_headers=KEY)
            await receive(websocket)
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd.code == 1001

    async def test_does_not_wait_for_a_client_that_reads_nothing(self):
        async with contextlib.AsyncExitStack() as stack:
            hasty = LiveSettings(timing=Timing(stop_within_s=0.2))
            async with asyncio.timeout(PATIENCE_S), LiveServer(DEAF, hasty) as server:
                websocket = await stack.enter_async_context(dial(server, max_queue=1))
                await ask_for_much(websocket)
                await asyncio.sleep(0.2)
            with pytest.raises(ConnectionClosed):
                while True:
                    await websocket.recv()

    async def test_does_not_wait_for_half_a_handshake(self):
        async with asyncio.timeout(PATIENCE_S), LiveServer(DEAF) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET /v1/realtime HTTP/1.1\r\n")
            await asyncio.sleep(0.05)
        with contextlib.suppress(ConnectionError):
            assert b"101" not in await reader.read(-1)
        writer.close()


class TestListening:
    async def test_port_in_use(self):
        async with LiveServer(DEAF) as server:
            with pytest.raises(InputError) as refused:
                async with LiveServer(DEAF, LiveSettings(port=server.port)):
                    pass
        assert str(refused.value) == (
            f"cannot listen on 127.0.0.1 port {server.port}: it is in use; choose another port, or 0 for any free one"
        )

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com", ""])
    @pytest.mark.parametrize("guarded", [{}, {"allow_remote": True}, {"token": "t"}])
    def test_only_this_machine_without_a_token(self, host, guarded):
        with pytest.raises(InputError, match=r"port 8765: .*use 127\.0\.0\.1") as refused:
            run_server(DEAF, LiveSettings(host=host, port=8765, **guarded), pytest.fail)
        assert host in str(refused.value)

    def test_other_machines_with_one(self):
        settings = LiveSettings(host="192.0.2.1", allow_remote=True, token="t")
        with pytest.raises(InputError, match="this machine has no such address"):  # and no other reason
            run_server(DEAF, settings, pytest.fail)

    @pytest.mark.parametrize("port", [-1, 65_536])
    def test_port_out_of_range(self, port):
        with pytest.raises(InputError, match=f"port {port}: .*65535"):
            run_server(DEAF, LiveSettings(port=port), pytest.fail)

    def test_unknown_detector_is_told_before_any_client(self):
        with pytest.raises(SettingError, match="psychic"):
            run_server(SessionSetup(detector="psychic"), LiveSettings(), pytest.fail)

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to")
    async def test_journal_folder_that_cannot_be_written(self):
        with pytest.raises(InputError, match="journals cannot be written to /proc"):
            async with LiveServer(DEAF, LiveSettings(journal_dir=Path("/proc"))):
                pass

    def test_journal_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(InputError, match="choose another folder"):
            run_server(DEAF, LiveSettings(journal_dir=tmp_path / "file" / "journals"), pytest.fail)

    async def test_localhost_and_ipv6(self):
        async with LiveServer(DEAF, LiveSettings(host="localhost")) as server:
            assert server.url == f"ws://127.0.0.1:{server.port}/v1/realtime"
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            pytest.skip("this machine has no IPv6")
        async with LiveServer(DEAF, LiveSettings(host="::1")) as server:
            assert server.url == f"ws://[::1]:{server.port}/v1/realtime"
            async with dial(server) as websocket:
                await still_works(websocket)


PROGRAM = """
import signal, sys
from harness.live.server import run_server
from harness.live.settings import LiveSettings
from harness.live.socket.limits import Timing
from harness.server.session import SessionSetup
for name in sys.argv[1:]:
    signal.signal(getattr(signal, name), signal.SIG_IGN)
settings = LiveSettings(timing=Timing(stop_within_s=60))
run_server(SessionSetup(detector="energy"), settings, lambda url: print(url, flush=True))
print("stopped")
"""


@contextlib.asynccontextmanager
async def program(*ignored):
    """:data:`PROGRAM`, and its URL with a model; the signals of these names are ignored when it starts."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, *ignored, stdout=pipe, stderr=pipe)
    try:
        yield process, (await process.stdout.readline()).decode().strip() + "?model=gpt-realtime"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process):
    async with asyncio.timeout(PATIENCE_S):
        output, errors = await process.communicate()
    assert (process.returncode, output, errors) == (0, b"stopped\n", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent another way")
class TestSignals:
    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
    async def test_stops_cleanly(self, name):
        async with program() as (process, url):
            rude = await connect(url, additional_headers=KEY)
            rude.transport.write(b"\x81\xfe\x10\x00")
            rude.transport.abort()
            async with connect(url, additional_headers=KEY) as websocket:
                await receive(websocket)
                process.send_signal(getattr(signal, name))
                with pytest.raises(ConnectionClosed) as closed:
                    await websocket.recv()
            assert closed.value.rcvd.code == 1001
            await ended(process)

    async def test_a_hangup_that_is_ignored_stays_so(self):
        """As after ``nohup``."""
        async with program("SIGHUP") as (process, url), connect(url, additional_headers=KEY) as websocket:
            await receive(websocket)
            process.send_signal(signal.SIGHUP)
            await asyncio.sleep(0.3)
            await still_works(websocket)
            process.terminate()
            await websocket.wait_closed()
            await ended(process)

    @pytest.mark.parametrize("second", ["SIGINT", "SIGTERM", "SIGHUP"])
    async def test_a_second_one_does_not_wait_for_clients(self, second):
        async with program() as (process, url):
            port = int(url.partition("127.0.0.1:")[2].partition("/")[0])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(handshake(PATH, "Authorization: Bearer any"))
            await reader.readuntil(b"session.created")
            process.terminate()
            await reader.readuntil(b"\x03\xe9")  # the Close frame with 1001, which it does not answer
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await process.wait()
            process.send_signal(getattr(signal, second))
            await ended(process)
            writer.close()


class TestPlatforms:
    """What a platform lacks is left out."""

    async def test_without_hangup(self, monkeypatch):
        monkeypatch.delattr(signal, "SIGHUP", raising=False)
        ready = asyncio.Event()
        task = asyncio.create_task(_run(LiveServer(DEAF), lambda _: ready.set()))
        async with asyncio.timeout(PATIENCE_S):
            await ready.wait()
            signal.raise_signal(signal.SIGTERM)
            await task

    async def test_without_signal_handlers(self, monkeypatch):
        """As the event loops of Windows; there a KeyboardInterrupt cancels the main task."""

        def missing(*_):
            raise NotImplementedError

        monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", missing)
        ready = asyncio.Event()
        task = asyncio.create_task(_run(LiveServer(DEAF), lambda _: ready.set()))
        await ready.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
