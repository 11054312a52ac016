"""The fixture ``realtime_server`` in a user's test file, with and without an event loop, and the server by itself."""

import asyncio
import json
import threading

import pytest
from websockets.sync.client import connect

from harness.errors import InputError, SettingError
from harness.journal import read
from harness.live.faults import FaultSpec
from harness.live.settings import LiveSettings
from harness.plugin import runs, stage  # noqa: F401 (pytester forgets what is loaded within a run)
from harness.plugin.realtime import RealtimeServer, read_options
from harness.server.session import SessionSetup

from .testing import OPTIONS, outcomes, text

pytest_plugins = ["pytester"]

DIAL = """
    import json
    import ssl

    import pytest
    from websockets.sync.client import connect

    HEADERS = {"Authorization": "Bearer any"}


    def dial(server):
        context = ssl.create_default_context(cafile=server.ca_file) if server.ca_file else None
        return connect(f"{server.url}?model=gpt-realtime", additional_headers=HEADERS, ssl=context)


    def received(socket):
        return json.loads(socket.recv(timeout=10))["type"]
"""


@pytest.fixture
def run(pytester):
    """Runs pytest on a test file of these lines."""

    def run(source, *options):
        pytester.makepyfile(test_live=DIAL + source)
        return pytester.runpytest_inprocess(*OPTIONS, "--asyncio-mode=auto", *options)

    return run


def threads():
    return [each.name for each in threading.enumerate() if each.name == "stillthere-realtime-server"]


def test_a_test_without_a_loop(run):
    result = run(
        """
    def test_it(realtime_server):
        assert realtime_server.url == f"ws://127.0.0.1:{realtime_server.port}/v1/realtime"
        assert f"{realtime_server.base_url}/realtime" == realtime_server.url
        with dial(realtime_server) as socket:
            assert received(socket) == "session.created"
            kinds = [entry.kind for entry in realtime_server.journal.entries]
        assert "session.created" in kinds
        assert [each.number for each in realtime_server.sessions] == [1]
        assert realtime_server.diagnosis().state == "quiet"
        assert realtime_server.verdict().name == "vacuous"
        """
    )
    assert outcomes(result) == {"passed": 1}, text(result)
    assert threads() == []


def test_a_test_with_a_loop_is_not_stopped_by_the_server(run):
    result = run(
        """
    import asyncio
    from websockets.asyncio import client

    async def test_it(realtime_server):
        async with client.connect(f"{realtime_server.url}?model=gpt-realtime", additional_headers=HEADERS) as socket:
            assert json.loads(await socket.recv())["type"] == "session.created"
            realtime_server.inject("mute")
            await socket.send('{"type": "input_audio_buffer.clear"}')
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(socket.recv(), 0.3)
        assert realtime_server.diagnosis().cause == "server_mute"
        assert str(realtime_server.verdict()) == "failed: server_mute"
        """
    )
    assert outcomes(result) == {"passed": 1}, text(result)
    assert threads() == []


def test_a_failure_shows_and_keeps_what_the_server_knows(run, pytester):
    result = run(
        """
    def test_it(realtime_server):
        realtime_server.inject("mute")
        with dial(realtime_server) as socket:
            pass
        assert realtime_server.verdict().name == "held"
        """,
        "--stillthere-report",
        "kept",
    )
    assert outcomes(result) == {"failed": 1}
    told = text(result)
    assert "stillthere: client 1 of the realtime server" in told
    assert "fault: server mute" in told and "silent: server_mute" in told
    kept = pytester.path / "kept"
    assert {path.name for path in kept.iterdir()} == {f"test_live.test_it.client-1.{end}" for end in ("jsonl", "svg")}
    assert read(kept / "test_live.test_it.client-1.jsonl").header["stage"] == "live"
    assert threads() == []


def test_the_marker_sets_options(run):
    result = run(
        """
    from stillthere import FaultSpec

    @pytest.mark.realtime_server(tls=True, detector="energy", faults=[FaultSpec("mute")])
    def test_tls(realtime_server):
        assert realtime_server.url.startswith("wss://")
        with dial(realtime_server) as socket, pytest.raises(TimeoutError):
            socket.recv(timeout=0.3)

    @pytest.mark.realtime_server(scenario="telephone_barge_in")
    def test_scenario(realtime_server):
        with dial(realtime_server) as socket:
            assert received(socket) == "session.created"
        assert realtime_server.journal.header["detector"] == "silero"
        """,
        "--strict-markers",
    )
    assert outcomes(result) == {"passed": 2}, text(result)


