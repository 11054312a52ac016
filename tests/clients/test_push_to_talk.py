"""The Realtime guide on push to talk: ``turn_detection: null``; on a press interrupt and clear, on a release commit and
create; at least 100 ms are needed for a commit."""

import pytest

from harness.clients.interface import (
    Closed,
    Connect,
    Opened,
    Play,
    ReopenCapture,
    ResumePlayback,
    StopPlayback,
    TalkButton,
)  # fmt: skip
from harness.clients.push_to_talk import PUSH_TO_TALK_SETTINGS, PushToTalk
from harness.journal import EventAtClient, EventByServer, ResponseForItem, SpeakerHeard
from harness.protocol import events
from harness.units import SECOND
from tests.clients.testing import (
    DrivenClient,
    call,
    call_done,
    chunk,
    cleared,
    committed,
    created,
    delta,
    done,
    refused,
    response_created,
    started,
    stopped,
    updated,
    voice,
)  # fmt: skip
from tests.world.testing import MAN, REPLY, at, inject, remedies, run, say, story, times

Append, Commit, Clear = events.InputAudioBufferAppend, events.InputAudioBufferCommit, events.InputAudioBufferClear
Create, Cancel = events.ResponseCreate, events.ResponseCancel


class Talker(DrivenClient):
    """A client with a talk button, whose user speaks while it is pressed."""

    def __init__(self, **settings):
        super().__init__(PushToTalk, PUSH_TO_TALK_SETTINGS, **settings)
        self.deliver(updated(None))

    def says(self, seconds=1.0):
        """What is sent for one utterance, from the press to the release, without the appends."""
        before = len(self.commands)
        self.deliver(TalkButton(True))
        self.advance(seconds, lambda index: voice(4000, index))
        self.deliver(TalkButton(False))
        return [type(command) for _, command in self.commands[before:] if type(command) in (Clear, Commit, Create)]

    def appended_us(self):
        return sum(len(append.audio) for append in self.sent(Append)) * SECOND // 48_000

    def is_answered(self, number=1):
        response = f"resp_{number}"
        self.deliver(committed(f"item_{number}"), response_created(response))
        self.deliver(delta(500, f"answer_{number}", response), done(response_id=response))


# --- a turn ---


def test_turn_detection_is_switched_off_in_each_session():
    talker = Talker()
    talker.deliver(Closed(1006), Opened(), created())
    detections = [update.session["audio"]["input"]["turn_detection"] for update in talker.sent(events.SessionUpdate)]
    assert detections == [None, None]


def test_an_update_that_is_not_confirmed_is_sent_again():
    talker = DrivenClient(PushToTalk, PUSH_TO_TALK_SETTINGS)
    talker.deliver(updated({"type": "server_vad"}))
    talker.advance(6)
    assert len(talker.sent(events.SessionUpdate)) == 2


def test_audio_is_sent_only_while_the_button_is_pressed():
    talker = Talker()
    talker.speak(2)
    assert talker.appended_us() == 0
    talker.says(1)
    assert talker.appended_us() == SECOND
    talker.speak(2)
    assert talker.appended_us() == SECOND


def test_a_press_clears_and_a_release_commits_and_asks():
    assert Talker().says(1) == [Clear, Commit, Create]


@pytest.mark.parametrize(("seconds", "is_turn"), [(0.08, False), (0.1, True)])
def test_a_touch_of_the_button_is_no_turn(seconds, is_turn):
    assert (Commit in Talker().says(seconds)) is is_turn


def test_a_quiet_word_is_sent_as_it_is():
    client = PushToTalk()
    for message in (Opened(), created(), TalkButton(True)):
        client.receive(message, 0)
    quiet = chunk(5)
    assert client.hear(quiet, 20_000) == [Append(audio=quiet.pcm)]


def test_events_of_turn_detection_start_no_turn():
    """The settings were lost, and the server's own detection still runs."""
    talker = Talker()
    talker.advance(1)
    talker.deliver(started(), stopped())
    talker.advance(15)
    assert talker.symptoms() == []


# --- interruption ---


def test_a_press_stops_the_assistant_and_cancels_its_response():
    talker = Talker()
    talker.says()
    talker.deliver(committed(), response_created(), delta(3000))
    talker.advance(1)
    talker.deliver(TalkButton(True))
    last = [command for _, command in talker.commands[-4:]]
    truncate = events.ConversationItemTruncate(item_id="answer_1", content_index=0, audio_end_ms=1000)
    assert last == [Cancel(), StopPlayback(), truncate, Clear()]


def test_nothing_is_cancelled_if_no_response_is_under_way():
    talker = Talker()
    talker.says()
    talker.is_answered()
    talker.says()
    assert talker.sent(Cancel) == []


def test_a_response_that_begins_under_the_button_is_cancelled_and_not_played():
    talker = Talker()
    talker.says()
    talker.deliver(TalkButton(True), response_created(), delta(100))
    assert len(talker.sent(Cancel)) == 2  # at the press it was asked for, and when it began
    talker.deliver(TalkButton(False), delta(100), done("cancelled"))
    assert talker.sent(Play) == []


def test_what_still_arrives_of_an_interrupted_response_is_not_played():
    talker = Talker()
    talker.says()
    talker.deliver(committed(), response_created(), TalkButton(True), TalkButton(False), delta(100))
    assert talker.sent(Play) == []


def test_a_request_waits_for_the_end_of_the_interrupted_response():
    talker = Talker()
    talker.says()
    talker.deliver(committed(), response_created())
    assert talker.says() == [Clear, Commit]
    talker.deliver(done("cancelled"))
    assert len(talker.sent(Create)) == 2


