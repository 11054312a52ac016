"""Faults in live sessions, by name (§6.1, §6.2)."""

import asyncio
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from harness.errors import SettingError
from harness.faults import MICROPHONE, NETWORK, SERVER
from harness.live.faults import FaultSpec, read_fault
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.server.session import SessionSetup
from tests.live.socket.testing import handshake, text
from tests.live.testing import (
    DEAF,
    KEY,
    PATIENCE_S,
    QUICK_VOICE,
    address,
    append,
    ask,
    dial,
    receive,
    spoken,
    still_works,
)

REFUSALS = (OSError, EOFError, ConnectionClosed, InvalidHandshake)
"""What a dial that is reset looks like to websockets."""


class TestSpecs:
    @pytest.mark.parametrize(
        ("text", "spec"),
        [
            ("mute", FaultSpec("mute")),
            ("held-active:after=5s,lasts=10s", FaultSpec("held-active", 5.0, 10.0)),
            ("stall:lasts=1.5min", FaultSpec("stall", 0.0, 90.0)),
            ("reset:after=250ms", FaultSpec("reset", 0.25)),
            ("mute:sessions=first", FaultSpec("mute", sessions="first")),
            ("mute:sessions=next", FaultSpec("mute", sessions="next")),
            ("mute:sessions=all,lasts=1s", FaultSpec("mute", 0.0, 1.0, sessions="all")),
            (
                "delayed-events:after=1s,events=response.done,delay=2s,count=3",
                FaultSpec("delayed-events", 1.0, None, {"events": "response.done", "delay": "2s", "count": 3}),
            ),
            (
                "scripted-probabilities:probabilities=[0.1,0.9],then=repeat",
                FaultSpec("scripted-probabilities", 0.0, None, {"probabilities": [0.1, 0.9], "then": "repeat"}),
            ),
        ],
    )
    def test_read(self, text, spec):
        assert read_fault(text) == spec

    @pytest.mark.parametrize("name", sorted({**NETWORK, **SERVER}))
    def test_every_fault_of_server_and_network(self, name):
        assert read_fault(name).name == name

    @pytest.mark.parametrize("name", sorted(MICROPHONE))
    def test_a_microphone_is_the_clients(self, name):
        with pytest.raises(
            SettingError, match=f"'{name}' is one of the client's microphone, which a server cannot reach"
        ):
            read_fault(name)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("mutt", "no fault is called 'mutt'; did you mean 'mute'?"),
            ("", "no fault is called ''; known: black-holed"),
            ("mute:5s", "--fault 'mute:5s': '5s' is neither after=TIME nor lasts=TIME, such as lasts=10s"),
            ("mute:after=5", "'after=5' is neither"),
            ("mute:after=-5s", "'after=-5s' is neither"),
            ("mute:lasts=1s,lasts=2s", "'lasts' appears twice"),
            ("mute:after=1s,", "'' is neither"),
            ("mute:sessions=second", "'sessions=second' is none of sessions=all, sessions=first and sessions=next"),
            ("mute:sessions=first,sessions=all", "'sessions' appears twice"),
            ("mute:delay=2s", "'delay=2s' is neither"),
            ("late-created:delay=2", "'delay' of the fault 'late-created': write a duration"),
            ("late-created:delay=2s,delay=3s", "'delay' appears twice"),
        ],
    )
    def test_mistakes(self, text, sentence):
        with pytest.raises(SettingError) as mistake:
            read_fault(text)
        assert sentence in str(mistake.value)


@pytest.fixture
async def hearing():
    setup = SessionSetup(voice=QUICK_VOICE, detector="energy")
    async with LiveServer(setup) as server:
        yield server


async def silent(websocket) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await websocket.recv()


