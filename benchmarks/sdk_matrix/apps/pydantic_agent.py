"""pydantic-ai: ``Agent.realtime`` whose session is told of an interruption with what the playback took."""

import asyncio

from pydantic_ai import Agent
from pydantic_ai.realtime import (
    RealtimeInputSpeechStartEvent,
    RealtimeSessionErrorEvent,
    RealtimeSessionReconnectEvent,
)
from pydantic_ai.realtime.openai import OpenAIRealtimeModel

BYTES_PER_S = 48_000
AHEAD_S = 0.1


async def app(mic, speaker, **settings):
    agent = Agent(instructions="Be brief.")
    async with (
        agent.realtime(OpenAIRealtimeModel("gpt-realtime"), model_settings=settings).session() as session,
        asyncio.TaskGroup() as all_of_them,
    ):
        all_of_them.create_task(speak(mic, session))
        all_of_them.create_task(play(session, speaker))
        all_of_them.create_task(listen(session, speaker))


async def app_reconnecting(mic, speaker):
    await app(mic, speaker, reconnect={})


async def speak(mic, session):
    async for pcm in mic:
        await session.send_audio(pcm)


async def play(session, speaker):
    """Take audio as fast as it is played, and a little ahead."""
    loop = asyncio.get_running_loop()
    free = 0.0
    async for pcm in session.stream_audio():
        speaker.play(pcm)
        free = max(free, loop.time()) + len(pcm) / BYTES_PER_S
        await asyncio.sleep(free - AHEAD_S - loop.time())


async def listen(session, speaker):
    async for event in session:
        if isinstance(event, RealtimeInputSpeechStartEvent):
            speaker.stop()
            await session.interrupt(played_bytes=session.played_audio_bytes)
        elif isinstance(event, RealtimeSessionErrorEvent):
            print(f"RealtimeSessionErrorEvent: {event.message}")
        elif isinstance(event, RealtimeSessionReconnectEvent):
            print(f"RealtimeSessionReconnectEvent: state_restored={event.state_restored}")
    print("the iteration over the events ended")
