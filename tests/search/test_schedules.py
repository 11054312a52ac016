"""Fault schedules of choices: what they hold, and that they reach what people do."""

from collections import Counter
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import SettingError
from harness.faults import CATALOGUE, faults_over
from harness.scenario import dump, loads
from harness.scenario.model import App, At, BeforeEnd, Emit, Inject, Noise, Say, When
from harness.scenario.profiles import PROFILES
from harness.search.hardships import BROKEN
from harness.search.schedules import (
    LENGTHS_US,
    LIFE_US,
    LOSSES,
    SPACES,
    composed,
    every_single,
    for_client,
    how_many,
    life,
    numbered,
    replayed,
    schedule,
    single,
)
from harness.search.tape import Replay, Seeded, enumerated
from harness.units import MS, SECOND
from harness.verdict import phases
from harness.verdict.phases import PHASES
from harness.world.play import play

pytestmark = pytest.mark.slow

SEEDS = range(300)


def injections(scenario):
    return [step.action for step in scenario.timeline if isinstance(step.action, Inject)]


def actions(kind):
    return [step.action for seed in SEEDS for step in schedule(seed).timeline if isinstance(step.action, kind)]


def test_a_seed_is_one_schedule():
    assert [schedule(seed) for seed in range(20)] == [schedule(seed) for seed in range(20)]
    assert len({dump(schedule(seed)) for seed in SEEDS}) == len(SEEDS)


def test_a_schedule_is_a_scenario_that_a_file_can_hold():
    for seed in range(100):
        assert loads(dump(schedule(seed))) == schedule(seed)


def test_a_tape_is_a_schedule():
    """That of a seed is the seed's; any other numbers are one too; none are the plainest: one utterance, one fault."""
    seeded = Seeded(7, "schedule")
    assert composed(seeded) == replayed(seeded.tape, "schedule")
    (fault, said) = replayed(()).timeline
    assert isinstance(said.action, Say) and isinstance(fault.action, Inject)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1000), max_size=120))
def test_any_numbers_are_a_schedule(tape):
    scenario = replayed(tape)
    assert loads(dump(scenario)) == scenario


def test_few_kinds_of_faults_and_often_few_of_them():
    """Swarm testing: a seed leaves out most kinds, and one in ten has no fault at all."""
    kinds = [{injection.fault.name for injection in injections(schedule(seed))} for seed in SEEDS]
    assert 15 < sum(not names for names in kinds) < 60
    assert {len(names) for names in kinds} >= {0, 1, 2, 3, 4}
    assert sum(len(names) for names in kinds) / len(kinds) < 3.5


def test_the_seeds_know_every_fault_of_the_catalogue():
    known = {injection.fault.name for seed in range(900) for injection in injections(schedule(seed))}
    assert known == set(faults_over("websocket"))


