from dataclasses import replace

import pytest

from harness.journal import (
    ClientTellsUser,
    ConnectionOpened,
    ResponseForItem,
    SpeakerHeard,
    SpeakerStopped,
    UserSpeaks,
)
from harness.protocol.events import (
    ErrorEvent,
    SessionCreated,
)
from harness.scenario.model import AllOf, AnyOf, Expect, Never, Scenario
from harness.units import SECOND
from harness.verdict.expectations import find
from harness.verdict.record import RunRecord
from tests.journal.testing import at_client, entry
from tests.verdict.journals import COMMITTED, DONE, STARTED, Tale
from tests.world.testing import at, inject, run, say, story, verdict


def told():
    """A step labelled ``said`` from 10 to 13 s, in which the user speaks."""
    return Tale().speaks(10, probe=False).step(10, "said", label="said", length_s=3)


def missed(tale, what, within_s, after="said", line=None):
    expect = Expect(what, after, round(within_s * SECOND), line=line)
    return find(RunRecord(tale.end()), Scenario("a test", (), expect=(expect,)))


def answer(tale, started_s, heard_s):
    """The user's speech is noticed, and an answer to it is heard."""
    tale.server(started_s, STARTED, item_id="u1")
    tale.add(started_s + 1, ResponseForItem, connection=1, response_id="r1", item_id="u1")
    return tale.add(heard_s, SpeakerHeard, response_id="r1")


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
    assert missed(told().add(15, ConnectionOpened, connection=2), "recovery", 5) == []
    assert missed(told().add(18.1, ConnectionOpened, connection=2), "recovery", 5) != []


def test_what_is_missed_is_told_with_its_times_and_its_line():
    (finding,) = missed(told(), "speech_stopped", 2.5, line=12)
    assert finding.name == "expect speech_stopped"
    assert finding.reason == "no speech_stopped within 2.5s after said, which was at 10.000 s"
    assert finding.at_us == 12_500_000
    assert finding.line == 12


def test_each_repetition_is_looked_at():
    tale = told().step(20, "said (2)", label="said", length_s=3)
    (finding,) = missed(tale.server(10.4, STARTED, item_id="u1"), "speech_started", 2)
    assert "after said (2), which was at 20.000 s" in finding.reason


def test_a_step_that_never_happened_expects_nothing():
    assert missed(told(), "answer", 1, after="other") == []


def found(tale, expectation):
    return find(RunRecord(tale.end()), Scenario("a test", (), expect=(expectation,)))


def test_without_a_step_it_is_the_whole_run_or_its_begin():
    tale = told().add(12, ClientTellsUser, text="sorry")
    assert found(tale, Expect("tells_user")) == []
    (finding,) = found(tale, Expect("tells_user", within_us=5 * SECOND))
    assert finding.reason == "no tells_user within 5s of the start"
    (finding,) = found(tale, Expect("reconnect"))
    assert (finding.reason, finding.at_us) == ("no reconnect in the whole run", 40 * SECOND)


@pytest.mark.parametrize(
    ("what", "seen"),
    [
        ("committed", at_client(11, COMMITTED, item_id="u1")),
        ("session.created", at_client(11, SessionCreated)),
        ("response.done", at_client(11, DONE)),
        ("error", at_client(11, ErrorEvent)),
        ("reconnect", entry(11, ConnectionOpened, connection=2)),
        ("interruption", entry(11, SpeakerStopped, response_id="r1", played_ms=500)),
        ("tells_user", entry(11, ClientTellsUser, text="sorry")),
    ],
)
def test_each_word_is_something_that_can_be_seen(what, seen):
    tale = told()
    tale.journal.add(seen)
    assert found(tale, Expect(what, "said", 5 * SECOND)) == []
    assert len(found(told(), Expect(what, "said", 5 * SECOND))) == 1


def test_it_is_counted_how_often():
    tale = told().server(11, DONE).server(14, DONE)
    assert found(tale, Expect("response.done", "said", 5 * SECOND, 2)) == []
    (finding,) = found(tale, Expect("response.done", "said", 5 * SECOND, 3))
    assert finding.reason == "only 2 of 3 × response.done within 5s after said, which was at 10.000 s"


ANSWER = Expect("answer", "said", 3 * SECOND, line=5)
RECONNECT = Expect("reconnect", "said", 5 * SECOND, line=6)


