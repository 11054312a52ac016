"""What the live tests share: recordings as bytes, a raw WebSocket client, and a session without a socket."""

import asyncio
import base64
import json
from contextlib import asynccontextmanager

import numpy as np
from websockets.asyncio.client import connect

from harness.audio.clips import load_clip
from harness.protocol.events import InputAudioBufferAppend, InputAudioBufferSpeechStarted, InputAudioBufferSpeechStopped
from harness.server.session import Session, SessionSetup
from harness.server.utterance import utterance
from harness.server.voice import Answer, Voice
from harness.units import MS, SECOND

ANSWER = utterance("speech_en_f_tts_hibari", SECOND)
QUICK_VOICE = Voice(Answer(ANSWER, latency_us=5 * MS, pace=50.0))
PATH = "/v1/realtime?model=gpt-realtime"
KEY = {"Authorization": "Bearer sk-stillthere"}
PATIENCE_S = 8.0
"""What takes longer than this hangs. It is less than the 10 s after which websockets would cut a connection itself."""
DEAF = SessionSetup(voice=QUICK_VOICE, detector="energy", turn_detection={"create_response": False})
"""Has the cheap detector and never answers by itself: for tests that are not about turn detection."""
HEARING_ONLY = SessionSetup(turn_detection={"create_response": False})


def spoken(clip: str) -> bytes:
    """A recording between half a second and a second of zeros, as ``audio/pcm``."""
    return np.concatenate([np.zeros(12_000, np.int16), load_clip(clip).samples, np.zeros(24_000, np.int16)]).tobytes()


def pieces(audio: bytes, size: int) -> list[bytes]:
    return [audio[start : start + size] for start in range(0, len(audio), size)]


def append(audio: bytes) -> str:
    return json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(audio).decode()})


def address(server, path=PATH) -> str:
    """Where a path of the server is."""
    return server.url.removesuffix("/v1/realtime") + path


@asynccontextmanager
async def dial(server, path=PATH, **options):
    """A raw client that has got its ``session.created``; it takes all it gets, uncompressed."""
    usual = {"max_size": None, "max_queue": 10_000, "compression": None, "additional_headers": KEY}
    async with connect(address(server, path), **{**usual, **options}) as websocket:
        assert (await receive(websocket))["type"] == "session.created"
        yield websocket


async def receive(websocket) -> dict:
    async with asyncio.timeout(PATIENCE_S):
        message = await websocket.recv()
    assert isinstance(message, str), "the service sends text frames only"
    return json.loads(message)


async def ask(websocket, message) -> dict:
    """Send a message (text, bytes or an event); the next event."""
    await websocket.send(json.dumps(message) if isinstance(message, dict) else message)
    return await receive(websocket)


def long_item(size, item_id="long"):
    """The event that creates an item with so many characters; one part of it holds at most 256 000."""
    parts = [{"type": "input_text", "text": "x" * min(250_000, size - at)} for at in range(0, size, 250_000)]
    item = {"id": item_id, "type": "message", "role": "user", "content": parts}
    return {"type": "conversation.item.create", "item": item}


async def ask_for_much(websocket) -> None:
    """Make the server want to send 60 MB, more than any socket buffer holds, and read none of it."""
    await websocket.send(json.dumps(long_item(5_000_000)))
    for _ in range(10):
        await websocket.send('{"type": "conversation.item.retrieve", "item_id": "long"}')


async def still_works(websocket) -> None:
    """The next thing the session says is the answer to this update."""
    answer = await ask(websocket, {"type": "session.update", "session": {"type": "realtime", "instructions": "Go on."}})
    assert answer["type"] == "session.updated", answer
    assert answer["session"]["instructions"] == "Go on."


async def edges(websocket) -> list[tuple[str, int]]:
    """All turn edges received so far: the answer to a last question marks their end."""
    await websocket.send(json.dumps({"type": "conversation.item.retrieve", "item_id": "none", "event_id": "the end"}))
    found = []
    while (event := await receive(websocket)).get("error", {}).get("event_id") != "the end":
        if event["type"] == "input_audio_buffer.speech_started":
            found.append(("started", event["audio_start_ms"]))
        elif event["type"] == "input_audio_buffer.speech_stopped":
            found.append(("stopped", event["audio_end_ms"]))
    return found


def edges_without_socket(audio: bytes) -> list[tuple[str, int]]:
    """The same from a session that is fed directly, all at once."""
    found = []
    for output in Session(HEARING_ONLY, "direct").receive(InputAudioBufferAppend(audio=audio), 0):
        if isinstance(output, InputAudioBufferSpeechStarted):
            found.append(("started", output.audio_start_ms))
        elif isinstance(output, InputAudioBufferSpeechStopped):
            found.append(("stopped", output.audio_end_ms))
    return found
