"""Chunks of 20 ms of a voice (1000 LSB over a floor of 20 LSB) and of quiet, after half a second of quiet."""

import pytest

from harness.clients.capture import CaptureMonitor
from harness.clients.health import Health
from harness.clients.settings import ClientSettings
from harness.units import MS, SECOND


class Patient:
    """A health with its capture monitor, fed by the clock of its chunks."""

    def __init__(self, **settings):
        chosen = ClientSettings(**{"capture_dead_ms": 60_000, **settings})
        self.capture = CaptureMonitor(chosen)
        self.health = Health(chosen, self.capture)
        self.now = 0
        self.quiet(500)

    def _chunks(self, ms, lsb, passed, speaking):
        for _ in range(ms // 20):
            self.now += 20 * MS
            voiced = self.capture.chunk(lsb * lsb * 480, 480, 20 * MS, speaking, self.now)
            self.health.chunk(20 * MS, voiced, passed, speaking, self.now)

    def quiet(self, ms, *, passed=True, speaking=False):
        self._chunks(ms, 20, passed, speaking)

    def voice(self, ms, *, passed=True, speaking=False):
        self._chunks(ms, 1000, passed, speaking)

    def symptom(self, overdue_us=0):
        return self.health.symptom(self.now, overdue_us)


def test_a_quiet_start_is_healthy():
    assert Patient().symptom() is None


def test_capture_stopped_is_the_most_basic():
    patient = Patient()
    patient.health.committed(patient.now)
    patient.now += 10 * SECOND
    assert patient.symptom(overdue_us=10 * SECOND) == "capture_stopped"


@pytest.mark.parametrize(("overdue_ms", "symptom"), [(1499, None), (1500, "playback_stuck")])
def test_playback_is_stuck_when_its_end_is_overdue_by_the_grace(overdue_ms, symptom):
    assert Patient().symptom(overdue_ms * MS) == symptom


def test_speech_is_stuck_after_five_seconds_without_a_voice():
    patient = Patient()
    patient.health.speech_started()
    patient.voice(2000)
    patient.quiet(4980)
    assert patient.symptom() is None
    patient.quiet(20)
    assert patient.symptom() == "speech_stuck"
    patient.health.speech_ended()
    assert patient.symptom() is None


def test_a_long_talker_is_not_stuck():
    patient = Patient()
    patient.health.speech_started()
    for _ in range(10):
        patient.voice(5000)
        patient.quiet(1000)
        assert patient.symptom() is None


def test_a_turn_is_unanswered_after_six_seconds():
    patient = Patient()
    patient.health.committed(patient.now)
    patient.quiet(5980)
    assert patient.symptom() is None
    patient.quiet(20)
    assert patient.symptom() == "turn_unanswered"


def test_a_response_is_stuck_when_nothing_of_it_came_for_eight_seconds():
    patient = Patient()
    patient.health.committed(patient.now)
    patient.health.response_moved(patient.now)
    for _ in range(3):
        patient.quiet(5000, speaking=True)
        patient.health.response_moved(patient.now)
    patient.quiet(7980, speaking=True)
    assert patient.symptom() is None
    patient.quiet(20, speaking=True)
    assert patient.symptom() == "response_stuck"
    patient.health.response_done()
    assert patient.symptom() is None


def test_a_voice_removed_by_the_gate_is_noticed():
    patient = Patient()
    patient.voice(1000, passed=False)
    assert patient.symptom() == "voice_gated"


def test_a_voice_that_mostly_passes_is_not_gated():
    patient = Patient()
    patient.voice(2000)
    patient.voice(500, passed=False)
    assert patient.symptom() is None


def test_what_is_gated_while_the_assistant_speaks_is_gated_on_purpose():
    patient = Patient()
    patient.voice(5000, passed=False, speaking=True)
    assert patient.symptom() is None


def test_what_the_server_heard_was_not_gated():
    patient = Patient()
    patient.voice(1000, passed=False)
    patient.health.speech_started()
    assert patient.symptom() is None


def test_a_voice_that_was_sent_and_not_heard_is_noticed_six_seconds_after_its_end():
    """A voice has ended after 700 ms of quiet."""
    patient = Patient()
    patient.voice(2000)
    patient.quiet(700)
    patient.quiet(5960)
    assert patient.symptom() is None
    patient.quiet(100)
    assert patient.symptom() == "voice_unheard"


def test_a_short_sound_needs_no_answer():
    patient = Patient()
    patient.voice(500)
    patient.quiet(20_000)
    assert patient.symptom() is None


def test_a_quiet_capture_comes_last():
    patient = Patient(capture_dead_ms=3_000)
    patient.health.committed(patient.now)
    patient.quiet(5000)
    assert patient.symptom() == "capture_silent"
    patient.quiet(2000)
    assert patient.symptom() == "turn_unanswered"


def test_a_treatment_gives_time_before_the_same_is_seen_again():
    patient = Patient()
    patient.health.committed(patient.now)
    patient.quiet(6000)
    assert patient.symptom() == "turn_unanswered"
    patient.health.treated(patient.now)
    assert patient.symptom() is None
    patient.voice(20)
    patient.quiet(5980)
    assert patient.symptom() == "turn_unanswered"
