"""The conversation after the heal: is the user answered, again and again, and how long does each utterance wait."""

import numpy as np
import pytest

from harness.clients.interface import Play, TalkButton
from harness.journal import ResponseForItem, SpeakerHeard
from harness.protocol.events import (
    InputAudioBufferAppend,
    InputAudioBufferCommit,
    ResponseCreate,
    ResponseOutputAudioDelta,
    SessionCreated,
    SessionUpdate,
)
from harness.scenario.model import Reply, ServerSetup
from harness.units import SECOND
from harness.verdict.judge import judge
from harness.verdict.liveness import answered_at, waits
from harness.verdict.properties import PROPERTIES
from harness.verdict.record import RunRecord
from tests.verdict.journals import STARTED, Tale
from tests.world.testing import MAN, Open, at, inject, run, say, story


def find(journal):
    return list(PROPERTIES["never_silent_forever"].find(RunRecord(journal)))


def keeps(journal):
    return list(PROPERTIES["keeps_answering"].find(RunRecord(journal)))


def answered(tale, started_s, heard_s, item="u1", response="r1"):
    """Speech that began then is answered, and the answer is heard then."""
    tale.server(started_s, STARTED, item_id=item)
    tale.add(started_s + 3, ResponseForItem, connection=1, response_id=response, item_id=item)
    return tale.add(heard_s, SpeakerHeard, response_id=response)


def test_an_answer_to_what_was_said_after_the_heal_holds():
    journal = answered(Tale().speaks(), 30.3, 34).end()
    assert answered_at(journal) == 34 * SECOND
    assert find(journal) == []


def test_an_answer_to_older_speech_does_not_count_even_if_it_is_heard_after_the_heal():
    journal = answered(Tale().speaks(25, probe=False).speaks(), 25.3, 34).end()
    assert answered_at(journal) is None
    (finding,) = find(journal)
    assert finding.name == "never_silent_forever"


def test_an_answer_that_nobody_heard_does_not_count():
    tale = Tale().speaks().server(30.3, STARTED, item_id="u1")
    journal = tale.add(33, ResponseForItem, connection=1, response_id="r1", item_id="u1").end()
    assert answered_at(journal) is None


def test_a_response_to_no_item_does_not_count():
    """As after response.create in an empty conversation."""
    tale = Tale().speaks().add(33, ResponseForItem, connection=1, response_id="r1", item_id=None)
    assert answered_at(tale.add(34, SpeakerHeard, response_id="r1").end()) is None


def test_the_finding_says_how_often_and_since_when():
    tale = Tale().speaks(30).speaks(36).captured(end_s=40, rms=30).end(60)
    (finding,) = find(tale)
    assert finding.cause == "capture_dead"
    assert finding.reason.startswith("the user spoke 2 times from 30.000 s on and was never answered: the microphone")
    assert finding.at_us == 60 * SECOND


def test_the_last_complete_utterance_is_looked_into():
    """The one at 38 s ends at 41, after the end of the run, and is not complete."""
    tale = Tale().speaks(30).speaks(38).captured(begin_s=30, end_s=33, rms=30)
    (finding,) = find(tale.end(40))
    assert finding.cause == "capture_dead"
    assert "spoke 1 times" in finding.reason


def test_what_has_just_begun_shows_nothing():
    """The capture is dead at 30 s; at 45 s it is not, and the run ends at 50 s before an answer could be heard."""
    tale = Tale().speaks(30).speaks(45).captured(begin_s=30, end_s=33, rms=30)
    (finding,) = find(tale.captured(begin_s=45, end_s=48).sent(begin_s=45, end_s=48).arrives().end(50))
    assert finding.cause == "capture_dead"


def test_a_user_without_time_to_speak_proves_nothing():
    (finding,) = find(Tale().speaks(38).end(40))
    assert (finding.name, finding.cause) == ("premise", None)
    assert finding.reason == "the user never spoke after the heal: the time to recover is too short"


def test_only_the_persistent_user_probes():
    tale = Tale().speaks(10, probe=False).speaks(30)
    assert [entry.t for entry in RunRecord(tale.end()).probes] == [30 * SECOND]


# --- later utterances ---


def test_each_utterance_has_its_wait():
    """The first one from the heal at 29 s, the others from their ends at 48 and 68 s."""
    tale = answered(Tale().speaks(30), 30.3, 34)
    answered(tale.speaks(45), 45.3, 50, "u2", "r2")
    journal = tale.speaks(65).end(90)
    assert [wait.waited_us for wait in waits(journal)] == [5 * SECOND, 2 * SECOND, None]
    assert [wait.within_us for wait in waits(journal)] == [60 * SECOND, 12 * SECOND, 12 * SECOND]
    assert [wait.kept for wait in waits(journal)] == [True, True, False]


def test_a_client_that_is_answered_once_and_never_again_fails():
    tale = answered(Tale().speaks(30), 30.3, 34).speaks(45).captured(begin_s=45, end_s=48, rms=30)
    (finding,) = keeps(tale.end(70))
    assert (finding.name, finding.cause, finding.at_us) == ("keeps_answering", "capture_dead", 60 * SECOND)
    assert finding.reason.startswith("utterance 2 after the heal, at 45.000 s, was not answered within 12s: the micro")


