"""The two modules, as an app calls them, with blocking calls in the thread of the event loop."""

from typing import Any

import numpy as np
import pytest

from harness.apps.shims import pyaudio, sounddevice
from harness.journal import AppFenced, SpeakerEnded, SpeakerPlaying, SpeakerStopped

from .testing import MS, Bench, voice

MONO: dict[str, Any] = {"samplerate": 24_000, "channels": 1, "dtype": "int16"}


def test_a_read_waits_for_the_microphone_and_gives_its_samples(bench: Bench) -> None:
    audio = voice(2_400)
    bench.captures(audio)
    with sounddevice.InputStream(**MONO) as stream:
        frames, overflowed = stream.read(960)
        assert bench.scheduler.now == 40 * MS
        assert (frames.shape, overflowed) == ((960, 1), False)
        assert np.array_equal(frames[:, 0], audio[:960])
    (fence,) = bench.entries(AppFenced)
    assert "blocked by sounddevice.InputStream.read" in fence.what


def test_a_capture_that_is_opened_late_gets_only_what_comes_then(bench: Bench) -> None:
    audio = voice(4_800)
    bench.captures(audio)
    bench.until(100 * MS)
    stream = pyaudio.PyAudio().open(24_000, 1, pyaudio.paInt16, input=True)
    assert stream.read(480) == audio[2_400:2_880].tobytes()


def test_to_open_the_capture_anew_is_to_reopen_it(bench: Bench) -> None:
    stream = sounddevice.RawInputStream(**MONO)
    stream.start()
    assert bench.microphone.reopened == 0
    bench.until(100 * MS)
    stream.stop()
    stream.start()
    assert bench.microphone.reopened == 1
    stream.close()
    pyaudio.PyAudio().open(24_000, 1, pyaudio.paInt16, input=True)
    assert bench.microphone.reopened == 1  # at the same time as the last start
    bench.until(200 * MS)
    pyaudio.PyAudio().open(24_000, 1, pyaudio.paInt16, input=True)
    assert bench.microphone.reopened == 2


def test_what_is_not_read_in_time_is_lost_and_said_to_be(bench: Bench) -> None:
    bench.captures(voice(24_000))
    audio = pyaudio.PyAudio()
    one = audio.open(24_000, 1, pyaudio.paInt16, input=True, frames_per_buffer=480)
    other = sounddevice.RawInputStream(**MONO, blocksize=480)
    other.start()
    bench.until(1_000 * MS)
    with pytest.raises(OSError, match="Input overflowed") as caught:
        one.read(480)
    assert caught.value.errno == pyaudio.paInputOverflowed
    assert len(one.read(480, exception_on_overflow=False)) == 960
    assert other.read(480)[1] is True
    assert other.read(480)[1] is False


def test_a_write_waits_while_the_buffer_is_full(bench: Bench) -> None:
    bench.server_sends("1", answer := voice(24_000))
    stream = sounddevice.RawOutputStream(**MONO, blocksize=240, latency=0.1)
    stream.start()
    assert stream.write_available == 2_400
    stream.write(answer[:2_400].tobytes())
    assert (bench.scheduler.now, stream.write_available) == (0, 0)
    stream.write(answer[2_400:].tobytes())
    assert 900 * MS <= bench.scheduler.now <= 1_000 * MS
    stream.stop()
    assert bench.scheduler.now == pytest.approx(1_060 * MS, abs=20 * MS)
    bench.until(1_200 * MS)
    (ended,) = bench.entries(SpeakerEnded)
    assert ended.played_ms == 1_000
    assert len(bench.entries(SpeakerPlaying)) == 1


