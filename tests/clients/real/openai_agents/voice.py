"""openai-agents for Python: the speech-to-text of its voice pipeline, in a transcription session.

The package dials the vendor's own address, whatever its client is set to; so the dial is led here, and nothing else.
"""

import asyncio
import json
import os
import time
from pathlib import Path

import numpy as np
from agents import set_tracing_disabled
from agents.voice import StreamedAudioInput, STTModelSettings
from agents.voice.models import openai_stt
from openai import AsyncOpenAI

CHUNK_MS = 20
BYTES_PER_MS = 48
VENDOR = "wss://api.openai.com/v1"


class Websockets:
    """The module ``websockets`` as the package sees it."""

    ConnectionClosed = openai_stt.websockets.ConnectionClosed

    def __init__(self):
        self.really = openai_stt.websockets.connect

    def connect(self, address, **options):
        return self.really(address.replace(VENDOR, os.environ["STILLTHERE_URL"]), **options)


async def speak(audio_input):
    audio = np.frombuffer(Path(os.environ["STILLTHERE_MICROPHONE"]).read_bytes(), "<i2")
    size = CHUNK_MS * BYTES_PER_MS // 2
    began = time.monotonic()
    for number, start in enumerate(range(0, len(audio), size), 1):
        await audio_input.add_audio(audio[start : start + size])
        await asyncio.sleep(began + number * CHUNK_MS / 1000 - time.monotonic())


async def main():
    set_tracing_disabled(True)
    openai_stt.websockets = Websockets()
    model = openai_stt.OpenAISTTModel("gpt-4o-transcribe", AsyncOpenAI(api_key="sk-any"))
    audio_input = StreamedAudioInput()
    detection = {"type": "server_vad", "silence_duration_ms": 700}
    session = await model.create_session(
        input=audio_input,
        settings=STTModelSettings(turn_detection=detection),
        trace_include_sensitive_data=False,
        trace_include_sensitive_audio_data=False,
    )
    told = {"words": [], "errors": []}

    async def listen():
        try:
            async for words in session.transcribe_turns():
                told["words"].append(words)
        except Exception as error:
            told["errors"].append(repr(error))

    listening = asyncio.create_task(listen())
    await speak(audio_input)
    await session.close()
    await listening
    print(json.dumps(told))


asyncio.run(main())