def test_the_seeds_reach_what_people_do():
    """Each of these at least five times in 300 seeds: what FIELD.md says that campaigns did not reach."""
    found = Counter()
    for seed in SEEDS:
        scenario = schedule(seed)
        times = [step.trigger.at_us for step in scenario.timeline if isinstance(step.action, Say) and at(step)]
        found["several losses"] += sum(each.fault.name in LOSSES for each in injections(scenario)) >= 2
        found["a tool"] += any(rule.reply.calls for rule in scenario.server.replies)
        found["idle for 45 s"] += any(b - a >= 45 * SECOND for a, b in pairwise(times))
        found["another ear"] += scenario.server.detector != "energy"
        found["a slow network"] += scenario.latency_us >= 200_000
        found["a bursty network"] += any(step.repeat > 1 for step in scenario.timeline)
        found["five utterances"] += len(times) == 5
        found["a quiet speaker"] += all((step.action.level_dbfs or 0) <= -27 for step in main_words(scenario))
        for step in scenario.timeline:
            action, trigger = step.action, step.trigger
            if isinstance(action, Noise):
                found[f"{action.kind}"] += 1
                found["noise for 10 s"] += action.lasts_us >= 10 * SECOND
                found["noise in the tail"] += isinstance(trigger, When)
            elif isinstance(action, App):
                found[f"app {action.profile}"] += 1
                found["app while an answer is made"] += isinstance(trigger, When)
            elif isinstance(action, Say) and not at(step):
                found["into an answer"] += isinstance(trigger, When) and trigger.event == "response.created"
                found["at the end of an answer"] += isinstance(trigger, BeforeEnd)
                found["after an answer"] += isinstance(trigger, When) and trigger.event == "response.done"
            found["a harmless event"] += isinstance(action, Emit)
        found[f"chunks of {scenario.client['chunk_ms']}"] += 1
    for profile in PROFILES:
        assert found[f"app {profile}"] >= 5, profile
    assert {f"chunks of {ms}" for ms in (10, 20, 30, 40, 60, 100, 200)} <= set(found)
    for what in (
        "several losses", "a tool", "idle for 45 s", "another ear", "a slow network", "a bursty network",
        "five utterances", "a quiet speaker", "keyboard", "hum", "babble", "noise for 10 s", "noise in the tail",
        "app while an answer is made", "into an answer", "at the end of an answer", "after an answer",
        "a harmless event",
    ):  # fmt: skip
        assert found[what] >= 5, what


def test_sixty_seeds_hold_what_is_rare_and_long():
    """A campaign of a minute on a loaded machine plays so many, wherever it begins."""
    for first in (0, 1_000_000, 4_000_017):
        found = Counter()
        for seed in range(first, first + 60):
            scenario = schedule(seed)
            calls = [rule.reply.calls for rule in scenario.server.replies]
            long_answers = (scenario.server.reply.lasts_us or 0) >= 8 * SECOND and scenario.server.reply.pace >= 4
            gone = [step.action for step in scenario.timeline if is_a(step, "reset", "black-holed")]
            cuts = [step for step in gone if (step.lasts_us or 0) <= SECOND]
            over = [step for step in scenario.timeline if isinstance(step.action, Say) and not at(step)]
            found["a long outage"] += any((each.lasts_us or 0) >= 25 * SECOND for each in gone)
            found["five short losses"] += len(cuts) >= 5
            found["long answers that are spoken over"] += long_answers and any(
                step.action.lasts_us >= 1500 * MS and step.trigger.event == "response.created"
                for step in over
                if isinstance(step.trigger, When)
            )
            found["a tool"] += any(calls)
            found["two calls in one response"] += any(len(each) == 2 for each in calls)
            found["quiet behind a call"] += any(calls) and scenario.lasts_us - last_words(scenario) >= 20 * SECOND
            found["words behind a call"] += any(calls) and any(
                isinstance(step.trigger, When) and step.trigger.event == "response.done" for step in over
            )
            found["a broken session at the heal"] += any(
                is_a(step, *BROKEN) and step.action.lasts_us is None for step in scenario.timeline
            )
            found["two broken sessions"] += sum(is_a(step, *BROKEN) for step in scenario.timeline) >= 2
            found["a loss while the app is away"] += loses_while_away(scenario)
        assert all(found[what] >= few for what, few in RARE.items()), (first, found)


RARE = {
    "a long outage": 4, "five short losses": 2, "long answers that are spoken over": 7, "a tool": 12,
    "two calls in one response": 2, "quiet behind a call": 1, "words behind a call": 2,
    "a broken session at the heal": 9, "two broken sessions": 4, "a loss while the app is away": 4,
}  # fmt: skip
"""How many of sixty seeds must hold it."""


def is_a(step, *faults):
    return isinstance(step.action, Inject) and step.action.fault.name in faults


def last_words(scenario):
    return max(step.trigger.at_us for step in main_words(scenario))


