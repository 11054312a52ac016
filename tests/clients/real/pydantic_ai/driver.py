"""pydantic-ai: ``Agent.realtime`` whose session is told of an interruption with what the playback loop took."""

import asyncio
import json
import os
import time
from pathlib import Path

from pydantic_ai import Agent
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.realtime import RealtimeInputSpeechStartEvent, RealtimeSessionErrorEvent
from pydantic_ai.realtime.openai import OpenAIRealtimeModel

CHUNK_MS = 20
BYTES_PER_MS = 48


async def microphone():
    audio = Path(os.environ["STILLTHERE_MICROPHONE"]).read_bytes()
    size = CHUNK_MS * BYTES_PER_MS
    began = time.monotonic()
    for number, start in enumerate(range(0, len(audio), size), 1):
        yield audio[start : start + size]
        await asyncio.sleep(began + number * CHUNK_MS / 1000 - time.monotonic())


async def play(audio, told):
    """A speaker that takes a chunk as long as it sounds."""
    free = 0.0
    async for chunk in audio:
        length_ms = len(chunk) / BYTES_PER_MS
        told["audio_ms"] += length_ms
        free = max(free, time.monotonic()) + length_ms / 1000
        await asyncio.sleep(free - time.monotonic())


async def listen(session, told):
    async for event in session:
        if isinstance(event, RealtimeInputSpeechStartEvent):
            told["interruptions"] += await session.interrupt(played_bytes=session.played_audio_bytes)
        elif isinstance(event, RealtimeSessionErrorEvent):
            told["errors"].append(event.message)


async def main():
    told = {"audio_ms": 0, "interruptions": 0, "errors": []}
    base_url = os.environ["STILLTHERE_URL"].replace("ws://", "http://", 1)
    model = OpenAIRealtimeModel("gpt-realtime", provider=OpenAIProvider(base_url=base_url, api_key="sk-any"))
    agent = Agent(instructions="Be brief.")
    async with agent.realtime(model).session() as session:
        playing = asyncio.create_task(play(session.stream_audio(), told))
        listening = asyncio.create_task(listen(session, told))
        await session.send_audio(microphone())
    await asyncio.gather(playing, listening)
    print(json.dumps({**told, "audio_ms": round(told["audio_ms"])}))


asyncio.run(main())