class TestOneSession:
    @pytest.mark.behaviour("mute")
    async def test_mute_and_release(self, deaf_server):
        async with dial(deaf_server) as faulty, dial(deaf_server) as other:
            fault = deaf_server.start_fault("mute", session=1, lasts_s=None)
            assert deaf_server.faults() == [fault]
            assert (fault.name, fault.seam, fault.session, fault.ends_at) == ("mute", "wire", 1, None)
            assert [view.faults for view in deaf_server.sessions()] == [("mute",), ()]
            await still_works(other)
            await faulty.send('{"type": "input_audio_buffer.clear"}')
            await (await faulty.ping())  # alive all the same
            assert deaf_server.end_fault(fault.id)
            await still_works(faulty)  # and the lost event stays lost
            assert not deaf_server.end_fault(fault.id)
            assert deaf_server.faults() == []

    async def test_a_passing_fault_ends_by_itself(self, deaf_server):
        async with dial(deaf_server) as websocket:
            fault = deaf_server.start_fault("stall", session=1, lasts_s=0.2)
            assert fault.ends_at == pytest.approx(fault.struck_at + 0.2)
            began = time.monotonic()
            await still_works(websocket)
            assert time.monotonic() - began > 0.15
            assert deaf_server.faults() == []
            assert deaf_server.sessions()[0].faults == ()

    @pytest.mark.behaviour("held-active")
    async def test_held_active_hears_speech_in_silence(self, hearing):
        async with dial(hearing) as websocket:
            hearing.start_fault("held-active", session=1, lasts_s=None)
            started = await ask(websocket, append(bytes(48_000)))
            assert started["type"] == "input_audio_buffer.speech_started"

    @pytest.mark.behaviour("held-idle")
    async def test_held_idle_hears_none_in_speech(self, hearing):
        async with dial(hearing) as websocket:
            fault = hearing.start_fault("held-idle", session=1, lasts_s=None)
            await websocket.send(append(spoken("speech_en_f_arctic_a0009")))
            await still_works(websocket)
            hearing.end_fault(fault.id)
            started = await ask(websocket, append(spoken("speech_en_f_arctic_a0009")))
            assert started["type"] == "input_audio_buffer.speech_started"

    @pytest.mark.behaviour("reply-stalls")
    async def test_a_reply_stalls(self, hearing):
        async with dial(hearing) as websocket:
            hearing.start_fault("stalled-reply", session=1, lasts_s=None)
            await websocket.send('{"type": "response.create"}')
            kinds = []
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    while True:
                        kinds.append((await receive(websocket))["type"])
            assert "response.output_audio.delta" in kinds
            assert "response.done" not in kinds

    @pytest.mark.behaviour("reply-stalls")
    async def test_a_stalled_reply_goes_on(self, hearing):
        async with dial(hearing) as websocket:
            hearing.start_fault("stalled-reply", session=1, lasts_s=0.5)
            await websocket.send('{"type": "response.create"}')
            began = time.monotonic()
            async with asyncio.timeout(PATIENCE_S):
                while (await receive(websocket))["type"] != "response.done":
                    pass
            assert time.monotonic() - began >= 0.45

    @pytest.mark.behaviour("reset")
    async def test_reset(self, deaf_server):
        async with dial(deaf_server) as websocket:
            deaf_server.start_fault("reset", session=1, lasts_s=None)
            with pytest.raises(ConnectionClosed) as closed:
                await receive(websocket)
            assert closed.value.rcvd is None
        (view,) = deaf_server.sessions()
        assert (view.state, view.close_code) == ("closed", 1006)
        assert deaf_server.faults() == []  # it went with the session

    async def test_mistakes(self, deaf_server):
        async with dial(deaf_server):
            for name, session, lasts_s, sentence in (
                ("mutt", 1, None, "did you mean 'mute'"),
                ("zeroed", 1, None, "which a server cannot reach"),
                ("mute", 7, None, "no session 7 is open"),
                ("mute", 1, 0.0, "cannot last 0 s"),
            ):
                with pytest.raises(SettingError, match=sentence):
                    deaf_server.start_fault(name, session=session, lasts_s=lasts_s)
            assert deaf_server.faults() == []


