from harness.journal import ResponseForItem, SpeakerHeard
from harness.scenario.model import Reply, ServerSetup
from harness.units import SECOND
from harness.verdict.judge import judge
from harness.verdict.liveness import NAME, answered_at, find, probes_of
from tests.verdict.journals import STARTED, Tale
from tests.world.testing import MAN, at, inject, run, say, story


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
    assert finding.name == NAME


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


def test_a_user_without_time_to_speak_proves_nothing():
    (finding,) = find(Tale().speaks(38).end(40))
    assert (finding.name, finding.cause) == ("premise", None)
    assert finding.reason == "the user never spoke after the heal: the time to recover is too short"


def test_only_the_persistent_user_probes():
    tale = Tale().speaks(10, probe=False).speaks(30)
    assert [entry.t for entry in probes_of(tale.end())] == [30 * SECOND]


def test_a_held_run_ends_when_the_answer_is_heard():
    journal = run(story(say(1))).journal
    heard = answered_at(journal)
    assert heard is not None
    assert journal.entries[-1].t == heard


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
    first = probes_of(journal)[0].t
    assert [entry.t for entry in journal.select(SpeakerHeard) if entry.t > first]
    assert answered_at(journal) is None
    assert judge(journal, scenario).cause == "capture_dead"
