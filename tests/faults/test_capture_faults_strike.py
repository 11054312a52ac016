"""The faults of the capture path in a scene: what the server and the tapes show with each that they do not without.

The scene is two questions, at 1 s and at 9 s, with answers of 3 s. The detector hears volume.
"""

import json

import pytest

from harness.faults import CATALOGUE, MICROPHONE
from harness.scenario.model import Strike
from tests.faults.scenes import MS, SECOND, Open, at, audio, run, say, story, strike, times

STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
PLAIN = story(say(1), say(9))


def struck(at_s, name, lasts_s, **parameters):
    return run(story(say(1), say(9), strike(at_s, name, lasts_s, **parameters)), Open())


def heard(journal, until_s):
    """When the server says that speech begins and ends, up to a time: in tenths of a second, rounded down."""
    kinds = {STARTED: "began", STOPPED: "ended"}
    seen = [entry for entry in journal.select("server", *kinds) if entry.t < until_s * SECOND]
    return [(kinds[entry.kind], entry.t // (100 * MS) / 10) for entry in seen]


@pytest.fixture(scope="module")
def plain():
    return run(PLAIN, Open())


def test_without_a_fault(plain):
    assert heard(plain, 9) == [("began", 1.2), ("ended", 4.1)]
    assert audio(plain, "microphone", 6, 8) == {
        "chunks": 100,
        "samples": 48_000,
        "zeros": 0,
        "peak": pytest.approx(100, abs=30),
    }
    assert audio(plain, "microphone", 1, 4)["peak"] > 20_000


def test_a_softly_muted_voice_is_not_heard():
    assert heard(struck(0.51, "muted-softly", 8), 9) == []


def test_a_clipped_voice_is_at_full_scale(plain):
    assert audio(struck(0.51, "clipped", 8), "microphone", 1, 4)["peak"] == 32_768


def test_an_offset_is_endless_speech_for_a_detector_of_volume():
    assert heard(struck(6.01, "offset", 2), 9) == [("began", 1.2), ("ended", 4.1), ("began", 6.0), ("ended", 8.2)]


def test_a_coarse_room_is_digital_silence(plain):
    assert audio(struck(5.01, "coarse", 3.5), "microphone", 6, 8)["zeros"] == 100


def test_a_burst_comes_at_once_and_is_answered_late(plain):
    journal = struck(0.51, "burst", 6)
    assert audio(journal, "microphone", 1, 6)["chunks"] == 0
    assert audio(journal, "microphone", 6.5, 7)["chunks"] == 300 + 24
    assert heard(journal, 7) == [("began", 6.5), ("ended", 6.5)]
    assert [entry.t // SECOND for entry in journal.select("speaker", "playing")][:1] == [7]
    assert [entry.t // SECOND for entry in plain.select("speaker", "playing")][:1] == [4]


def test_a_burst_with_zeros_in_front():
    journal = struck(5.01, "burst", 4, keeps="300ms", zeros="2.6s")
    assert audio(journal, "microphone", 8.5, 9.5)["zeros"] == 130
    assert audio(journal, "microphone", 5.5, 8.5)["chunks"] == 0


def test_a_looped_voice_never_ends():
    """Struck while the user speaks; the loop ends at 8.5 s, and the silence after it is the end of the speech."""
    assert heard(struck(1.51, "looped", 7), 9) == [("began", 1.2), ("ended", 8.7)]


def test_a_looped_voice_begins_again_as_fast_as_the_loop_is_long():
    """The first 10 ms of what a room says are a tone of 100 Hz."""
    listener = Open()
    run(story(say(1), strike(1.51, "looped", 3, loop="10ms")), listener)
    chunks = [samples for now, samples in listener.chunks if 2 * SECOND < now < 4 * SECOND]
    assert all((samples[:240] == samples[240:]).all() and (samples == chunks[0]).all() for samples in chunks)


def test_a_misaligned_room_sounds_like_speech():
    journal = struck(5.01, "misaligned", 3.5)
    assert heard(journal, 9)[2:] == [("began", 5.0), ("ended", 8.7)]
    assert audio(journal, "microphone", 6, 8)["peak"] > 20_000


def test_audio_in_the_wrong_format_is_too_short_and_never_silent():
    journal = struck(0.51, "wrong-format", 8)
    assert audio(journal, "uplink", 1, 8)["samples"] == pytest.approx(7 * 24_000 / 6, rel=0.01)
    assert [what for what, _ in heard(journal, 8.5)] == ["began"]


@pytest.mark.parametrize(("rate", "factor"), [("8 kHz", 1 / 3), ("16 kHz", 2 / 3), ("48 kHz", 2)])
def test_the_servers_audio_clock_runs_as_fast_as_the_wrong_rate(rate, factor):
    assert audio(struck(0.51, "wrong-rate", 8, rate=rate), "uplink", 1, 8)["samples"] == pytest.approx(
        7 * 24_000 * factor, rel=0.01
    )


def test_dropped_chunks_are_missing_from_the_servers_audio_clock():
    sent = audio(struck(0.51, "dropped-chunks", 8, probability=0.5), "uplink", 1, 8)
    assert sent["chunks"] == pytest.approx(175, abs=4 * 9.4)  # four standard deviations
    assert sent["samples"] == 480 * sent["chunks"]
    assert sent["zeros"] == 0


def test_the_microphone_hears_the_assistant(plain):
    """Its answer to the first question plays from 4.6 s on; it is as loud as its recording less the loss."""
    loud = audio(struck(0.51, "echo", 8, loss="0 dB"), "microphone", 5, 7)["peak"]
    soft = audio(struck(0.51, "echo", 8, loss="6 dB"), "microphone", 5, 7)["peak"]
    assert loud > 5_000
    assert audio(plain, "microphone", 5, 7)["peak"] < 200
    assert soft < loud


def test_an_echo_that_begins_within_an_answer_is_heard():
    """What plays then was queued before the fault struck."""
    assert audio(struck(5.51, "echo", 3, loss="0 dB"), "microphone", 6, 7)["peak"] > 1_000


def test_an_echo_passes_the_faults_of_the_capture_path_as_a_voice_does():
    """They strike first, and the answer plays from 4.5 s on: at twice the length, muted, or held and brought later."""

    def both(name, **parameters):
        other, echo = strike(5.01, name, 3.5, **parameters), strike(5.03, "echo", 3.5, loss="0 dB")
        return run(story(say(1), say(9), other, echo), Open())

    assert audio(both("wrong-rate"), "microphone", 5.5, 7)["samples"] == 2 * 36_000
    assert 10 < audio(both("muted-softly", gain="-40 dB"), "microphone", 5.5, 7)["peak"] < 400
    assert audio(both("burst"), "microphone", 8.5, 9)["peak"] > 1_000


def test_a_loud_echo_is_speech_to_the_server():
    assert len(heard(struck(0.51, "echo", 8, loss="0 dB"), 8.5)) > len(heard(run(PLAIN, Open()), 8.5))


# --- without it, nothing changes ---


@pytest.mark.parametrize("name", CATALOGUE)
def test_until_a_fault_strikes_the_journal_is_as_without_it(name):
    """Each may be in the scenario, with its draws and its needs, and leaves no trace before its time."""
    last = at(12, Strike(CATALOGUE[name](), SECOND))
    with_it, without = run(story(say(1), say(9), last)), run(PLAIN)
    before = [
        [line for line in journal.lines() if json.loads(line).get("t", 0) < 12 * SECOND]
        for journal in (with_it, without)
    ]
    assert before[0] == before[1]
    assert len(before[0]) > 50
    assert times(with_it, "fault", name) == [12 * SECOND]


@pytest.mark.parametrize("name", MICROPHONE)
def test_a_fault_that_has_ended_leaves_nothing_behind(name):
    """It lasts no time, between two chunks: only the lines that tell of it are new."""
    journal = run(story(say(1), say(9), strike(2.51, name, 0)))
    told = [entry for entry in journal.entries if entry.lane == "fault" or entry.fields.get("step") == "step 3"]
    assert len(told) == 2
    journal.entries = [entry for entry in journal.entries if entry not in told]
    assert journal.sha256() == run(PLAIN).sha256()
