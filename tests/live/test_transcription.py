"""Transcription over real WebSockets (§4.11): the dial, the ``openai`` package, and large messages."""

import asyncio
import json

import pytest

from harness import journal
from harness.audio.clips import load_clip
from harness.live.server import LiveServer
from harness.server.session import SessionSetup
from harness.verdict.diagnosis import diagnose
from tests.live.testing import PATIENCE_S, append, ask, dial, pieces, receive, spoken

openai = pytest.importorskip("openai")
PATH = "/v1/realtime?intent=transcription"
CLIP = "speech_en_f_arctic_a0009"
DELTA, COMPLETED = (f"conversation.item.input_audio_transcription.{kind}" for kind in ("delta", "completed"))


def configure(model, **heard):
    return {
        "type": "session.update",
        "session": {"type": "transcription", "audio": {"input": {"transcription": {"model": model}, **heard}}},
    }


async def until(websocket, event):
    """The types of all events up to this one, and it."""
    types = []
    while (found := await receive(websocket))["type"] != event:
        types.append(found["type"])
    return types, found


@pytest.mark.behaviour("transcription-session")
async def test_a_turn_is_written_down_and_nothing_is_answered():
    async with LiveServer(SessionSetup()) as server, dial(server, PATH) as websocket:
        updated = await ask(websocket, configure("gpt-4o-transcribe"))
        assert updated["session"]["type"] == "transcription"
        await websocket.send(append(spoken(CLIP)))
        types, completed = await until(websocket, COMPLETED)
        assert types[:3] == ["input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
                             "input_audio_buffer.committed"]  # fmt: skip
        assert not [name for name in types if name.startswith("response")]
        assert completed["transcript"] == load_clip(CLIP).transcript
        [session] = server.sessions()
        assert session.model == "gpt-4o-transcribe"


@pytest.mark.behaviour("transcription-session-streams")
async def test_words_come_while_they_are_spoken():
    async with LiveServer(SessionSetup()) as server, dial(server, PATH) as websocket:
        await ask(websocket, configure("gpt-realtime-whisper"))
        for piece in pieces(load_clip(CLIP).samples.astype("<i2").tobytes(), 48 * 100):
            await websocket.send(append(piece))
            await asyncio.sleep(0.1)
        await websocket.send(json.dumps({"type": "input_audio_buffer.commit"}))
        types, committed = await until(websocket, "input_audio_buffer.committed")
        assert types.count(DELTA) >= 3 and {*types} == {DELTA}
        _, completed = await until(websocket, COMPLETED)
        assert completed["item_id"] == committed["item_id"]
        assert completed["usage"] == {"type": "duration", "seconds": 4}


async def test_its_verdict():
    """What is said is answered once its transcript is sent; without a model the client waits for nothing."""
    async with LiveServer(SessionSetup()) as server:
        async with dial(server, PATH) as websocket:
            await websocket.send(append(spoken(CLIP)))
            await until(websocket, "conversation.item.done")
            silent = verdict(server)
            assert silent.cause == "client_waiting"
            assert "the client has named no model that transcribes" in silent.evidence
        async with dial(server, PATH) as websocket:
            await ask(websocket, configure("gpt-4o-transcribe"))
            await websocket.send(append(spoken(CLIP)))
            await until(websocket, COMPLETED)
        assert verdict(server).state == "answered"


def verdict(server):
    """Of the last session."""
    session = server.sessions()[-1]
    return diagnose(journal.parse(server.journal(session.number).decode().splitlines(), "live"))


async def test_the_openai_package_holds_such_a_session():
    """Unmodified: its ``connect`` takes the query, and its types know every event."""
    async with LiveServer(SessionSetup()) as server:
        client = openai.AsyncOpenAI(api_key="sk-x", websocket_base_url=server.url.removesuffix("/realtime"))
        async with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
            created = await connection.recv()
            assert (created.type, created.session.type) == ("session.created", "transcription")
            await connection.send(configure("gpt-4o-mini-transcribe"))
            assert (await connection.recv()).type == "session.updated"
            for piece in pieces(spoken(CLIP), 48_000):
                await connection.send(json.loads(append(piece)))
            async with asyncio.timeout(PATIENCE_S):
                while (event := await connection.recv()).type != COMPLETED:
                    assert event.type != "error", event
            assert event.transcript == load_clip(CLIP).transcript
