import pytest

from harness.clients.interface import Closed, Connect
from harness.journal import FaultInjected, SpeakerHeard, TurnTaken
from harness.protocol.events import ResponseCreated
from harness.verdict.properties.words_lost import PROPERTY
from harness.verdict.record import RunRecord
from tests.verdict.journals import Tale
from tests.world.testing import SECOND, Open, at, inject, run, say, story


def findings(journal):
    return list(PROPERTY.find(RunRecord(journal)))


def tale():
    """Audio arrives at once, so positions are times."""
    return Tale().arrives()


def turn(tale, begin_s, end_s, *, connection=1):
    ms = {"from_ms": 1_000 * begin_s, "to_ms": 1_000 * end_s}
    return tale.add(end_s + 0.5, TurnTaken, connection=connection, item_id=f"item_{begin_s}", **ms)


def answered(tale, at_s, *, connection=1):
    tale.server(at_s - 1, ResponseCreated, connection=connection, response_id=f"resp_{at_s}")
    return tale.add(at_s, SpeakerHeard, response_id=f"resp_{at_s}")


def test_a_turn_of_a_session_that_answers_later_keeps_the_words():
    story_ = turn(tale().speaks(10, probe=False), 10, 13)
    assert not findings(answered(story_, 20).end())


def test_what_is_in_no_turn_is_lost():
    (finding,) = findings(answered(tale().speaks(10, probe=False), 20).end())
    assert finding.reason.startswith("1 utterance is in no turn")
    assert finding.reason.endswith("at 10.000 s")


def test_a_turn_of_a_session_that_never_answers_again_is_lost():
    story_ = turn(tale().speaks(10, probe=False), 10, 13)
    assert findings(answered(story_, 20, connection=2).end())


def test_what_is_said_again_until_the_first_answer_is_one_utterance():
    (finding,) = findings(tale().speaks(30).speaks(36).end(50))
    assert finding.reason.startswith("1 utterance is")
    assert not findings(answered(turn(tale().speaks(30).speaks(36), 36, 39), 41).end(50))


def test_what_ends_with_the_run_or_cannot_be_heard_is_not_judged():
    assert not findings(tale().speaks(35, probe=False).end(40))
    assert not findings(tale().speaks(10, probe=False, audible=False).end(40))


def test_the_reason_names_what_destroyed_the_sound():
    story_ = tale().add(9, FaultInjected, kind="zeroed", length_us=10 * SECOND).speaks(10, probe=False)
    (finding,) = findings(story_.end())
    assert finding.reason.endswith("at 10.000 s (the microphone was zeroed)")


class Forgetful(Open):
    """Dials again and sends only what is captured from then on."""

    def receive(self, event, now):
        return [Connect()] if isinstance(event, Closed) else super().receive(event, now)


def test_a_client_that_does_not_send_again_loses_what_the_old_session_received():
    (finding,) = findings(run(story(say(1), say(9), at(11.9, inject("closed"))), Forgetful()).journal)
    assert finding.reason.endswith("at 9.000 s")


def test_a_client_that_sends_it_again_does_not():
    assert not findings(run(story(say(1), say(9), at(11.9, inject("closed"))), "resilient").journal)


@pytest.mark.parametrize("client", ["reported", "development", "resilient"])
def test_the_reference_clients_lose_nothing_in_a_plain_conversation(client):
    assert not findings(run(story(say(1), say(9)), client).journal)
