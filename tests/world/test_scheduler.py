from hypothesis import given
from hypothesis import strategies as st

from harness.world.scheduler import Scheduler


def test_callbacks_run_in_the_order_of_time_and_then_of_asking():
    scheduler, ran = Scheduler(), []
    for name, time in (("c", 20), ("a", 10), ("d", 20), ("b", 10)):
        scheduler.at(time, lambda name: ran.append((scheduler.now, name)), name)
    scheduler.run()
    assert ran == [(10, "a"), (10, "b"), (20, "c"), (20, "d")]


@given(st.lists(st.integers(0, 100)))
def test_property_time_never_goes_back_and_nothing_is_lost(times):
    scheduler, ran = Scheduler(), []
    for time in times:
        scheduler.at(time, lambda _: ran.append(scheduler.now))
    scheduler.run()
    assert ran == sorted(times)


@given(st.lists(st.tuples(st.integers(0, 5_000_000), st.lists(st.integers(0, 3_000_000), max_size=3)), max_size=12))
def test_property_what_is_far_apart_runs_in_the_order_of_time_and_then_of_asking(asked):
    """Callbacks that ask for more, near and seconds away."""
    scheduler, ran, numbers = Scheduler(), [], iter(range(1000))

    def ask(time, later):
        scheduler.at(time, run, (next(numbers), later))

    def run(asked):
        number, later = asked
        ran.append((scheduler.now, number))
        for delay in later:
            ask(scheduler.now + delay, ())

    for time, later in asked:
        ask(time, later)
    scheduler.run()
    assert len(ran) == len(asked) + sum(len(later) for _, later in asked)
    assert ran == sorted(ran)


def test_the_next_callback_is_known_however_far_away_it_is():
    scheduler, ran = Scheduler(), []
    assert scheduler.due is None
    scheduler.at(3_600_000_000, ran.append, "an hour")
    assert scheduler.due == 3_600_000_000
    scheduler.at(10, ran.append, "soon")
    assert scheduler.due == 10
    scheduler.step()
    scheduler.step()
    assert (ran, scheduler.now, scheduler.due) == (["soon", "an hour"], 3_600_000_000, None)


def test_what_is_asked_for_in_the_past_happens_now():
    scheduler, ran = Scheduler(), []
    scheduler.at(50, lambda _: scheduler.at(10, lambda _: ran.append(scheduler.now)))
    scheduler.run()
    assert ran == [50]


def test_it_stops_after_the_callback_that_stops_it():
    scheduler, ran = Scheduler(), []
    for time in (1, 2, 3, 4):
        scheduler.at(time, ran.append, time)
    scheduler.at(2, lambda _: scheduler.stop())
    scheduler.run()
    assert ran == [1, 2]
    assert scheduler.now == 2
