"""Faults of media on a live call: what the client and the session notice of each."""

import asyncio
import json

import pytest

from harness.errors import SettingError
from tests.live.testing import dial
from tests.live.webrtc.testing_calls import SPEECH, calling, in_jumping_time, serving, silence


def now():
    return asyncio.get_running_loop().time()


def arrived_between(caller, begin, end):
    return [at for at, _, _ in caller.heard if begin < at < end]


@in_jumping_time
async def test_no_audio_comes_down_and_events_do():
    async with serving() as server, calling(server, SPEECH) as caller:
        await caller.hear("input_audio_buffer.speech_stopped")
        server.start_fault("rtp-stopped", session=1, lasts_s=5)
        begin = now()
        await caller.hear("response.done")
        await asyncio.sleep(7)
        assert arrived_between(caller, begin + 0.1, begin + 4.9) == []
        assert len(arrived_between(caller, begin + 5.1, begin + 6.1)) == pytest.approx(50, abs=2)


@in_jumping_time
async def test_no_audio_goes_up():
    async with serving() as server, calling(server, silence(1), SPEECH) as caller:
        await caller.hear("session.created")
        server.start_fault("rtp-stopped", session=1, lasts_s=8, parameters={"direction": "up"})
        await asyncio.sleep(7)
        assert "input_audio_buffer.speech_started" not in caller.types()
        packets = [json.loads(line) for line in server.journal(1).splitlines() if b'"packets"' in line]
        assert packets[-1]["up_sent"] == packets[-1]["up_lost"] == pytest.approx(50, abs=2)
        assert packets[-1]["down_sent"] == pytest.approx(50, abs=2) and packets[-1]["up_made_up"] == 0


@in_jumping_time
async def test_a_fifth_of_the_packets_is_lost_and_the_turn_is_heard():
    async with serving() as server:
        server.start_fault("packet-loss", session=None, lasts_s=None)
        async with calling(server, SPEECH, fec=True, loss_percent=20) as caller:
            await caller.hear("response.done")
            packets = [json.loads(line) for line in server.journal(1).splitlines() if b'"packets"' in line]
            lost = sum(each["up_lost"] for each in packets)
            sent = sum(each["up_sent"] for each in packets)
            assert 0.1 < lost / sent < 0.3
            assert sum(each["up_made_up"] for each in packets) < lost


@in_jumping_time
async def test_a_stalled_data_channel_says_all_later():
    async with serving() as server, calling(server, SPEECH) as caller:
        await caller.hear("input_audio_buffer.speech_started")
        server.start_fault("data-channel-stalled", session=1, lasts_s=6)
        begin = now()
        await asyncio.sleep(5.9)
        assert [event for at, event in caller.events if at > begin + 0.1] == []
        assert len(arrived_between(caller, begin + 1, begin + 2)) == pytest.approx(50, abs=2)
        stopped_at, _ = await caller.hear("input_audio_buffer.speech_stopped")
        assert stopped_at > begin + 6


@in_jumping_time
async def test_the_data_channel_is_closed_and_the_audio_goes_on():
    async with serving() as server, calling(server) as caller:
        await caller.hear("session.created")
        server.start_fault("data-channel-closed", session=1, lasts_s=None)
        await asyncio.wait_for(caller.closed.wait(), 2)
        begin = now()
        await asyncio.sleep(2)
        assert len(arrived_between(caller, begin + 0.5, begin + 1.5)) == pytest.approx(50, abs=2)
        assert server.sessions()[0].state == "open"


@in_jumping_time
async def test_the_call_is_ended():
    async with serving() as server, calling(server) as caller:
        await caller.hear("session.created")
        server.start_fault("dtls-closed", session=1, lasts_s=None)
        await asyncio.wait_for(caller.closed.wait(), 2)
        assert server.sessions()[0].state == "closed"


@in_jumping_time
async def test_the_path_is_lost_for_ever():
    """Consent expires in 30 s (RFC 7675)."""
    async with serving() as server, calling(server) as caller:
        await caller.hear("session.created")
        server.start_fault("ice-lost", session=1, lasts_s=None)
        await asyncio.sleep(15)
        assert server.sessions()[0].state == "open"
        await asyncio.sleep(25)
        assert (server.sessions()[0].state, server.sessions()[0].close_code) == ("closed", 1006)


@in_jumping_time
async def test_a_peer_whose_consent_is_unanswered_leaves():
    """Measured: an aiortc client closes after 33.4 s."""
    async with serving() as server, calling(server) as caller:
        await caller.hear("session.created")
        server.start_fault("consent-unanswered", session=1, lasts_s=None)
        await asyncio.sleep(20)
        assert caller.connection.connectionState == "connected"
        await asyncio.sleep(25)
        assert caller.connection.connectionState in ("failed", "closed")


@in_jumping_time
async def test_a_fault_of_messages_is_one_of_the_data_channel():
    async with serving() as server, calling(server, SPEECH) as caller:
        server.start_fault("dropped-events", session=1, lasts_s=None, parameters={"events": "response.done"})
        await caller.hear("output_audio_buffer.stopped")
        assert "response.created" in caller.types() and "response.done" not in caller.types()


@in_jumping_time
async def test_a_fault_of_the_other_transport_is_refused():
    async with serving() as server, calling(server), dial(server):
        with pytest.raises(SettingError, match="'stall' cannot happen on a WebRTC call"):
            server.start_fault("stall", session=1, lasts_s=2)
        with pytest.raises(SettingError, match="'packet-loss' cannot happen on a WebSocket"):
            server.start_fault("packet-loss", session=2, lasts_s=2)
