"""Many runs and their tallies."""

from contextlib import closing

import pytest

from harness.search.campaign import (
    MOST_CRASHES,
    MOST_LATE,
    CampaignTally,
    FailedSeed,
    SeedResult,
    campaign,
    play_seed,
    play_seeds,
)

pytestmark = pytest.mark.slow


def test_results_add_up_in_any_order():
    results = [play_seed("reported", {}, {}, seed) for seed in range(16)]
    forward, backward = CampaignTally(), CampaignTally()
    for one, other in zip(results, reversed(results), strict=True):
        forward.add(one)
        backward.add(other)
    assert (forward.runs, forward.vacuous, forward.failures, forward.injected, forward.warnings) == (
        backward.runs,
        backward.vacuous,
        backward.failures,
        backward.injected,
        backward.warnings,
    )
    assert sorted(forward.recovery_us) == sorted(backward.recovery_us)


def test_every_run_is_held_failed_or_vacuous():
    tally = play_seeds("reported", {}, range(30))
    assert tally.runs == len(tally.recovery_us) + len(tally.failures) + tally.vacuous == 30
    assert tally.failures and tally.recovery_us
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


def test_a_campaign_gives_the_result_of_each_seed():
    with closing(campaign("development", [3, 5, 4], jobs=1)) as results:
        assert [next(results) for _ in range(3)] == [play_seed("development", {}, {}, seed) for seed in (3, 5, 4)]
        assert next(results, None) is None


def test_resilient_holds_on_a_first_thousandth_of_the_campaign():
    """`stillthere fuzz --seeds 0..100000` plays all of it."""
    tally = play_seeds("resilient", {}, range(100))
    assert tally.failures == []
    assert tally.vacuous == 0
