"""pipecat: a pipeline around ``OpenAIRealtimeSTTService``, in a transcription session with the server's turns."""

import asyncio
import json
import os
import sys

from loguru import logger
from microphone import RATE_HZ, Microphone
from pipecat.frames.frames import EndFrame, ErrorFrame, TranscriptionFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.stt import OpenAIRealtimeSTTService
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner


class Reader(FrameProcessor):
    """Takes the words."""

    def __init__(self):
        super().__init__()
        self.words = []

    async def process_frame(self, frame, direction: FrameDirection):
        await super().process_frame(frame, direction)
        if isinstance(frame, TranscriptionFrame):
            self.words.append(frame.text)
        await self.push_frame(frame, direction)


async def main(Microphone=Microphone, **options):
    logger.remove()
    logger.add(sys.stderr, level="INFO")
    errors = []
    params = TransportParams(audio_in_enabled=True, audio_in_sample_rate=RATE_HZ, audio_in_passthrough=True)
    microphone, reader = Microphone(params), Reader()
    service = OpenAIRealtimeSTTService(
        api_key="sk-any",
        base_url=os.environ["STILLTHERE_URL"] + "/realtime",
        sample_rate=RATE_HZ,
        **options,
    )
    worker = PipelineWorker(Pipeline([microphone, service, reader]))

    @worker.event_handler("on_pipeline_error")
    async def failed(worker, frame: ErrorFrame):
        errors.append(frame.error)

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await microphone.ended.wait()
    await worker.queue_frame(EndFrame())
    await running
    print(json.dumps({"words": reader.words, "errors": errors}))


if __name__ == "__main__":
    detection = {"type": "server_vad", "silence_duration_ms": 700}
    settings = OpenAIRealtimeSTTService.Settings(model="gpt-4o-transcribe", noise_reduction="near_field")
    asyncio.run(main(turn_detection=detection, settings=settings))
