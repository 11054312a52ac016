"""Fault schedules by seed."""

import pytest

from harness.clients.registry import find_client
from harness.faults import CATALOGUE
from harness.scenario import dump, loads
from harness.scenario.model import Strike
from harness.search.schedules import MOST_FAULTS, schedule, single
from harness.verdict import phases
from harness.verdict.phases import PHASES
from harness.world.play import play

SEEDS = range(200)


def strikes(scenario):
    return [step.action for step in scenario.timeline if isinstance(step.action, Strike)]


def test_a_seed_is_one_schedule():
    assert [schedule(seed) for seed in range(20)] == [schedule(seed) for seed in range(20)]
    assert len({dump(schedule(seed)) for seed in SEEDS}) == len(SEEDS)


def test_a_schedule_is_a_scenario_that_a_file_can_hold():
    for seed in range(40):
        scenario = schedule(seed)
        read = loads(dump(scenario))
        assert [step.action for step in read.timeline] == [step.action for step in scenario.timeline]


def test_one_to_six_kinds_of_faults_and_as_many_strikes():
    """Swarm testing: a seed leaves out most kinds. A cut that only makes the client reconnect is not counted."""
    counts = [len(strikes(schedule(seed))) for seed in SEEDS]
    assert min(counts) == 1
    kinds = [{strike.fault.name for strike in strikes(schedule(seed))} for seed in SEEDS]
    assert max(map(len, kinds)) <= MOST_FAULTS + 1
    assert {len(names) for names in kinds} >= {1, 2, 3, 4}


def test_the_seeds_know_every_fault_of_the_catalogue():
    known = {strike.fault.name for seed in range(600) for strike in strikes(schedule(seed))}
    assert known == set(CATALOGUE)


@pytest.mark.parametrize("phase", PHASES)
def test_a_single_fault_strikes_in_its_phase(phase):
    """Of a fault that changes nothing until then."""
    for seed in range(3):
        scenario = single(CATALOGUE["mute"](), phase, seed)
        run = play(scenario, "resilient", find_client("resilient"), seed=seed)
        assert ("mute", phase) in set(phases.struck(run.journal))
