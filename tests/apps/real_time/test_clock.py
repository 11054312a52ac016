"""The wall clock: callbacks see when they were due, what comes from outside the real time; lateness is measured."""

import asyncio
import time

import pytest

from harness.apps.real_time.clock import WallClock
from harness.units import MS


@pytest.fixture
async def clock():
    clock = WallClock(asyncio.get_running_loop())
    yield clock
    clock.fail(None)


async def test_callbacks_run_in_order_and_see_their_own_time(clock):
    seen = []
    for due in (30 * MS, 10 * MS, 20 * MS):
        clock.at(due, lambda due: seen.append((due, clock.now)), due)
    clock.at(40 * MS, lambda _: clock.stop())
    clock.start()
    await clock.over
    assert seen == [(10 * MS, 10 * MS), (20 * MS, 20 * MS), (30 * MS, 30 * MS)]


async def test_a_blocked_loop_is_measured_and_everything_still_sees_its_time(clock):
    seen = []
    clock.at(10 * MS, lambda _: time.sleep(0.08))
    clock.at(20 * MS, lambda _: seen.append(clock.now))
    clock.at(30 * MS, lambda _: clock.stop())
    clock.start()
    await clock.over
    assert seen == [20 * MS]
    assert clock.worst_us >= 60 * MS


class StillLoop:
    """Its time moves only when somebody says so; timers are left to the test."""

    def __init__(self, monkeypatch):
        self.real_s = self.computed_s = 0.0
        monkeypatch.setattr(time, "thread_time", lambda: self.computed_s)

    def passes(self, seconds, computed_s=0.0):
        self.real_s += seconds
        self.computed_s += computed_s

    def time(self):
        return self.real_s

    def create_future(self):
        return asyncio.get_running_loop().create_future()

    def call_at(self, when, callback):
        return asyncio.get_running_loop().call_later(3600, callback)


@pytest.mark.parametrize(
    ("took_s", "computed_s", "late_ms"),
    [
        (0.10, 0.10, 10),  # all of it was computed: what is left is how late the first one was
        (0.10, 0.03, 70),  # for 70 ms another process ran
        (0.50, 0.50, 300),  # it computes for too long
    ],
)
async def test_what_the_world_computes_at_once_is_no_lateness_up_to_a_limit(monkeypatch, took_s, computed_s, late_ms):
    loop = StillLoop(monkeypatch)
    clock = WallClock(loop)
    clock.at(10 * MS, lambda _: loop.passes(took_s, computed_s))
    clock.at(20 * MS, lambda _: None)
    clock.start()
    loop.passes(0.020)
    clock.enter()
    assert clock.worst_us == late_ms * MS
    clock.fail(None)


async def test_what_comes_from_outside_comes_after_all_that_was_due(clock):
    seen = []
    clock.at(10 * MS, seen.append, "due")
    clock.start()
    time.sleep(0.03)
    clock.enter()
    seen.append("outside")
    assert seen == ["due", "outside"]
    assert clock.now >= 30 * MS


async def test_before_the_start_no_time_passes(clock):
    clock.at(0, lambda _: pytest.fail("time runs"))
    await asyncio.sleep(0.02)
    clock.enter()
    assert (clock.is_started, clock.now) == (False, 0)


async def test_what_a_callback_raises_ends_the_run(clock):
    clock.at(0, lambda _: 1 // 0)
    clock.start()
    with pytest.raises(ZeroDivisionError):
        await clock.over
