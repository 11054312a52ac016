"""Calls of both modules that need threads, so a stage: an app that raises if one of them does what it should not."""

import asyncio
import threading
import time
from typing import Any

import numpy as np
import pyaudio  # type: ignore[import-untyped]
import sounddevice as sd  # type: ignore[import-not-found]
from openai import AsyncOpenAI

WANTED = {"samplerate": 24_000, "channels": 1, "dtype": "int16"}


async def app(mic: Any, speaker: Any) -> None:
    async with AsyncOpenAI(api_key="sk-x").realtime.connect(model="gpt-realtime"):
        for check in (capture_times, callback_ends, callback_raises, slow_callback):
            await check()
        for check in (whole_arrays, duplex, pyaudio_ends, block_of_any):
            await check()
    raise NotImplementedError("all was checked")


async def capture_times() -> None:
    """Each 10 ms a block, though 20 ms are captured at a time; the clock of the stream is that of the app."""
    seen: list[tuple[float, float, float, bool]] = []

    def callback(indata: Any, frames: int, when: Any, status: Any) -> None:
        seen.append((when.currentTime, when.inputBufferAdcTime, time.monotonic(), bool(status)))

    with sd.InputStream(blocksize=240, callback=callback, **WANTED) as stream:
        await asyncio.sleep(0.5)
        assert abs(stream.time - time.monotonic()) < 1e-6
    steps = np.diff([each[0] for each in seen])
    assert 40 <= len(seen) <= 50, len(seen)
    assert np.allclose(steps, 0.01), steps
    assert all(abs(now - begin - 0.01) < 1e-6 and abs(now - clock) < 1e-6 for now, begin, clock, _ in seen)
    assert not any(flagged for *_, flagged in seen)


async def callback_ends() -> None:
    """CallbackStop plays what was given, CallbackAbort does not; the stream is then inactive, and not stopped."""
    for raised, lasts in ((sd.CallbackStop, 0.06), (sd.CallbackAbort, 0.0)):
        ended: list[float] = []
        calls: list[float] = []

        def callback(
            outdata: Any, frames: int, when: Any, status: Any, raised: Any = raised, calls: Any = calls
        ) -> None:
            outdata[:] = 5000
            calls.append(when.currentTime)
            assert abs(when.outputBufferDacTime - when.currentTime - 0.02) < 1e-6
            if len(calls) == 2:
                raise raised

        stream = sd.OutputStream(
            blocksize=480,
            callback=callback,
            finished_callback=lambda ended=ended: ended.append(time.monotonic()),
            **WANTED,
        )
        stream.start()
        await asyncio.sleep(0.2)
        assert len(calls) == 2
        assert (stream.active, stream.stopped) == (False, False)
        assert abs(ended[0] - calls[1] - (lasts - 0.02 if lasts else 0)) < 1e-3, (ended, calls)
        stream.close()
        assert len(ended) == 1


async def callback_raises() -> None:
    def callback(indata: Any, frames: int, when: Any, status: Any) -> None:
        raise ValueError("this traceback is printed")

    stream = sd.InputStream(callback=callback, **WANTED)
    stream.start()
    await asyncio.sleep(0.3)
    assert not stream.active
    stream.close()


async def slow_callback() -> None:
    """It waits for a lock that the event loop holds: captured audio is lost, and that is said."""
    lock, flags = threading.Lock(), []

    def callback(indata: Any, frames: int, when: Any, status: Any) -> None:
        flags.append(status.input_overflow)
        with lock:
            pass

    with sd.RawInputStream(blocksize=480, callback=callback, **WANTED):
        lock.acquire()
        await asyncio.sleep(1.0)
        lock.release()
        await asyncio.sleep(0.2)
    assert flags[0] is False
    assert flags[1] is True


async def whole_arrays() -> None:
    begun = time.monotonic()
    recorded = sd.rec(4_800, samplerate=48_000, channels=2, dtype="float32")
    await asyncio.to_thread(sd.wait)
    assert 0.29 < time.monotonic() - begun < 0.4  # the microphone takes 0.2 s to open anew
    assert recorded.shape == (4_800, 2)
    assert recorded.any()
    assert np.array_equal(recorded[:, 0], recorded[:, 1])
    begun = time.monotonic()
    sd.play(np.full(9_600, 0.1), 48_000)
    await asyncio.to_thread(sd.wait)
    assert 0.2 < time.monotonic() - begun < 0.3, time.monotonic() - begun
    sd.play(np.full(48_000, 0.1), 48_000)
    sd.stop()
    try:
        sd.get_stream()
    except RuntimeError:
        pass
    else:
        raise AssertionError("it was stopped")


async def duplex() -> None:
    """Both sides in one callback, with the microphone's blocks in order and none left out."""
    flags: list[str] = []
    heard = np.zeros(0, np.int16)

    def callback(indata: Any, outdata: Any, frames: int, when: Any, status: Any) -> None:
        nonlocal heard
        flags.append(str(status))
        heard = np.concatenate((heard, indata[:, 0]))
        outdata[:] = 0

    with sd.Stream(blocksize=1024, callback=callback, **WANTED):
        await asyncio.sleep(2.0)
    assert set(flags) == {""}, flags
    assert np.count_nonzero(heard) > 0.9 * heard.size


async def pyaudio_ends() -> None:
    """A callback that gives too little ends its stream."""
    audio, calls = pyaudio.PyAudio(), []

    def callback(in_data: Any, frame_count: int, time_info: Any, status: int) -> Any:
        calls.append((in_data, frame_count, sorted(time_info), status))
        return bytes(2 * frame_count if len(calls) < 3 else 2), pyaudio.paContinue

    stream = audio.open(24_000, 1, pyaudio.paInt16, output=True, frames_per_buffer=480, stream_callback=callback)
    assert stream.is_active()
    await asyncio.sleep(0.3)
    assert not stream.is_active()
    assert not stream.is_stopped()
    assert len(calls) == 3
    assert calls[0] == (None, 480, ["current_time", "input_buffer_adc_time", "output_buffer_dac_time"], 0)
    audio.terminate()


async def block_of_any() -> None:
    sizes = set()

    def callback(indata: Any, frames: int, when: Any, status: Any) -> None:
        sizes.add((frames, indata.shape))

    with sd.InputStream(callback=callback, samplerate=44_100, channels=2):
        await asyncio.sleep(0.5)
    assert sizes == {(882, (882, 2))}, sizes
