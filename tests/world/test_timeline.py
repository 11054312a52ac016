"""The timeline alone, with actions that last as long as their ``lasts_us`` says."""

import pytest

from harness.journal import Journal, PremiseMissing
from harness.scenario.model import After, At, BeforeEnd, Noise, Scenario, Step, When
from harness.units import SECOND
from harness.world.scheduler import Scheduler
from harness.world.timeline import Timeline


class Stage:
    """A timeline, and when each of its steps fired, in seconds."""

    def __init__(self, *steps, lasts_us=None, true=("connected",)):
        self.scheduler, self.journal = Scheduler(), Journal({})
        self.fired = []
        self.timeline = Timeline(
            Scenario("a test", steps, lasts_us=lasts_us), self.scheduler, self.journal, self._act, lambda a: a in true
        )
        self.timeline.begin()

    def _act(self, occurrence):
        self.fired.append((self.scheduler.now / SECOND, occurrence.name))
        return occurrence.step.action.lasts_us

    def event(self, at_s, kind):
        self.scheduler.at(round(at_s * SECOND), lambda _: self.timeline.event(kind))

    def answer(self, at_s, number, ends_s):
        self.scheduler.at(round(at_s * SECOND), lambda _: self.timeline.answer_began(number, round(ends_s * SECOND)))

    def run(self):
        self.scheduler.run()
        return self.fired


def step(trigger, label=None, lasts_s=1, **fields):
    return Step(trigger, Noise("white", lasts_s * SECOND), label=label, **fields)


STARTED = "input_audio_buffer.speech_started"


def test_steps_fire_at_their_time():
    assert Stage(step(At(5 * SECOND), "b"), step(At(2 * SECOND), "a")).run() == [(2, "a"), (5, "b")]


def test_after_counts_from_the_end_of_the_labelled_step():
    assert Stage(step(At(2 * SECOND), "a", 3), step(After("a", SECOND), "b")).run() == [(2, "a"), (6, "b")]


def test_a_repeated_step_fires_every_so_often_and_after_counts_from_the_last():
    found = Stage(step(At(2 * SECOND), "a", repeat=3, every_us=9 * SECOND), step(After("a"), "b")).run()
    assert found == [(2, "a (1)"), (11, "a (2)"), (20, "a (3)"), (21, "b")]


def test_a_repeated_step_after_another():
    found = Stage(step(At(0), "a"), step(After("a"), "b", repeat=2, every_us=4 * SECOND)).run()
    assert found == [(0, "a"), (1, "b (1)"), (5, "b (2)")]


def test_when_with_a_number_counts_from_the_start_of_the_run():
    stage = Stage(step(At(10 * SECOND), "a"), step(When("speech_started", 2, SECOND), "b"))
    for at_s in (1, 3, 20):
        stage.event(at_s, STARTED)
    assert stage.run() == [(4, "b"), (10, "a")]


def test_when_without_a_number_waits_for_the_step_above_it():
    stage = Stage(step(At(10 * SECOND), "a"), step(When("speech_started"), "b"))
    for at_s in (1, 3, 20, 30):
        stage.event(at_s, STARTED)
    assert stage.run() == [(10, "a"), (20, "b")]


def test_when_at_the_top_waits_from_the_start():
    stage = Stage(step(When("speech_started"), "a"))
    stage.event(3, "input_audio_buffer.speech_stopped")
    stage.event(4, STARTED)
    assert stage.run() == [(4, "a")]


def test_before_end_counts_back_from_the_end_of_the_nth_answer():
    stage = Stage(step(BeforeEnd(2, 1_500_000), "a"))
    stage.answer(1, 1, 5)
    stage.answer(10, 2, 14)
    assert stage.run() == [(12.5, "a")]


def test_an_anchor_that_never_comes_is_missing_and_is_given_up_sixty_seconds_after_the_rest():
    stage = Stage(step(At(10 * SECOND), "a"), step(When("speech_started"), "b"))
    stage.run()
    assert [occurrence.name for occurrence in stage.timeline.missing] == ["b"]
    assert stage.timeline.heal_at() is None
    assert stage.timeline.give_up_at() == 71 * SECOND


def test_the_heal_comes_two_seconds_after_the_end_of_the_last_step():
    stage = Stage(step(At(10 * SECOND), "a", 3), step(At(0), "b", 1))
    assert stage.timeline.heal_at() is None
    stage.run()
    assert stage.timeline.heal_at() == 15 * SECOND


def test_a_scenario_may_say_when_it_heals():
    assert Stage(step(At(10 * SECOND)), lasts_us=4 * SECOND).timeline.heal_at() == 4 * SECOND


@pytest.mark.parametrize(
    ("assume", "missing"), [("connected", []), ("assistant is speaking", ["assistant is speaking"])]
)
def test_a_false_assumption_is_written_down_with_its_line(assume, missing):
    stage = Stage(step(At(SECOND), "a", assume=(assume,), line=7))
    assert stage.run() == [(1, "a")]
    entries = list(stage.journal.select(PremiseMissing))
    assert [entry.assumed for entry in entries] == missing
    assert all(entry.line == 7 and entry.step == "a" for entry in entries)


def test_a_step_without_a_label_has_its_place():
    assert Stage(step(At(0), "a"), step(At(SECOND))).run() == [(0, "a"), (1, "step 2")]
