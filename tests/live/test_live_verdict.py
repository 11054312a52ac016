"""The diagnosis of real live sessions, with the audio sent faster than it is spoken."""

import asyncio
import json

import pytest

from harness import journal
from harness.journal import EventByServer
from harness.live.server import LiveServer
from harness.protocol.events import ResponseDone
from harness.server.session import SessionSetup
from harness.server.utterance import SILENCE, utterance
from harness.server.voice import Answer, AnswerRule, ToolCall, Voice
from harness.units import MS, SECOND
from harness.verdict.diagnosis import diagnose
from tests.live.testing import ANSWER, PATIENCE_S, QUICK_VOICE, append, dial, pieces, receive, spoken

CLIP = "speech_en_f_arctic_a0009"
SILENT = Voice(Answer(utterance(SILENCE, SECOND), latency_us=5 * MS, pace=50.0))
QUICK = Answer(ANSWER, latency_us=5 * MS, pace=50.0)
TWO_TOOLS = Voice(QUICK, (AnswerRule(Answer(latency_us=5 * MS, calls=(ToolCall("a"), ToolCall("b"))), turn=1),))


def setup(voice=QUICK_VOICE):
    return SessionSetup(voice=voice, detector="energy")


async def until(websocket, kind):
    while (event := await receive(websocket))["type"] != kind:
        pass
    return event


async def speak(websocket):
    """A sentence, and two seconds of silence."""
    for piece in pieces(spoken(CLIP) + bytes(48_000), 4_800):
        await websocket.send(append(piece))


def parsed(server):
    return journal.parse(server.journal(1).decode().splitlines(), "live")


def cause(server):
    found = diagnose(parsed(server))
    return found.cause or found.state


async def done(server):
    """Wait until the server has ended a response."""
    async with asyncio.timeout(PATIENCE_S):
        while not list(parsed(server).events(EventByServer, ResponseDone)):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("fault", "parameters", "expected"),
    [
        ("mute", {}, "server_mute"),
        ("dropped-events", {"direction": "down", "events": "response.*"}, "events_lost"),
        ("dropped-events", {"events": "response.output_audio.delta"}, "events_lost"),
        ("failed-response", {}, "response_failed"),
        ("text-only-reply", {}, "reply_inaudible"),
        ("silent-reply", {}, "reply_inaudible"),
    ],
)
async def test_an_answer_that_a_fault_keeps_back_is_none(fault, parameters, expected):
    async with LiveServer(setup()) as server, dial(server) as websocket:
        server.start_fault(fault, session=1, lasts_s=None, parameters=parameters)
        await speak(websocket)
        await done(server)
        assert cause(server) == expected


async def test_a_reply_of_digital_silence_is_inaudible():
    async with LiveServer(setup(SILENT)) as server, dial(server) as websocket:
        await speak(websocket)
        await until(websocket, "response.done")
        assert cause(server) == "reply_inaudible"


async def test_a_client_that_commits_and_asks_itself():
    async with LiveServer(setup()) as server, dial(server) as websocket:
        manual = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
        await websocket.send(json.dumps({"type": "session.update", "session": manual}))
        await speak(websocket)
        await websocket.send('{"type": "input_audio_buffer.commit"}')
        await until(websocket, "input_audio_buffer.committed")
        assert cause(server) == "client_waiting"
        await websocket.send('{"type": "response.create"}')
        await until(websocket, "response.done")
        assert cause(server) == "answered"


async def test_the_answer_after_two_tool_calls():
    async with LiveServer(setup(TWO_TOOLS)) as server, dial(server) as websocket:
        await speak(websocket)
        response = (await until(websocket, "response.done"))["response"]
        assert cause(server) == "client_waiting"
        for call in response["output"]:
            item = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
            await websocket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        await websocket.send('{"type": "response.create"}')
        await until(websocket, "response.done")
        assert cause(server) == "answered"


@pytest.mark.parametrize(
    ("fault", "parameters", "results", "expected"),
    [
        ("dropped-response", {"of": "tool results"}, 2, "turn_lost"),
        ("mute-until-results", {}, 1, "client_waiting"),
    ],
)
async def test_no_answer_after_two_tool_calls(fault, parameters, results, expected):
    async with LiveServer(setup(TWO_TOOLS)) as server, dial(server) as websocket:
        server.start_fault(fault, session=1, lasts_s=None, parameters=parameters)
        await speak(websocket)
        response = (await until(websocket, "response.done"))["response"]
        for call in response["output"][:results]:
            item = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
            await websocket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        await websocket.send('{"type": "response.create"}')
        await websocket.send('{"type": "conversation.item.retrieve", "item_id": "none"}')
        await until(websocket, "error")
        assert cause(server) == expected


async def test_a_setting_that_is_shown_and_not_in_force():
    async with LiveServer(setup()) as server, dial(server) as websocket:
        server.start_fault("ignored-setting", session=1, lasts_s=None, parameters={"setting": "output_format"})
        mu_law = {"type": "realtime", "audio": {"output": {"format": {"type": "audio/pcmu"}}}}
        await websocket.send(json.dumps({"type": "session.update", "session": mu_law}))
        shown = await until(websocket, "session.updated")
        assert shown["session"]["audio"]["output"]["format"] == {"type": "audio/pcmu"}
        await speak(websocket)
        created = await until(websocket, "response.created")
        assert created["response"]["audio"]["output"]["format"]["type"] == "audio/pcm"


async def test_a_client_that_leaves_in_the_middle_of_a_sentence():
    async with LiveServer(setup()) as server:
        async with dial(server) as websocket:
            for piece in pieces(spoken(CLIP)[:120_000], 4_800):
                await websocket.send(append(piece))
            await until(websocket, "input_audio_buffer.speech_started")
        async with asyncio.timeout(PATIENCE_S):
            while server.sessions()[0].state == "open":
                await asyncio.sleep(0.01)
        assert cause(server) == "client_left"


async def test_one_verdict_over_a_reconnect():
    async with LiveServer(setup()) as server:
        async with dial(server) as websocket:
            server.start_fault("mute", session=1, lasts_s=None)
            await speak(websocket)
            await done(server)
        async with asyncio.timeout(PATIENCE_S):
            while server.sessions()[0].state == "open":
                await asyncio.sleep(0.01)
        assert cause(server) == "server_mute"
        async with dial(server) as again:
            await speak(again)
            await until(again, "response.done")
            assert cause(server) == "answered"
