"""The calls that LiveKit's own suite makes on the session of its OpenAI realtime plugin, a case each.

What the model must have understood is a word in its answer. The line of JSON that is written has what went wrong, by
case; an empty text is a case that passed.
"""

import asyncio
import contextlib
import json
import math
import os
from array import array
from pathlib import Path

from livekit import rtc
from livekit.agents import function_tool, llm, utils
from livekit.plugins import openai
from openai.types.realtime import AudioTranscription

RATE_HZ = 24_000
CHUNK_BYTES = 960
LONG_S, SHORT_S = 15, 10


def frame(pcm):
    return rtc.AudioFrame(pcm, RATE_HZ, 1, len(pcm) // 2)


async def speak(session):
    """What the microphone hears, as fast as it is heard, and two seconds of silence at once."""
    heard = Path(os.environ["STILLTHERE_MICROPHONE"]).read_bytes()
    for start in range(0, len(heard), CHUNK_BYTES):
        session.push_audio(frame(heard[start : start + CHUNK_BYTES]))
        await asyncio.sleep(0.02)
    session.push_audio(frame(bytes(4 * RATE_HZ)))


async def words_of(generation):
    async def read():
        return "".join([piece async for message in generation.message_stream async for piece in message.text_stream])

    return await asyncio.wait_for(read(), LONG_S)


async def reply(session, **asked):
    return await asyncio.wait_for(session.generate_reply(**asked), LONG_S)


async def said(session, **asked):
    return await words_of(await reply(session, **asked))


async def remember(session, *messages):
    """The conversation is now these messages, each a role and words."""
    history = llm.ChatContext()
    for role, words in messages:
        history.add_message(role=role, content=words)
    await asyncio.wait_for(session.update_chat_ctx(history), SHORT_S)


def listen(session, event):
    """The events of this name so far, and whether there is one."""
    found, any_yet = [], asyncio.Event()
    session.on(event, lambda emitted: (found.append(emitted), any_yet.set()))
    return found, any_yet


# --- what is said ---


async def a_reply(session):
    generation = await reply(session)
    assert generation.user_initiated and await words_of(generation)


async def a_reply_with_instructions(session):
    assert "pineapple" in (await said(session, instructions="Say exactly: pineapple")).lower()


async def instructions_of_the_session_hold_too(session):
    await session.update_instructions("Your name is Kelly. Always respond in English.")
    assert "kelly" in (await said(session, instructions="Tell the user what your name is.")).lower()


async def replies_one_after_the_other(session):
    for number in range(2):
        assert str(number) in await said(session, instructions=f"Say the number {number}")


# --- audio ---


async def a_reply_has_audio(session):
    generation = await reply(session)
    async for message in generation.message_stream:
        assert "audio" in await asyncio.wait_for(message.modalities, SHORT_S)
        async for audio in message.audio_stream:
            assert (audio.sample_rate, audio.num_channels) == (RATE_HZ, 1) and len(audio.data)
            return
    raise AssertionError("no audio")


async def audio_is_pushed_and_committed(session):
    tone = array("h", (round(16_000 * math.sin(2 * math.pi * 440 * at / RATE_HZ)) for at in range(RATE_HZ // 2)))
    session.push_audio(frame(tone.tobytes()))
    session.commit_audio()


async def speech_is_answered(session):
    generations, any_yet = listen(session, "generation_created")
    await speak(session)
    await asyncio.wait_for(any_yet.wait(), LONG_S)
    assert not generations[0].user_initiated and await words_of(generations[0])


async def speech_starts_and_stops(session):
    waits = [listen(session, f"input_speech_{what}")[1] for what in ("started", "stopped")]
    await speak(session)
    for wait in waits:
        await asyncio.wait_for(wait.wait(), SHORT_S)


async def speech_is_transcribed(session):
    transcripts, any_yet = listen(session, "input_audio_transcription_completed")
    await speak(session)
    session.commit_audio()
    await asyncio.wait_for(any_yet.wait(), LONG_S)
    heard = [each.transcript for each in transcripts]
    assert "weather" in " ".join(heard).lower(), heard


# --- the conversation ---


async def the_history_is_known(session):
    await remember(session, ("assistant", "What is your favorite number?"), ("user", "My favorite number is seven"))
    question = "What is the user's favorite number? Reply with just the number."
    assert "seven" in (await said(session, instructions=question)).lower()


async def a_reply_is_in_the_history(session):
    await said(session)
    assert any(item.type == "message" and item.role == "assistant" for item in session.chat_ctx.items)


async def another_history_replaces_the_first(session):
    await remember(session, ("user", "Remember: color is red"))
    await remember(session, ("user", "Remember: color is blue"))
    assert "blue" in (await said(session, instructions="What color did the user mention?")).lower()


async def items_are_announced(session):
    items, _ = listen(session, "remote_item_added")
    await said(session)
    assert any(each.item.type == "message" and each.item.role == "assistant" for each in items)


# --- interruption ---


async def a_reply_is_interrupted(session):
    generation = await reply(session, instructions="Write a very long essay about the history of computing.")
    async for message in generation.message_stream:
        async for _ in message.text_stream:
            session.interrupt()
            return
    raise AssertionError("no words")


# --- tools ---


@function_tool
async def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"sunny in {city}"


@function_tool
async def get_capital(country: str) -> str:
    """Get the capital of a country."""
    return "Paris"


async def calls_of(session, instructions):
    generation = await reply(session, instructions=instructions)
    return [call async for call in generation.function_stream]


async def a_tool_is_called(session):
    await session.update_tools([get_weather])
    calls = await calls_of(session, "What's the weather in Paris? Use the tool.")
    assert [call.name for call in calls] == ["get_weather"]
    assert json.loads(calls[0].arguments) == {"city": "Paris"}


async def a_tools_result_is_told(session):
    await session.update_tools([get_capital])
    [call] = await calls_of(session, "What is the capital of France? Use the tool.")
    history = session.chat_ctx.copy()
    result = llm.FunctionCallOutput(id="result_1", call_id=call.call_id, output="Paris", is_error=False)
    history.items.append(result)
    await asyncio.wait_for(session.update_chat_ctx(history), SHORT_S)
    assert "paris" in (await said(session)).lower()


# --- another agent takes over ---


async def an_agent_takes_over(session):
    """A session with a long history, and a new one, each given the history and none."""
    history = llm.ChatContext()
    for number in range(1, 11):
        history.add_message(role="user", content=f"Tell me fact #{number}")
        history.add_message(role="assistant", content=f"Fact #{number} is interesting.")
    for is_used in (True, False):
        for given in (history.copy(), llm.ChatContext()):
            async with contextlib.aclosing(model().session()) as other:
                if is_used:
                    await asyncio.wait_for(other.update_chat_ctx(history), LONG_S)
                changed = other._update_session(instructions="You are a math tutor.", chat_ctx=given)
                await asyncio.wait_for(changed, LONG_S)
                asked = other.chat_ctx.copy()
                asked.add_message(role="user", content="What is 2 + 2?")
                await asyncio.wait_for(other.update_chat_ctx(asked), LONG_S)
                assert "4" in await said(other)


CASES = (
    *(a_reply, a_reply_with_instructions, instructions_of_the_session_hold_too, replies_one_after_the_other),
    *(a_reply_has_audio, audio_is_pushed_and_committed, speech_is_answered, speech_starts_and_stops),
    *(speech_is_transcribed, the_history_is_known, a_reply_is_in_the_history, another_history_replaces_the_first),
    *(items_are_announced, a_reply_is_interrupted, a_tool_is_called, a_tools_result_is_told, an_agent_takes_over),
)


def model():
    return openai.realtime.RealtimeModel(
        base_url=os.environ["STILLTHERE_URL"].replace("ws://", "http://", 1),
        api_key="sk-any",
        model="gpt-realtime",
        voice="alloy",
        input_audio_transcription=AudioTranscription(model="gpt-4o-mini-transcribe"),
    )


async def outcome(case):
    """Empty if the case passed."""
    session = model().session()
    try:
        await case(session)
    except Exception as error:
        return repr(error)
    finally:
        await session.aclose()
    return ""


async def main():
    async with utils.http_context.open():
        outcomes = {case.__name__: await outcome(case) for case in CASES}
    print(json.dumps(outcomes))


asyncio.run(main())
