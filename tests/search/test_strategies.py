"""Strategies for users' property tests: what they draw is valid, and it shrinks toward no fault."""

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from harness.errors import SettingError
from harness.faults import CATALOGUE, faults_over
from harness.journal import StepMissing
from harness.scenario import dump, loads
from harness.scenario.build import ScenarioBuilder, s
from harness.scenario.model import App, At, Inject, Noise, Say
from harness.search.strategies import ConversationMachine, fault_schedules, scenarios
from harness.search.surroundings import CLIPS
from harness.world.play import play
from tests.search.testing import TakesNothing

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(scenarios(max_turns=3))
def test_a_drawn_scenario_is_one_that_a_file_can_express(scenario):
    assert loads(dump(scenario)) == scenario
    assert all(step.trigger.at_us < scenario.lasts_us for step in scenario.timeline)
    assert 1 <= sum(isinstance(step.action, Say) for step in scenario.timeline) <= 3
    assert sum(isinstance(step.action, Inject) for step in scenario.timeline) <= 3


@pytest.mark.parametrize("name", faults_over("websocket"))
def test_each_fault_is_drawn_with_parameters_that_a_file_can_have(name):
    @settings(max_examples=15, deadline=None, database=None)
    @given(fault_schedules(faults=[name], max_faults=2))
    def check(steps):
        assert all(step.action.fault.name == name for step in steps)
        ScenarioBuilder("s").at(1 * s, say).add(steps).build()

    say = Say("babble")
    check()


@quick
@given(fault_schedules(begin=3 * s, end=5 * s, max_faults=4))
def test_faults_start_within_the_time_in_order(steps):
    times = [step.trigger.at_us for step in steps]
    assert times == sorted(times) and len(times) <= 4
    assert all(3 * s <= time <= 5 * s for time in times)


def test_what_is_drawn_shrinks_to_one_turn_in_which_nothing_happens():
    (step,) = find(scenarios(), lambda _: True).timeline
    assert step.trigger == At(2 * s) and isinstance(step.action, Say) and step.action.level_dbfs is None
    assert find(fault_schedules(), lambda _: True) == ()


@pytest.mark.slow
def test_a_fault_shrinks_to_its_defaults_and_a_short_time():
    (step,) = find(fault_schedules(faults=["delayed-events"]), bool, settings=settings(database=None))
    assert step.action == Inject(CATALOGUE["delayed-events"](), 200_000)
    assert step.trigger == At(1 * s)


def test_a_fault_that_lasts_until_it_is_cured_is_drawn_too():
    schedules = fault_schedules(faults=["mute"])
    steps = find(schedules, lambda steps: any(step.action.lasts_us is None for step in steps))
    assert Inject(CATALOGUE["mute"](), None) in [step.action for step in steps]


WRONG = {
    "no fault of a WebSocket is called 'mut'; did you mean 'mute'?": lambda: fault_schedules(faults=["mut"]),
    r"faults=\[\] leaves no fault to choose": lambda: fault_schedules(faults=[]),
    r"max_faults=-1, begin=1000000 and end=20000000; give 0 or more": lambda: fault_schedules(max_faults=-1),
    r"with 0 <= begin <= end, such as begin=2 \* s": lambda: fault_schedules(begin=9 * s, end=2 * s),
    "no detector is named 'ears'; known: ": lambda: scenarios(detector="ears"),
    r"has 1 to 5 turns \(got max_turns=0\)": lambda: scenarios(max_turns=0),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_what_is_wrong_is_said_at_once(sentence):
    with pytest.raises(SettingError, match=sentence):
        WRONG[sentence]()


@settings(max_examples=5, deadline=None)
@given(scenarios(max_faults=1), st.just("resilient"))
def test_they_play(scenario, client):
    assert list(play(scenario, client).journal.select(StepMissing)) == []


class OurConversation(ConversationMachine):
    faults = ("mute",)


@pytest.mark.slow
def test_a_machine_plays_what_its_steps_did_and_holds_with_a_client_that_is_right():
    conversation = OurConversation()
    conversation.says(Say(CLIPS[0]))
    conversation.waits(15)
    conversation.is_faulty(Inject(CATALOGUE["mute"](), 2 * s))
    conversation.hears_noise(Noise("hum", 3 * s, level_dbfs=-40.0))
    conversation.switches_app(App(2 * s, profile="electron"))
    scenario = conversation.scenario()
    times = [(step.trigger.at_us, type(step.action)) for step in scenario.timeline]
    assert times == [(2_000_000, Say), (11_600_000, Inject), (11_700_000, Noise), (11_800_000, App)]
    assert scenario.lasts_us > 11_700_000 + 3_000_000 and loads(dump(scenario)) == scenario
    conversation.teardown()


def test_a_machine_fails_with_the_verdict_and_the_scenario():
    class Silent(ConversationMachine):
        client = TakesNothing

    with pytest.raises(AssertionError, match=r"never_silent_forever: .*\nscenario: a conversation") as failed:
        Silent().teardown()
    assert "timeline" not in str(failed.value)


def test_a_machine_shrinks_to_the_step_that_matters():
    """Hypothesis may leave steps beside it that change nothing: the fault is the only one, and at its shortest."""
    seen = []

    class NoFaults(OurConversation):
        def teardown(self):
            seen.append(self.steps)
            assert not any(isinstance(step.action, Inject) for step in self.steps)

    few = settings(max_examples=50, deadline=None, stateful_step_count=6, database=None, derandomize=True)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(NoFaults, settings=few)
    faults = [step.action for step in seen[-1] if isinstance(step.action, Inject)]
    assert faults == [Inject(CATALOGUE["mute"](), 200_000)] and len(seen[-1]) <= 3


def test_a_fault_that_a_machine_draws_is_one_of_those_that_it_names():
    with pytest.raises(SettingError, match="no fault of a WebSocket is called 'mut'"):
        type("Wrong", (ConversationMachine,), {"faults": ("mut",)})()
