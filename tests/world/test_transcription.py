"""Transcription sessions in virtual time: what is answered there, and why not."""

import pytest

from harness.clients.interface import Connect, Disconnect
from harness.journal import EventAtClient, UserSpeaks
from harness.protocol.events import (
    InputAudioBufferAppend,
    InputAudioBufferCommitted,
    SessionCreated,
    SessionUpdate,
    TranscriptionCompleted,
)
from harness.scenario.loader import loads
from harness.units import SECOND
from harness.verdict.client_view import suspects
from harness.verdict.diagnosis import diagnose
from harness.verdict.judge import judge
from harness.world.answers import Answers
from harness.world.play import play

SCENARIO = """
scenario: Somebody dictates
server: {session: transcription%s}
timeline:
  - {at: 1s, say: speech_en_f_arctic_a0009, label: said}
expect:
  - {answer: {after: said, within: 4s}}
"""


class Dictation:
    """A correct one: names a model, and lets the server take the turns."""

    transcription = {"model": "gpt-4o-transcribe"}  # noqa: RUF012
    detection = {"type": "server_vad", "silence_duration_ms": 500}  # noqa: RUF012

    def __init__(self):
        self.connected = False
        self.dials_at = None

    def hear(self, chunk, now):
        return [InputAudioBufferAppend(audio=chunk.pcm)] if self.connected else []

    def receive(self, event, now):
        if not isinstance(event, SessionCreated):
            return []
        self.connected = True
        heard = {"transcription": self.transcription, "turn_detection": self.detection}
        return [SessionUpdate(session={"type": "transcription", "audio": {"input": heard}})]

    def wake(self, now):
        if self.dials_at is None or now < self.dials_at:
            return []
        self.dials_at = None
        return [Connect()]

    def next_wake(self):
        return self.dials_at


class NamesNoModel(Dictation):
    transcription = None


class NeverCommits(Dictation):
    detection = None


class LeavesAfterTheCommit(Dictation):
    """The mistake: it takes the first commit for the transcript, and dials anew."""

    left = False

    def receive(self, event, now):
        if isinstance(event, InputAudioBufferCommitted) and not self.left:
            self.left, self.connected, self.dials_at = True, False, now + SECOND
            return [Disconnect()]
        return super().receive(event, now)


class HoldsAConversation(Dictation):
    """The mistake: it sends a conversation's update, which is refused."""

    def receive(self, event, now):
        updates = super().receive(event, now)
        return [SessionUpdate(session={**each.session, "type": "realtime"}) for each in updates]


def verdict(client, more=""):
    scenario = loads(SCENARIO % more)
    run = play(scenario, client)
    return run, judge(run.journal, scenario)


def test_a_healthy_session_is_not_silent():
    run, found = verdict(Dictation)
    assert str(found) == "held"
    assert len(found.waits) == 3 and all(wait.kept for wait in found.waits)
    assert not found.warnings
    assert diagnose(run.journal).state == suspects(run.journal).state == "answered"
    answers = Answers(run.journal)
    assert {each.response_id for each in answers.heard} == {""}


def test_words_whose_transcript_never_arrived_are_lost():
    run, found = verdict(LeavesAfterTheCommit)
    first = next(run.journal.select(UserSpeaks))
    (lost,) = found.warnings
    assert lost.name == "words_lost"
    assert lost.reason.startswith("1 utterance is") and lost.reason.endswith(f"at {first.t / SECOND:.3f} s")


def test_the_first_answer_is_when_its_transcript_arrived():
    run, _ = verdict(Dictation)
    arrived = next(run.journal.events(EventAtClient, TranscriptionCompleted))
    assert Answers(run.journal).heard[0].at_us == arrived.t


@pytest.mark.parametrize(
    ("client", "sentence"),
    [
        (NamesNoModel, "the client has named no model"),
        (HoldsAConversation, "the client has named no model"),
        (NeverCommits, "turn detection is off"),
    ],
)
def test_a_client_that_gets_no_words_waits_for_ever(client, sentence):
    run, found = verdict(client)
    assert str(found) == "failed: client_waiting"
    assert any(sentence in said for said in diagnose(run.journal).evidence)


def test_a_model_of_the_scenario_transcribes_for_a_client_that_names_none():
    assert str(verdict(NamesNoModel, ", model: gpt-4o-transcribe")[1]) == "failed: client_waiting", "it says null"
    run, found = verdict("development", ", model: gpt-4o-transcribe")
    assert Answers(run.journal).heard and str(found) == "held"


def test_a_transcription_that_fails_is_said():
    _, found = verdict(Dictation, ", transcripts: [" + ", ".join(["<server_error>"] * 20) + "]")
    assert str(found) == "failed: response_failed"
