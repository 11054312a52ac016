"""Many runs and their tallies."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.search.campaign import SEEDS_PER_TASK, CampaignTally, FailedSeed, campaign, play_seeds

pytestmark = pytest.mark.slow


def test_tallies_add_up_in_any_order():
    first, second = play_seeds("reported", {}, range(8)), play_seeds("reported", {}, range(8, 16))
    both = play_seeds("reported", {}, range(16))
    for total in (first + second, second + first):
        assert (total.runs, total.vacuous, total.failures, total.injected) == (
            both.runs,
            both.vacuous,
            both.failures,
            both.injected,
        )
        assert sorted(total.recovery_us) == sorted(both.recovery_us)


def test_every_run_is_held_failed_or_vacuous():
    tally = play_seeds("reported", {}, range(30))
    assert tally.runs == len(tally.recovery_us) + len(tally.failures) + tally.vacuous == 30
    assert tally.failures and tally.recovery_us
    silent = [failure for failure in tally.failures if failure.broken == "never_silent_forever"]
    assert silent and all(failure.cause is not None for failure in silent)


def test_failures_stand_in_the_order_of_their_seeds():
    late, early = (CampaignTally(failures=[FailedSeed(seed, "one_answer", None, "")]) for seed in (7, 3))
    assert [failure.seed for failure in (late + early).failures] == [3, 7]


def test_a_property_that_only_warns_fails_no_seed_and_is_counted():
    failed = play_seeds("reported", {}, range(10))
    silent = [failure.seed for failure in failed.failures if failure.broken == "never_silent_forever"]
    warned = play_seeds("reported", {}, range(10), {"never_silent_forever": "warn"})
    assert silent and warned.warnings["never_silent_forever"] == len(silent)
    assert not any(failure.broken == "never_silent_forever" for failure in warned.failures)
    assert (warned + warned).warnings["never_silent_forever"] == 2 * len(silent)


def test_a_failed_seed_on_one_line():
    assert str(FailedSeed(7, "one_answer", None, "two answers")) == "seed 7: one_answer: two answers"
    assert str(FailedSeed(7, "keeps_answering", "vad_deaf", "none")) == "seed 7: keeps_answering, vad_deaf: none"


def test_a_campaign_gives_the_tally_so_far():
    with ThreadPoolExecutor(1) as executor:
        tallies = list(campaign("development", range(SEEDS_PER_TASK + 5), executor=executor))
    assert [tally.runs for tally in tallies] == [SEEDS_PER_TASK, SEEDS_PER_TASK + 5]


def test_resilient_holds_on_a_first_thousandth_of_the_campaign():
    """`stillthere fuzz --seeds 0..100000` plays all of it."""
    tally = play_seeds("resilient", {}, range(100))
    assert tally.failures == []
    assert tally.vacuous == 0
