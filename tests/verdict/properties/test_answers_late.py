import pytest

from harness.journal import FaultInjected, ResponseForItem, RoomNoise, SpeakerHeard, TurnTaken
from harness.protocol.events import InputAudioBufferAppend
from harness.verdict.properties.answers_late import PROPERTY
from harness.verdict.record import RunRecord
from tests.verdict.journals import Tale
from tests.world.testing import SECOND, Open, at, inject, run, say, story


def findings(journal):
    return list(PROPERTY.find(RunRecord(journal)))


def tale(said_s, answered_s, *, probe=False):
    """An utterance of 3 s, and its answer; nothing else."""
    made = Tale().arrives().speaks(said_s, probe=probe)
    made.add(said_s + 4, TurnTaken, connection=1, item_id="u", from_ms=1_000 * said_s, to_ms=1_000 * said_s + 3_000)
    made.add(answered_s - 1, ResponseForItem, connection=1, response_id="r", item_id="u")
    return made.add(answered_s, SpeakerHeard, response_id="r")


def test_an_answer_after_the_bound_is_late():
    (finding,) = findings(tale(5, 21).end())
    assert "answered 13.0 s after its end; 12.0 s is allowed" in finding.reason
    assert finding.at_us == 20 * SECOND


def test_an_answer_within_the_bound_is_not():
    assert not findings(tale(5, 19).end())


@pytest.mark.parametrize(("cls", "kind"), [(FaultInjected, "stall"), (RoomNoise, "typing")])
def test_an_answer_while_something_is_faulty_is_not(cls, kind):
    assert not findings(tale(5, 21).add(10, cls, kind=kind, length_us=SECOND).end())


def test_the_first_utterance_after_the_heal_counts_whatever_was_faulty():
    made = tale(30, 46, probe=True).add(29, FaultInjected, kind="mute", length_us=None)
    (finding,) = findings(made.end(50))
    assert finding.reason.startswith("the first utterance after the heal, at 30.000 s, was answered 13.0 s")


class Late(Open):
    """Sends each chunk 15 s after it was captured."""

    def __init__(self):
        super().__init__()
        self.queue = []

    def hear(self, chunk, now):
        self.queue.append(chunk.pcm)
        return [InputAudioBufferAppend(audio=self.queue.pop(0))] if len(self.queue) > 750 else []


def test_a_client_that_is_late_is_warned_about():
    assert findings(run(story(say(1), recover_s=60), Late()).journal)


@pytest.mark.parametrize("client", ["reported", "development", "resilient"])
def test_the_reference_clients_are_in_time(client):
    assert not findings(run(story(say(1), say(9), at(10, inject("closed"))), client).journal)
