"""livekit-agents and its openai plugin: an ``AgentSession`` whose audio goes to a microphone and a speaker of ours.

No room is joined. The speaker tells the session how far it has played, and from that the plugin truncates.
"""

import asyncio
import contextlib
import json
import os
import time
from pathlib import Path

from livekit import rtc
from livekit.agents import Agent, AgentSession, utils
from livekit.agents.voice.io import AudioInput, AudioOutput, AudioOutputCapabilities
from livekit.plugins import openai

CHUNK_MS = 20
RATE_HZ = 24_000
BYTES_PER_MS = 48


class Microphone(AudioInput):
    """20 ms when they are due; ``ended`` is set when all has been heard."""

    def __init__(self):
        super().__init__(label="microphone")
        self.audio = Path(os.environ["STILLTHERE_MICROPHONE"]).read_bytes()
        self.position = 0
        self.began = None
        self.ended = asyncio.Event()

    async def __anext__(self):
        now = time.monotonic()
        self.began = self.began or now
        await asyncio.sleep(self.began + self.position / BYTES_PER_MS / 1000 - now)
        chunk = self.audio[self.position : self.position + CHUNK_MS * BYTES_PER_MS]
        self.position += len(chunk)
        if not chunk:
            self.ended.set()
            raise StopAsyncIteration
        return rtc.AudioFrame(chunk, RATE_HZ, 1, len(chunk) // 2)


class Speaker(AudioOutput):
    """Plays what it is given as it comes, at the pace of speech; only the time is real."""

    def __init__(self):
        super().__init__(label="speaker", capabilities=AudioOutputCapabilities(pause=False), sample_rate=RATE_HZ)
        self.received_s = 0.0
        self.segment_s = 0.0
        self.ends = 0.0
        self.cleared = asyncio.Event()
        self.playing = None

    async def capture_frame(self, frame):
        await super().capture_frame(frame)
        if self.segment_s == 0:
            self.on_playback_started(created_at=time.time())
        self.received_s += frame.duration
        self.segment_s += frame.duration
        self.ends = max(self.ends, time.monotonic()) + frame.duration

    def flush(self):
        super().flush()
        if self.segment_s:
            self.playing = asyncio.create_task(self.finish())

    def clear_buffer(self):
        if self.segment_s:
            self.cleared.set()

    async def finish(self):
        """Play the segment to its end or until it is cleared."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.cleared.wait(), self.ends - time.monotonic())
        unheard_s = max(0.0, self.ends - time.monotonic()) if self.cleared.is_set() else 0.0
        heard_s, interrupted = self.segment_s - unheard_s, self.cleared.is_set()
        self.segment_s = self.ends = 0.0
        self.cleared.clear()
        self.on_playback_finished(playback_position=heard_s, interrupted=interrupted)


async def main():
    told = {"audio_ms": 0, "interruptions": 0, "errors": []}
    microphone, speaker = Microphone(), Speaker()
    base_url = os.environ["STILLTHERE_URL"].replace("ws://", "http://", 1)
    session = AgentSession(llm=openai.realtime.RealtimeModel(base_url=base_url, api_key="sk-any", model="gpt-realtime"))

    @session.on("conversation_item_added")
    def added(event):
        if event.item.type == "message" and event.item.interrupted and not microphone.ended.is_set():
            told["interruptions"] += 1

    @session.on("error")
    def failed(event):
        told["errors"].append(str(event.error))

    session.input.audio, session.output.audio = microphone, speaker
    async with utils.http_context.open(), session:
        await session.start(Agent(instructions="Be brief."))
        await microphone.ended.wait()
    print(json.dumps({**told, "audio_ms": round(speaker.received_s * 1000)}))


asyncio.run(main())