class TestAllSessions:
    async def test_present_and_future(self, deaf_server):
        async with dial(deaf_server) as present:
            fault = deaf_server.start_fault("mute", session=None, lasts_s=None)
            async with connect(address(deaf_server), additional_headers=KEY) as future:
                for websocket in (present, future):
                    await websocket.send('{"type": "input_audio_buffer.clear"}')
                    with pytest.raises(TimeoutError):
                        async with asyncio.timeout(0.1):
                            await websocket.recv()
                deaf_server.end_fault(fault.id)
                for websocket in (present, future):
                    await still_works(websocket)

    async def test_dials_are_refused_while_reset_lasts(self, deaf_server):
        async with dial(deaf_server) as websocket:
            fault = deaf_server.start_fault("reset", session=None, lasts_s=None)
            with pytest.raises(ConnectionClosed):
                await receive(websocket)
        with pytest.raises(REFUSALS):
            await connect(address(deaf_server), additional_headers=KEY)
        deaf_server.end_fault(fault.id)
        async with dial(deaf_server) as websocket:
            await still_works(websocket)

    @pytest.mark.behaviour("half-open")
    async def test_dials_hang_while_half_open_lasts(self, deaf_server):
        async with dial(deaf_server, close_timeout=0.1) as dead:
            fault = deaf_server.start_fault("half-open", session=None, lasts_s=None)
            with pytest.raises(TimeoutError):
                await connect(address(deaf_server), additional_headers=KEY, open_timeout=0.2)
            deaf_server.end_fault(fault.id)
            async with dial(deaf_server) as healthy:
                await still_works(healthy)
            await dead.send('{"type": "input_audio_buffer.clear"}')  # once dead, a connection stays so
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await dead.recv()

    @pytest.mark.behaviour("black-hole")
    @pytest.mark.parametrize(
        ("name", "lasts_s", "from_s", "to_s"), [("black-holed", 0.3, 1, 2), ("half-open", 1.2, 3, 4)]
    )
    async def test_a_dial_that_was_lost_is_answered_when_tcp_asks_again(self, deaf_server, name, lasts_s, from_s, to_s):
        """RFC 6298: 1 and 3 s after the first SYN."""
        deaf_server.start_fault(name, session=None, lasts_s=lasts_s)
        began = time.monotonic()
        async with dial(deaf_server) as websocket:
            assert from_s <= time.monotonic() - began < to_s
            await still_works(websocket)

    async def test_a_client_that_does_not_wait_for_tcp(self, deaf_server):
        fault = deaf_server.start_fault("black-holed", session=None, lasts_s=None)
        with pytest.raises(TimeoutError):
            await connect(address(deaf_server), additional_headers=KEY, open_timeout=0.1)
        async with asyncio.timeout(PATIENCE_S):
            while deaf_server.connections:
                await asyncio.sleep(0.01)
        deaf_server.end_fault(fault.id)
        await asyncio.sleep(1)
        assert deaf_server.sessions() == []

    async def test_dials_wait_while_a_stall_lasts(self, deaf_server):
        deaf_server.start_fault("stall", session=None, lasts_s=0.3)
        began = time.monotonic()
        async with dial(deaf_server) as websocket:
            assert time.monotonic() - began > 0.2
            await still_works(websocket)

    async def test_a_client_that_speaks_before_its_turn(self, deaf_server):
        fault = deaf_server.start_fault("stall", session=None, lasts_s=None)
        reader, writer = await asyncio.open_connection("127.0.0.1", deaf_server.port)
        writer.write(handshake("/v1/realtime?model=gpt-realtime", "Authorization: Bearer sk-x"))
        await asyncio.sleep(0.05)
        writer.write(text('{"type": "input_audio_buffer.clear"}'))
        await asyncio.sleep(0.05)
        deaf_server.end_fault(fault.id)
        async with asyncio.timeout(PATIENCE_S):
            await reader.readuntil(b"input_audio_buffer.cleared")
        writer.close()

    async def test_a_client_that_does_not_wait(self, deaf_server):
        fault = deaf_server.start_fault("stall", session=None, lasts_s=None)
        with pytest.raises(TimeoutError):
            await connect(address(deaf_server), additional_headers=KEY, open_timeout=0.1)
        async with asyncio.timeout(PATIENCE_S):
            while deaf_server.connections:
                await asyncio.sleep(0.01)
        deaf_server.end_fault(fault.id)
        async with dial(deaf_server) as websocket:
            await still_works(websocket)


