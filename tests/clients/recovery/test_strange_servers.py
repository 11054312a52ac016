"""The resilient client and servers that lose, repeat, reorder, refuse and say nothing."""

import itertools

import pytest

from harness.clients.interface import (
    Closed,
    Connect,
    Opened,
    Play,
    ReopenCapture,
    ResumePlayback,
    StopPlayback,
    TellUser,
)
from harness.protocol import events
from harness.protocol.objects import Item
from harness.units import SECOND
from tests.clients.testing import (
    CHUNK_US,
    DrivenClient,
    answered,
    chunk,
    cleared,
    committed,
    created,
    delta,
    done,
    of_type,
    refused,
    response_created,
    room,
    sound,
    started,
    stopped,
    updated,
    voice,
)

pytestmark = pytest.mark.slow

Append, Create, Cancel = events.InputAudioBufferAppend, events.ResponseCreate, events.ResponseCancel


# --- replies ---


def test_a_failed_response_is_asked_for_again_and_then_the_session_left():
    driven = DrivenClient()
    driven.deliver(started(), stopped(), committed(), response_created(), done("failed"))
    driven.advance(3)
    assert len(driven.sent(Create)) == 1
    driven.deliver(response_created("resp_2"), done("failed", "resp_2"))
    driven.advance(3)
    assert len(driven.sent(Create)) == 2
    driven.deliver(response_created("resp_3"), done("failed", "resp_3"))
    driven.advance(3)
    assert driven.times(Connect) != []
    assert set(driven.symptoms()) == {"reply_failed"}


def test_a_reply_of_text_alone_is_asked_for_again_with_sound():
    driven = DrivenClient()
    driven.deliver(started(), stopped(), committed(), response_created(), done())
    driven.advance(1)
    assert [create.response for create in driven.sent(Create)] == [{"output_modalities": ["audio"]}]


@pytest.mark.parametrize("end", [done("cancelled"), done(output=[Item(type="function_call", call_id="c")])])
def test_a_cancelled_response_and_a_function_call_need_no_sound(end):
    driven = DrivenClient()
    driven.deliver(started(), stopped(), committed(), response_created(), end)
    driven.advance(5)
    assert driven.symptoms() == []


def silent_delta():
    return events.ResponseOutputAudioDelta(
        event_id="e", response_id="resp_1", item_id="answer_1", output_index=0, content_index=0, delta=bytes(48 * 250)
    )


def test_endless_silence_is_no_speaking_and_is_stopped():
    driven = DrivenClient()
    driven.deliver(started(), stopped(), committed(), response_created(), delta(500))
    driven.advance(3, message=silent_delta)
    assert any(of_type(driven.client.hear(chunk(1500), driven.now), Append)[0].audio)
    driven.advance(6, message=silent_delta)
    assert driven.sent(Cancel) != []
    assert driven.sent(StopPlayback) != []
    driven.advance(9, message=silent_delta)
    assert driven.times(Connect) != []


def test_a_response_whose_end_was_lost_is_forgotten_when_the_server_knows_none():
    driven = DrivenClient()
    driven.deliver(started(), stopped(), committed(), response_created(), delta(500))
    driven.advance(9)
    assert len(driven.sent(Cancel)) == 1
    driven.deliver(refused("response_cancel_not_active"))
    driven.advance(20)
    assert driven.times(Connect) == []
    assert len(driven.sent(Cancel)) == 1


def test_a_late_response_is_not_asked_for_twice():
    driven = DrivenClient()
    driven.deliver(started(), stopped(), committed())
    driven.advance(6.5)
    assert len(driven.sent(Create)) == 1
    driven.deliver(refused("conversation_already_has_active_response"))
    driven.advance(4)
    driven.deliver(response_created(), delta(500), done())
    driven.advance(10)
    assert len(driven.sent(Create)) == 1
    assert driven.times(Connect) == []


# --- lost, repeated and late events ---


def test_a_commit_ends_speech_whose_stop_was_lost():
    driven = DrivenClient()
    driven.deliver(started(), committed(), response_created(), delta(500), done())
    driven.advance(20)
    assert "speech_stuck" not in driven.symptoms()


def test_a_turn_whose_commit_was_lost_awaits_an_answer():
    driven = DrivenClient()
    driven.deliver(started(), stopped())
    driven.advance(6.5)
    assert driven.symptoms() == ["turn_unanswered"]


def test_what_is_said_twice_or_too_late_of_a_turn_changes_nothing():
    driven = DrivenClient()
    answered(driven)
    driven.deliver(started(), committed(), response_created("resp_0"), done(response_id="resp_0"))
    driven.advance(20)
    assert driven.symptoms() == []


def test_a_session_whose_created_event_is_lost_is_set_up_all_the_same():
    driven = DrivenClient(silence_duration_ms=500)
    driven.deliver(Closed(1006))
    driven.advance(1)
    driven.deliver(Opened())
    before = len(driven.sent(events.SessionUpdate))
    driven.advance(6)
    assert len(driven.sent(events.SessionUpdate)) > before