@pytest.mark.parametrize("how", ["abort", "close"])
def test_what_is_written_and_not_played_is_dropped(bench: Bench, how: str) -> None:
    bench.server_sends("1", answer := voice(24_000))
    stream = sounddevice.RawOutputStream(**MONO, blocksize=240, latency=0.2)
    stream.start()
    stream.write(answer[:4_800].tobytes())
    bench.until(200 * MS)
    getattr(stream, how)()
    bench.until(1_000 * MS)
    (stopped,) = bench.entries(SpeakerStopped)
    assert stopped.t == 200 * MS
    assert stopped.played_ms < 200


def test_a_suspended_output_takes_no_more_than_its_buffer(bench: Bench) -> None:
    bench.speaker.suspend()
    stream = pyaudio.PyAudio().open(24_000, 1, pyaudio.paInt16, output=True, start=False)
    stream.start_stream()  # which resumes it
    bench.speaker.suspend()
    stream.write(bytes(2 * stream.get_write_available()))
    bench.until(2_000 * MS)
    assert stream.get_write_available() == 0
    bench.speaker.resume()
    bench.until(3_000 * MS)
    assert stream.get_write_available() > 0


def test_states_and_errors_are_those_of_the_real_modules(bench: Bench) -> None:
    stream = sounddevice.OutputStream(**MONO)
    assert (stream.active, stream.stopped, stream.closed) == (False, True, False)
    with pytest.raises(sounddevice.PortAudioError, match="Stream is stopped"):
        stream.write(np.zeros((10, 1), np.int16))
    stream.start()
    with pytest.raises(TypeError, match="dtype"):
        stream.write(np.zeros((10, 1), np.float32))
    stream.close()
    with pytest.raises(sounddevice.PortAudioError, match="closed"):
        stream.start()
    with pytest.raises(sounddevice.PortAudioError, match="Invalid sample rate"):
        sounddevice.check_input_settings(samplerate=12)
    audio = pyaudio.PyAudio()
    with pytest.raises(ValueError, match="Invalid sample rate"):
        audio.is_format_supported(12, input_device=0, input_channels=1, input_format=pyaudio.paInt16)
    reader = audio.open(16_000, 1, pyaudio.paInt16, input=True)
    with pytest.raises(OSError, match="input only stream"):
        reader.write(b"\0\0")
    reader.close()
    with pytest.raises(OSError, match="closed"):
        reader.is_active()


def test_the_devices_are_listed_and_any_other_is_taken_for_them(bench: Bench) -> None:
    assert sounddevice.query_devices(kind="input")["name"] == "stillthere microphone"
    assert sounddevice.query_devices("speaker")["max_input_channels"] == 0
    with pytest.raises(ValueError, match="No input/output device"):
        sounddevice.query_devices("USB")
    assert pyaudio.PyAudio().get_device_info_by_index(0)["maxInputChannels"] == 2
    sounddevice.RawInputStream(**MONO, device="USB Headset")
    (fence,) = bench.entries(AppFenced)
    assert "'USB Headset' was taken for the only one" in fence.what


def test_a_name_that_is_not_there_is_one_sentence_and_a_fence(bench: Bench) -> None:
    for module in (sounddevice, pyaudio):
        with pytest.raises(AttributeError, match="is not simulated; play the app in real time"):
            module.something  # noqa: B018
    assert [entry.what for entry in bench.entries(AppFenced)] == [
        "sounddevice.something is not simulated",
        "pyaudio.something is not simulated",
    ]


def test_a_raw_buffer_cannot_change_its_length() -> None:
    from harness.apps.shims.sd_streams import OutputBytes

    buffer = OutputBytes(8)
    buffer[:4] = b"abcd"
    assert buffer[:4] == b"abcd"
    with pytest.raises(ValueError, match="4 bytes for 8"):
        buffer[:] = b"abcd"


def test_two_streams_that_play_at_once_are_noted(bench: Bench) -> None:
    for seed in (1, 2):
        stream = sounddevice.RawOutputStream(**MONO)
        stream.start()
        stream.write(voice(2_400, seed).tobytes())
    bench.until(500 * MS)
    (fence,) = bench.entries(AppFenced)
    assert "two streams played at once" in fence.what
