"""Many runs and their tallies."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.search.campaign import (
    MOST_CRASHES,
    MOST_LATE,
    SLOW_ANSWER,
    CampaignTally,
    FailedSeed,
    SeedPlayer,
    SeedResult,
    play_seeds,
)
from harness.search.reached import Reached
from harness.units import SECOND

pytestmark = pytest.mark.slow


def test_results_add_up_in_any_order():
    results = [SeedPlayer("reported")(seed) for seed in range(16)]
    assert tallied(results) == tallied(results[::-1])


def tallied(results):
    tally = CampaignTally()
    for result in results:
        tally.add(result)
    return tally


FAILURES = st.builds(
    FailedSeed,
    st.just(0),
    st.sampled_from(["crashed", "one_answer", "never_silent_forever"]),
    st.sampled_from([None, "half_open", "vad_deaf"]),
    st.text(max_size=3),
    st.text(max_size=3),
)
RESULTS = st.builds(
    SeedResult,
    st.just(0),
    st.sampled_from(["held", "failed", "vacuous", "crashed", "late"]),
    st.integers(0, 9),
    recovery_us=st.none() | st.integers(0, 9),
    slowest_us=st.none() | st.integers(0, 9),
    warned=st.lists(FAILURES, max_size=2).map(tuple),
    reached=st.lists(
        st.sampled_from(["mute", "reset"]).map(lambda name: Reached("fault", (name, "idle", "class"))), max_size=3
    ).map(tuple),
)


@st.composite
def results(draw):
    """Results of a few seeds, as different as they can be."""
    found = []
    for seed, result in enumerate(draw(st.lists(RESULTS, max_size=9))):
        failure = draw(FAILURES) if result.outcome in ("failed", "crashed", "late") else None
        numbered = [replace(each, seed=seed) for each in (*result.warned, failure) if each is not None]
        warned = tuple(numbered[: len(result.warned)])
        found.append(replace(result, seed=seed, warned=warned, failure=numbered[-1] if failure else None))
    return found


@settings(deadline=None)
@given(results(), st.data())
def test_tallies_of_parts_add_up_to_that_of_all_in_any_order_and_grouping(found, data):
    """`+` is commutative and associative, so ranges of seeds can be played anywhere."""
    parts = [[], [], []]
    for result in data.draw(st.permutations(found)):
        parts[data.draw(st.integers(0, 2))].append(result)
    whole = tallied(found)
    for one, two, three in permutations(map(tallied, parts)):
        assert (one + two) + three == one + (two + three) == whole
    assert whole + CampaignTally() == whole


def test_every_run_is_held_failed_or_vacuous():
    tally = play_seeds("reported", {}, range(30))
    assert tally.runs == tally.recoveries.total() + len(tally.failures) + tally.vacuous == 30
    assert tally.failures and tally.recoveries
    silent = [failure for failure in tally.failures if failure.broken == "never_silent_forever"]
    assert silent and all(failure.cause is not None for failure in silent)


def failed(seed: int, outcome: str = "failed") -> SeedResult:
    return SeedResult(seed, outcome, failure=FailedSeed(seed, "one_answer", None, ""))


def test_failures_and_crashes_stand_in_the_order_of_their_seeds():
    tally = CampaignTally()
    for result in (failed(7), failed(9, "late"), failed(3), failed(2, "crashed")):
        tally.add(result)
    assert [failure.seed for failure in tally.failures] == [3, 7]
    assert [failure.seed for failure in tally.crashes] == [2, 9]
    assert (tally.runs, tally.held) == (4, 0)


@pytest.mark.parametrize(("outcome", "most"), [("crashed", MOST_CRASHES), ("late", MOST_LATE)])
def test_a_campaign_of_nothing_but_crashes_is_hopeless(outcome, most):
    tally = CampaignTally()
    for seed in range(most):
        assert not tally.is_hopeless
        tally.add(failed(seed, outcome))
    assert tally.is_hopeless
    tally.add(SeedResult(most, "held"))
    assert not tally.is_hopeless


def test_a_property_that_only_warns_fails_no_seed_and_is_counted():
    failed = play_seeds("reported", {}, range(10))
    silent = [failure.seed for failure in failed.failures if failure.broken == "never_silent_forever"]
    warned = play_seeds("reported", {}, range(10), {"never_silent_forever": "warn"})
    assert silent and warned.warnings["never_silent_forever"] == len(silent)
    assert not any(failure.broken == "never_silent_forever" for failure in warned.failures)


def test_a_failed_seed_on_one_line():
    assert str(FailedSeed(7, "one_answer", None, "two answers")) == "seed 7: one_answer: two answers"
    assert str(FailedSeed(7, "keeps_answering", "vad_deaf", "none")) == "seed 7: keeps_answering, vad_deaf: none"


def test_an_answer_later_than_allowed_is_a_failure_of_its_own():
    held = SeedPlayer("reported")(0)
    assert held.outcome == "held" and held.slowest_us is not None
    late = SeedPlayer("reported", slow_us=held.slowest_us - 1)(0)
    assert (late.outcome, late.failure.broken, late.failure.cause) == ("failed", SLOW_ANSWER, None)
    assert f"waited {held.slowest_us / SECOND:.1f} s" in late.failure.reason
    assert SeedPlayer("reported", slow_us=held.slowest_us)(0) == held


def test_the_slowest_answers_are_kept_longest_first_and_of_equal_ones_the_first_seeds():
    waits = [3, 9, 9, 1, 7, 5, 9]
    tally = tallied([SeedResult(seed, "held", slowest_us=us) for seed, us in enumerate(waits)])
    assert [(us, -negative) for us, negative in tally.slowest] == [(9, 1), (9, 2), (9, 6), (7, 4), (5, 5)]


def test_failures_without_a_cause_are_told_apart_by_their_wording_not_by_their_numbers():
    one = FailedSeed(1, "one_answer", None, "", "the user heard two")
    other = FailedSeed(2, "one_answer", None, "", "… s were played")
    assert one.identity != other.identity == replace(other, seed=5, reason="…").identity


def test_resilient_holds_on_a_first_thousandth_of_the_campaign():
    """`stillthere fuzz --seeds 0..100000` plays all of it."""
    tally = play_seeds("resilient", {}, range(100))
    assert tally.failures == []
    assert tally.vacuous == 0