class TestFromTheStart:
    async def test_each_session_counts_its_own_time(self):
        settings = LiveSettings(faults=(read_fault("mute:after=200ms,lasts=200ms"),))
        async with LiveServer(DEAF, settings) as server:
            for _ in range(2):
                async with dial(server) as websocket:
                    await still_works(websocket)
                    await asyncio.sleep(0.3)
                    await websocket.send('{"type": "input_audio_buffer.clear"}')
                    await asyncio.sleep(0.2)
                    await still_works(websocket)

    async def test_the_detector_of_every_session(self):
        setup = SessionSetup(voice=QUICK_VOICE, detector="energy")
        async with (
            LiveServer(setup, LiveSettings(faults=(read_fault("held-active"),))) as server,
            dial(server) as socket,
        ):
            assert (await ask(socket, append(bytes(48_000))))["type"] == "input_audio_buffer.speech_started"

    async def test_each_client_gets_a_session_and_then_it_stalls(self):
        async with LiveServer(DEAF, LiveSettings(faults=(read_fault("stall:lasts=300ms"),))) as server:
            for _ in range(2):
                began = time.monotonic()
                async with dial(server) as websocket:
                    assert time.monotonic() - began < 0.2
                    await still_works(websocket)
                    assert time.monotonic() - began > 0.2

    async def test_each_client_gets_a_session_and_then_it_is_half_open(self):
        async with LiveServer(DEAF, LiveSettings(faults=(read_fault("half-open"),))) as server:
            for number in range(2):
                async with dial(server, close_timeout=0.1) as websocket:
                    await websocket.send('{"type": "input_audio_buffer.clear"}')
                    await silent(websocket)
                    assert server.sessions()[number].faults == ("half-open",)

    async def test_each_client_gets_a_session_and_then_it_is_reset(self):
        async with LiveServer(DEAF, LiveSettings(faults=(read_fault("reset"),))) as server:
            for _ in range(2):
                async with dial(server) as websocket:
                    with pytest.raises(ConnectionClosed):
                        await receive(websocket)

    async def test_they_are_listed_and_can_be_released(self):
        async with LiveServer(DEAF, LiveSettings(faults=(read_fault("stall"), read_fault("held-idle")))) as server:
            stall, held = server.faults()
            assert [(fault.name, fault.session, fault.ends_at) for fault in (stall, held)] == [
                ("stall", None, None),
                ("held-idle", None, None),
            ]
            async with dial(server) as faulty:
                await faulty.send('{"type": "input_audio_buffer.clear"}')
                await silent(faulty)
                assert server.end_fault(stall.id)
                assert (await receive(faulty))["type"] == "input_audio_buffer.cleared"
                assert [(fault.id, fault.state) for fault in server.faults()] == [(held.id, "active")]
                assert not server.end_fault(stall.id)
                async with dial(server) as healthy:
                    await still_works(healthy)
                    assert [view.faults for view in server.sessions()] == [("held-idle",), ("held-idle",)]

    async def test_one_whose_time_is_over_is_active_no_more(self):
        """The field's page showed it as active for ever."""
        async with LiveServer(DEAF, LiveSettings(faults=(read_fault("held-idle:lasts=200ms"),))) as server:
            assert [fault.state for fault in server.faults()] == ["waiting"]
            async with dial(server) as websocket:
                assert [fault.state for fault in server.faults()] == ["active"]
                (fault,) = server.session(1).faults_now
                assert (fault.name, fault.is_over) == ("held-idle", False)
                assert 0 < fault.left_s <= 0.2
                await asyncio.sleep(0.3)
                assert [fault.state for fault in server.faults()] == ["waiting"]
                assert server.session(1).faults_now == ()
                await still_works(websocket)
                async with dial(server):
                    assert [fault.state for fault in server.faults()] == ["active"]
                    assert [len(view.faults) for view in server.sessions()] == [0, 1]

    async def test_one_that_was_released_begins_no_more(self):
        async with LiveServer(DEAF, LiveSettings(faults=(read_fault("reset:after=200ms"),))) as server:
            (fault,) = server.faults()
            async with dial(server) as websocket:
                assert server.end_fault(fault.id)
                await asyncio.sleep(0.3)
                await still_works(websocket)

    async def test_a_reset_in_mid_session(self):
        settings = LiveSettings(faults=(read_fault("reset:after=200ms"),))
        async with LiveServer(DEAF, settings) as server, dial(server) as websocket:
            await still_works(websocket)
            with pytest.raises(ConnectionClosed):
                await receive(websocket)