def test_own_settings_are_asked_for_again_until_they_are_confirmed():
    driven = DrivenClient(silence_duration_ms=500)
    assert len(driven.sent(events.SessionUpdate)) == 1
    driven.deliver(updated({"type": "server_vad", "silence_duration_ms": 200}))
    driven.advance(6)
    assert len(driven.sent(events.SessionUpdate)) == 2
    driven.deliver(updated({"type": "server_vad", "silence_duration_ms": 500, "threshold": 0.5}))
    driven.advance(20)
    assert len(driven.sent(events.SessionUpdate)) == 2


# --- connections ---


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1008, 1011, 4000])
def test_it_dials_again_whatever_the_code_and_ever_more_rarely_if_it_is_closed_at_once(code):
    driven = DrivenClient()
    for _ in range(4):
        driven.deliver(Closed(code))
        count = len(driven.times(Connect))
        while len(driven.times(Connect)) == count:
            driven.advance(0.02)
        driven.deliver(Opened(), created())
    dialled = driven.times(Connect)
    assert [round(later - earlier) for earlier, later in itertools.pairwise(dialled)] == [1, 2, 4]


def test_an_expired_session_is_left_at_once():
    driven = DrivenClient()
    driven.deliver(refused("session_expired"))
    assert len(driven.times(Connect)) == 1


def test_a_dial_that_nobody_answers_is_tried_again():
    driven = DrivenClient()
    driven.deliver(Closed(1006))
    driven.advance(60)
    assert len(driven.times(Connect)) >= 4


# --- speech that would be lost ---


def test_unanswered_speech_is_sent_to_the_new_session():
    driven = DrivenClient()
    answered(driven)
    driven.advance(1)
    driven.speak(3)
    spoken = len(driven.sent(Append))
    driven.advance(0.5)
    driven.deliver(Closed(1006), Opened(), created())
    (again,) = [append.audio for append in driven.sent(Append)[spoken:] if len(append.audio) > 960]
    assert 3 <= len(again) / 48_000 <= 5
    assert voice(4000, 125).pcm in again


def test_answered_speech_is_not_sent_again():
    driven = DrivenClient()
    driven.speak(3)
    answered(driven)
    driven.deliver(Closed(1006), Opened(), created())
    assert [append for append in driven.sent(Append) if len(append.audio) > 960] == []


def test_what_a_clear_threw_away_is_sent_again():
    driven = DrivenClient()
    driven.advance(1)
    driven.speak(2)
    driven.deliver(started())
    driven.advance(11)
    assert len(driven.sent(events.InputAudioBufferClear)) == 1
    driven.deliver(cleared())
    assert len(driven.sent(Append)[-1].audio) > 48_000


# --- clocks and captures ---


def test_chunks_that_come_in_a_burst_after_a_stall_are_taken_for_nothing():
    """The page was busy for 2 s: no wake-up was delivered, and then all chunks arrive at once."""
    driven = DrivenClient()
    driven.advance(5)
    driven.now += 2 * SECOND
    driven._record(driven.client.wake(driven.now))
    for index in range(100):
        driven._record(driven.client.hear(room(30, index), driven.now))
    driven.advance(10)
    assert driven.symptoms() == []


def test_with_timers_of_a_minute_the_chunks_start_the_checks():
    driven = DrivenClient()
    driven.deliver(started(), stopped(), committed())
    for index in range(400):
        driven.now += CHUNK_US
        driven._record(driven.client.hear(room(30, index), driven.now))
    assert driven.symptoms()[0] == "turn_unanswered"


def test_a_stopped_capture_is_reopened_with_timers_of_a_minute():
    driven = DrivenClient()
    driven.advance(5)
    for _ in range(2):
        driven.now += 60 * SECOND
        driven._record(driven.client.wake(driven.now))
    assert driven.times(ReopenCapture) != []


def test_noise_that_holds_the_server_in_speech_is_gated_and_at_last_a_new_session_is_dialled():
    driven = DrivenClient()
    driven.deliver(started())
    driven.advance(20, lambda index: room(3000, index))
    assert driven.symptoms()[0] == "speech_in_noise"
    driven.advance(80, lambda index: room(3000, index))
    assert driven.client.gate.raised
    assert driven.times(Connect) != []


def test_a_voice_without_a_breath_is_committed_so_that_nothing_of_it_is_lost():
    driven = DrivenClient()
    driven.deliver(started())
    driven.speak(32)
    assert driven.symptoms() == ["speech_endless"]
    assert len(driven.sent(events.InputAudioBufferCommit)) == 1


def test_whatever_it_is_in_the_end_everything_is_renewed_and_the_user_is_informed():
    """Each symptom's own detector is switched off: the last one is enough."""
    driven = DrivenClient(detectors="assistant_heard")
    driven.advance(1)
    driven.speak(2)
    driven.advance(9)
    driven.speak(2)
    driven.advance(11)
    assert driven.symptoms() == ["nothing_heard"]
    for kind in (Connect, ReopenCapture, ResumePlayback, TellUser):
        assert len(driven.times(kind)) == 1
    assert driven.client.gate.is_open
    for _ in range(40):
        driven.deliver(Opened(), created())
        driven.speak(2)
        driven.advance(8)
    assert 4 <= len(driven.times(Connect)) <= 10


def test_sound_differs_from_silence():
    driven = DrivenClient()
    driven.deliver(delta(100))
    assert of_type(driven.sent(Play), Play)[0].audio == sound(100)
    assert driven.client.playback.speaks(driven.now)
