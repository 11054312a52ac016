"""The clock of the world, the loop and the threads, without patches: turns, waits and what ends a run."""

import threading

import pytest

from harness.apps.virtual.clock import BUSY, AppThread, Clock, StageOver, Waiter, microseconds
from harness.errors import ClientError
from harness.scenario.profiles import Timers
from harness.units import MS, SECOND
from harness.world.scheduler import Scheduler


def make_clock(patience_s: float = 5.0) -> tuple[Clock, list[str]]:
    clock, fences = Clock(Scheduler(), patience_s), []
    clock.fence = fences.append
    return clock, fences


def in_turn(clock: Clock, name: str, work: object) -> AppThread:
    """A thread of the app, as the patches make them."""
    turn = AppThread(name)

    def live() -> None:
        clock.begin(turn)
        try:
            work()  # type: ignore[operator]
        finally:
            clock.end(turn)

    threading.Thread(target=live, daemon=True).start()
    clock.adopt(turn)
    return turn


def test_threads_run_one_at_a_time_in_the_order_in_which_they_became_ready() -> None:
    clock, _ = make_clock()
    seen: list[tuple[str, int]] = []

    def work(name: str, *lengths: int) -> None:
        for length in lengths:
            clock.sleep(length)
            seen.append((name, clock.scheduler.now))

    in_turn(clock, "a", lambda: work("a", 2 * SECOND, SECOND))
    in_turn(clock, "b", lambda: work("b", SECOND, SECOND, SECOND))
    clock.sleep(4 * SECOND)
    assert seen == [
        ("b", SECOND), ("a", 2 * SECOND), ("b", 2 * SECOND), ("a", 3 * SECOND), ("b", 3 * SECOND),
    ]  # fmt: skip


def test_a_wait_on_the_loop_is_a_fence_if_time_passed() -> None:
    clock, fences = make_clock()
    clock.sleep(0)
    assert fences == []
    clock.sleep(SECOND)
    (fence,) = fences
    assert fence.startswith("the event loop was blocked in") and "test_clock.py" in fence


def test_a_waiter_that_is_woken_does_not_time_out() -> None:
    clock, _ = make_clock()
    waiter = Waiter(clock, None)
    clock.scheduler.at(SECOND, lambda _: waiter.wake())
    assert clock.wait(waiter, 3 * SECOND)
    assert clock.scheduler.now == SECOND
    assert not clock.wait(Waiter(clock, None), 2 * SECOND)
    assert not waiter.wake()


def test_nothing_left_to_wait_for_ends_the_run() -> None:
    clock, _ = make_clock()
    with pytest.raises(StageOver):
        clock.wait(Waiter(clock, None), None)


@pytest.mark.parametrize(("timers", "at_s"), [(Timers(1_000_000), 2.0), (Timers(None), 5.0), (None, 1.5)])
def test_a_thread_of_an_app_in_the_background_wakes_when_its_timers_may(timers: Timers | None, at_s: float) -> None:
    clock, _ = make_clock()
    woken: list[int] = []
    clock.throttle(timers)
    clock.scheduler.at(5 * SECOND, lambda _: clock.throttle(None))
    in_turn(clock, "a", lambda: (clock.sleep(1_500 * MS), woken.append(clock.scheduler.now)))
    clock.wait(Waiter(clock, None), 8 * SECOND) if timers is None else _run(clock, 8 * SECOND)
    assert woken == [round(at_s * SECOND)]


def _run(clock: Clock, until: int) -> None:
    while clock.scheduler.now < until and (clock.ready or clock.scheduler.due is not None):
        clock.run_ready()
        if clock.scheduler.due is not None:
            clock.step()


def test_a_busy_wait_moves_the_clock_and_is_a_fence() -> None:
    clock, fences = make_clock()
    while clock.read() < 2 * MS:
        pass
    assert clock.scheduler.now == 2 * MS
    assert all(f"1 ms passed each {BUSY} times" in fence for fence in fences) and len(fences) == 2


def test_a_thread_that_does_not_come_back_is_told_with_its_line() -> None:
    clock, _ = make_clock(patience_s=0.2)
    blocked = threading.Event()
    in_turn(clock, "stuck", blocked.wait)
    with pytest.raises(StageOver):
        clock.run_ready()
    assert isinstance(clock.failure, ClientError)
    words = "the app's thread 'stuck' has been in one call for 0.2 s of real time"
    assert words in str(clock.failure) and clock.failure.__notes__
    blocked.set()


@pytest.mark.parametrize(
    ("seconds", "us"),
    [(0, 0), (-1, 0), (4e-10, 1), (0.1 + 0.2, 300_000), (1e-6, 1), (1.0000004, 1_000_001), (86_400, 86_400 * SECOND)],
)
def test_seconds_become_microseconds(seconds: float, us: int) -> None:
    assert microseconds(seconds) == us
