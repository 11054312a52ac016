"""Microphone and speaker in real time: one TCP connection, as stillthere offers it to programs.

`python tcp_devices.py voice_app:careful` runs an app, `async def careful(mic, speaker)`, on them.
"""

import asyncio
import importlib
import json
import os
import sys
import time
import urllib.request

CHUNK = 960  # bytes: 20 ms of PCM, 16 bits, 24 kHz, mono


class Devices:
    """`async for pcm in mic` and `speaker.play(pcm)` are methods of one object, since both are one connection."""

    def __init__(self):
        self.ends_at = 0.0
        self.opened = asyncio.Event()
        self.reopen()

    def reopen(self):
        """Release the microphone and open it again: dial the device anew."""
        if self.opened.is_set():
            self.opened.clear()
            self.writer.close()
        self.opening = asyncio.create_task(self.open())

    async def open(self):
        host, port = os.environ["STILLTHERE_DEVICE"].removeprefix("tcp://").split(":")
        self.reader, self.writer = await asyncio.open_connection(host, int(port))
        self.opened.set()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while True:
            await self.opened.wait()
            try:
                return await self.reader.readexactly(CHUNK)
            except (asyncio.IncompleteReadError, ConnectionError):
                await asyncio.sleep(0.02)  # it was closed to be opened again

    def play(self, pcm):
        self.ends_at = max(self.ends_at, time.monotonic()) + len(pcm) / 48_000
        self.writer.write(pcm)

    @property
    def playing(self):
        return time.monotonic() < self.ends_at

    def stop(self):
        """Drop what is queued; gives how much of the answer was played, in ms."""
        self.ends_at = 0.0
        speaker = os.environ["OPENAI_BASE_URL"].removesuffix("/v1") + "/speaker"
        with urllib.request.urlopen(urllib.request.Request(speaker, method="DELETE")) as answer:
            return json.load(answer)["played_ms"]


async def main():
    module, function = sys.argv[1].split(":")
    devices = Devices()
    await getattr(importlib.import_module(module), function)(devices, devices)


asyncio.run(main())
