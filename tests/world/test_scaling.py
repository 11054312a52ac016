"""What a conversation costs does not depend on how long it has lasted: counted in calls, not in time."""

import cProfile
import gc
import os
import pstats

from harness.journal import AudioLevels, EventEntry
from harness.scenario.model import At, Reply, Say, Scenario, ServerSetup, Step
from harness.units import SECOND
from harness.world.play import play
from tests.world.testing import WOMAN

TURN_S = 8
STEP_S = 128
"""A little more than the two minutes for which what was captured is remembered."""
FEW = 250
"""Functions that are called less often in a step are not compared."""


def conversation(lasts_s):
    turns = Step(At(SECOND), Say(WOMAN), repeat=lasts_s // TURN_S, every_us=TURN_S * SECOND)
    return Scenario("turns", (turns,), server=ServerSetup(reply=Reply(lasts_us=2 * SECOND)), lasts_us=lasts_s * SECOND)


def calls(lasts_s, client):
    """How often each function of the house was called, in a conversation of this length."""
    profile = cProfile.Profile()
    profile.runcall(play, conversation(lasts_s), client, detector="energy")
    stats = pstats.Stats(profile).stats.items()
    return {where: count for where, (_, count, *_) in stats if f"{os.sep}harness{os.sep}" in where[0]}


def test_no_function_is_called_more_often_in_a_minute_the_longer_the_conversation_has_lasted():
    """The third stretch takes about as many calls as the second; a sum over all that was takes 1.7 times as many."""
    calls(2 * TURN_S, "reported")  # what is computed once for all runs
    short, middle, long = (calls(number * STEP_S, "reported") for number in (1, 2, 3))
    grown = {}
    for where, count in middle.items():
        second, third = count - short.get(where, 0), long.get(where, 0) - count
        if third > max(FEW, 1.4 * second):
            grown[where] = second, third
    assert grown == {}


def test_the_garbage_collector_does_not_look_at_the_journal():
    """It would, again and again, and the journal is most of what a long conversation leaves in memory."""
    journal = play(conversation(TURN_S), "reported", detector="energy").journal
    kept = [*journal.select(AudioLevels), *journal.select(EventEntry)]
    assert kept and not any(map(gc.is_tracked, kept))
