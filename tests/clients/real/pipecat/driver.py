"""pipecat: a pipeline around ``OpenAIRealtimeLLMService``, between a microphone and a speaker of ours as its transport.

The user's turns, and so the interruptions, come from the server; the service truncates by itself.
"""

import asyncio
import json
import os
import sys
import time

from loguru import logger
from microphone import BYTES_PER_MS, RATE_HZ, Microphone
from pipecat.frames.frames import EndFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner


class Speaker(BaseOutputTransport):
    """Takes a frame as long as it sounds."""

    def __init__(self, params):
        super().__init__(params)
        self.played_ms = 0.0
        self.free = 0.0

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame):
        length_ms = len(frame.audio) / BYTES_PER_MS
        self.played_ms += length_ms
        self.free = max(self.free, time.monotonic()) + length_ms / 1000
        await asyncio.sleep(self.free - time.monotonic())
        return True


async def main():
    logger.remove()
    logger.add(sys.stderr, level="INFO")
    told = {"audio_ms": 0, "interruptions": 0, "errors": []}
    rates = {"audio_in_sample_rate": RATE_HZ, "audio_out_sample_rate": RATE_HZ}
    params = TransportParams(audio_in_enabled=True, audio_out_enabled=True, **rates)
    microphone, speaker = Microphone(params), Speaker(params)
    llm = OpenAIRealtimeLLMService(
        api_key="sk-any",
        base_url=os.environ["STILLTHERE_URL"] + "/realtime",
        settings=OpenAIRealtimeLLMService.Settings(model="gpt-realtime", system_instruction="Be brief."),
    )
    user, assistant = LLMContextAggregatorPair(LLMContext())
    pipeline = Pipeline([microphone, user, llm, speaker, assistant])
    worker = PipelineWorker(pipeline)

    @assistant.event_handler("on_assistant_turn_stopped")
    async def stopped(assistant, message):
        told["interruptions"] += message.interrupted

    @worker.event_handler("on_pipeline_error")
    async def failed(worker, frame):
        told["errors"].append(frame.error)

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await microphone.ended.wait()
    told["audio_ms"] = round(speaker.played_ms)
    await worker.queue_frame(EndFrame())
    await running
    print(json.dumps(told))


asyncio.run(main())