class TestLater:
    async def test_one_that_waits_its_time(self, deaf_server):
        async with dial(deaf_server) as websocket:
            fault = deaf_server.start_fault("mute", session=1, lasts_s=0.2, after_s=0.2)
            assert (fault.state, fault.ends_at, fault.lasts_s) == ("waiting", None, 0.2)
            assert fault.struck_at == pytest.approx(time.time() + 0.2, abs=0.1)
            await still_works(websocket)
            await asyncio.sleep(0.3)
            (active,) = deaf_server.faults()
            assert (active.id, active.state) == (fault.id, "active")
            assert active.ends_at == pytest.approx(active.struck_at + 0.2)
            await asyncio.sleep(0.2)
            assert deaf_server.faults() == []
            await still_works(websocket)

    async def test_one_that_is_ended_before_it_starts_never_does(self, deaf_server):
        async with dial(deaf_server) as websocket:
            fault = deaf_server.start_fault("reset", session=None, lasts_s=None, after_s=0.1)
            assert deaf_server.end_fault(fault.id)
            await asyncio.sleep(0.2)
            await still_works(websocket)

    async def test_one_for_all_that_waits_is_on_no_session_yet_and_then_on_each(self, deaf_server):
        async with dial(deaf_server):
            deaf_server.start_fault("held-idle", session=None, lasts_s=None, after_s=0.1)
            async with dial(deaf_server):
                assert [view.faults for view in deaf_server.sessions()] == [(), ()]
                await asyncio.sleep(0.2)
                assert [view.faults for view in deaf_server.sessions()] == [("held-idle",), ("held-idle",)]

    async def test_it_cannot_start_in_the_past(self, deaf_server):
        with pytest.raises(SettingError, match="cannot start -1 s from now"):
            deaf_server.start_fault("mute", session=None, lasts_s=None, after_s=-1.0)


class TestTheNextSession:
    async def test_it_alone_has_it(self, deaf_server):
        async with dial(deaf_server) as present:
            fault = deaf_server.start_fault("mute", session=None, lasts_s=0.3, sessions="next")
            assert (fault.state, fault.session) == ("waiting", None)
            await still_works(present)
            async with connect(address(deaf_server), additional_headers=KEY) as following:
                await silent(following)
                (fault,) = deaf_server.faults()
                assert (fault.state, fault.session) == ("active", 2)
                async with dial(deaf_server):
                    assert [view.faults for view in deaf_server.sessions()] == [(), ("mute",), ()]
                await asyncio.sleep(0.3)
                assert deaf_server.faults() == []

    async def test_one_that_breaks_connections_lets_it_connect(self, deaf_server):
        deaf_server.start_fault("reset", session=None, lasts_s=None, sessions="next")
        async with dial(deaf_server) as websocket:
            with pytest.raises(ConnectionClosed):
                await receive(websocket)
        async with dial(deaf_server) as websocket:
            await still_works(websocket)

    async def test_from_the_start(self):
        async with LiveServer(DEAF, LiveSettings(faults=(read_fault("held-idle:sessions=next"),))) as server:
            async with dial(server), dial(server):
                assert [view.faults for view in server.sessions()] == [("held-idle",), ()]
            async with dial(server):
                assert server.faults() == []

    async def test_a_fault_of_calls_waits_for_a_call(self, deaf_server):
        deaf_server.start_fault("ice-lost", session=None, lasts_s=None, sessions="next")
        async with dial(deaf_server) as websocket:
            await still_works(websocket)
            assert [(fault.state, fault.session) for fault in deaf_server.faults()] == [("waiting", None)]


async def test_a_half_open_connection_stays_so_and_says_that_the_time_of_the_fault_is_over(deaf_server):
    async with dial(deaf_server):
        deaf_server.start_fault("half-open", session=1, lasts_s=0.1)
        assert [fault.is_over for fault in deaf_server.session(1).faults_now] == [False]
        await asyncio.sleep(0.2)
        assert deaf_server.faults() == []
        assert [(fault.name, fault.is_over) for fault in deaf_server.session(1).faults_now] == [("half-open", True)]


async def test_a_session_that_opens_under_a_fault_has_what_is_left_of_it(deaf_server):
    async with dial(deaf_server):
        deaf_server.start_fault("held-idle", session=None, lasts_s=0.6)
        await asyncio.sleep(0.2)
        async with dial(deaf_server):
            first, second = (view.faults_now[0].left_s for view in deaf_server.sessions())
            assert second == pytest.approx(first, abs=0.1)
            assert second < 0.45


async def test_journal_tells_of_them(deaf_server):
    async with dial(deaf_server):
        fault = deaf_server.start_fault("held-idle", session=1, lasts_s=2.5)
        deaf_server.end_fault(fault.id)
        _, entries = deaf_server.entries(1, 0)
    started, ended = [entry for entry in entries if "fault" in (entry["lane"], entry["kind"].partition("_")[0])]
    assert (started["kind"], started["length_us"]) == ("held-idle", 2_500_000)
    assert (ended["kind"], ended["fault"]) == ("fault_ends", "held-idle")


