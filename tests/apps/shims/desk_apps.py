"""Applications that open their own devices. Not one line of them is for the stage."""

import asyncio
import base64
import contextlib
import queue
import threading
from typing import Any

import numpy as np
import pyaudio  # type: ignore[import-untyped]
import sounddevice as sd  # type: ignore[import-not-found]
from openai import AsyncOpenAI

QUIET_S = 6.0
"""A capture that is quiet for so long is taken for dead, if the app doubts its microphone."""
SILENT_SERVER_S = 20.0


class Player:
    """What is to be played; a callback takes it, and an interruption clears it."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._lock = threading.Lock()

    def add(self, pcm: bytes) -> None:
        with self._lock:
            self._audio += pcm

    def clear(self) -> None:
        with self._lock:
            self._audio.clear()

    def take(self, size: int) -> bytes:
        with self._lock:
            part = bytes(self._audio[:size])
            del self._audio[:size]
        return part.ljust(size, b"\0")


async def converse(captured: "asyncio.Queue[bytes]", player: Any, reopen: Any = None) -> None:
    """The conversation; ``reopen`` opens the microphone anew, in an app that doubts it."""
    client = AsyncOpenAI(api_key="sk-x")
    loop = asyncio.get_running_loop()
    while True:
        try:
            async with client.realtime.connect(model="gpt-realtime") as connection, asyncio.TaskGroup() as tasks:
                received = [loop.time()]
                tasks.create_task(send(connection, captured, reopen))
                tasks.create_task(receive(connection, player, received))
                if reopen:
                    tasks.create_task(watch(received))
        except* (TimeoutError, OSError):
            pass
        if reopen is None:
            return
        await asyncio.sleep(0.5)


async def send(connection: Any, captured: "asyncio.Queue[bytes]", reopen: Any) -> None:
    loop = asyncio.get_running_loop()
    loud_at = loop.time()
    while True:
        try:
            async with asyncio.timeout(QUIET_S):
                pcm = await captured.get()
        except TimeoutError:
            if reopen is None:
                continue
            pcm = bytes(960)
        if max(memoryview(pcm).cast("h")) > 300:
            loud_at = loop.time()
        elif reopen and loop.time() - loud_at > QUIET_S:
            reopen()
            loud_at = loop.time()
        await connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())


async def receive(connection: Any, player: Any, received: list[float]) -> None:
    async for event in connection:
        received[0] = asyncio.get_running_loop().time()
        if event.type == "response.output_audio.delta":
            player.add(base64.b64decode(event.delta))
        elif event.type == "input_audio_buffer.speech_started":
            player.clear()


async def watch(received: list[float]) -> None:
    while True:
        await asyncio.sleep(1)
        if asyncio.get_running_loop().time() - received[0] > SILENT_SERVER_S:
            raise TimeoutError("the server says nothing")


async def with_sounddevice(doubts: bool = False) -> None:
    """Callbacks at both ends: 24 kHz, mono, int16."""
    loop = asyncio.get_running_loop()
    captured: asyncio.Queue[bytes] = asyncio.Queue()
    player = Player()

    def capture(indata: Any, frames: int, when: Any, status: Any) -> None:
        loop.call_soon_threadsafe(captured.put_nowait, bytes(indata))

    def playback(outdata: Any, frames: int, when: Any, status: Any) -> None:
        outdata[:] = player.take(len(outdata))

    def microphone() -> Any:
        return sd.RawInputStream(samplerate=24_000, channels=1, dtype="int16", blocksize=480, callback=capture)

    open_now = [microphone()]

    def reopen() -> None:
        open_now[0].close()
        open_now[0] = microphone()
        open_now[0].start()

    open_now[0].start()
    with sd.RawOutputStream(samplerate=24_000, channels=1, dtype="int16", blocksize=480, callback=playback):
        await converse(captured, player, reopen if doubts else None)


async def sounddevice_naive(mic: Any, speaker: Any) -> None:
    await with_sounddevice()


async def sounddevice_careful(mic: Any, speaker: Any) -> None:
    await with_sounddevice(doubts=True)


class BlockingSpeaker:
    """A thread that writes what it finds in a queue."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._queue: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        while True:
            self._stream.write(self._queue.get())

    def add(self, pcm: bytes) -> None:
        for begin in range(0, len(pcm), 960):
            self._queue.put(pcm[begin : begin + 960])

    def clear(self) -> None:
        while not self._queue.empty():
            self._queue.get()


async def with_pyaudio(doubts: bool = False) -> None:
    """Blocking reads and writes in threads."""
    loop = asyncio.get_running_loop()
    captured: asyncio.Queue[bytes] = asyncio.Queue()
    audio = pyaudio.PyAudio()
    wanted = {"format": pyaudio.paInt16, "channels": 1, "rate": 24_000, "frames_per_buffer": 480}
    microphone = audio.open(input=True, **wanted)

    def read(stream: Any) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while True:
                pcm = stream.read(480, exception_on_overflow=False)
                loop.call_soon_threadsafe(captured.put_nowait, pcm)

    def listen() -> None:
        threading.Thread(target=read, args=(microphone,), daemon=True).start()

    def reopen() -> None:
        nonlocal microphone
        old, microphone = microphone, audio.open(input=True, **wanted)
        old.close()
        listen()

    listen()
    speaker = BlockingSpeaker(audio.open(output=True, **wanted))
    await converse(captured, speaker, reopen if doubts else None)


async def pyaudio_naive(mic: Any, speaker: Any) -> None:
    await with_pyaudio()


async def pyaudio_careful(mic: Any, speaker: Any) -> None:
    await with_pyaudio(doubts=True)


class StereoPlayer(Player):
    """Doubles the rate, and the channels."""

    def add(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, np.int16).astype(np.float32) / 32_768
        super().add(np.repeat(samples, 4).tobytes())


async def with_stereo(doubts: bool = False) -> None:
    """A sound card as many are: 48 kHz, stereo, float32, the app's own resampling; the callbacks get arrays."""
    loop = asyncio.get_running_loop()
    captured: asyncio.Queue[bytes] = asyncio.Queue()
    player = StereoPlayer()
    wanted = {"samplerate": 48_000, "channels": 2, "dtype": "float32", "blocksize": 960}

    def capture(indata: Any, frames: int, when: Any, status: Any) -> None:
        mono = indata[:, 0].reshape(-1, 2).mean(axis=1)
        loop.call_soon_threadsafe(captured.put_nowait, (mono * 32_767).astype(np.int16).tobytes())

    def playback(outdata: Any, frames: int, when: Any, status: Any) -> None:
        outdata[:] = np.frombuffer(player.take(outdata.nbytes), np.float32).reshape(-1, 2)

    with sd.InputStream(callback=capture, **wanted) as microphone, sd.OutputStream(callback=playback, **wanted):

        def reopen() -> None:
            microphone.stop()
            microphone.start()

        await converse(captured, player, reopen if doubts else None)


async def stereo_naive(mic: Any, speaker: Any) -> None:
    await with_stereo()


async def stereo_careful(mic: Any, speaker: Any) -> None:
    await with_stereo(doubts=True)
