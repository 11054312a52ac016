"""openai for Python: ``client.realtime.connect``, with the playback and the interruption that it leaves to its user."""

import asyncio
import base64

from openai import AsyncOpenAI


async def app(mic, speaker, **options):
    client = AsyncOpenAI()
    async with client.realtime.connect(model="gpt-realtime", **options) as connection:
        await connection.session.update(session={"type": "realtime", "instructions": "Be brief."})
        async with asyncio.TaskGroup() as both:
            both.create_task(speak(mic, connection))
            both.create_task(listen(connection, speaker))


async def app_reconnecting(mic, speaker):
    await app(mic, speaker, on_reconnecting=reconnecting)


def reconnecting(event):
    print(f"on_reconnecting: attempt {event.attempt} of {event.max_attempts}, close code {event.close_code}")


async def speak(mic, connection):
    async for pcm in mic:
        await connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())


async def listen(connection, speaker):
    item_id = None
    async for event in connection:
        if event.type == "response.output_audio.delta":
            item_id = event.item_id
            speaker.play(base64.b64decode(event.delta), item_id)
        elif event.type == "input_audio_buffer.speech_started" and speaker.playing:
            heard_ms = speaker.stop()
            await connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=heard_ms)
        elif event.type == "error":
            print(f"event error: {event.error.message}")
    print("the iteration over the events ended")
