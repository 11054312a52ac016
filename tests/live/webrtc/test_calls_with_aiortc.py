"""Calls of a real peer, aiortc, against the live server, in a loop whose clock jumps."""

import asyncio
import json

import numpy as np
import pytest
from websockets.asyncio.client import connect

from harness import journal
from harness.verdict.live_diagnosis import diagnose_live
from tests.live.testing import KEY, address
from tests.live.webrtc.caller import Caller, post
from tests.live.webrtc.testing_calls import SPEECH, calling, in_jumping_time, serving, silence


def told(caller, *kinds):
    return [each for each in caller.types() if each in kinds]


@pytest.mark.behaviour("call-buffer-events", "call-no-audio-events", "calls-answer")
@in_jumping_time
async def test_a_turn():
    async with serving() as server, calling(server, SPEECH) as caller:
        stopped_at, _ = await caller.hear("output_audio_buffer.stopped")
        started_at, started = await caller.hear("output_audio_buffer.started")
        done_at, done = await caller.hear("response.done")
        assert caller.types()[0] == "session.created"
        assert "response.output_audio.delta" not in caller.types()
        assert started["response_id"] == done["response"]["id"]
        assert stopped_at > done_at and 2.9 < stopped_at - started_at < 3.1
        loud = caller.loud()
        assert abs(loud[0] - started_at) < 0.4 and stopped_at - 0.5 < loud[-1] < stopped_at + 0.1
        assert set(np.diff([ticks for _, ticks, _ in caller.heard])) == {960}
        answer = caller.answer.splitlines()
        assert [line for line in answer if line.startswith("a=rtpmap")] == ["a=rtpmap:96 opus/48000/2"]
        assert {line.split()[4] for line in answer if line.startswith("a=candidate")} == {"127.0.0.1"}


@pytest.mark.behaviour("call-server-truncates")
@in_jumping_time
async def test_a_barge_in_cuts_what_is_heard():
    async with serving() as server, calling(server, SPEECH, silence(2), SPEECH) as caller:
        cleared_at, _ = await caller.hear("output_audio_buffer.cleared")
        _, truncated = await caller.hear("conversation.item.truncated")
        cut = told(caller, "output_audio_buffer.cleared", "conversation.item.truncated")
        assert cut == ["output_audio_buffer.cleared", "conversation.item.truncated"]
        before = caller.types()[: caller.types().index("output_audio_buffer.cleared")]
        assert before[-1] == "input_audio_buffer.speech_started"
        started_at, _ = await caller.hear("output_audio_buffer.started")
        assert abs((cleared_at - started_at) * 1000 - truncated["audio_end_ms"]) <= 40
        await asyncio.sleep(0.5)
        assert [at for at in caller.loud() if at > cleared_at + 0.15] == []


@pytest.mark.behaviour("calls")
@in_jumping_time
async def test_an_offer_needs_no_candidate():
    async with serving() as server, calling(server, without_candidates=True) as caller:
        await caller.hear("session.created")


@pytest.mark.behaviour("calls-hangup")
@in_jumping_time
async def test_hanging_up():
    async with serving() as server, calling(server) as caller:
        await caller.hear("session.created")
        status, _, _ = await post(server, f"{caller.location}/hangup")
        assert status == 200
        await asyncio.wait_for(caller.closed.wait(), 5)
        (view,) = server.sessions()
        assert (view.state, view.close_code) == ("closed", 1000)
        assert (await post(server, f"{caller.location}/hangup"))[0] == 404


@in_jumping_time
async def test_the_client_leaves():
    async with serving() as server:
        async with calling(server) as caller:
            await caller.hear("session.created")
        await asyncio.sleep(1)
        (view,) = server.sessions()
        assert (view.state, view.close_code) == ("closed", 1000)


@in_jumping_time
async def test_a_client_that_never_connects_is_given_up():
    async with serving() as server:
        caller = Caller()
        headers = {**KEY, "Content-Type": "application/sdp"}
        offer = (await caller.offer()).encode()
        assert (await post(server, "/v1/realtime/calls?model=gpt-realtime", offer, headers))[0] == 201
        assert server.sessions()[0].state == "open"
        await asyncio.sleep(31)
        assert (server.sessions()[0].state, server.sessions()[0].close_code) == ("closed", 1006)
        await caller.close()


