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
