"""What a room sounds like, and when a capture does not sound like it any more."""

import numpy as np
import pytest

from harness.audio.chunk import Chunk
from harness.units import SECOND
from tests.clients.testing import CHUNK_US, feed, monitor, near_silence, noise, speech

pytestmark = pytest.mark.slow


def through(capture, chunks, gain=1.0, offset=0, speaking=False):
    """The chunks as a capture path of this gain and offset delivers them."""
    for index, heard in enumerate(chunks):
        samples = np.rint(gain * (heard.samples.astype(float) + offset)).astype(np.int16)
        capture.chunk(Chunk.of(samples), CHUNK_US, speaking, index * CHUNK_US)


def in_a_room(lsb=30):
    """A capture that knows its room, of noise of this RMS, from a loud voice in it."""
    capture = monitor()
    through(capture, noise(lsb, 7))
    through(capture, speech(2000, 3))
    return capture


def test_near_silence_whose_size_is_drawn_for_each_chunk_is_no_room():
    """The noise of the founding report, 41 to 96 LSB, after the quiet of a room of -62 dBFS."""
    rng = np.random.default_rng(1)
    capture = monitor()
    through(capture, noise(26, 20))
    assert not capture.silent
    feed(capture, 3000, 1)
    through(capture, [near_silence(rng, 41, 96) for _ in range(310)])
    assert capture.silent