@in_jumping_time
async def test_the_server_stops_with_a_call():
    async with serving() as server:
        caller = Caller()
        await caller.dial(server)
    await asyncio.wait_for(caller.closed.wait(), 5)
    await caller.close()


@pytest.mark.behaviour("calls-sideband", "calls-sideband-after")
@in_jumping_time
async def test_who_joins_by_the_id_has_the_same_session():
    async with serving() as server, calling(server, SPEECH) as caller:
        await caller.hear("session.created")
        url = address(server, f"/v1/realtime?call_id={caller.call_id}")
        async with connect(url, additional_headers=KEY) as sideband:
            update = {"type": "session.update", "session": {"type": "realtime", "instructions": "From the side."}}
            await sideband.send(json.dumps(update))
            assert json.loads(await sideband.recv())["type"] == "session.updated"
            _, updated = await caller.hear("session.updated")
            assert updated["session"]["instructions"] == "From the side."
            await caller.hear("response.done")
            heard = [json.loads(await sideband.recv())["type"] for _ in range(4)]
            assert heard[:2] == ["input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"]
            await caller.close()
            await asyncio.sleep(1)
            assert server.sessions()[0].state == "closed"
            await sideband.send('{"type": "response.create"}')
            await asyncio.sleep(1)
            assert sideband.close_code is None


@pytest.mark.behaviour("calls-sideband")
@in_jumping_time
async def test_nobody_joins_a_call_that_is_unknown():
    async with (
        serving() as server,
        connect(address(server, "/v1/realtime?call_id=rtc_1"), additional_headers=KEY) as sideband,
    ):
        assert json.loads(await sideband.recv())["error"]["code"] == "call_id_not_found"


@pytest.mark.behaviour("call-gap-silence")
@in_jumping_time
async def test_no_packets_are_silence():
    async with serving() as server, calling(server, SPEECH, SPEECH) as caller:
        await caller.hear("input_audio_buffer.speech_started")
        await asyncio.sleep(1)
        caller.microphone.muted = True
        muted_at = asyncio.get_running_loop().time()
        stopped_at, _ = await caller.hear("input_audio_buffer.speech_stopped")
        assert 0.2 < stopped_at - muted_at < 1


@pytest.mark.behaviour("call-gap-standing")
@in_jumping_time
async def test_no_packets_are_nothing():
    async with serving(rtp_gap="standing") as server, calling(server, SPEECH, SPEECH) as caller:
        await caller.hear("input_audio_buffer.speech_started")
        await asyncio.sleep(1)
        caller.microphone.muted = True
        await asyncio.sleep(10)
        assert "input_audio_buffer.speech_stopped" not in caller.types()


@pytest.mark.behaviour("call-idle-nothing")
@in_jumping_time
async def test_an_idle_server_may_send_nothing():
    async with serving(idle_rtp="nothing") as server, calling(server, SPEECH) as caller:
        stopped_at, _ = await caller.hear("output_audio_buffer.stopped")
        started_at, _ = await caller.hear("output_audio_buffer.started")
        assert all(started_at - 0.05 < at < stopped_at + 0.05 for at, _, _ in caller.heard)


@pytest.mark.behaviour("call-channel-closed", "call-channel-ends")
@in_jumping_time
async def test_the_data_channel_closes_alone():
    for policy, state in (("goes_on", "open"), ("ends_call", "closed")):
        async with serving(data_channel_closed=policy) as server, calling(server) as caller:
            await caller.hear("session.created")
            caller.channel.close()
            await asyncio.sleep(2)
            assert server.sessions()[0].state == state


@in_jumping_time
async def test_the_journal_says_what_was_heard():
    async with serving() as server, calling(server, SPEECH) as caller:
        await caller.hear("output_audio_buffer.stopped")
        written = journal.parse(server.journal(1).decode().splitlines(), "live")
        assert diagnose_live(written).state == "answered"


@in_jumping_time
async def test_broken_messages_are_answered():
    async with serving() as server, calling(server) as caller:
        await caller.hear("session.created")
        caller.channel.send("{")
        _, error = await caller.hear("error")
        assert error["error"]["type"] == "invalid_request_error"
        caller.channel.send(json.dumps({"type": "conversation.item.create", "item": {"text": "x" * 150_000}}))
        await asyncio.sleep(1)
        assert told(caller, "error") == ["error", "error"]
