"""livekit-agents and its openai plugin: an ``AgentSession`` whose audio goes to a microphone and a speaker of ours.

No room is joined. The speaker tells the session how far it has played, and from that the plugin truncates.
"""

import asyncio
import time

from livekit import rtc
from livekit.agents import Agent, AgentSession, APIConnectOptions, utils
from livekit.agents.voice.io import AudioInput, AudioOutput, AudioOutputCapabilities
from livekit.plugins import openai

RATE_HZ = 24_000


class Microphone(AudioInput):
    def __init__(self, mic):
        super().__init__(label="microphone")
        self.mic = mic

    async def __anext__(self):
        pcm = await self.mic.read()
        return rtc.AudioFrame(pcm, RATE_HZ, 1, len(pcm) // 2)


class Speaker(AudioOutput):
    def __init__(self, speaker):
        super().__init__(label="speaker", capabilities=AudioOutputCapabilities(pause=False), sample_rate=RATE_HZ)
        self.speaker = speaker
        self.segment_s = 0.0
        self.finishing = None

    async def capture_frame(self, frame):
        await super().capture_frame(frame)
        if self.segment_s == 0:
            self.on_playback_started(created_at=time.time())
        self.segment_s += frame.duration
        self.speaker.play(bytes(frame.data))

    def flush(self):
        super().flush()
        if self.segment_s and self.finishing is None:
            self.finishing = asyncio.create_task(self.finish())

    async def finish(self):
        await self.speaker.drained()
        self.end(self.segment_s, interrupted=False)

    def clear_buffer(self):
        if self.segment_s:
            if self.finishing is not None:
                self.finishing.cancel()
            self.end(self.speaker.stop() / 1000, interrupted=True)

    def end(self, heard_s, *, interrupted):
        self.segment_s, self.finishing = 0.0, None
        self.on_playback_finished(playback_position=heard_s, interrupted=interrupted)


async def app(mic, speaker, **options):
    session = AgentSession(llm=openai.realtime.RealtimeModel(model="gpt-realtime", **options))
    closed = asyncio.Event()

    @session.on("error")
    def failed(event):
        recoverable = getattr(event.error, "recoverable", None)
        cause = getattr(event.error, "error", event.error)
        print(f"event error (recoverable={recoverable}): {type(cause).__name__}: {cause}".splitlines()[0])

    @session.on("user_state_changed")
    def changed(event):
        if event.new_state == "away":
            print("event user_state_changed: away")

    @session.on("close")
    def ended(event):
        print(f"event close: {event.reason.value}")
        closed.set()

    session.input.audio, session.output.audio = Microphone(mic), Speaker(speaker)
    async with utils.http_context.open():
        await session.start(Agent(instructions="Be brief."))
        await closed.wait()


async def app_patient(mic, speaker):
    """More retries than the default, and a session that is renewed each minute instead of each 20 minutes."""
    await app(mic, speaker, conn_options=APIConnectOptions(max_retry=10), max_session_duration=60)
