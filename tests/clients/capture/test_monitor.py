"""Chunks of 20 ms; a level of 100 LSB is -50.3 dBFS and so dead, 110 LSB is -49.5 dBFS and so alive."""

import pytest

from harness.audio.chunk import Chunk
from harness.audio.clips import clip_names, load_clip
from harness.audio.synthesis import NOISES
from harness.units import MS, SECOND
from tests.clients.testing import CHUNK_US, feed, monitor, noise, voice


def feed_noise(monitor, lsb, seconds):
    """White noise, as of a room or a fan."""
    for index, heard in enumerate(noise(lsb, seconds)):
        monitor.chunk(heard, CHUNK_US, False, index * CHUNK_US)


def test_it_has_stopped_when_no_chunk_came_for_the_gap():
    capture = monitor()
    feed(capture, 30, 1, start=SECOND)
    assert not capture.stopped(SECOND + 1_500 * MS - 1)
    assert capture.stopped(SECOND + 1_500 * MS)


def test_it_is_silent_after_six_seconds_of_digital_zeros():
    capture = monitor()
    feed(capture, 0, 299)
    assert not capture.silent
    feed(capture, 0, 1)
    assert capture.silent
    assert not capture.proven


def test_one_chunk_above_the_dead_level_proves_it_alive():
    capture = monitor()
    feed(capture, 0, 299)
    feed(capture, 110, 1)
    assert capture.proven
    assert not capture.silent
    feed(capture, 26, 299)
    assert not capture.silent


def test_silence_while_the_assistant_speaks_does_not_count():
    capture = monitor()
    feed(capture, 0, 1000, speaking=True)
    assert not capture.silent


def test_reopening_gives_it_twice_the_time_and_takes_the_proof():
    capture = monitor()
    end = feed(capture, 3000, 1)
    end = feed(capture, 0, 325, start=end)
    assert capture.silent
    capture.reopened(end)
    assert not (capture.silent or capture.proven or capture.stopped(end))
    feed(capture, 0, 300, start=end)
    assert not capture.silent
    feed(capture, 0, 300, start=end)
    assert capture.silent


def listened(clip):
    """How much of a shipped recording, in a room of -62 dBFS, is part of a voice to the monitor, in milliseconds."""
    capture = monitor()
    feed(capture, 26, 50)
    samples = load_clip(clip).samples
    chunks = [Chunk.of(samples[start : start + 480]) for start in range(0, len(samples) - 479, 480)]
    return sum(20 for index, heard in enumerate(chunks) if capture.chunk(heard, CHUNK_US, False, index * CHUNK_US))


@pytest.mark.parametrize("clip", [clip for clip in clip_names() if clip.startswith("speech_")])
def test_every_shipped_voice_is_a_voice(clip):
    """The client opens its gate after 240 ms of a voice."""
    assert listened(clip) >= 240


@pytest.mark.parametrize("clip", [clip for clip in clip_names() if clip.startswith("keyboard_")])
def test_hardly_a_moment_of_a_shipped_keyboard_is_a_voice(clip):
    assert listened(clip) <= 100


def test_typing_is_no_voice_at_any_loudness():
    """Two chunks of ten are loud."""
    typist = monitor()
    feed(typist, 20, 50)
    for _ in range(20):
        feed(typist, 8000, 2)
        assert not typist.voice
        feed(typist, 20, 8)
        assert not typist.voice


def test_steady_noise_is_no_voice_however_loud():
    fan = monitor()
    feed(fan, 3000, 500)
    assert not fan.voice


def test_what_is_quieter_than_minus_66_dbfs_is_no_voice():
    """-66 dBFS is 16.4 LSB; a quiet voice comes to a tenth of that."""

    def is_one(lsb):
        capture = monitor()
        feed(capture, 1, 50)
        return any(capture.chunk(voice(lsb, index), CHUNK_US, False, index * CHUNK_US) for index in range(100))

    assert is_one(100)
    assert not is_one(10)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["hum", "breathing", "white", "door", "keyboard", "thocks"])
def test_sounds_of_a_room_are_no_voice(kind):
    """However loud, from their first chunk on; a voice of 400 ms needs an answer."""
    for seed in range(3):
        samples = NOISES[kind](20 * SECOND, seed)
        capture = monitor()
        feed(capture, 26, 50)
        chunks = [Chunk.of(samples[start : start + 480]) for start in range(0, len(samples), 480)]
        voiced = [capture.chunk(heard, CHUNK_US, False, index * CHUNK_US) for index, heard in enumerate(chunks)]
        assert sum(voiced) * 20 < 240


@pytest.mark.parametrize("length", [1, 8, 50])
def test_a_looped_buffer_is_no_rooms_sound(length):
    """The room itself is not a loop: its noise never repeats."""
    capture, heard = monitor(), noise(26, 10)
    for index, room in enumerate(heard):
        capture.chunk(room, CHUNK_US, False, index * CHUNK_US)
        assert not capture.garbled
    for index in range(300):
        capture.chunk(heard[-1 - index % length], CHUNK_US, False, index * CHUNK_US)
    assert capture.garbled
    capture.reopened(0)
    assert not capture.garbled


@pytest.mark.parametrize(("rms", "garbled"), [(3000, False), (6000, True)])
def test_a_steady_noise_as_loud_as_a_voice_is_no_rooms_sound_even_if_none_is_known(rms, garbled):
    capture = monitor()
    feed_noise(capture, rms, 12)
    assert capture.garbled == garbled


@pytest.mark.parametrize(("rms", "garbled"), [(400, False), (3000, True)])
def test_a_noise_that_drowns_everything_is_no_rooms_sound(rms, garbled):
    """An honest fan is 24 dB above its quiet room; misaligned bytes are 40."""
    capture = monitor()
    feed_noise(capture, 26, 8)
    feed(capture, 3000, 1)
    feed_noise(capture, rms, 16)
    assert capture.garbled == garbled