def test_a_response_that_fails_under_the_button_needs_no_other():
    talker = Talker()
    talker.says()
    talker.deliver(committed(), response_created(), TalkButton(True), done("failed"))
    talker.advance(1)
    assert talker.symptoms() == []


def test_a_call_that_ends_under_the_button_is_asked_about_with_the_turn():
    talker = Talker()
    talker.says()
    talker.deliver(committed(), response_created(), call_done(), TalkButton(True), cleared(), done(output=[call()]))
    talker.advance(1)
    assert len(talker.sent(Create)) == 1
    talker.deliver(TalkButton(False))
    talker.advance(1)
    assert len(talker.sent(events.ConversationItemCreate)) == 1
    assert len(talker.sent(Commit)) == len(talker.sent(Create)) == 2


# --- recovery ---


def test_a_commit_that_was_lost_is_sent_again_and_answered():
    talker = Talker()
    talker.says()
    talker.advance(3.5)
    assert len(talker.sent(Commit)) == 2
    talker.deliver(committed())
    assert len(talker.sent(Create)) == 2


def test_a_commit_that_was_there_is_not_asked_about_again():
    """Only ``committed`` was lost: the server refuses the second commit, and its answer is the one to the first."""
    talker = Talker()
    talker.says()
    talker.deliver(response_created(), delta(500), done())
    talker.advance(3.5)
    talker.deliver(refused("input_audio_buffer_commit_empty"))
    talker.advance(15)
    assert len(talker.sent(Create)) == 1
    assert talker.symptoms() == []


def test_no_answer_is_asked_for_again_and_then_the_turn_is_sent_to_a_new_session():
    talker = Talker()
    talker.says()
    talker.deliver(committed())
    talker.advance(7)
    assert len(talker.sent(Create)) == 2
    talker.advance(7)
    assert len(talker.times(Connect)) == 1
    before = len(talker.commands)
    talker.deliver(Closed(1006), Opened(), created())
    resent = [command for _, command in talker.commands[before:] if type(command) in (Append, Commit, Create)]
    assert [type(command) for command in resent] == [Append, Commit, Create]
    assert len(resent[0].audio) == 48_000


def test_what_was_said_without_a_connection_is_sent_when_there_is_one():
    talker = Talker()
    talker.deliver(Closed(1006))
    assert talker.says(1) == [Clear]  # not sent: there is no connection
    talker.deliver(Opened(), created())
    assert talker.appended_us() == SECOND
    assert len(talker.sent(Commit)) == len(talker.sent(Create)) == 1


def test_a_connection_that_opens_under_the_button_gets_the_whole_utterance():
    talker = Talker()
    talker.deliver(Closed(1006), TalkButton(True))
    talker.advance(1, lambda index: voice(4000, index))
    talker.deliver(Opened(), created())
    assert talker.sent(Commit) == []
    talker.advance(1, lambda index: voice(4000, index))
    talker.deliver(TalkButton(False))
    assert talker.appended_us() == 2 * SECOND
    assert len(talker.sent(Commit)) == len(talker.sent(Create)) == 1


def test_what_was_answered_is_not_sent_again():
    talker = Talker()
    talker.says()
    talker.is_answered()
    before = talker.appended_us()
    talker.deliver(Closed(1006), Opened(), created())
    assert talker.appended_us() == before


def test_a_dead_capture_is_reopened_with_the_button_up():
    talker = Talker()
    talker.speak(2)
    talker.advance(10, lambda index: chunk(0))
    assert talker.times(ReopenCapture)


def test_a_suspended_output_is_resumed():
    talker = Talker()
    talker.says()
    talker.deliver(committed(), response_created(), delta(500), done())
    talker._played = None
    talker.advance(3)
    assert len(talker.times(ResumePlayback)) == 1


def test_without_recovery_it_dials_again_and_does_nothing_else():
    talker = Talker(recovery="off")
    talker.says()
    talker.advance(60)
    assert talker.times(Connect) == []
    talker.deliver(Closed(1006))
    talker.advance(1)
    assert len(talker.times(Connect)) == 1
    assert talker.says() == [Clear]


# --- with a server ---


def heard(journal):
    """The times at which answers to committed turns were heard."""
    turns = {entry.item_id for entry in journal.events(EventByServer, events.InputAudioBufferCommitted)}
    answers = {entry.response_id for entry in journal.select(ResponseForItem) if entry.item_id in turns}
    return [entry.t for entry in journal.select(SpeakerHeard) if entry.response_id in answers]


def test_each_utterance_is_one_turn_and_is_answered():
    journal = run(story(say(1), say(9, MAN), server=REPLY), "push_to_talk").journal
    early = [at_us for at_us in heard(journal) if at_us < 17 * SECOND]
    assert len(early) == 2
    assert times(journal, EventByServer, events.InputAudioBufferSpeechStarted) == []
    assert times(journal, EventAtClient, events.ErrorEvent) == []
    assert remedies(journal) == []


@pytest.mark.parametrize(
    "fault",
    [
        inject("dropped-events", SECOND * 5, direction="up", events="input_audio_buffer.commit", count=1),
        inject("dropped-events", SECOND * 5, direction="down", events="input_audio_buffer.committed", count=1),
        inject("dropped-events", SECOND * 5, direction="up", events="response.create", count=1),
        inject("dropped-events", SECOND * 5, direction="down", events="response.created", count=1),
        inject("stall", 4 * SECOND),
    ],
    ids=lambda action: f"{action.fault.name} {getattr(action.fault, 'events', '')}",
)
def test_an_event_that_is_lost_costs_no_turn(fault):
    """Nobody speaks again until the heal: the client recovers by itself."""
    journal = run(story(say(1), at(2, fault), at(20, inject("stall", SECOND))), "push_to_talk").journal
    assert [at_us for at_us in heard(journal) if at_us < 20 * SECOND]
