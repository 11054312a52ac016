"""A voice app on the openai SDK. `naive` is a quick start; `careful` doubts its microphone and its server."""

import asyncio
import base64

from openai import AsyncOpenAI


async def naive(mic, speaker):
    await converse(mic, speaker)


async def careful(mic, speaker):
    while True:
        try:
            await converse(mic, speaker, watch)
        except* Exception as problems:
            print("dialling anew:", *problems.exceptions)
        await asyncio.sleep(0.5)


async def converse(mic, speaker, *watching):
    async with AsyncOpenAI(api_key="sk-any").realtime.connect(model="gpt-realtime") as connection:
        await connection.session.update(session={"type": "realtime", "instructions": "Be brief."})
        state = {"heard_at": asyncio.get_running_loop().time(), "loud_at": asyncio.get_running_loop().time()}
        async with asyncio.TaskGroup() as tasks:
            for job in (send, receive, *watching):
                tasks.create_task(job(connection, mic, speaker, state))


async def send(connection, mic, speaker, state):
    async for pcm in mic:
        if max(memoryview(pcm).cast("h")) > 110:  # a quiet room has more; a dead capture has not
            state["loud_at"] = asyncio.get_running_loop().time()
        await connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())


async def receive(connection, mic, speaker, state):
    item = None
    async for event in connection:
        state["heard_at"] = asyncio.get_running_loop().time()
        if event.type == "response.output_audio.delta":
            item = event.item_id
            speaker.play(base64.b64decode(event.delta))
        elif event.type == "input_audio_buffer.speech_started" and speaker.playing:
            played_ms = speaker.stop()
            await connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=played_ms)
    raise ConnectionError("the server closed the connection")


async def watch(connection, mic, speaker, state):
    while True:
        await asyncio.sleep(1)
        now = asyncio.get_running_loop().time()
        if now - state["loud_at"] > 6:  # so quiet for so long: the capture may be dead
            mic.reopen()
            state["loud_at"] = now
        if now - state["heard_at"] > 20:
            raise TimeoutError("the server says nothing")