async def test_parameters_are_in_force_and_listed(deaf_server):
    async with dial(deaf_server) as websocket:
        fault = deaf_server.start_fault(
            "dropped-events", session=1, lasts_s=None, parameters={"events": "input_audio_buffer.*", "count": 1}
        )
        assert fault.parameters == {"events": "input_audio_buffer.*", "count": 1}
        await websocket.send('{"type": "input_audio_buffer.clear"}')  # lost on its way up
        await silent(websocket)
        await still_works(websocket)


async def test_closed_with_a_code(deaf_server):
    async with dial(deaf_server) as websocket:
        deaf_server.start_fault("closed", session=1, lasts_s=None, parameters={"code": 4000, "reason": "so it is"})
        with pytest.raises(ConnectionClosed) as closed:
            await receive(websocket)
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "so it is")


@pytest.mark.behaviour("no-code")
async def test_closed_without_a_code(deaf_server):
    """RFC 6455, section 7.1.5: the Close frame is empty, which its reader shows as 1005."""
    async with dial(deaf_server) as websocket:
        deaf_server.start_fault("closed", session=1, lasts_s=None, parameters={"code": 1005})
        with pytest.raises(ConnectionClosed) as closed:
            await receive(websocket)
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1005, "")
        assert closed.value.rcvd_then_sent
    async with asyncio.timeout(PATIENCE_S):
        while deaf_server.sessions()[0].close_code is None:
            await asyncio.sleep(0.01)
    assert deaf_server.sessions()[0].close_code == 1005


async def test_closed_without_a_code_behind_what_a_stall_holds(deaf_server):
    async with dial(deaf_server) as websocket:
        deaf_server.start_fault("stall", session=1, lasts_s=0.2)
        await websocket.send('{"type": "input_audio_buffer.clear"}')
        await asyncio.sleep(0.05)
        deaf_server.emit(1, {"type": "input_audio_buffer.cleared"})
        deaf_server.start_fault("closed", session=1, lasts_s=None, parameters={"code": 1005})
        assert (await receive(websocket))["type"] == "input_audio_buffer.cleared"
        with pytest.raises(ConnectionClosed) as closed:
            await receive(websocket)
        assert closed.value.rcvd.code == 1005


class TestFirstSessions:
    """``sessions=first``: a client that connects again finds a healthy session."""

    async def test_of_serve(self):
        async with LiveServer(DEAF, LiveSettings(faults=(read_fault("mute:sessions=first"),))) as server:
            async with connect(address(server), additional_headers=KEY):
                pass
            await asyncio.sleep(0.05)
            async with dial(server) as again:
                await still_works(again)
            assert [view.faults for view in server.sessions()] == [("mute",), ()]

    async def test_of_another_client_too(self):
        settings = LiveSettings(faults=(read_fault("no-pong:sessions=first"),))
        another = {"Authorization": "Bearer sk-another"}
        async with (
            LiveServer(DEAF, settings) as server,
            dial(server),
            dial(server, additional_headers=another),
        ):
            assert [view.faults for view in server.sessions()] == [("no-pong",), ("no-pong",)]

    async def test_of_the_control_api_a_dial_again_is_not_refused(self, deaf_server):
        async with dial(deaf_server):
            deaf_server.start_fault("reset", session=None, lasts_s=None, sessions="first")
        await asyncio.sleep(0.05)
        async with dial(deaf_server) as again:
            await still_works(again)
        other = {"Authorization": "Bearer sk-another"}
        with pytest.raises(REFUSALS):
            await connect(address(deaf_server), additional_headers=other)


async def test_a_fault_that_cannot_happen_on_a_connection_is_said(caplog):
    """Nobody takes a client for one that has come through it."""
    async with LiveServer(SessionSetup(voice=QUICK_VOICE)) as server:
        server.start_fault("ice-lost", session=None, lasts_s=None)
        async with dial(server) as client:
            await still_works(client)
    assert caplog.messages == [
        "the fault 'ice-lost' cannot happen on a WebSocket: connection 1 goes without it; choose another fault"
    ]
    caplog.clear()
