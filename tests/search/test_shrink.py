"""Shrinking: what is left is small, still fails in the same way, and can be written; on made-up and real failures."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.faults import CATALOGUE
from harness.scenario import dump, load, loads
from harness.scenario.model import At, Inject, Say, Scenario, ServerSetup, Step, When
from harness.search.campaign import SeedPlayer
from harness.search.schedules import schedule
from harness.search.shrink import fault_names, fault_steps, shrink, written
from harness.units import MS, SECOND


def has(*faults):
    """Whether a scenario has all of these faults: a failure that needs nothing else."""
    return lambda scenario, _: set(faults) <= set(fault_names(scenario))


def names_of(seed):
    return sorted(set(fault_names(schedule(seed))) - {"app"})


SEEDS = st.integers(0, 10**6).filter(names_of)
"""Those whose schedule has a fault."""


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.data())
def test_a_failure_that_needs_some_faults_is_shrunk_to_them_alone(seed, data):
    assume(names_of(seed))  # some schedules have no fault
    needed = data.draw(st.lists(st.sampled_from(names_of(seed)), min_size=1, max_size=2, unique=True))
    small = shrink(schedule(seed), has(*needed), seed=seed, most_plays=200)
    assert sorted(needed) == list(small.faults) and len(small.scenario.timeline) == len(needed)
    assert small.seed == 0 and small.plays <= 200


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(0, 30), st.data())
def test_whatever_the_bound_the_identity_is_kept_and_the_result_can_be_written(seed, most_plays, data):
    """The judge's identity is stood in for by an arbitrary function of the scenario."""
    salt = data.draw(st.integers(0, 10**6))
    needed = set(data.draw(st.lists(st.sampled_from(names_of(seed)), max_size=2)))
    asked = []

    def identity(scenario, _):
        return needed <= set(fault_names(scenario)) and (len(dump(scenario)) + salt) % 3 > 0

    def is_same(scenario, with_seed):
        asked.append((dump(scenario), with_seed))
        return identity(scenario, with_seed)

    whole = schedule(seed)
    small = shrink(whole, is_same, seed=seed, most_plays=most_plays)
    assert len(asked) == len(set(asked)) == small.plays <= most_plays
    assert small.scenario == whole or identity(small.scenario, small.seed)
    assert written(small.scenario) is not None


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6))
def test_it_is_deterministic(seed):
    needed = names_of(seed)[:1]
    assert shrink(schedule(seed), has(*needed), seed=seed) == shrink(schedule(seed), has(*needed), seed=seed)


def test_a_failure_that_needs_nothing_names_no_fault():
    small = shrink(schedule(5), lambda *_: True, seed=5)
    (step,) = small.scenario.timeline
    assert step == Step(At(SECOND), Say("speech_en_f_arctic_a0009")) and small.faults == ()


def test_a_seed_that_the_failure_needs_is_kept():
    small = shrink(schedule(3), lambda _, seed: seed == 7, seed=7)
    assert small.seed == 7 and len(small.scenario.timeline) == 1


def test_numbers_become_defaults_or_round_and_the_timeline_short():
    delayed = CATALOGUE["delayed-events"]
    scenario = Scenario(
        "s",
        (
            Step(At(7_345 * MS), Say("speech_en_f_arctic_a0009", level_dbfs=-17.3)),
            Step(When("committed", 1, 345 * MS), Inject(delayed(), 13_427 * MS)),
            Step(At(20_001 * MS), Inject(CATALOGUE["mute"](), 2_988 * MS)),
        ),
        latency_us=77 * MS,
        client={"chunk_ms": 60},
        server=ServerSetup(detector="energy", turn_detection={"silence_duration_ms": 200}),
        lasts_us=31_337 * MS,
    )
    small = shrink(scenario, lambda candidate, _: len(candidate.timeline) == 3).scenario
    said, delays, mutes = small.timeline
    assert said.action == Say("speech_en_f_arctic_a0009")
    assert (delays.trigger, delays.action.lasts_us) == (When("committed", 1), 10 * SECOND)
    assert mutes.action.lasts_us == 3 * SECOND
    assert (said.trigger, mutes.trigger) == (At(SECOND), At(2 * SECOND))
    assert (small.client, small.latency_us, small.lasts_us) == ({}, 40 * MS, None)
    assert small.server == ServerSetup(detector="energy")


def test_a_parameter_that_the_failure_needs_stays_and_the_others_become_defaults():
    delayed = CATALOGUE["delayed-events"]
    drawn = replace(delayed(), delay_us=777 * MS, events="response.*")
    scenario = Scenario("s", (Step(At(SECOND), Inject(drawn, 5 * SECOND)),))

    def is_same(candidate, _):
        return [each.fault.delay_us for each in fault_steps(candidate)] in ([777 * MS], [800 * MS])

    small = shrink(scenario, is_same)
    assert small.scenario.timeline[0].action.fault == delayed(delay_us=800 * MS)


def test_a_step_that_another_one_follows_is_not_left_out_alone():
    scenario = load("tool_call")
    assert any(step.label for step in scenario.timeline)
    last = scenario.timeline[-1]
    small = shrink(scenario, lambda candidate, _: candidate.timeline[-1].trigger == last.trigger)
    assert loads(dump(small.scenario)).timeline == small.scenario.timeline


REAL = [("reported", 3), ("reported", 5), ("reported", 29)]


@pytest.mark.slow
@pytest.mark.parametrize(("client", "seed"), REAL)
def test_a_real_failure_keeps_its_property_and_cause_and_becomes_small(client, seed):
    player = SeedPlayer(client)
    identity = player(seed).failure.identity
    small = shrink(
        player.scenario(seed),
        lambda candidate, with_seed: (it := player.play(candidate, with_seed).failure) and it.identity == identity,
        seed=seed,
    )
    assert player.play(small.scenario, small.seed).failure.identity == identity
    assert len(small.scenario.timeline) <= 4 and len(fault_steps(small.scenario)) <= 2
    assert small.plays <= 40
