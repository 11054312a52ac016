"""Chunks of 20 ms of a voice (1000 LSB over a floor of 20 LSB) and of quiet, after half a second of quiet."""

import pytest

from harness.clients.capture.monitor import CaptureMonitor
from harness.clients.connection import Heartbeat
from harness.clients.playback import PlaybackMeter
from harness.clients.recovery.detectors import symptoms
from harness.clients.recovery.health import AnswerWait, SessionHealth
from harness.clients.settings import ClientSettings
from harness.units import MS, SECOND
from tests.clients.testing import chunk, room, sound, voice


class Patient:
    """The health of a session with its capture monitor; each chunk advances the clock."""

    def __init__(self, **settings):
        self.settings = ClientSettings(**{"capture_dead_ms": 60_000, **settings})
        self.capture = CaptureMonitor(self.settings)
        self.playback = PlaybackMeter()
        self.answer_wait = AnswerWait()
        self.now = 0
        self.begin_session()
        self.quiet(500)

    def begin_session(self):
        heartbeat = Heartbeat(self.settings)
        self.health = SessionHealth(self.settings, self.capture, self.playback, heartbeat, self.answer_wait, self.now)

    def _chunks(self, ms, make, passed, speaking):
        for _ in range(ms // 20):
            self.now += 20 * MS
            voiced = self.capture.chunk(make(self.now // (20 * MS)), 20 * MS, speaking, self.now)
            self.health.chunk(20 * MS, voiced, passed, speaking, self.now)

    def quiet(self, ms, *, passed=True, speaking=False):
        self._chunks(ms, lambda index: room(20, index), passed, speaking)

    def zeros(self, ms):
        self._chunks(ms, lambda _: chunk(0), True, False)

    def voice(self, ms, *, passed=True, speaking=False):
        self._chunks(ms, lambda index: voice(1000, index), passed, speaking)

    def symptom(self):
        return next(symptoms(self.health, self.now), None)


def test_a_quiet_start_is_healthy():
    assert Patient().symptom() is None


def test_capture_stopped_is_more_basic_than_what_follows_from_it():
    patient = Patient()
    patient.health.committed("item_1", patient.now)
    patient.playback.accept("answer_1", sound(100), patient.now)
    patient.now += 10 * SECOND
    assert list(symptoms(patient.health, patient.now)) == ["capture_stopped", "playback_stuck", "turn_unanswered"]


@pytest.mark.parametrize(("overdue_ms", "symptom"), [(1480, None), (1500, "playback_stuck")])
def test_playback_is_stuck_when_its_end_is_overdue_by_the_grace(overdue_ms, symptom):
    patient = Patient()
    patient.playback.accept("answer_1", sound(100), patient.now)
    patient.quiet(100 + overdue_ms)
    assert patient.symptom() == symptom


def test_speech_is_stuck_after_five_seconds_without_a_voice():
    patient = Patient()
    patient.health.speech_started("item_1", 0)
    patient.voice(2000)
    patient.quiet(4980)
    assert patient.symptom() is None
    patient.quiet(20)
    assert patient.symptom() == "speech_stuck"
    patient.health.speech_ended("item_1", patient.now)
    assert patient.symptom() is None


def test_a_long_talker_is_not_stuck():
    patient = Patient()
    patient.health.speech_started("item_1", 0)
    for _ in range(10):
        patient.voice(5000)
        patient.quiet(1000)
        assert patient.symptom() is None


def test_a_turn_is_unanswered_after_six_seconds():
    patient = Patient()
    patient.health.committed("item_1", patient.now)
    patient.quiet(5980)
    assert patient.symptom() is None
    patient.quiet(20)
    assert patient.symptom() == "turn_unanswered"


def test_a_response_is_stuck_when_nothing_of_it_came_for_eight_seconds():
    patient = Patient()
    patient.health.committed("item_1", patient.now)
    patient.health.response_moved(patient.now)
    for _ in range(3):
        patient.quiet(5000, speaking=True)
        patient.health.response_audio("resp_1", True, patient.now)
    patient.quiet(7980, speaking=True)
    assert patient.symptom() is None
    patient.quiet(20, speaking=True)
    assert patient.symptom() == "response_stuck"
    patient.health.response_done("resp_1", "completed", calls=False)
    assert patient.symptom() is None


def test_a_voice_removed_by_the_gate_is_noticed():
    patient = Patient()
    patient.voice(1000, passed=False)
    assert patient.symptom() is None
    patient.voice(500, passed=False)
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
    patient.health.speech_started("item_1", 0)
    assert patient.symptom() is None


def test_a_voice_that_was_sent_and_not_heard_is_noticed_six_seconds_after_its_end():
    """A voice has ended after 700 ms of quiet."""
    patient = Patient()
    patient.voice(2000)
    patient.quiet(700)
    patient.quiet(5800)
    assert patient.symptom() is None
    patient.quiet(300)
    assert patient.symptom() == "voice_unheard"


def test_a_short_sound_needs_no_answer():
    patient = Patient()
    patient.voice(500)
    patient.quiet(20_000)
    assert patient.symptom() is None


def test_a_stuck_speech_that_was_treated_is_believed_after_two_seconds():
    """Until the assistant is heard: the next speech that does not end is the same failure."""
    patient = Patient()
    patient.health.speech_started("item_1", patient.now)
    patient.quiet(5000)
    patient.health.treated("speech_stuck", patient.now)
    patient.health.speech_started("item_2", patient.now)
    patient.voice(1000)
    patient.quiet(1980)
    assert patient.symptom() is None
    patient.quiet(20)
    assert patient.symptom() == "speech_stuck"
    patient.health.response_audio("resp_1", True, patient.now)
    assert patient.symptom() is None


@pytest.mark.parametrize("symptom", ["playback_stuck", "capture_silent", "speech_endless"])
def test_another_remedy_does_not_make_a_pause_a_stuck_speech(symptom):
    patient = Patient()
    patient.health.speech_started("item_1", patient.now)
    patient.health.treated(symptom, patient.now)
    patient.voice(1000)
    patient.quiet(4500)
    assert patient.symptom() is None


def test_a_server_that_is_set_to_wait_longer_has_that_time():
    patient = Patient(silence_duration_ms=2_500)
    patient.health.speech_started("item_1", patient.now)
    patient.health.treated("speech_stuck", patient.now)
    patient.voice(1000)
    patient.quiet(4000)
    assert patient.symptom() is None
    patient.quiet(500)
    assert patient.symptom() == "speech_stuck"


def test_pauses_in_one_turn_do_not_add_up():
    """The server ends the turn in each, and its response is dropped when the user goes on."""
    patient = Patient()
    for item_id in ("item_1", "item_2", "item_3", "item_4"):
        patient.health.speech_started(item_id, patient.now)
        patient.voice(1500)
        patient.health.committed(item_id, patient.now)
        patient.quiet(1900)
        assert patient.symptom() is None
    patient.quiet(4080)
    assert patient.symptom() is None
    patient.quiet(20)
    assert patient.symptom() == "turn_unanswered"


def test_the_wait_goes_on_if_speech_started_did_not_arrive():
    patient = Patient()
    patient.health.committed("item_1", patient.now)
    patient.quiet(5000)
    patient.health.committed("item_2", patient.now)
    patient.quiet(2000)
    assert patient.symptom() == "turn_unanswered"


def test_a_treated_turn_is_given_all_its_time():
    patient = Patient()
    patient.health.committed("item_1", patient.now)
    patient.quiet(5000)
    patient.health.speech_started("item_2", patient.now)
    patient.health.treated("capture_stopped", patient.now)
    patient.health.committed("item_2", patient.now)
    patient.quiet(5980)
    assert patient.symptom() is None


def test_a_user_who_asks_again_does_not_reset_the_wait():
    """A user who speaks five seconds after a turn without a response does not delay its treatment."""
    patient = Patient()
    patient.health.committed("item_1", patient.now)
    patient.quiet(5000)
    patient.health.speech_started("item_2", patient.now)
    patient.voice(3000)
    patient.health.committed("item_2", patient.now)
    patient.quiet(1980)
    assert patient.symptom() is None
    patient.quiet(20)
    assert patient.symptom() == "turn_unanswered"


def test_a_response_that_came_ends_the_wait_of_all_turns_before():
    patient = Patient()
    patient.health.committed("item_1", patient.now)
    patient.quiet(5000)
    patient.health.speech_started("item_2", patient.now)
    patient.health.response_moved(patient.now)
    patient.health.response_done("resp_1", "cancelled", calls=False)
    patient.health.committed("item_2", patient.now)
    patient.quiet(5980)
    assert patient.symptom() is None
    patient.quiet(20)
    assert patient.symptom() == "turn_unanswered"


@pytest.mark.parametrize("moves", [False, True])
def test_everything_is_renewed_but_for_a_response_that_just_began(moves):
    patient = Patient(renew_after_ms=5_000, answer_timeout_ms=60_000)
    patient.health.committed("item_1", patient.now)
    patient.quiet(4000)
    if moves:
        patient.health.response_moved(patient.now)
    patient.quiet(2980)
    assert patient.symptom() == (None if moves else "nothing_heard")
    patient.quiet(20)
    assert patient.symptom() == "nothing_heard"


def test_a_session_that_has_just_begun_is_not_renewed():
    patient = Patient(renew_after_ms=5_000, answer_timeout_ms=60_000)
    patient.health.committed("item_1", patient.now)
    patient.quiet(5000)
    patient.begin_session()
    assert patient.symptom() is None
    patient.quiet(3000)
    assert patient.symptom() == "nothing_heard"


def test_a_dead_capture_comes_after_what_the_server_owes():
    patient = Patient(capture_dead_ms=3_000)
    patient.health.committed("item_1", patient.now)
    patient.zeros(5000)
    assert patient.symptom() == "capture_silent"
    patient.zeros(2000)
    assert patient.symptom() == "turn_unanswered"


def test_a_treatment_gives_time_before_the_same_is_seen_again():
    patient = Patient()
    patient.health.committed("item_1", patient.now)
    patient.quiet(6000)
    assert patient.symptom() == "turn_unanswered"
    patient.health.treated("turn_unanswered", patient.now)
    assert patient.symptom() is None
    patient.voice(20)
    patient.quiet(5980)
    assert patient.symptom() == "turn_unanswered"
