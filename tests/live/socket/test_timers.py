import asyncio

import pytest

from harness.live.socket.timers import TICK_S, WakeTimer
from tests.live.testing import PATIENCE_S


class Sleeper:
    """Notes when it is woken; ``then`` is called at that."""

    def __init__(self, then=lambda: None) -> None:
        self.woken = []
        self._then = then

    def wake(self) -> None:
        self.woken.append(asyncio.get_running_loop().time())
        self._then()


@pytest.fixture
async def wake_timer():
    timer = WakeTimer()
    yield timer
    timer.stop()


def after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


async def test_nobody_is_woken_too_early_and_all_in_order(wake_timer):
    order = []
    times = [0.03, 0.01, 0.0101, 0.02, 0.0, 0.01]
    sleepers = [Sleeper(lambda number=number: order.append(number)) for number in range(len(times))]
    due = [after(each) for each in times]
    for when, sleeper in zip(due, sleepers, strict=True):
        wake_timer.set(when, sleeper)
    await until(lambda: len(order) == len(times))
    assert all(sleeper.woken[0] >= when for when, sleeper in zip(due, sleepers, strict=True))
    assert [order[0], order[-2], order[-1]] == [4, 3, 0]


async def test_one_timer_wakes_many(wake_timer, monkeypatch):
    loop = asyncio.get_running_loop()
    made = []
    call_at = loop.call_at
    monkeypatch.setattr(loop, "call_at", lambda when, call, *rest: made.append(call) or call_at(when, call, *rest))
    sleepers = [Sleeper() for _ in range(100)]
    when = after(0.01)
    for sleeper in sleepers:
        wake_timer.set(when, sleeper)
    assert len(made) == 1
    monkeypatch.undo()
    await until(lambda: all(sleeper.woken for sleeper in sleepers))


async def test_what_is_cancelled_is_not_woken(wake_timer):
    one, other = Sleeper(), Sleeper()
    when = after(0.005)
    slot = wake_timer.set(when, one)
    wake_timer.set(when, other)
    wake_timer.cancel(slot, one)
    await until(lambda: other.woken)
    assert one.woken == []
    wake_timer.cancel(slot, other)  # too late, and no harm


async def test_a_time_set_while_others_are_woken(wake_timer):
    late = Sleeper()
    wake_timer.set(after(0.002), Sleeper(lambda: wake_timer.set(after(TICK_S), late)))
    await until(lambda: late.woken)


async def test_an_earlier_time_does_not_delay_a_later_one(wake_timer):
    early, late = Sleeper(), Sleeper()
    wake_timer.set(after(0.02), late)
    wake_timer.set(after(0.002), early)
    await until(lambda: late.woken)
    assert early.woken[0] < late.woken[0]


async def test_stop(wake_timer):
    sleeper = Sleeper()
    wake_timer.set(after(0.002), sleeper)
    wake_timer.stop()
    await asyncio.sleep(0.02)
    assert sleeper.woken == []
