"""A fault that the proxy injects has the diagnosis that it has in ``serve`` itself; those of a server are refused."""

import asyncio

import pytest

from harness.errors import SettingError
from harness.faults import CATALOGUE
from harness.journal import EventByServer, FaultInjected
from harness.live.faults import FaultSpec, make_fault, read_fault
from harness.live.proxy.faults import BY_PROXY, scenario_faults
from harness.live.server import LiveServer
from harness.protocol.events import ResponseDone
from harness.scenario import load
from harness.server.session import SessionSetup
from harness.verdict.diagnosis import diagnose
from tests.live.proxy.testing import parsed, proxied
from tests.live.testing import PATIENCE_S, QUICK_VOICE, append, dial, pieces, receive, spoken

CLIP = "speech_en_f_arctic_a0009"
SETUP = SessionSetup(voice=QUICK_VOICE, detector="energy")
HALF_OPEN_S = 1.6
"""Longer than the 1.5 s after which nothing that arrives is noticed."""


async def said(websocket):
    for piece in pieces(spoken(CLIP) + bytes(48_000), 4_800):
        await websocket.send(append(piece))


async def done(server):
    async with asyncio.timeout(PATIENCE_S):
        while not list(parsed(server).events(EventByServer, ResponseDone)):
            await asyncio.sleep(0.01)


async def cause(server, fault, parameters):
    """The cause of the silence after a fault, injected by this server."""
    async with dial(server) as websocket:
        server.start_fault(fault, session=1, lasts_s=None, parameters=parameters)
        await said(websocket)
        if fault in ("half-open", "stall"):
            for _ in range(4):
                await asyncio.sleep(HALF_OPEN_S / 4)
                await websocket.send(append(bytes(4_800)))
        else:
            await done(server)
        found = diagnose(parsed(server))
        websocket.transport.abort()
    return found.cause or found.state


@pytest.mark.parametrize(
    ("fault", "parameters", "expected"),
    [
        ("mute", {}, "server_mute"),
        ("half-open", {}, "half_open"),
        ("stall", {}, "half_open"),
        ("dropped-events", {"direction": "down", "events": "response.*"}, "events_lost"),
        ("dropped-events", {"events": "response.output_audio.delta"}, "events_lost"),
        ("corrupted-events", {"direction": "down"}, "server_mute"),
        ("duplicated-events", {}, "answered"),
    ],
)
async def test_the_same_diagnosis_as_in_serve(fault, parameters, expected):
    async with LiveServer(SETUP) as server:
        in_serve = await cause(server, fault, parameters)
    async with LiveServer(SETUP) as server, proxied(server) as proxy:
        in_proxy = await cause(proxy, fault, parameters)
    assert (in_proxy, in_serve) == (expected, expected)


async def test_a_reset_and_a_close_reach_both_ends():
    async with LiveServer(SETUP) as server, proxied(server) as proxy:
        for fault, code in (("reset", 1006), ("closed", CATALOGUE["closed"]().close_code)):
            async with dial(proxy) as websocket:
                number = max(each.number for each in proxy.sessions())
                proxy.start_fault(fault, session=number, lasts_s=None)
                await asyncio.wait_for(websocket.wait_closed(), PATIENCE_S)
            async with asyncio.timeout(PATIENCE_S):
                while any(each.state == "open" for each in server.sessions()):
                    await asyncio.sleep(0.01)
            assert websocket.close_code == code


async def test_the_microphone_of_a_client_is_distorted():
    async with LiveServer(SETUP) as server, proxied(server) as proxy:
        proxy.add_fault(FaultSpec("zeroed"))
        async with dial(proxy) as websocket:
            await said(websocket)
            await websocket.send('{"type": "conversation.item.retrieve", "item_id": "none"}')
            assert (await receive(websocket))["type"] == "error", "nothing was heard before"
            found = parsed(proxy)
            assert [entry.kind for entry in found.select(FaultInjected)] == ["zeroed"]
            assert diagnose(found).state == "quiet"
            audio = server.sessions()[0].audio_in_s
            assert audio == pytest.approx(len(spoken(CLIP) + bytes(48_000)) / 48_000, abs=0.6), "as much as was sent"