@pytest.mark.parametrize(("low", "high"), [(10, 81), (30, 60), (69, 111)])
@pytest.mark.parametrize("samples", [480, 2400])
def test_near_silence_as_loud_as_the_room_is_no_room_either(low, high, samples):
    """Its level is drawn at random for each chunk of 20 or 100 ms; the room is known from a voice."""
    rng = np.random.default_rng(1)
    capture = monitor(chunk_ms=samples // 24)
    chunk_us = samples * SECOND // 24_000
    honest = np.concatenate([heard.samples for heard in noise(30, 6) + speech(2000, 3)])
    for index, piece in enumerate(honest.reshape(-1, samples)):
        capture.chunk(Chunk.of(piece), chunk_us, False, index * chunk_us)
    for index in range(10 * SECOND // chunk_us):
        capture.chunk(near_silence(rng, low, high, samples), chunk_us, False, index * chunk_us)
    assert capture.silent


def test_a_near_silence_that_passed_teaches_nothing():
    """Two seconds of it before a voice, and then for good."""
    rng = np.random.default_rng(1)
    capture = monitor()
    through(capture, noise(30, 2))
    through(capture, [near_silence(rng, 41, 96) for _ in range(100)])
    through(capture, speech(2000, 3))
    through(capture, [near_silence(rng, 41, 96) for _ in range(500)])
    assert capture.silent


def test_a_fan_that_stops_or_starts_is_no_dead_capture():
    capture = monitor()
    for rms in (26, 80, 26, 5, 60):
        for heard in noise(rms, 12):
            through(capture, [heard])
            assert not capture.silent
        feed(capture, 3000, 1)


def test_a_room_muted_by_40_db_is_a_dead_capture():
    capture = monitor()
    for gain in (1, 0.01):
        through(capture, noise(26, 8), gain)
        assert capture.silent == (gain < 1)
        feed(capture, 3000, 1)


def test_a_room_and_a_voice_that_become_quieter_at_once_are_a_muffled_capture():
    """By 20 dB, neither is silent: 3 LSB of noise, and a voice of 200."""
    capture = monitor()
    for _ in range(2):
        through(capture, noise(30, 7))
        through(capture, speech(2000, 3))
    assert not capture.silent
    through(capture, noise(30, 3), gain=0.1)
    through(capture, speech(2000, 3), gain=0.1)
    assert not capture.silent
    through(capture, noise(30, 7), gain=0.1)
    assert capture.silent
    capture.reopened(0)
    assert not capture.silent


@pytest.mark.parametrize(("room", "level"), [(30, 200), (3, 2000), (30, 2000)])
def test_a_voice_or_a_room_that_becomes_quieter_alone_is_no_muffled_capture(room, level):
    """A user who walks away, and a fan that stops: the other stays as loud as it was."""
    capture = in_a_room()
    for _ in range(4):
        through(capture, noise(room, 7))
        assert not capture.silent
        through(capture, speech(level, 3))
        assert not capture.silent


def test_a_microphone_that_was_turned_down_is_not_opened_for_ever():
    """By 20 dB, and it works: it is suspected twice, and then its sound is known."""
    capture = in_a_room()
    suspected = 0
    for _ in range(10):
        through(capture, noise(30, 2), gain=0.1)
        through(capture, speech(2000, 3), gain=0.1)
        through(capture, noise(30, 7), gain=0.1)
        if capture.silent:
            suspected += 1
            capture.reopened(0)
    assert suspected == 2


def test_a_loud_voice_is_forgotten_after_a_minute_of_soft_ones():
    """Then the fan stops: a user who speaks as softly as for the last minute is not muffled."""
    capture = in_a_room()
    for _ in range(12):
        through(capture, noise(30, 2))
        through(capture, speech(400, 5))
    for _ in range(3):
        through(capture, noise(5, 5))
        through(capture, speech(400, 3))
        assert not capture.silent


def test_a_sound_that_comes_and_goes_is_not_suspicious():
    capture = in_a_room()
    for _ in range(12):
        through(capture, noise(15, 4))
        through(capture, noise(30, 4))
        assert not capture.silent


def test_a_very_quiet_room_may_be_a_little_quieter():
    capture = in_a_room(3)
    through(capture, noise(1.8, 12))
    assert not capture.silent


def test_the_assistants_echo_is_no_muffled_voice():
    """The user turns off the fan and listens to a long answer."""
    capture = in_a_room()
    through(capture, noise(5, 2))
    through(capture, speech(250, 5), speaking=True)
    through(capture, noise(5, 8))
    assert not capture.silent


def test_a_room_that_is_known_is_not_forgotten_at_the_first_voice():
    """A fan ran while it spoke; then the room is as quiet as at the start."""
    capture = monitor()
    through(capture, noise(10, 5))
    through(capture, noise(60, 5, seed=2))
    through(capture, speech(2000, 3))
    through(capture, noise(10, 60, seed=3))
    assert not capture.silent


def with_hum(hz, rms_lsb, noise_lsb, seconds):
    """Samples of mains hum over a little noise."""
    wave = 2**0.5 * rms_lsb * np.sin(2 * np.pi * hz * np.arange(24_000 * seconds) / 24_000)
    hiss = np.random.default_rng(1).normal(0, noise_lsb, wave.size)
    return np.rint(wave + hiss).astype(np.int16)


def rumble(rms_lsb, seconds):
    """Samples of noise below 100 Hz."""
    spectrum = np.fft.rfft(np.random.default_rng(1).normal(0, 1, 24_000 * seconds))
    spectrum[100 * seconds :] = 0
    wave = np.fft.irfft(spectrum)
    return np.rint(wave * rms_lsb / wave.std()).astype(np.int16)


@pytest.mark.parametrize("samples_a_chunk", [240, 480, 2400])
@pytest.mark.parametrize(
    "wave", [with_hum(50, 40, 5, 60), with_hum(60, 40, 8, 60), rumble(40, 60)], ids=["50 Hz", "60 Hz", "rumble"]
)
def test_a_room_that_hums_or_rumbles_is_learnt_like_any_other(wave, samples_a_chunk):
    """A voice every 20 s: it may be suspected once, before it is known."""
    capture = monitor(chunk_ms=samples_a_chunk // 24)
    chunk_us = samples_a_chunk * SECOND // 24_000
    spoken = np.concatenate([heard.samples for heard in speech(2000, 3)])
    suspected, now = [], 0
    for turn in range(5):
        begin = 20 * 24_000 * (turn % 2)
        for piece in np.concatenate([wave[begin : begin + 17 * 24_000], spoken]).reshape(-1, samples_a_chunk):
            now += chunk_us
            capture.chunk(Chunk.of(piece), chunk_us, False, now)
            if capture.silent:
                suspected.append(now / SECOND)
                capture.reopened(now)
    assert len(suspected) <= 1, suspected


def test_a_microphone_that_gives_next_to_nothing_between_words_is_opened_less_and_less():
    """A noise suppressor. At most once a minute in the end, and each time after twice the quiet."""
    capture = monitor()
    suspected, now = [], 0
    for _ in range(12):
        for heard in [*noise(0.6, 12), *speech(2000, 3)]:
            now += CHUNK_US
            capture.chunk(heard, CHUNK_US, False, now)
            if capture.silent:
                suspected.append(now // SECOND)
                capture.reopened(now)
    assert len(suspected) <= 5


def test_another_microphone_after_the_app_was_away_is_suspected_once():
    capture = monitor()
    through(capture, noise(26, 8))
    through(capture, speech(2000, 3))
    through(capture, noise(26, 2))
    capture.returned()
    through(capture, noise(50, 7))
    assert capture.silent
    capture.reopened(0)
    through(capture, noise(50, 20))
    assert not capture.silent


def test_a_capture_that_began_muffled_does_not_teach_what_the_room_is():
    """Both become louder at once: the next time they become quiet, it is seen."""
    capture = monitor()
    for gain in (0.1, 1.0):
        through(capture, noise(30, 3), gain)
        through(capture, speech(2000, 3), gain)
    through(capture, noise(30, 2))
    through(capture, speech(2000, 3))
    through(capture, noise(30, 3), gain=0.1)
    through(capture, speech(2000, 3), gain=0.1)
    through(capture, noise(30, 7), gain=0.1)
    assert capture.silent


def test_an_offset_hides_no_dead_capture():
    """60 LSB of offset after a gain of -40 dB: what is left of the room is below 1 LSB."""
    capture = in_a_room()
    through(capture, noise(30, 7), gain=0.01, offset=6000)
    assert capture.silent


def test_an_offset_is_no_dead_capture():
    capture = in_a_room()
    through(capture, noise(30, 45), offset=60)
    assert not capture.silent


@pytest.mark.parametrize(("flat", "after_s"), [(True, 25), (False, 50)])
def test_a_capture_that_nobody_spoke_into_is_suspicious_sooner_if_nothing_stands_out_of_it(flat, after_s):
    rng = np.random.default_rng(1)
    capture = monitor()
    for index in range(50 * (after_s + 1)):
        values = rng.integers(-50, 51, 480) if flat else np.rint(rng.normal(0, 26, 480))
        capture.chunk(Chunk.of(values.astype(np.int16)), CHUNK_US, False, index * CHUNK_US)
        if index < 50 * (after_s - 1):
            assert not capture.silent
    assert capture.silent


def hum(rms_lsb, seconds):
    """Chunks of a pure tone of 100 Hz, which has no peaks that stand out."""
    wave = 2**0.5 * rms_lsb * np.sin(2 * np.pi * 100 * np.arange(24_000 * seconds) / 24_000)
    return [Chunk.of(np.rint(piece).astype(np.int16)) for piece in wave.reshape(-1, 480)]


@pytest.mark.parametrize(
    ("sound", "after_s"),
    [(hum(20, 60), 10), (noise(15, 60), 20), (noise(60, 60), 40)],
    ids=["without peaks", "quieter", "louder"],
)
def test_another_sound_that_stays_is_suspicious_after_a_time(sound, after_s):
    capture = in_a_room()
    through(capture, sound[: 50 * (after_s - 1)])
    assert not capture.silent
    through(capture, sound[: 50 * 2])
    assert capture.silent


def test_another_level_is_suspicious_after_the_app_was_away():
    def changed(away):
        capture = monitor()
        through(capture, noise(26, 8))
        feed(capture, 3000, 1)
        if away:
            capture.returned()
        through(capture, noise(50, 8))
        return capture.silent

    assert changed(away=True)
    assert not changed(away=False)
