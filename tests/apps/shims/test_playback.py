import numpy as np
import pytest

from harness.apps.shims.card import CARD
from harness.apps.shims.playback import Playback
from harness.apps.shims.samples import Layout
from harness.audio.formats import Samples
from harness.journal import SpeakerEnded, SpeakerHeard, SpeakerPlaying, SpeakerStopped

from .testing import CHUNK, MS, Bench, voice


def play(bench: Bench, audio: Samples, playback: Playback | None = None, begin_us: int = 0) -> Playback:
    """A device pulls 20 ms each 20 ms."""
    playback = playback or Playback(CARD, Layout(24_000, 1, "int16"))
    for number, place in enumerate(range(0, audio.size, CHUNK)):
        block = audio[place : place + CHUNK].tobytes().ljust(2 * CHUNK, b"\0")
        bench.scheduler.at(begin_us + number * 20 * MS, lambda frames: playback.render(frames), block)
    return playback


def silence(samples: int) -> Samples:
    return np.zeros(samples, np.int16)


def test_one_answer_is_played_once_and_whole(bench: Bench) -> None:
    answer = voice(24_000 + 100)
    bench.server_sends("1", answer)
    play(bench, np.concatenate((silence(48_000), answer, silence(48_000))))
    bench.until(6_000_000)
    (playing,) = bench.entries(SpeakerPlaying)
    assert (playing.item_id, playing.response_id) == ("item_1", "resp_1")
    assert playing.t == 2_020 * MS  # a block later than it was given
    (ended,) = bench.entries(SpeakerEnded)
    assert ended.played_ms == 1_004
    assert ended.t - playing.t == pytest.approx(1_004_166, abs=100)
    assert len(bench.entries(SpeakerHeard)) == 1


def test_silence_within_what_was_sent_does_not_end_the_answer(bench: Bench) -> None:
    answer = np.concatenate((voice(4_800), silence(24_000), voice(4_800, seed=2)))
    bench.server_sends("1", answer)
    play(bench, np.concatenate((answer, silence(4_800))))
    bench.until(3_000_000)
    assert len(bench.entries(SpeakerPlaying)) == 1


def test_silence_alone_is_no_answer(bench: Bench) -> None:
    dither = np.resize(np.array([1, -1, 0, 2], np.int16), 48_000)
    play(bench, np.concatenate((silence(48_000), dither)))
    bench.until(5_000_000)
    assert not bench.entries(SpeakerPlaying)


def test_after_the_app_clears_its_buffer_no_more_than_two_blocks_are_heard(bench: Bench) -> None:
    answer = voice(48_000)
    bench.server_sends("1", answer)
    play(bench, np.concatenate((answer[: 10 * CHUNK], silence(24_000))))
    bench.until(3_000_000)
    (ended,) = bench.entries(SpeakerEnded)
    assert ended.played_ms == 200  # what was given before, and nothing after
    assert ended.t <= 200 * MS + 2 * 20 * MS


def test_a_stream_that_is_aborted_is_silent_at_once(bench: Bench) -> None:
    answer = voice(48_000)
    bench.server_sends("1", answer)
    playback = play(bench, answer[: 10 * CHUNK])
    bench.until(190 * MS)
    playback.drop()
    bench.until(1_000_000)
    (stopped,) = bench.entries(SpeakerStopped)
    assert (stopped.t, stopped.played_ms) == (190 * MS, 170)


def test_two_answers_without_a_gap_are_two(bench: Bench) -> None:
    one, two = voice(24_000), voice(24_000, seed=2)
    bench.server_sends("1", one)
    bench.server_sends("2", two)
    play(bench, np.concatenate((one, two, silence(4_800))))
    bench.until(4_000_000)
    assert [entry.item_id for entry in bench.entries(SpeakerPlaying)] == ["item_1", "item_2"]
    assert len(bench.entries(SpeakerHeard)) == 2


def test_an_app_that_changes_the_rate_and_the_level_is_heard_too(bench: Bench) -> None:
    """The answer is a voice-like band, doubled in rate by repetition, at half its level, in float32 and stereo."""
    noise = np.convolve(
        voice(36_000).astype(float) * np.random.default_rng(3).standard_normal(36_000), np.ones(20) / 20
    )
    answer = np.concatenate((noise[:24_000], np.zeros(12_000), noise[24_000:36_000])).astype(np.int16)
    bench.server_sends("1", answer)
    playback = Playback(CARD, Layout(48_000, 2, "float32"))
    frames = np.repeat(np.concatenate((answer, silence(24_000))).astype(np.float32) / 65_536, 4)
    for number, place in enumerate(range(0, frames.size, 4 * CHUNK)):
        block = frames[place : place + 4 * CHUNK].tobytes()
        bench.scheduler.at(number * 20 * MS, lambda each: playback.render(each), block)
    bench.until(4_000_000)
    assert len(bench.entries(SpeakerPlaying)) == 1
    assert len(bench.entries(SpeakerHeard)) == 1
    (ended,) = bench.entries(SpeakerEnded)
    assert ended.gain_db == pytest.approx(-6.0, abs=1.0)
