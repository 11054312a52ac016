"""The microphone of both drivers: the recording of the scene, in real time."""

import asyncio
import os
import time
from pathlib import Path

from pipecat.frames.frames import InputAudioRawFrame
from pipecat.transports.base_input import BaseInputTransport

CHUNK_MS = 20
RATE_HZ = 24_000
BYTES_PER_MS = 48


class Microphone(BaseInputTransport):
    """Begins when the pipeline starts; ``ended`` is set when all has been heard."""

    def __init__(self, params):
        super().__init__(params)
        self.ended = asyncio.Event()
        self.speaking = None

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)
        self.speaking = self.create_task(self.speak())

    async def speak(self):
        audio = Path(os.environ["STILLTHERE_MICROPHONE"]).read_bytes()
        size = CHUNK_MS * BYTES_PER_MS
        began = time.monotonic()
        for number, start in enumerate(range(0, len(audio), size), 1):
            chunk = InputAudioRawFrame(audio=audio[start : start + size], sample_rate=RATE_HZ, num_channels=1)
            await self.push_audio_frame(chunk)
            await asyncio.sleep(began + number * CHUNK_MS / 1000 - time.monotonic())
        self.ended.set()
