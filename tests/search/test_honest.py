"""Honest conversations: whatever a client does in them is a false alarm."""

from harness.scenario.model import Noise, Say, Strike
from harness.search.honest import CONVERSATIONS_AN_HOUR, LENGTH_US, Alarms, alarms, conversation
from harness.units import SECOND


def test_five_make_an_hour():
    assert CONVERSATIONS_AN_HOUR * LENGTH_US == 3600 * SECOND


def test_people_talk_and_rooms_are_noisy_and_nothing_is_wrong():
    for seed in range(10):
        actions = [step.action for step in conversation(seed).timeline]
        assert sum(isinstance(action, Say) for action in actions) > 10
        assert sum(isinstance(action, Noise) for action in actions) >= 5
        assert not any(isinstance(action, Strike) for action in actions)


def test_resilient_does_nothing_in_the_first_of_them():
    """`stillthere recover --strategy ladder --honest-hours 10` plays fifty."""
    found = alarms("resilient", {}, 0)
    assert found.virtual_us >= LENGTH_US
    assert (found.remedies, found.unanswered) == (0, 0)


def test_alarms_are_counted_by_the_hour():
    total = Alarms(600 * SECOND, 2, 0) + Alarms(1200 * SECOND, 1, 1)
    assert total == Alarms(1800 * SECOND, 3, 1)
    assert total.hourly == 6.0