MARKED = {
    "@pytest.mark.realtime_server has no option 'detectr'; did you mean 'detector'?": "detectr='energy'",
    "@pytest.mark.realtime_server takes its options by name (got 'energy')": "'energy'",
    "no scenario file 'nowhere'": "scenario='nowhere'",
    "no detector is named 'ears'": "detector='ears'",
}


@pytest.mark.parametrize("sentence", MARKED)
def test_a_wrong_option_is_one_sentence(run, sentence):
    result = run(f"\n    @pytest.mark.realtime_server({MARKED[sentence]})\n    def test_it(realtime_server): pass")
    assert outcomes(result) == {"errors": 1}
    assert sum(line.startswith(sentence) for line in result.outlines) == 1, text(result)
    assert "harness/" not in text(result)
    assert threads() == []


def dial(server):
    return connect(f"{server.url}?model=gpt-realtime", additional_headers={"Authorization": "Bearer any"})


def test_a_fault_ends_and_can_have_parameters():
    with RealtimeServer(SessionSetup(detector="energy")) as server:
        fault = server.inject("mute", lasts_s=60)
        assert (fault.name, server.end(fault), server.end(fault)) == ("mute", True, False)
        slow = server.inject("delayed-events", delay="300ms", direction="down")
        assert slow.parameters == {"delay": "0.3s", "direction": "down"}
        with dial(server) as socket:
            assert json.loads(socket.recv(timeout=10))["type"] == "session.created"


def test_a_fault_spec_is_for_the_sessions_that_open_later():
    with RealtimeServer(SessionSetup(detector="energy")) as server, dial(server) as first:
        assert first.recv(timeout=10)
        server.inject(FaultSpec("mute", sessions="all"))
        with dial(server) as second, pytest.raises(TimeoutError):
            second.recv(timeout=0.3)
        first.send('{"type": "nonsense"}')
        assert json.loads(first.recv(timeout=10))["type"] == "error"
        assert len(server.journals) == 2
        with pytest.raises(SettingError, match="2 clients have connected, each with its journal; use journals"):
            server.verdict()
        assert [server.diagnosis(journal).state for journal in server.journals] == ["quiet", "silent"]


def test_a_client_that_connects_again_has_one_journal():
    with RealtimeServer(SessionSetup(detector="energy")) as server:
        for _ in range(2):
            with dial(server) as socket:
                assert socket.recv(timeout=10)
        assert len(server.journals) == 1 and len(server.sessions) == 2


def test_close_ends_a_session():
    with RealtimeServer(SessionSetup(detector="energy")) as server, dial(server) as socket:
        assert socket.recv(timeout=10)
        assert server.close(1, 4000, "enough")
        with pytest.raises(Exception, match="4000"):
            socket.recv(timeout=10)
        assert socket.close_code == 4000


WRONG = {
    "no client has connected to ws://127.0.0.1": lambda server: server.journal,
    "no fault is called 'mut'; did you mean 'mute'?": lambda server: server.inject("mut"),
    "is one of the client's microphone, which a server cannot reach": lambda server: server.inject("zeroed"),
    "the FaultSpec of 'mute' says all by itself": lambda server: server.inject(FaultSpec("mute"), lasts_s=3),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_what_is_wrong_is_one_sentence(sentence):
    with RealtimeServer(SessionSetup(detector="energy")) as server:
        with pytest.raises(SettingError) as raised:
            WRONG[sentence](server)
        assert sentence in str(raised.value)


def test_a_server_that_cannot_start_leaves_no_thread():
    with RealtimeServer() as server, pytest.raises(InputError, match="cannot listen on"):
        RealtimeServer(settings=LiveSettings(port=server.port)).__enter__()
    assert threads() == []


def test_options_of_setup_and_scenario_exclude_each_other(tmp_path):
    from harness.plugin.realtime import make_server

    options = read_options((), {"setup": SessionSetup(), "detector": "energy"})
    with pytest.raises(SettingError, match="setup= says all about the sessions; leave scenario= and detector= out"):
        make_server(tmp_path, lambda: tmp_path, options)


async def test_it_serves_while_a_loop_of_the_test_waits():
    with RealtimeServer(SessionSetup(detector="energy")) as server:
        async with asyncio.timeout(20):
            event = await asyncio.to_thread(lambda: dial(server).recv(timeout=10))
        assert json.loads(event)["type"] == "session.created"