def loses_while_away(scenario):
    away = [
        (each.trigger.at_us, each.action) for each in scenario.timeline if isinstance(each.action, App) and at(each)
    ]
    lost = [step.trigger.at_us for step in scenario.timeline if at(step) and is_a(step, "reset")]
    return any(left <= time <= left + app.lasts_us for left, app in away for time in lost)


def test_everything_in_a_schedule_begins_before_the_heal():
    """Else it would not happen."""
    for seed in SEEDS:
        scenario = schedule(seed)
        assert all(step.trigger.at_us < scenario.lasts_us for step in scenario.timeline if at(step))


def at(step):
    return isinstance(step.trigger, At)


def main_words(scenario):
    return [step for step in scenario.timeline if isinstance(step.action, Say) and at(step)]


def test_noise_with_a_time_is_over_at_the_heal_and_the_last_words_are_whole():
    """Else a client that is right could not be heard afterwards."""
    for seed in SEEDS:
        scenario = schedule(seed)
        for step in scenario.timeline:
            if isinstance(step.action, Noise) and at(step):
                assert step.trigger.at_us + step.action.lasts_us < scenario.lasts_us
        assert [step.action for step in scenario.timeline if isinstance(step.action, Say)][-1].lasts_us is None


def test_a_users_own_class_gets_what_it_asks_for():
    """Chunks of other lengths if it takes settings, and a tool call if it offers that tool."""
    seed = next(seed for seed in SEEDS if schedule(seed).server.replies)
    found = schedule(seed)
    asks = for_client(found, "tests.zoo.healthy:Healthy")
    assert asks.client == found.client
    assert all(rule.tools == ("get_weather",) for rule in asks.server.replies if rule.reply.calls)
    assert for_client(found, "tests.search.testing:TakesNothing").client == {}
    assert for_client(found, "resilient") == found


def test_a_life_is_an_hour_with_losses_all_through_it():
    for seed in range(3):
        scenario = life(seed)
        assert LIFE_US < scenario.lasts_us <= 3600 * SECOND
        assert scenario.server.lasts_us < LIFE_US
        lost = [step for step in scenario.timeline if isinstance(step.action, Inject)]
        assert len(lost) >= 5 and len(main_words(scenario)) > 40
        assert loads(dump(scenario)) == scenario


def test_the_small_spaces_hold_everything_once():
    singles = [
        tape for tape, _ in enumerated(lambda source: [source.below(n) for n in (len(faults_over("websocket")), 6, 3)])
    ]
    made = [every_single(Replay(tape)) for tape in singles]
    assert len({scenario.name for scenario in made}) == len(faults_over("websocket")) * len(PHASES) * 3
    pairs = {
        SPACES["pairs"](Replay((first, second))).name
        for first in range(len(faults_over("websocket")))
        for second in range(99)
    }
    assert len(pairs) == len(faults_over("websocket")) * (len(faults_over("websocket")) + 1) // 2
    assert next(islice(enumerated(every_single), 1))[1].timeline


@pytest.mark.parametrize("phase", PHASES)
def test_a_single_fault_is_injected_in_its_phase(phase):
    """Of a fault that changes nothing until then."""
    for seed in range(3):
        scenario = single(CATALOGUE["mute"](), phase, seed)
        run = play(scenario, "resilient", seed=seed)
        assert ("mute", phase) in set(phases.injected(run.journal))


def test_a_space_holds_every_single_fault_once_in_each_phase_and_length():
    count = how_many("singles")
    assert count == len(faults_over("websocket")) * len(PHASES) * len(LENGTHS_US)
    names = {numbered("singles", number).name for number in range(count)}
    assert len(names) == count


def test_a_space_holds_every_pair_of_faults_once():
    count, kinds = how_many("pairs"), len(faults_over("websocket"))
    assert count == kinds * (kinds + 1) // 2
    names = {numbered("pairs", number).name for number in range(count)}
    assert len(names) == count


def test_beyond_the_end_of_a_space_there_is_nothing():
    with pytest.raises(SettingError, match="give --seeds 0"):
        numbered("singles", how_many("singles"))
