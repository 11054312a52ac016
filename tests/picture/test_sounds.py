"""The sounds of a picture, and the tape that they come from."""

import base64
import io
import math

import numpy as np
import pytest
import soundfile
from msgspec import UNSET

from harness.journal import EventByServer, SpeakerPlaying, UplinkAudio
from harness.picture import sounds
from harness.picture.tape import RunTape, Track, taped
from harness.protocol.events import InputAudioBufferSpeechStarted
from harness.scenario import load
from harness.units import MS, SECOND
from harness.world.play import play, staged

SCENARIO = "reported_freeze"
RATE_HZ = 24_000


@pytest.fixture(scope="module")
def watched():
    """A run with its tape, and the same without one."""
    scenario = load(SCENARIO)
    prepared = staged(scenario, "resilient", detector="energy")
    tape = RunTape(prepared.world)
    return prepared.run(), tape, play(scenario, "resilient", detector="energy")


def bytes_of(text):
    return np.frombuffer(base64.b64decode(text), np.uint8)


def test_a_run_that_is_taped_has_the_same_journal(watched):
    run, _, plain = watched
    assert run.journal.sha256() == plain.journal.sha256()


@pytest.mark.parametrize("client", ["reported", "push_to_talk"])
def test_a_call_that_is_taped_has_the_same_journal_and_both_sides_can_be_heard(client):
    scenario = load(SCENARIO)
    run = play(scenario, client, transport="webrtc", detector="energy")
    tape = taped(run)
    assert tape is not None
    assert all(np.abs(track.samples(run.virtual_us)).max() > 5_000 for track in (tape.sent, tape.heard))


def test_what_was_sent_is_as_loud_as_the_journal_says(watched):
    run, tape, _ = watched
    sent = tape.sent.samples(run.virtual_us).astype(np.float64)
    compared = 0
    for entry in run.journal.select(UplinkAudio):
        chunk = entry.samples // entry.chunks
        begin = entry.t * RATE_HZ // SECOND - chunk  # the entry's time is the end of its first chunk
        if entry.chunks > 10 and entry.age_ms is UNSET and begin + entry.samples <= len(sent):
            level = math.sqrt((sent[begin : begin + entry.samples] ** 2).mean())
            assert level == pytest.approx(entry.rms, rel=1e-3, abs=0.01), entry
            compared += 1
    assert compared > 50


def test_the_assistant_is_heard_when_the_speaker_plays_and_at_no_other_time(watched):
    run, tape, _ = watched
    heard = tape.heard.samples(run.virtual_us)
    first = next(run.journal.select(SpeakerPlaying)).t
    assert not heard[: first * RATE_HZ // SECOND].any()
    assert np.abs(heard[first * RATE_HZ // SECOND :][: 2 * RATE_HZ]).max() > 1_000


def test_speech_starts_where_the_curve_crosses_the_threshold(watched):
    run, tape, _ = watched
    curve = sounds.curve(tape)
    assert [value for _, value in curve["thresholds"]] == [0.5]
    for entry in run.journal.events(EventByServer, InputAudioBufferSpeechStarted):
        piece = [each for each in curve["pieces"] if each["start"] <= entry.t // MS][-1]
        frame = (entry.t // MS - piece["start"]) // curve["step"]
        near = bytes_of(piece["values"])[max(0, frame - 3) : frame + 2]
        assert near.max() >= 127 and near.min() < 127


def test_a_peak_is_a_byte_for_20_ms():
    silence, full = np.zeros(480, np.int16), np.full(480, -32768, np.int16)
    half = np.array([16384] * 240, np.int16)  # -6.02 dBFS, and half of 20 ms
    found = bytes_of(sounds.peaks(np.concatenate([silence, full, half])))
    assert list(found) == [0, 255, round(1 + 254 * (1 - 6.0206 / 96))]


def test_the_sound_has_what_was_sent_on_the_left_and_what_was_heard_on_the_right(watched):
    run, tape, _ = watched
    told = sounds.audio(tape)
    audio, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(told["data"])))
    assert (told["type"], rate_hz, told["left"], told["right"]) == ("audio/ogg", RATE_HZ, "as sent", "as heard")
    assert len(audio) == run.virtual_us * RATE_HZ // SECOND
    for side, track in enumerate((tape.sent, tape.heard)):
        original = track.samples(run.virtual_us) / 32768
        assert np.corrcoef(audio[:, side], original)[0, 1] > 0.9


def test_audio_in_a_burst_is_laid_end_to_end():
    track = Track()
    for value in (1, 2, 3):
        track.add(100 * MS, np.full(480, value, np.int16))
    laid = track.samples(SECOND)
    assert [laid[place] for place in (1_920, 2_400, 2_880)] == [1, 2, 3]


def test_a_client_that_is_not_found_again_has_no_sound():
    class Mine:
        def hear(self, chunk, now):
            return []

        def receive(self, message, now):
            return []

        def wake(self, now):
            return []

        def next_wake(self):
            return None

    assert taped(play(load("quiet_first_chunk"), Mine)) is None
