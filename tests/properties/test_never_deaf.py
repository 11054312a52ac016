"""The property of the project, searched: after the heal, the user is heard again."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, find, given, settings

from harness.scenario import Scenario, loads
from harness.scenario.dump import dump
from harness.units import SECOND
from tests.properties.replay import failure, verdict_on
from tests.properties.timelines import scenarios

SEARCH = settings(
    max_examples=120,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


ZEROS_THEN_HELD = loads("""
scenario: found
server: {detector: energy, reply: {clip: babble, lasts: 1.5s}}
timeline:
  - {at: 8s, microphone: zeroed, lasts: 16s}
  - {at: 15s, server: held-active}
  - {at: 27s, say: babble, level: -20 dBFS}
""")
"""Digital zeros once pulled the noise floor down so far that the room's noise then passed for an endless voice."""


@pytest.mark.slow
@SEARCH
@example(ZEROS_THEN_HELD)
@given(scenarios())
def test_resilient_is_never_deaf_after_the_heal(scenario: Scenario) -> None:
    verdict = verdict_on(scenario, "resilient")
    assert verdict.name != "failed", failure(scenario, "resilient", verdict)


@pytest.mark.slow
def test_the_search_finds_a_freeze_of_the_reported_client_and_shrinks_it() -> None:
    """The search can fail: a client that is known to freeze is caught, in few steps."""
    impatient = scenarios().map(lambda scenario: replace(scenario, recover_within_us=15 * SECOND))  # plays faster
    found = find(impatient, lambda scenario: verdict_on(scenario, "reported").name == "failed", settings=SEARCH)
    assert 1 <= len(found.timeline) <= 4
    verdict = verdict_on(found, "reported")
    assert verdict.cause is not None

    text = failure(found, "reported", verdict)
    assert "stillthere run out/found/" in text
    replayed = loads(dump(found))
    assert verdict_on(replayed, "reported") == verdict
