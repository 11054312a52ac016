"""How a hunt is counted, and one specimen that is hunted by the campaign and by the pack."""

import time
from dataclasses import replace
from itertools import count

import pytest

from harness.report.zoo_hunt import hunt_page, hunt_text
from harness.scenario.model import Scenario
from harness.search import zoo_hunt
from harness.search.campaign import FailedSeed, SeedResult
from harness.search.zoo import USUAL_ZOO, Specimen, load_zoo
from harness.search.zoo_hunt import (
    BASES,
    Hunt,
    HuntTask,
    Measured,
    SmallStory,
    harmed,
    hunt,
    is_right,
    missed,
    share_of_right_causes,
    smallest,
)

SILENCE = "never_silent_forever"
LOOKS = Specimen("looks_away", "a:B", "words_lost", None, lambda seed: None, "It looks away.", "a:A")
STUCK = replace(LOOKS, name="is_stuck", harm=SILENCE, cause="gate_closed")


def result(outcome="held", failure=None, *warned):
    def named(name):
        return None if name is None else FailedSeed(3, name, None, "why")

    return SeedResult(3, outcome, failure=named(failure), warned=tuple(map(named, warned)))


def campaigns(*times):
    """A campaign for each time; None: it did not find anything within its budget."""
    found = FailedSeed(7, SILENCE, "gate_closed", "the gate was closed")
    return tuple(
        Hunt(HuntTask("zoo", 0, base), None if at is None else found, "7", 9, 60.0 if at is None else at)
        for base, at in zip(BASES, times, strict=False)
    )


def measured(specimen, *times, right=True):
    story = SmallStory(2, ("reset",), specimen.cause, right)
    pack = Hunt(HuntTask("zoo", 0, None), None, "", 90, 30.0)
    found = Measured(specimen, pack, campaigns(*times))
    return replace(found, story=story) if found.is_found else found


def test_the_harm_counts_whether_it_fails_or_warns():
    assert harmed(LOOKS, result("held", None, "answers_late", "words_lost"))
    assert harmed(LOOKS, result("failed", "words_lost"))
    assert not harmed(LOOKS, result("failed", SILENCE))
    assert not harmed(replace(LOOKS, harm="crashed"), result("crashed", "crashed"))


def test_a_cause_is_right_if_it_is_the_specimens_or_that_of_a_fault_it_does_not_notice():
    assert is_right(STUCK, "gate_closed", set()) and not is_right(STUCK, "server_mute", set())
    assert is_right(STUCK, "server_mute", {"mute"}) and not is_right(STUCK, "server_mute", {"zeroed"})
    assert is_right(replace(STUCK, also=("endless_sound",)), "endless_sound", set())
    assert is_right(LOOKS, None, set())


def test_the_median_of_five_counts():
    assert measured(STUCK, 9, 1, 5, 2, 7).median.took_s == 5
    assert measured(STUCK, 9, None, 5, None, 7).median.took_s == 9
    assert measured(STUCK, None, None, None).story is None
    assert missed([measured(STUCK, 1, 2, 3, None, None), measured(LOOKS, 1, None, None, None)]) == ["looks_away"]


def test_only_silences_have_causes():
    told = [measured(STUCK, 1, 1, 1), measured(STUCK, 1, 1, 1, right=False), measured(LOOKS, 1, 1, 1)]
    assert share_of_right_causes(told) == 1 / 2
    assert share_of_right_causes([measured(LOOKS, 1, 1, 1)]) == 1.0


def test_what_is_shown():
    shown = [measured(STUCK, 1, 2, 3, 4, 5), measured(LOOKS, None, None, None)]
    assert "1 of 2 are found by the campaign, 0 by the pack" in hunt_text(shown)
    assert "not found within 60 s: looks_away" in hunt_text(shown)
    page = hunt_page(shown, [("a_mistake", "It is wrong.", "tests/a.py::test_b"), ("another", "It is too.", "")])
    assert "| `is_stuck` | never_silent_forever | – | 9 | 3.0 | gate_closed | 2 | reset |" in page
    assert "| `looks_away` | words_lost | – | – | > 60 | – | – | – |" in page
    assert "| `another` | It is too. | nothing |" in page


def test_a_campaign_ends_with_its_budget_and_asks_the_twin(monkeypatch):
    """The twin does the same harm, so that it is no find, for as long as there is time."""
    ticks = count()
    monkeypatch.setattr(zoo_hunt.SeedPlayer, "play", lambda self, scenario, seed: result("failed", "capture"))
    monkeypatch.setattr(zoo_hunt, "harmed", lambda specimen, result: FailedSeed(0, "x", None, "why"))
    found = hunt(HuntTask(USUAL_ZOO, 0, 0), lambda: float(next(ticks)), budget_s=5)
    assert found.found is None and (found.played, found.took_s) == (5, 5.0)


def test_a_harm_behind_another_failure_is_asked_for_alone(monkeypatch):
    asked = []

    def play(self, scenario, seed):
        asked.append(dict(scenario.properties))
        return result("held", None, "words_lost") if scenario.properties else result("failed", SILENCE)

    monkeypatch.setattr(zoo_hunt.SeedPlayer, "play", play)
    scenario = Scenario("one", ())
    assert zoo_hunt._shown(LOOKS, zoo_hunt.SeedPlayer("a:B"), scenario, 3).broken == "words_lost"
    assert asked[0] == {} and "words_lost" not in asked[1] and set(asked[1].values()) == {"off"}


@pytest.mark.slow
def test_a_mistake_is_found_by_the_campaign_and_shrunk(monkeypatch):
    monkeypatch.setattr(zoo_hunt, "STORY_PLAYS", 8)
    zoo = load_zoo(USUAL_ZOO)
    index = [specimen.name for specimen in zoo.specimens].index("drains_the_uplink_too_slowly")
    found = hunt(HuntTask(USUAL_ZOO, index, 0), time.process_time)
    assert found.found is not None and found.found.cause == "uplink_late"
    story = smallest(found)
    assert story.is_right and story.steps < len(zoo_hunt.SeedPlayer("resilient").scenario(int(found.where)).timeline)