def test_one_of_any_is_enough():
    either = AnyOf((ANSWER, RECONNECT), line=4)
    assert found(answer(told(), 10.4, 14.5), either) == []
    assert found(told().add(17, ConnectionOpened, connection=2), either) == []
    (finding,) = found(told(), either)
    assert (finding.name, finding.line, finding.at_us) == ("expect any of answer, reconnect", 4, 18 * SECOND)
    assert finding.reason == (
        "no answer within 3s after said, which was at 10.000 s and "
        "no reconnect within 5s after said, which was at 10.000 s"
    )


def test_of_all_each_that_is_missing_is_told_at_its_line():
    both = AllOf((ANSWER, RECONNECT), line=4)
    tale = answer(told(), 10.4, 14.5)
    (finding,) = found(tale, both)
    assert (finding.line, finding.reason) == (6, "no reconnect within 5s after said, which was at 10.000 s")
    assert found(tale.add(17, ConnectionOpened, connection=2), both) == []
    assert len(found(told(), both)) == 2


def test_what_must_never_happen_is_told_when_it_does():
    never = Never(ANSWER, line=4)
    assert found(told(), never) == []
    assert found(answer(told(), 10.4, 16.5), never) == []  # after its window
    (finding,) = found(answer(told(), 10.4, 14.5), never)
    assert (finding.name, finding.line, finding.at_us) == ("expect never answer", 4, 14_500_000)
    assert finding.reason == (
        "what must never happen did, at 14.500 s: answer within 3s after said, which was at 10.000 s"
    )
    both = Never(AllOf((ANSWER, RECONNECT)))
    assert found(answer(told(), 10.4, 14.5), both) == []
    assert len(found(answer(told(), 10.4, 14.5).add(17, ConnectionOpened, connection=2), both)) == 1


def test_in_groups_too_each_repetition_is_looked_at():
    tale = answer(told(), 10.4, 14.5).step(20, "said (2)", label="said", length_s=3)
    (finding,) = found(tale, AnyOf((ANSWER, RECONNECT)))
    assert "after said (2), which was at 20.000 s" in finding.reason and "at 10.000 s" not in finding.reason


def test_about_a_step_that_never_happened_nothing_is_certain():
    other = Expect("answer", "other", SECOND)
    for expectation in (Never(other), AnyOf((other, RECONNECT)), AllOf((other,))):
        assert found(told(), expectation) == []


def test_the_run_lasts_until_the_last_expectation_is_due():
    late = Expect("tells_user", "said", 90 * SECOND)
    (finding,) = verdict(story(say(1, label="said"), expect=(late,))).findings
    assert finding.reason == "no tells_user within 90s after said, which was at 1.000 s"
    journal = run(story(say(1, label="said"), expect=(late,))).journal
    assert journal.entries[-1].t == finding.at_us
    assert sum(entry.probe for entry in journal.select(UserSpeaks)) == 3


def test_an_answer_to_the_verdicts_own_user_is_no_answer_to_the_step():
    """The step's words meet a dead capture, which the client has renewed when the user asks again."""
    scenario = story(at(0, inject("near-silent")), say(1, label="said"), recover_s=60)
    late = replace(scenario, expect=(Expect("answer", "said", 60 * SECOND),))
    assert verdict(scenario, "resilient").name == "held"
    (finding,) = verdict(late, "resilient").findings
    assert finding.name == "expect answer"


def test_a_premise_that_is_not_met_makes_the_run_vacuous():
    scenario = story(say(1, label="said"), premises=(Expect("interruption", "said", 3 * SECOND),))
    assert verdict(scenario).name == "vacuous"
    assert verdict(story(say(1, label="said"), premises=(Expect("answer", "said", 3 * SECOND),))).name == "held"


def test_a_played_expectation():
    """The reply begins about 0.7 s after the end of the clip and is heard 0.3 s later."""
    scenario = story(say(1, label="said"), expect=(Expect("answer", "said", 3 * SECOND),))
    assert verdict(scenario).name == "held"
    strict = story(say(1, label="said"), expect=(Expect("answer", "said", SECOND // 2),))
    found = verdict(strict)
    assert (found.name, found.cause, str(found)) == ("failed", None, "failed")