async def test_a_fault_of_the_microphone_that_sends_nothing_stops_the_servers_clock():
    async with LiveServer(SETUP) as server, proxied(server) as proxy, dial(proxy) as websocket:
        fault = proxy.start_fault("suspended", session=1, lasts_s=None)
        await said(websocket)
        await websocket.send('{"type": "conversation.item.retrieve", "item_id": "none"}')
        assert (await receive(websocket))["type"] == "error"
        assert server.sessions()[0].audio_in_s == 0
        proxy.end_fault(fault.id)
        await said(websocket)
        while (await receive(websocket))["type"] != "response.done":
            pass


async def test_times_count_from_the_start_of_each_session():
    async with LiveServer(SETUP) as server, proxied(server) as proxy:
        proxy.add_fault(read_fault("mute:after=100ms,lasts=200ms", BY_PROXY))
        async with dial(proxy):
            await asyncio.sleep(0.5)
            entries = [e for e in parsed(proxy).entries if e.kind in ("mute", "fault_ends")]
            assert [entry.t // 100_000 for entry in entries] == [1, 3]


async def test_half_open_from_the_start_lets_the_first_event_through():
    async with LiveServer(SETUP) as server, proxied(server) as proxy:
        proxy.add_fault(FaultSpec("half-open"))
        async with dial(proxy) as websocket:
            await websocket.send('{"type": "conversation.item.retrieve", "item_id": "none"}')
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(websocket.recv(), 0.3)
            websocket.transport.abort()


@pytest.mark.parametrize("name", ["held-active", "dropped-response", "silent-reply"])
def test_a_fault_of_the_server_is_refused_with_the_reason(name):
    with pytest.raises(SettingError, match=f"{name}' is one of the server, and the server behind a proxy is not ours"):
        read_fault(name, BY_PROXY)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ice-lost", "is one of a WebRTC call"),
        ("slow-reopen", "opening the capture again"),
        ("echo", "what the speaker plays"),
    ],
)
def test_what_a_proxy_cannot_see_is_refused(name, why):
    with pytest.raises(SettingError, match=why):
        make_fault(name, {}, BY_PROXY)


def test_every_other_fault_of_wire_and_microphone_can_be_injected():
    expected = {name for name, each in CATALOGUE.items() if each.seam in ("wire", "source")}
    assert set(BY_PROXY.faults) == expected - {"echo", "slow-reopen", "failed-reopen"}


async def test_the_control_api_refuses_them_too():
    async with LiveServer(SETUP) as server, proxied(server) as proxy:
        with pytest.raises(SettingError, match="is not ours"):
            proxy.start_fault("held-active", session=None, lasts_s=None)
        assert set(proxy.injectable) == set(BY_PROXY.faults)


# --- scenarios ---


def scenario(tmp_path, timeline):
    file = tmp_path / "mine.yaml"
    file.write_text(f"scenario: mine\nstory: A test.\ntimeline:\n{timeline}", encoding="utf-8")
    return load(str(file)).settled()


def test_a_scenario_gives_its_faults_at_their_times(tmp_path):
    steps = (
        "  - {at: 1s, say: speech_en_f_arctic_a0009}\n"
        "  - {at: 5s, network: half-open}\n"
        "  - {at: 7s, microphone: wrong-rate, with: {rate: 16 kHz}, lasts: 2s}\n"
    )
    found = scenario_faults(scenario(tmp_path, steps))
    assert found.specs == (
        FaultSpec("half-open", 5.0, None, {}, "first"),
        FaultSpec("wrong-rate", 7.0, 2.0, {"rate": "16 kHz"}, "first"),
    )
    assert found.left_out == "1 step that needs a stage"


def test_a_scenario_with_a_fault_of_the_server_is_refused(tmp_path):
    with pytest.raises(SettingError, match=r"mine.yaml:4: the fault 'held-active' is one of the server"):
        scenario_faults(scenario(tmp_path, "  - {at: 5s, server: held-active}\n"))


def test_a_fault_whose_time_is_not_known_is_refused(tmp_path):
    with pytest.raises(SettingError, match=r"mine.yaml:4: when the fault 'mute' begins depends on what happens"):
        scenario_faults(scenario(tmp_path, "  - {when: response.created, server: mute}\n"))


def test_a_scenario_without_faults_is_refused(tmp_path):
    with pytest.raises(SettingError, match="has no fault that a proxy can inject"):
        scenario_faults(scenario(tmp_path, "  - {at: 1s, say: speech_en_f_arctic_a0009}\n"))
