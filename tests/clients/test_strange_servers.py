"""The resilient client and servers that lose, repeat, reorder, refuse and say nothing."""

import itertools

import pytest

from harness.clients.interface import (
    Closed,
    Connect,
    Log,
    Opened,
    Ping,
    Play,
    PlaybackEnded,
    Pong,
    ReopenCapture,
    ResumePlayback,
    StopPlayback,
    TellUser,
)
from harness.clients.resilient import SETTINGS, Resilient
from harness.protocol import events
from harness.protocol.objects import Item
from harness.units import MS, SECOND
from tests.clients.talk import (
    CHUNK_US,
    begun,
    chunk,
    cleared,
    committed,
    created,
    delta,
    done,
    of_type,
    refused,
    room,
    sound,
    started,
    stopped,
    updated,
    voice,
)

Append, Create, Cancel = events.InputAudioBufferAppend, events.ResponseCreate, events.ResponseCancel


class Talk:
    """A client that is told things, chunk by chunk, and what it did with the time."""

    def __init__(self, **settings):
        self.client = Resilient(SETTINGS.changed(**settings))
        self.now = 0
        self.did = []
        self._played = None
        self.tell(Opened())
        self.tell(created())

    def tell(self, *messages):
        for message in messages:
            self._keep(self.client.receive(message, self.now))

    def pass_by(self, seconds, make=lambda index: room(30, index), every_ms=250, tell=None):
        """Chunks and wake-ups; ``tell`` is called every so often and gives a message."""
        for _ in range(round(seconds * 50)):
            self.now += CHUNK_US
            if self._played is not None and self._played <= self.now:
                self._played = None
                self.tell(PlaybackEnded())
            due = self.client.next_wake()
            if due is not None and due <= self.now:
                self._keep(self.client.wake(self.now))
            self._keep(self.client.hear(make(self.now // CHUNK_US), self.now))
            if tell is not None and self.now % (every_ms * MS) == 0:
                self.tell(tell())

    def speak(self, seconds=2.0):
        self.pass_by(seconds, lambda index: voice(4000, index))

    def _keep(self, commands):
        for command in commands:
            self.did.append((self.now, command))
            if isinstance(command, Ping):
                self.tell(Pong())
            elif isinstance(command, Play):
                self._played = max(self.now, self._played or 0) + len(command.audio) // 48 * MS
            elif isinstance(command, StopPlayback):
                self._played = None

    def times(self, kind):
        return [round(now / SECOND, 2) for now, command in self.did if isinstance(command, kind)]

    def symptoms(self):
        logs = [command for _, command in self.did if isinstance(command, Log) and command.kind == "remedy"]
        return [log.fields["symptom"] for log in logs]

    def sent(self, kind):
        return [command for _, command in self.did if isinstance(command, kind)]


def answered(talk):
    """A whole turn that goes well."""
    talk.tell(started(), stopped(), committed(), begun("resp_0"), delta(500, response_id="resp_0"))
    talk.tell(done(response_id="resp_0"))


# --- replies ---


def test_a_failed_response_is_asked_for_again_and_then_the_session_left():
    talk = Talk()
    talk.tell(started(), stopped(), committed(), begun(), done("failed"))
    talk.pass_by(3)
    assert len(talk.sent(Create)) == 1
    talk.tell(begun("resp_2"), done("failed", "resp_2"))
    talk.pass_by(3)
    assert len(talk.sent(Create)) == 2
    talk.tell(begun("resp_3"), done("failed", "resp_3"))
    talk.pass_by(3)
    assert talk.times(Connect) != []
    assert set(talk.symptoms()) == {"reply_failed"}


def test_a_reply_of_text_alone_is_asked_for_again_with_sound():
    talk = Talk()
    talk.tell(started(), stopped(), committed(), begun(), done())
    talk.pass_by(1)
    assert [create.response for create in talk.sent(Create)] == [{"output_modalities": ["audio"]}]


@pytest.mark.parametrize("end", [done("cancelled"), done(output=[Item(type="function_call", call_id="c")])])
def test_a_cancelled_response_and_a_function_call_need_no_sound(end):
    talk = Talk()
    talk.tell(started(), stopped(), committed(), begun(), end)
    talk.pass_by(5)
    assert talk.symptoms() == []


def silent_delta():
    return events.ResponseOutputAudioDelta(
        event_id="e", response_id="resp_1", item_id="answer_1", output_index=0, content_index=0, delta=bytes(48 * 250)
    )


def test_endless_silence_is_no_speaking_and_is_stopped():
    talk = Talk()
    talk.tell(started(), stopped(), committed(), begun(), delta(500))
    talk.pass_by(3, tell=silent_delta)
    assert any(of_type(talk.client.hear(chunk(1500), talk.now), Append)[0].audio)
    talk.pass_by(6, tell=silent_delta)
    assert talk.sent(Cancel) != []
    assert talk.sent(StopPlayback) != []
    talk.pass_by(9, tell=silent_delta)
    assert talk.times(Connect) != []


def test_a_response_whose_end_was_lost_is_forgotten_when_the_server_knows_none():
    talk = Talk()
    talk.tell(started(), stopped(), committed(), begun(), delta(500))
    talk.pass_by(9)
    assert len(talk.sent(Cancel)) == 1
    talk.tell(refused("response_cancel_not_active"))
    talk.pass_by(20)
    assert talk.times(Connect) == []
    assert len(talk.sent(Cancel)) == 1


def test_a_late_response_is_not_asked_for_twice():
    talk = Talk()
    talk.tell(started(), stopped(), committed())
    talk.pass_by(6.5)
    assert len(talk.sent(Create)) == 1
    talk.tell(refused("conversation_already_has_active_response"))
    talk.pass_by(4)
    talk.tell(begun(), delta(500), done())
    talk.pass_by(10)
    assert len(talk.sent(Create)) == 1
    assert talk.times(Connect) == []


# --- lost, repeated and late events ---


def test_a_commit_ends_speech_whose_stop_was_lost():
    talk = Talk()
    talk.tell(started(), committed(), begun(), delta(500), done())
    talk.pass_by(20)
    assert "speech_stuck" not in talk.symptoms()


def test_a_turn_whose_commit_was_lost_awaits_an_answer():
    talk = Talk()
    talk.tell(started(), stopped())
    talk.pass_by(6.5)
    assert talk.symptoms() == ["turn_unanswered"]


def test_what_is_said_twice_or_too_late_of_a_turn_changes_nothing():
    talk = Talk()
    answered(talk)
    talk.tell(started(), committed(), begun("resp_0"), done(response_id="resp_0"))
    talk.pass_by(20)
    assert talk.symptoms() == []


def test_a_session_that_never_says_that_it_began_is_greeted_all_the_same():
    talk = Talk(silence_duration_ms=500)
    talk.tell(Closed(1006))
    talk.pass_by(1)
    talk.tell(Opened())
    before = len(talk.sent(events.SessionUpdate))
    talk.pass_by(6)
    assert len(talk.sent(events.SessionUpdate)) > before


def test_own_settings_are_asked_for_again_until_they_are_confirmed():
    talk = Talk(silence_duration_ms=500)
    assert len(talk.sent(events.SessionUpdate)) == 1
    talk.tell(updated({"type": "server_vad", "silence_duration_ms": 200}))
    talk.pass_by(6)
    assert len(talk.sent(events.SessionUpdate)) == 2
    talk.tell(updated({"type": "server_vad", "silence_duration_ms": 500, "threshold": 0.5}))
    talk.pass_by(20)
    assert len(talk.sent(events.SessionUpdate)) == 2


# --- connections ---


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1008, 1011, 4000])
def test_it_dials_again_whatever_the_code_and_ever_more_rarely_if_it_is_closed_at_once(code):
    talk = Talk()
    for _ in range(4):
        talk.tell(Closed(code))
        count = len(talk.times(Connect))
        while len(talk.times(Connect)) == count:
            talk.pass_by(0.02)
        talk.tell(Opened(), created())
    dialled = talk.times(Connect)
    assert [round(later - earlier) for earlier, later in itertools.pairwise(dialled)] == [1, 2, 4]


def test_an_expired_session_is_left_at_once():
    talk = Talk()
    talk.tell(refused("session_expired"))
    assert len(talk.times(Connect)) == 1


def test_a_dial_that_nobody_answers_is_tried_again():
    talk = Talk()
    talk.tell(Closed(1006))
    talk.pass_by(60)
    assert len(talk.times(Connect)) >= 4


# --- speech that would be lost ---


def test_unanswered_speech_is_sent_to_the_new_session():
    talk = Talk()
    answered(talk)
    talk.pass_by(1)
    talk.speak(3)
    spoken = len(talk.sent(Append))
    talk.pass_by(0.5)
    talk.tell(Closed(1006), Opened(), created())
    (again,) = [append.audio for append in talk.sent(Append)[spoken:] if len(append.audio) > 960]
    assert 3 <= len(again) / 48_000 <= 5
    assert voice(4000, 125).pcm in again


def test_answered_speech_is_not_sent_again():
    talk = Talk()
    talk.speak(3)
    answered(talk)
    talk.tell(Closed(1006), Opened(), created())
    assert [append for append in talk.sent(Append) if len(append.audio) > 960] == []


def test_what_a_clear_threw_away_is_sent_again():
    talk = Talk()
    talk.pass_by(1)
    talk.speak(2)
    talk.tell(started())
    talk.pass_by(11)
    assert len(talk.sent(events.InputAudioBufferClear)) == 1
    talk.tell(cleared())
    assert len(talk.sent(Append)[-1].audio) > 48_000


# --- clocks and captures ---


def test_chunks_that_come_in_a_burst_after_a_stall_are_taken_for_nothing():
    """The page was busy for 2 s: nothing was woken, and then all that was captured comes at once."""
    talk = Talk()
    talk.pass_by(5)
    talk.now += 2 * SECOND
    talk._keep(talk.client.wake(talk.now))
    for index in range(100):
        talk._keep(talk.client.hear(room(30, index), talk.now))
    talk.pass_by(10)
    assert talk.symptoms() == []


def test_with_timers_of_a_minute_the_chunks_bring_the_looks():
    talk = Talk()
    talk.tell(started(), stopped(), committed())
    for index in range(400):
        talk.now += CHUNK_US
        talk._keep(talk.client.hear(room(30, index), talk.now))
    assert talk.symptoms()[0] == "turn_unanswered"


def test_a_stopped_capture_is_reopened_with_timers_of_a_minute():
    talk = Talk()
    talk.pass_by(5)
    for _ in range(2):
        talk.now += 60 * SECOND
        talk._keep(talk.client.wake(talk.now))
    assert talk.times(ReopenCapture) != []


def test_noise_that_holds_the_server_in_speech_is_gated_and_at_last_a_new_session_is_dialled():
    talk = Talk()
    talk.tell(started())
    talk.pass_by(20, lambda index: room(3000, index))
    assert talk.symptoms()[0] == "speech_in_noise"
    talk.pass_by(80, lambda index: room(3000, index))
    assert talk.client.gate.raised
    assert talk.times(Connect) != []


def test_a_voice_without_a_breath_is_committed_so_that_nothing_of_it_is_lost():
    talk = Talk()
    talk.tell(started())
    talk.speak(32)
    assert talk.symptoms() == ["speech_endless"]
    assert len(talk.sent(events.InputAudioBufferCommit)) == 1


def test_whatever_it_is_in_the_end_everything_is_made_anew_and_the_user_told():
    """Each symptom's own detector is switched off: the last one is enough."""
    talk = Talk(detectors="assistant_heard")
    talk.pass_by(1)
    talk.speak(2)
    talk.pass_by(9)
    talk.speak(2)
    talk.pass_by(11)
    assert talk.symptoms() == ["nothing_heard"]
    for kind in (Connect, ReopenCapture, ResumePlayback, TellUser):
        assert len(talk.times(kind)) == 1
    assert talk.client.gate.is_open
    for _ in range(40):
        talk.tell(Opened(), created())
        talk.speak(2)
        talk.pass_by(8)
    assert 4 <= len(talk.times(Connect)) <= 10


def test_sound_is_told_from_silence():
    talk = Talk()
    talk.tell(delta(100))
    assert of_type(talk.sent(Play), Play)[0].audio == sound(100)
    assert talk.client.playback.speaks(talk.now)
