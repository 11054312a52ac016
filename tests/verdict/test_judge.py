import pytest

from harness.journal import ResponseForItem, SpeakerHeard, StepMissing
from harness.scenario.model import Expect, Scenario
from harness.units import SECOND
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict, judge
from tests.verdict.journals import STARTED, Tale

PLAIN = Scenario("a test", ())


def silent():
    """A dead capture; the user is never answered."""
    return Tale().speaks().captured(rms=30)


def answered():
    tale = Tale().speaks().server(30.3, STARTED, item_id="u1")
    tale.add(33, ResponseForItem, connection=1, response_id="r1", item_id="u1")
    return tale.add(34, SpeakerHeard, response_id="r1")


def missing(tale):
    return tale.add(20, StepMissing, step="step 1", line=3)


def test_held():
    found = judge(answered().end(), PLAIN)
    assert (found.name, found.findings, found.cause, str(found)) == ("held", (), None, "held")


def test_failed_with_its_cause():
    found = judge(silent().end(), PLAIN)
    assert (found.name, found.cause, str(found)) == ("failed", "capture_dead", "failed: capture_dead")


def test_a_missing_premise_is_vacuous_and_never_held():
    found = judge(missing(answered()).end(), PLAIN)
    assert (found.name, found.cause, str(found)) == ("vacuous", None, "vacuous")


def test_only_what_is_held_is_true():
    """``assert judge(…)`` must not pass for a run that failed."""
    assert judge(answered().end(), PLAIN)
    assert not judge(silent().end(), PLAIN)
    assert not judge(missing(answered()).end(), PLAIN)


def test_failed_outweighs_vacuous_and_the_premise_is_told_last():
    found = judge(missing(silent()).end(), PLAIN)
    assert found.name == "failed"
    assert [finding.name for finding in found.findings] == ["never_silent_forever", "premise"]


def test_an_expectation_that_was_not_met_fails_without_a_cause():
    tale = answered().step(10, "said", label="said")
    found = judge(tale.end(), Scenario("a test", (), expect=(Expect("speech_stopped", "said", SECOND),)))
    assert (found.name, found.cause, str(found)) == ("failed", None, "failed")


@pytest.mark.parametrize(("at_us", "reason"), [(1, "a"), (2, "b")])
def test_a_failure_is_the_same_failure_at_another_time_and_in_other_words(at_us, reason):
    first = Finding("never_silent_forever", 0, "x", "vad_held")
    assert Finding("never_silent_forever", at_us, reason, "vad_held").identity == first.identity
    assert Finding("never_silent_forever", at_us, reason, "half_open").identity != first.identity
    assert Finding("expect answer", at_us, reason, "vad_held").identity != first.identity


def test_the_cause_is_that_of_the_finding_that_has_one():
    found = Verdict("failed", (Finding("expect answer", 0, ""), Finding("never_silent_forever", 0, "", "vad_held")))
    assert str(found) == "failed: vad_held"
