"""The reference clients keep the properties where nothing is wrong with them: no false alarm."""

import pytest

from harness.scenario.model import Reply, ServerSetup
from harness.units import SECOND
from tests.verdict.properties.testing import found
from tests.world.testing import MAN, at, inject, run, say, story

PROPERTIES = ("settings_kept", "history_kept", "tool_answered", "truncates_right", "one_answer")
PLAIN = story(say(1), say(12, MAN), server=ServerSetup(reply=Reply(lasts_us=3 * SECOND)))
BARGE_IN = story(say(1), say(7, MAN), server=ServerSetup(reply=Reply(clip="babble", lasts_us=9 * SECOND)))
RECONNECT = story(say(1), at(10, inject("reset")), say(15, MAN), client={"threshold": 0.4, "silence_duration_ms": 300})
CLIENTS = ("reported", "development", "resilient")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("scenario", [PLAIN, BARGE_IN, RECONNECT], ids=["plain", "barge-in", "reconnect"])
def test_no_false_alarm(client, scenario):
    journal = run(scenario, client, **scenario.client).journal
    broken = [name for name in PROPERTIES if found(name, journal)]
    forgets = scenario is RECONNECT and client != "resilient"
    assert broken == (["history_kept"] if forgets else []), "only resilient tells a new session the history"
