"""Distinct failures: which seeds are one, how those without a cause are told apart, and the stories of crashes."""

import sys
from dataclasses import dataclass, replace

import pytest

from harness.faults import CATALOGUE
from harness.scenario.model import At, Inject, Say, Scenario, Step
from harness.search import findings
from harness.search.campaign import CampaignTally, FailedSeed, SeedPlayer, SeedResult, crash
from harness.search.findings import distinct, told
from harness.search.shrink import fault_names
from harness.units import SECOND

OWN = """
import os, time
class Quiet:
    def hear(self, chunk, now): return []
    def receive(self, event, now): return []
    def wake(self, now): return []
    def next_wake(self): return None
class Raises(Quiet):
    def hear(self, chunk, now): return [] if now < 2_000_000 else self.oops()
    def oops(self): return {}["device"]
class Sleeps(Quiet):
    def receive(self, event, now): time.sleep(600)
class Exits(Quiet):
    def receive(self, event, now): os.kill(os.getpid(), 9)
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "findings_own.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("findings_own", None)


def tallied(results):
    tally = CampaignTally()
    for result in results:
        tally.add(result)
    return tally


def failed(seed, broken="one_answer", cause=None, detail=""):
    return SeedResult(seed, "failed", failure=FailedSeed(seed, broken, cause, f"at {seed} s", detail))


def test_seeds_with_one_identity_are_one_and_failures_come_before_crashes_before_warnings():
    warned = SeedResult(0, "held", warned=(FailedSeed(0, "words_lost", None, ""),))
    silent = ("never_silent_forever", "half_open")
    results = [warned, crash(1, "crashed", "it raised", "KeyError at a.py:1"), failed(5, *silent), failed(2, *silent)]
    found = distinct(tallied([*results, failed(4, "keeps_answering", "half_open"), failed(3, detail="two")]))
    assert [(each.kind, each.identity.title, each.seeds) for each in found] == [
        ("failure", "never_silent_forever, half_open", (2, 5)),
        ("failure", "one_answer", (3,)),
        ("failure", "keeps_answering, half_open", (4,)),
        ("crash", "crashed: KeyError at a.py:1", (1,)),
        ("warning", "words_lost", (0,)),
    ]


FAULTS = {
    0: ("mute", "reset"),
    1: ("mute",),
    2: ("stall", "zeroed"),
    3: ("stall", "mute"),
    4: ("looped",),
    5: ("stall",),
}


@dataclass(frozen=True)
class Fails(SeedPlayer):
    """Breaks one property without a cause, by `mute`, by `stall` and by `looped`; plays nothing."""

    def scenario(self, seed):
        steps = [Step(At(SECOND), Say("speech_en_f_arctic_a0009"))]
        steps += [Step(At(2 * SECOND), Inject(CATALOGUE[name](), 3 * SECOND)) for name in FAULTS[seed]]
        return Scenario(f"s{seed}", tuple(steps))

    def play(self, scenario, seed):
        is_bad = {"mute", "stall", "looped"} & set(fault_names(scenario))
        return failed(seed) if is_bad else SeedResult(seed, "held")


def played_here(work, tasks, *_, **__):
    for task in tasks:
        yield task, work(task)


def test_failures_without_a_cause_are_told_apart_by_the_faults_of_their_smallest_stories(monkeypatch):
    monkeypatch.setattr(findings, "outcomes", played_here)
    found = told(Fails("resilient"), tallied(map(failed, FAULTS)))
    by_faults = {each.story.faults: each.seeds for each in found}
    assert set(by_faults) == {("mute",), ("stall",), ("looped",)}
    assert by_faults["stall",] == (2, 5) and by_faults["looped",] == (4,)
    assert by_faults["mute",] == (0, 1, 3)
    assert all(len(each.story.scenario.timeline) == 1 for each in found)


def test_failures_with_a_cause_have_one_story(monkeypatch):
    monkeypatch.setattr(findings, "outcomes", played_here)
    monkeypatch.setattr(f"{__name__}.failed", lambda seed: silent(seed))
    (found,) = told(Fails("resilient"), tallied(map(silent, FAULTS)))
    assert found.seeds == tuple(FAULTS) and found.story.seed == 0


def silent(seed):
    return SeedResult(seed, "failed", failure=FailedSeed(seed, "never_silent_forever", "server_mute", ""))


@pytest.mark.slow
def test_what_a_client_raises_is_shrunk_and_known_by_its_type_and_its_line(own):
    player = SeedPlayer("findings_own:Raises")
    (found,) = told(player, tallied(map(player, range(2))), 1)
    assert (found.kind, found.seeds) == ("crash", (0, 1))
    line = 1 + OWN.splitlines().index('    def oops(self): return {}["device"]')
    assert found.identity.title == f"crashed: KeyError at findings_own.py:{line}"
    assert len(found.story.scenario.timeline) == 1 and "the client raised KeyError in hear()" in found.story.reason


@pytest.mark.slow
def test_a_client_that_hangs_is_known_by_the_method_that_did_not_return(own):
    player = replace(SeedPlayer("findings_own:Sleeps"), limit_s=0.5)
    (found,) = told(player, tallied([player(3)]), 1)
    assert found.identity.detail == "receive() did not return"
    assert len(found.story.scenario.timeline) < found.story.steps_before


@pytest.mark.slow
def test_a_client_that_ends_its_process_is_played_in_others(own):
    player = replace(SeedPlayer("findings_own:Exits"), limit_s=60.0)
    why = "its process was ended by SIGKILL"
    (found,) = told(player, tallied([crash(3, "crashed", why, why)]), 1)
    assert len(found.story.scenario.timeline) < found.story.steps_before
