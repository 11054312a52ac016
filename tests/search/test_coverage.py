"""Which faults are injected in which phase."""

import pytest

from harness.faults import faults_over
from harness.search.coverage import all_pairs, reached_by_campaign, reached_singly
from harness.verdict.phases import PHASES

pytestmark = pytest.mark.slow


def test_all_pairs_are_all_faults_in_all_phases():
    assert len(set(all_pairs())) == len(all_pairs()) == len(faults_over("websocket")) * len(PHASES)


def test_a_campaign_reaches_some_pairs_and_more_seeds_no_fewer():
    few, more = reached_by_campaign(range(2)), reached_by_campaign(range(5))
    assert few and few <= more


_SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("zeroed", "reset")]


@pytest.mark.parametrize("fault", ["mute", *_SLOW])
def test_a_conversation_of_its_own_reaches_each_phase(fault):
    """Of one fault at each of three places; `stillthere coverage` does it for all."""
    pairs = [(fault, phase) for phase in PHASES]
    assert list(reached_singly(pairs, jobs=1)) == pairs


def test_a_moment_that_misses_its_phase_is_not_the_last():
    """The first of this one is still in the tail of the answer before."""
    assert list(reached_singly([("partial-update", "idle")], jobs=1)) == [("partial-update", "idle")]
