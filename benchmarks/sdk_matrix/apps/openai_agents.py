"""openai-agents for Python: a ``RealtimeAgent`` in a ``RealtimeRunner``, with the package's own settings."""

import asyncio

from agents.realtime import RealtimeAgent, RealtimeRunner


async def app(mic, speaker):
    agent = RealtimeAgent(name="Assistant", instructions="Be brief.")
    runner = RealtimeRunner(agent, config={"model_settings": {"model_name": "gpt-realtime"}})
    async with await runner.run() as session, asyncio.TaskGroup() as both:
        both.create_task(speak(mic, session))
        both.create_task(listen(session, speaker))


async def speak(mic, session):
    async for pcm in mic:
        await session.send_audio(pcm)


async def listen(session, speaker):
    async for event in session:
        if event.type == "audio":
            speaker.play(event.audio.data, event.item_id)
        elif event.type == "audio_interrupted":
            speaker.stop()
        elif event.type == "error":
            print(f"event error: {getattr(event.error, 'message', event.error)}")
        elif event.type == "raw_model_event" and event.data.type == "connection_status":
            print(f"event connection_status: {event.data.status}")
    print("the iteration over the events ended")
