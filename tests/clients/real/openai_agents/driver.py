"""openai-agents for Python: a ``RealtimeAgent`` with the package's own settings; it truncates by itself."""

import asyncio
import json
import os
import time
from pathlib import Path

from agents.realtime import RealtimeAgent, RealtimeRunner

CHUNK_MS = 20
BYTES_PER_MS = 48


async def speak(session):
    audio = Path(os.environ["STILLTHERE_MICROPHONE"]).read_bytes()
    size = CHUNK_MS * BYTES_PER_MS
    began = time.monotonic()
    for number, start in enumerate(range(0, len(audio), size), 1):
        await session.send_audio(audio[start : start + size])
        await asyncio.sleep(began + number * CHUNK_MS / 1000 - time.monotonic())


async def listen(session, told):
    async for event in session:
        if event.type == "audio":
            told["audio_ms"] += len(event.audio.data) / BYTES_PER_MS
        elif event.type == "audio_interrupted":
            told["interruptions"] += 1
        elif event.type == "error":
            told["errors"].append(str(event.error))


async def main():
    told = {"audio_ms": 0, "interruptions": 0, "errors": []}
    agent = RealtimeAgent(name="Assistant", instructions="Be brief.")
    address = os.environ["STILLTHERE_URL"] + "/realtime?model=gpt-realtime"
    session = await RealtimeRunner(agent).run(model_config={"url": address, "api_key": "sk-any"})
    async with session:
        listening = asyncio.create_task(listen(session, told))
        await speak(session)
    await listening
    print(json.dumps({**told, "audio_ms": round(told["audio_ms"])}))


asyncio.run(main())
