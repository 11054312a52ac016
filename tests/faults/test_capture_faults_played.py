"""The faults of the capture path in a scene: what the server and the tapes show with each that they do not without.

The scene is two questions, at 1 s and at 9 s, with answers of 3 s. The detector hears volume.
"""

import json

import pytest

from harness.faults import CATALOGUE, MICROPHONE, faults_over
from harness.journal import EventByServer, FaultInjected, MicrophoneAudio, SpeakerPlaying, StepPlayed, UplinkAudio
from harness.protocol.events import InputAudioBufferSpeechStarted, InputAudioBufferSpeechStopped
from harness.scenario.model import Inject
from tests.faults.scenes import MS, SECOND, Open, at, audio, inject, run, say, story, times

pytestmark = pytest.mark.slow

PLAIN = story(say(1), say(9))


def played_with(at_s, name, lasts_s, **parameters):
    return run(story(say(1), say(9), inject(at_s, name, lasts_s, **parameters)), Open())


def edges(journal, until_s):
    """When the server sends speech_started and speech_stopped, up to a time: in tenths of a second, rounded down."""
    seen = journal.events(EventByServer, InputAudioBufferSpeechStarted, InputAudioBufferSpeechStopped)
    return [
        ("began" if entry.is_a(InputAudioBufferSpeechStarted) else "ended", entry.t // (100 * MS) / 10)
        for entry in seen
        if entry.t < until_s * SECOND
    ]


@pytest.fixture(scope="module")
def plain():
    return run(PLAIN, Open())


def test_without_a_fault(plain):
    assert edges(plain, 9) == [("began", 1.2), ("ended", 4.1)]
    assert audio(plain, MicrophoneAudio, 6, 8) == {
        "chunks": 100,
        "samples": 48_000,
        "zeros": 0,
        "peak": pytest.approx(100, abs=30),
    }
    assert audio(plain, MicrophoneAudio, 1, 4)["peak"] > 20_000


def test_a_softly_muted_voice_is_not_heard():
    assert edges(played_with(0.51, "muted-softly", 8), 9) == []


def test_a_clipped_voice_is_at_full_scale(plain):
    assert audio(played_with(0.51, "clipped", 8), MicrophoneAudio, 1, 4)["peak"] == 32_768


def test_an_offset_is_endless_speech_for_a_detector_of_volume():
    assert edges(played_with(6.01, "offset", 2), 9) == [("began", 1.2), ("ended", 4.1), ("began", 6.0), ("ended", 8.2)]


def test_a_coarse_room_is_digital_silence(plain):
    assert audio(played_with(5.01, "coarse", 3.5), MicrophoneAudio, 6, 8)["zeros"] == 100


def test_a_burst_comes_at_once_and_is_answered_late(plain):
    journal = played_with(0.51, "burst", 6)
    assert audio(journal, MicrophoneAudio, 1, 6)["chunks"] == 0
    assert audio(journal, MicrophoneAudio, 6.5, 7)["chunks"] == 300 + 24
    assert edges(journal, 7) == [("began", 6.5), ("ended", 6.5)]
    assert [when // SECOND for when in times(journal, SpeakerPlaying)][:1] == [7]
    assert [when // SECOND for when in times(plain, SpeakerPlaying)][:1] == [4]


def test_a_burst_with_zeros_in_front():
    journal = played_with(5.01, "burst", 4, keeps="300ms", zeros="2.6s")
    assert audio(journal, MicrophoneAudio, 8.5, 9.5)["zeros"] == 130
    assert audio(journal, MicrophoneAudio, 5.5, 8.5)["chunks"] == 0


def test_a_looped_voice_never_ends():
    """The fault begins while the user speaks; the loop ends at 8.5 s, and the silence after it ends the speech."""
    assert edges(played_with(1.51, "looped", 7), 9) == [("began", 1.2), ("ended", 8.7)]


def test_a_looped_voice_begins_again_as_fast_as_the_loop_is_long():
    """The first 10 ms of what a room says are a tone of 100 Hz."""
    listener = Open()
    run(story(say(1), inject(1.51, "looped", 3, loop="10ms")), listener)
    chunks = [samples for now, samples in listener.chunks if 2 * SECOND < now < 4 * SECOND]
    assert all((samples[:240] == samples[240:]).all() and (samples == chunks[0]).all() for samples in chunks)


def test_a_misaligned_room_sounds_like_speech():
    journal = played_with(5.01, "misaligned", 3.5)
    assert edges(journal, 9)[2:] == [("began", 5.0), ("ended", 8.7)]
    assert audio(journal, MicrophoneAudio, 6, 8)["peak"] > 20_000


def test_audio_in_the_wrong_format_is_too_short_and_never_silent():
    journal = played_with(0.51, "wrong-format", 8)
    assert audio(journal, UplinkAudio, 1, 8)["samples"] == pytest.approx(7 * 24_000 / 6, rel=0.01)
    assert [what for what, _ in edges(journal, 8.5)] == ["began"]


@pytest.mark.parametrize(("rate", "factor"), [("8 kHz", 1 / 3), ("16 kHz", 2 / 3), ("48 kHz", 2)])
def test_the_servers_audio_clock_runs_as_fast_as_the_wrong_rate(rate, factor):
    assert audio(played_with(0.51, "wrong-rate", 8, rate=rate), UplinkAudio, 1, 8)["samples"] == pytest.approx(
        7 * 24_000 * factor, rel=0.01
    )


def test_dropped_chunks_are_missing_from_the_servers_audio_clock():
    sent = audio(played_with(0.51, "dropped-chunks", 8, probability=0.5), UplinkAudio, 1, 8)
    assert sent["chunks"] == pytest.approx(175, abs=4 * 9.4)  # four standard deviations
    assert sent["samples"] == 480 * sent["chunks"]
    assert sent["zeros"] == 0


def test_the_microphone_hears_the_assistant(plain):
    """Its answer to the first question plays from 4.6 s on; it is as loud as its recording less the loss."""
    loud = audio(played_with(0.51, "echo", 8, loss="0 dB"), MicrophoneAudio, 5, 7)["peak"]
    soft = audio(played_with(0.51, "echo", 8, loss="6 dB"), MicrophoneAudio, 5, 7)["peak"]
    assert loud > 5_000
    assert audio(plain, MicrophoneAudio, 5, 7)["peak"] < 200
    assert soft < loud


def test_an_echo_that_begins_within_an_answer_is_heard():
    """What plays then was queued before the fault started."""
    assert audio(played_with(5.51, "echo", 3, loss="0 dB"), MicrophoneAudio, 6, 7)["peak"] > 1_000


def test_an_echo_passes_the_faults_of_the_capture_path_as_a_voice_does():
    """They start first, and the answer plays from 4.5 s on: at twice the length, muted, or held and brought later."""

    def both(name, **parameters):
        other, echo = inject(5.01, name, 3.5, **parameters), inject(5.03, "echo", 3.5, loss="0 dB")
        return run(story(say(1), say(9), other, echo), Open())

    assert audio(both("wrong-rate"), MicrophoneAudio, 5.5, 7)["samples"] == 2 * 36_000
    assert 10 < audio(both("muted-softly", gain="-40 dB"), MicrophoneAudio, 5.5, 7)["peak"] < 400
    assert audio(both("burst"), MicrophoneAudio, 8.5, 9)["peak"] > 1_000


def test_a_loud_echo_is_speech_to_the_server():
    assert len(edges(played_with(0.51, "echo", 8, loss="0 dB"), 8.5)) > len(edges(run(PLAIN, Open()), 8.5))


# --- without it, nothing changes ---


@pytest.mark.parametrize("name", faults_over("websocket"))
def test_until_a_fault_begins_the_journal_is_as_without_it(name):
    """Each may be in the scenario, with its draws and its needs, and leaves no trace before its time."""
    last = at(12, Inject(CATALOGUE[name](), SECOND))
    with_it, without = run(story(say(1), say(9), last)), run(PLAIN)
    before = [
        [line for line in journal.lines() if json.loads(line).get("t", 0) < 12 * SECOND]
        for journal in (with_it, without)
    ]
    assert before[0] == before[1]
    assert len(before[0]) > 50
    assert times(with_it, FaultInjected, name) == [12 * SECOND]


@pytest.mark.parametrize("name", MICROPHONE)
def test_a_fault_that_has_ended_leaves_nothing_behind(name):
    """It lasts no time, between two chunks: only the entries about it are new."""
    journal = run(story(say(1), say(9), inject(2.51, name, 0)))
    steps = [entry for entry in journal.select(StepPlayed) if entry.step == "step 3"]
    noted = [*steps, *journal.select(FaultInjected)]
    assert len(noted) == 2
    journal.entries = [entry for entry in journal.entries if entry not in noted]
    assert journal.sha256() == run(PLAIN).sha256()
