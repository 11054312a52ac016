"""openai for Python: ``client.realtime.connect``, with the playback and the interruption that it leaves to its user."""

import asyncio
import base64
import json
import os
import time
from pathlib import Path

from openai import AsyncOpenAI

CHUNK_MS = 20
BYTES_PER_MS = 48


class Speaker:
    """Plays what it is given as it comes, at the pace of speech; only the time is real."""

    def __init__(self):
        self.item_id = None
        self.item_ms = 0.0
        self.received_ms = 0.0
        self.ends = 0.0

    def play(self, item_id, audio):
        if item_id != self.item_id:
            self.item_id, self.item_ms = item_id, 0.0
        length_ms = len(audio) / BYTES_PER_MS
        self.item_ms += length_ms
        self.received_ms += length_ms
        self.ends = max(self.ends, time.monotonic()) + length_ms / 1000

    def stop(self):
        """The item that was playing and the milliseconds of it that were heard; None if all was."""
        unheard_ms = (self.ends - time.monotonic()) * 1000
        if unheard_ms <= 0:
            return None
        self.ends = 0.0
        return self.item_id, int(self.item_ms - unheard_ms)


async def speak(connection):
    audio = Path(os.environ["STILLTHERE_MICROPHONE"]).read_bytes()
    size = CHUNK_MS * BYTES_PER_MS
    began = time.monotonic()
    for number, start in enumerate(range(0, len(audio), size), 1):
        await connection.input_audio_buffer.append(audio=base64.b64encode(audio[start : start + size]).decode())
        await asyncio.sleep(began + number * CHUNK_MS / 1000 - time.monotonic())


async def listen(connection, speaker, told):
    async for event in connection:
        if event.type == "response.output_audio.delta":
            speaker.play(event.item_id, base64.b64decode(event.delta))
        elif event.type == "input_audio_buffer.speech_started":
            playing = speaker.stop()
            if playing is not None:
                told["interruptions"] += 1
                item_id, heard_ms = playing
                await connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=heard_ms)
        elif event.type == "error":
            told["errors"].append(event.error.message)


async def main():
    told = {"audio_ms": 0, "interruptions": 0, "errors": []}
    speaker = Speaker()
    client = AsyncOpenAI(api_key="sk-any", websocket_base_url=os.environ["STILLTHERE_URL"])
    async with client.realtime.connect(model="gpt-realtime") as connection:
        listening = asyncio.create_task(listen(connection, speaker, told))
        await connection.session.update(session={"type": "realtime", "instructions": "Be brief."})
        await speak(connection)
    await listening
    print(json.dumps({**told, "audio_ms": round(speaker.received_ms)}))


asyncio.run(main())
