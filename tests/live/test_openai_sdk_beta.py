"""The beta client of the unmodified ``openai`` package against a live server that still speaks the beta (§3.2)."""

import asyncio
import base64

import pytest

from harness.live.admission import Admission
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.server.session import SessionSetup
from tests.live.talking import ANSWER, PATIENCE_S, QUICK_VOICE, pieces, spoken

openai = pytest.importorskip("openai")
beta = pytest.importorskip("openai.types.beta.realtime")
pydantic = pytest.importorskip("pydantic")

KNOWN_EVENTS = pydantic.TypeAdapter(beta.RealtimeServerEvent)
TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.created",
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.created",
    "response.content_part.added",
    "(deltas)",
    "response.audio.done",
    "response.audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.done",
]
"""Captured order of the beta service, server VAD, audio reply (§3.2)."""
TRANSCRIPTION = "conversation.item.input_audio_transcription."


@pytest.fixture
async def beta_server():
    settings = LiveSettings(admission=Admission(dialects="beta"))
    async with LiveServer(SessionSetup(voice=QUICK_VOICE), settings) as running:
        yield running


def dial(server):
    client = openai.AsyncOpenAI(api_key="sk-x", websocket_base_url=server.url.removesuffix("/realtime"))
    return client.beta.realtime.connect(model="gpt-4o-realtime-preview")


async def hear(connection):
    """The next event, which must be one that the package knows in every field."""
    async with asyncio.timeout(PATIENCE_S):
        raw = await connection.recv_bytes()
    event = connection.parse_event(raw)
    assert type(event) is type(KNOWN_EVENTS.validate_json(raw)), raw[:300]
    return event


async def hear_until(connection, kind):
    events = [await hear(connection)]
    while events[-1].type != kind:
        events.append(await hear(connection))
    return events


async def speak(connection, clip):
    for piece in pieces(spoken(clip), 4_800):
        await connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())


async def test_a_beta_client_holds_a_spoken_turn_and_is_told_its_own_words(beta_server):
    async with dial(beta_server) as connection:
        created = await hear(connection)
        assert created.type == "session.created" and created.session.voice == "alloy"
        detection = {"type": "server_vad", "silence_duration_ms": 500}
        await connection.session.update(
            session={
                "modalities": ["text", "audio"], "temperature": 0.9, "turn_detection": detection,
                "input_audio_format": "pcm16", "input_audio_transcription": {"model": "whisper-1"},
            }
        )  # fmt: skip
        updated = await hear(connection)
        assert (updated.type, updated.session.temperature) == ("session.updated", 0.9)
        assert updated.session.turn_detection.silence_duration_ms == 500
        await speak(connection, "speech_en_f_arctic_a0009")
        events = await hear_until(connection, "response.done")
        while not any(event.type == TRANSCRIPTION + "completed" for event in events):
            events.append(await hear(connection))
    said = next(event for event in events if event.type == TRANSCRIPTION + "completed")
    assert said.transcript == "He turned sharply, and faced Gregson across the table."
    turn = [event for event in events if not event.type.startswith(TRANSCRIPTION)]
    kinds = ["(deltas)" if event.type.endswith(".delta") else event.type for event in turn]
    assert [kind for kind, before in zip(kinds, ["", *kinds], strict=False) if kind != before] == TURN
    deltas = [event for event in turn if event.type == "response.audio.delta"]
    assert b"".join(base64.b64decode(event.delta) for event in deltas) == ANSWER.samples.tobytes()
    assert (turn[-1].response.status, turn[-1].response.modalities) == ("completed", ["text", "audio"])
    assert (turn[-1].response.temperature, turn[-1].response.voice) == (0.9, "alloy")


async def test_what_a_beta_client_writes(beta_server):
    async with dial(beta_server) as connection:
        await hear(connection)
        await connection.session.update(session={"modalities": ["text"]})
        await hear(connection)
        said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}
        await connection.conversation.item.create(item=said)
        assert (await hear(connection)).item.content[0].text == "Hello"
        await connection.response.create(response={"instructions": "Be brief", "temperature": 1.0})
        done = (await hear_until(connection, "response.done"))[-1].response
        assert (done.temperature, done.output[0].content[0].type) == (1.0, "text")
        await connection.session.update(session={"turn_detection": {"type": "server_vad", "threshold": 2}})
        refused = await hear(connection)
        assert (refused.type, refused.error.param) == ("error", "session.turn_detection.threshold")
