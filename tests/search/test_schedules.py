"""Fault schedules by seed."""

import pytest

from harness.faults import CATALOGUE
from harness.scenario import dump, loads
from harness.scenario.model import Inject
from harness.search.schedules import MOST_FAULTS, schedule, single
from harness.verdict import phases
from harness.verdict.phases import PHASES
from harness.world.play import play

pytestmark = pytest.mark.slow

SEEDS = range(200)


def injections(scenario):
    return [step.action for step in scenario.timeline if isinstance(step.action, Inject)]


def test_a_seed_is_one_schedule():
    assert [schedule(seed) for seed in range(20)] == [schedule(seed) for seed in range(20)]
    assert len({dump(schedule(seed)) for seed in SEEDS}) == len(SEEDS)


def test_a_schedule_is_a_scenario_that_a_file_can_hold():
    for seed in range(40):
        scenario = schedule(seed)
        read = loads(dump(scenario))
        assert [step.action for step in read.timeline] == [step.action for step in scenario.timeline]


def test_one_to_six_kinds_of_faults_and_as_many_injections():
    """Swarm testing: a seed leaves out most kinds. A cut that only makes the client reconnect is not counted."""
    counts = [len(injections(schedule(seed))) for seed in SEEDS]
    assert min(counts) == 1
    kinds = [{injection.fault.name for injection in injections(schedule(seed))} for seed in SEEDS]
    assert max(map(len, kinds)) <= MOST_FAULTS + 1
    assert {len(names) for names in kinds} >= {1, 2, 3, 4}


def test_the_seeds_know_every_fault_of_the_catalogue():
    known = {injection.fault.name for seed in range(600) for injection in injections(schedule(seed))}
    assert known == set(CATALOGUE)


@pytest.mark.parametrize("phase", PHASES)
def test_a_single_fault_is_injected_in_its_phase(phase):
    """Of a fault that changes nothing until then."""
    for seed in range(3):
        scenario = single(CATALOGUE["mute"](), phase, seed)
        run = play(scenario, "resilient", seed=seed)
        assert ("mute", phase) in set(phases.injected(run.journal))
