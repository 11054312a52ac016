"""pipecat: a pipeline around ``OpenAIRealtimeLLMService``, between a microphone and a speaker of ours as its transport.

The user's turns, and so the interruptions, come from the server; the service truncates by itself.
"""

import asyncio
import os

from pipecat.frames.frames import InputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner

RATE_HZ = 24_000
BYTES_PER_S = 48_000
AHEAD_S = 0.1


class Microphone(BaseInputTransport):
    def __init__(self, params, mic):
        super().__init__(params)
        self.mic = mic

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)
        self.speaking = self.create_task(self.speak())

    async def speak(self):
        async for pcm in self.mic:
            await self.push_audio_frame(InputAudioRawFrame(audio=pcm, sample_rate=RATE_HZ, num_channels=1))


class Speaker(BaseOutputTransport):
    """Takes audio as fast as it is played, and a little ahead."""

    def __init__(self, params, speaker):
        super().__init__(params)
        self.speaker = speaker
        self.free = 0.0

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame):
        loop = asyncio.get_running_loop()
        self.speaker.play(frame.audio)
        self.free = max(self.free, loop.time()) + len(frame.audio) / BYTES_PER_S
        await asyncio.sleep(self.free - AHEAD_S - loop.time())
        return True


async def app(mic, speaker):
    rates = {"audio_in_sample_rate": RATE_HZ, "audio_out_sample_rate": RATE_HZ}
    params = TransportParams(audio_in_enabled=True, audio_out_enabled=True, **rates)
    llm = OpenAIRealtimeLLMService(
        api_key=os.environ["OPENAI_API_KEY"],
        settings=OpenAIRealtimeLLMService.Settings(model="gpt-realtime", system_instruction="Be brief."),
    )
    user, assistant = LLMContextAggregatorPair(LLMContext())
    pipeline = Pipeline([Microphone(params, mic), user, llm, Speaker(params, speaker), assistant])
    worker = PipelineWorker(pipeline)

    @worker.event_handler("on_pipeline_error")
    async def failed(worker, frame):
        print(f"event on_pipeline_error: {frame.error}")

    @worker.event_handler("on_idle_timeout")
    async def idle(worker):
        print("event on_idle_timeout")

    @worker.event_handler("on_pipeline_finished")
    async def finished(worker, frame):
        print(f"event on_pipeline_finished: {frame}")

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()
