"""Whatever a client does to recover in a conversation without a fault is a false alarm."""

import pytest

from harness.scenario.model import Inject, Noise, Say
from harness.search.false_alarms import (
    CONVERSATION_US,
    CONVERSATIONS_AN_HOUR,
    FalseAlarms,
    false_alarms,
    fault_free,
)
from harness.units import SECOND


def test_five_make_an_hour():
    assert CONVERSATIONS_AN_HOUR * CONVERSATION_US == 3600 * SECOND


def test_people_talk_and_rooms_are_noisy_and_nothing_is_wrong():
    for seed in range(10):
        actions = [step.action for step in fault_free(seed).timeline]
        assert sum(isinstance(action, Say) for action in actions) > 10
        assert sum(isinstance(action, Noise) for action in actions) >= 5
        assert not any(isinstance(action, Inject) for action in actions)


@pytest.mark.slow
def test_resilient_does_nothing_in_the_first_of_them():
    """`stillthere recover --strategy ladder --honest-hours 10` plays fifty."""
    found = false_alarms("resilient", {}, 0)
    assert found.virtual_us >= CONVERSATION_US
    assert (found.remedies, found.unanswered) == (0, 0)


def test_alarms_are_counted_by_the_hour():
    total = FalseAlarms(600 * SECOND, 2, 0) + FalseAlarms(1200 * SECOND, 1, 1)
    assert total == FalseAlarms(1800 * SECOND, 3, 1)
    assert total.hourly == 6.0