def test_an_answer_after_the_bound_is_too_late():
    tale = answered(Tale().speaks(30), 30.3, 34)
    (finding,) = keeps(answered(tale.speaks(45), 45.3, 62, "u2", "r2").end(70))
    assert finding.reason == "utterance 2 after the heal, at 45.000 s, was answered after 14.0 s; 12s is allowed"


def test_the_users_utterances_before_the_first_answer_are_one():
    """Said at 30 and 39 s, answered at 45 s."""
    tale = answered(Tale().speaks(30).speaks(39), 39.3, 45)
    assert len(waits(tale.end(50))) == 1


def test_a_run_that_holds_has_three_utterances_and_then_ends():
    journal = run(story(say(1))).journal
    assert [wait.kept for wait in waits(journal)] == [True, True, True]
    last = waits(journal)[-1].answer
    assert last is not None and journal.entries[-1].t == last.at_us


def test_the_bound_is_the_scenarios():
    scenario = story(say(1), answer_within_us=900_000)
    found = judge(run(scenario).journal, scenario)
    assert [finding.name for finding in found.findings] == ["keeps_answering", "keeps_answering"]


def test_the_answer_to_speech_that_a_stall_delivers_at_the_heal_is_no_recovery():
    """Said at 4 s and held by the network until 9 s; the capture has been dead since 8 s."""
    scenario = story(
        at(3.5, inject("stall", 60 * SECOND)),
        say(4, MAN),
        at(8, inject("near-silent")),
        lasts_us=9 * SECOND,
        server=ServerSetup(reply=Reply(latency_us=2 * SECOND)),
    )
    journal = run(scenario).journal
    first = RunRecord(journal).probes[0].t
    assert [entry.t for entry in journal.select(SpeakerHeard) if entry.t > first]
    assert answered_at(journal) is None
    assert judge(journal, scenario).cause == "capture_dead"


# --- what is no answer ---


class Button(Open):
    """Push-to-talk: streams what ``sends`` makes of the audio while the button is down, then commits and asks."""

    def __init__(self, sends):
        super().__init__()
        self.sends, self.down = sends, False

    def hear(self, chunk, now):
        return [InputAudioBufferAppend(audio=self.sends(chunk.pcm))] if self.down else []

    def receive(self, event, now):
        commands = super().receive(event, now)
        if isinstance(event, SessionCreated):
            off = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
            return [*commands, SessionUpdate(session=off)]
        if isinstance(event, TalkButton):
            self.down = event.pressed
            return commands if event.pressed else [*commands, InputAudioBufferCommit(), ResponseCreate()]
        return commands


def test_a_commit_of_a_voice_is_a_turn():
    assert judged(Button(lambda pcm: pcm)).name == "held"


@pytest.mark.parametrize("sends", [lambda pcm: bytes(len(pcm)), lambda pcm: quieter(pcm, 1000)], ids=["zeros", "quiet"])
def test_a_commit_without_a_voice_is_none_although_it_is_answered(sends):
    assert judged(Button(sends)).name == "failed"


def test_a_dead_microphone_behind_a_button_is_dead():
    scenario = story(say(1), at(6, inject("near-silent")), recover_s=20)
    found = judge(run(scenario, Button(lambda pcm: pcm)).journal, scenario)
    assert str(found) == "failed: capture_dead"


def test_a_voice_that_the_client_changed_and_sent_late_is_a_voice():
    assert judged(Button(lambda pcm: quieter(pcm, 2))).name == "held"


class Player(Open):
    """Plays what ``plays`` makes of each piece of an answer."""

    def __init__(self, plays):
        super().__init__()
        self.plays = plays

    def receive(self, event, now):
        commands = super().receive(event, now)
        if not isinstance(event, ResponseOutputAudioDelta):
            return commands
        return [Play(self.plays(event.delta), event.item_id, event.response_id)]


def test_bytes_in_the_wrong_order_are_no_answer():
    assert str(judged(Player(lambda pcm: np.frombuffer(pcm, ">i2").astype("<i2").tobytes()))) == "failed: reply_garbled"


def test_a_client_that_mutes_itself_is_no_answer():
    assert str(judged(Player(lambda pcm: bytes(len(pcm))))) == "failed: output_muted"


class Late(Open):
    """Plays each answer only when the next one comes, as if it were that one."""

    last, kept = None, ()

    def receive(self, event, now):
        commands = super().receive(event, now)
        if not isinstance(event, ResponseOutputAudioDelta):
            return commands
        if event.response_id != self.last:
            self.last, self.before, self.kept = event.response_id, self.kept, []
        self.kept.append(event)
        return [Play(old.delta, old.item_id, event.response_id) for old in self.before[:1]]


def test_an_older_answer_under_a_new_name_is_no_answer():
    assert judged(Late()).name == "failed"


def judged(client):
    scenario = story(say(1), recover_s=20)
    return judge(run(scenario, client).journal, scenario)


def quieter(pcm, divisor):
    return (np.frombuffer(pcm, "<i2") // divisor).astype("<i2").tobytes()
