"""pipecat: its speech-to-text as it is by default, with ``gpt-realtime-whisper`` and turns that the client commits.

In place of a local detector, the microphone says itself when a sentence begins and when it has ended.
"""

import asyncio

import numpy as np
from microphone import CHUNK_MS, Microphone
from pipecat.frames.frames import VADUserStartedSpeakingFrame, VADUserStoppedSpeakingFrame
from stt import main

LOUD_LSB = 300
ENDS_AFTER_MS = 700


class Listening(Microphone):
    def __init__(self, params):
        super().__init__(params)
        self.speech = False
        self.silent_ms = 0

    async def push_audio_frame(self, frame):
        await super().push_audio_frame(frame)
        loud = np.abs(np.frombuffer(frame.audio, "<i2").astype(int)).max() > LOUD_LSB
        self.silent_ms = 0 if loud else self.silent_ms + CHUNK_MS
        if loud and not self.speech:
            self.speech = True
            await self.push_frame(VADUserStartedSpeakingFrame())
        elif self.speech and self.silent_ms >= ENDS_AFTER_MS:
            self.speech = False
            await self.push_frame(VADUserStoppedSpeakingFrame())


asyncio.run(main(Listening))
