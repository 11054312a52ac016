import pytest

from harness.scenario.model import Expect, Scenario
from harness.units import SECOND
from harness.verdict.expectations import find
from tests.verdict.journals import Tale
from tests.world.stories import say, story, verdict

STARTED = "input_audio_buffer.speech_started"


def told():
    """A step labelled ``said`` from 10 to 13 s."""
    return Tale().add(10, "world", "step", step="said", label="said", length_us=3 * SECOND)


def missed(tale, what, within_s, after="said", line=None):
    expect = Expect(what, after, round(within_s * SECOND), line)
    return find(tale.end(), Scenario("a test", (), expect=(expect,)))


def answer(tale, started_s, heard_s):
    """The user's speech is noticed, and an answer to it is heard."""
    tale.server(started_s, STARTED, item_id="u1")
    tale.add(started_s + 1, "server", "answers", connection=1, response_id="r1", item_id="u1")
    return tale.add(heard_s, "speaker", "heard", response_id="r1")


@pytest.mark.parametrize(("within_s", "met"), [(0.5, True), (0.49, False)])
def test_speech_counts_from_the_begin_of_the_step_to_its_arrival_at_the_client(within_s, met):
    tale = told().server(10.46, STARTED, item_id="u1")
    assert (missed(tale, "speech_started", within_s) == []) is met


def test_speech_that_did_not_reach_the_client_does_not_count():
    assert missed(told().server(10.4, STARTED, item_id="u1", received=False), "speech_started", 5) != []


def test_what_came_before_the_step_does_not_count():
    assert missed(told().server(9.9, STARTED, item_id="u1"), "speech_started", 5) == [
        *missed(told(), "speech_started", 5)
    ]
    assert missed(answer(told(), 8.9, 10.4), "answer", 5) != []


@pytest.mark.parametrize(("within_s", "met"), [(1.5, True), (1.49, False)])
def test_an_answer_counts_from_the_end_of_the_step(within_s, met):
    assert (missed(answer(told(), 10.4, 14.5), "answer", within_s) == []) is met


def test_a_recovery_is_an_answer_or_a_new_session():
    assert missed(told(), "recovery", 5) != []
    assert missed(answer(told(), 10.4, 14.5), "recovery", 5) == []
    assert missed(told().add(15, "connection", "open", connection=2), "recovery", 5) == []
    assert missed(told().add(18.1, "connection", "open", connection=2), "recovery", 5) != []


def test_what_is_missed_is_told_with_its_times_and_its_line():
    (finding,) = missed(told(), "speech_stopped", 2.5, line=12)
    assert finding.name == "expect speech_stopped"
    assert finding.reason == "no speech_stopped within 2.5s after said, which was at 10.000 s"
    assert finding.at_us == 12_500_000
    assert finding.line == 12


def test_each_repetition_is_looked_at():
    tale = told().add(20, "world", "step", step="said (2)", label="said", length_us=3 * SECOND)
    (finding,) = missed(tale.server(10.4, STARTED, item_id="u1"), "speech_started", 2)
    assert "after said (2), which was at 20.000 s" in finding.reason


def test_a_step_that_never_happened_expects_nothing():
    assert missed(told(), "answer", 1, after="other") == []


def test_a_played_expectation():
    """The reply begins about 0.7 s after the end of the clip and is heard 0.3 s later."""
    scenario = story(say(1, label="said"), expect=(Expect("answer", "said", 3 * SECOND),))
    assert verdict(scenario).name == "held"
    strict = story(say(1, label="said"), expect=(Expect("answer", "said", SECOND // 2),))
    found = verdict(strict)
    assert (found.name, found.cause, str(found)) == ("failed", None, "failed")
