import asyncio

import pytest

from harness.live.alarms import TICK_S, Alarms
from tests.live.talking import PATIENCE_S


class Sleeper:
    """Notes when it is woken; ``then`` is called at that."""

    def __init__(self, then=lambda: None) -> None:
        self.woken = []
        self._then = then

    def wake(self) -> None:
        self.woken.append(asyncio.get_running_loop().time())
        self._then()


@pytest.fixture
async def alarms():
    clock = Alarms()
    yield clock
    clock.stop()


def after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


async def test_nobody_is_woken_too_early_and_all_in_order(alarms):
    order = []
    times = [0.03, 0.01, 0.0101, 0.02, 0.0, 0.01]
    sleepers = [Sleeper(lambda number=number: order.append(number)) for number in range(len(times))]
    due = [after(each) for each in times]
    for when, sleeper in zip(due, sleepers, strict=True):
        alarms.set(when, sleeper)
    await until(lambda: len(order) == len(times))
    assert all(sleeper.woken[0] >= when for when, sleeper in zip(due, sleepers, strict=True))
    assert [order[0], order[-2], order[-1]] == [4, 3, 0]


async def test_one_timer_wakes_many(alarms, monkeypatch):
    loop = asyncio.get_running_loop()
    made = []
    call_at = loop.call_at
    monkeypatch.setattr(loop, "call_at", lambda when, call, *rest: made.append(call) or call_at(when, call, *rest))
    sleepers = [Sleeper() for _ in range(100)]
    when = after(0.01)
    for sleeper in sleepers:
        alarms.set(when, sleeper)
    assert len(made) == 1
    monkeypatch.undo()
    await until(lambda: all(sleeper.woken for sleeper in sleepers))


async def test_a_cancelled_alarm_does_not_ring(alarms):
    one, other = Sleeper(), Sleeper()
    when = after(0.005)
    slot = alarms.set(when, one)
    alarms.set(when, other)
    alarms.cancel(slot, one)
    await until(lambda: other.woken)
    assert one.woken == []
    alarms.cancel(slot, other)  # too late, and no harm


async def test_an_alarm_set_while_another_rings(alarms):
    late = Sleeper()
    alarms.set(after(0.002), Sleeper(lambda: alarms.set(after(TICK_S), late)))
    await until(lambda: late.woken)


async def test_an_earlier_alarm_does_not_delay_a_later_one(alarms):
    early, late = Sleeper(), Sleeper()
    alarms.set(after(0.02), late)
    alarms.set(after(0.002), early)
    await until(lambda: late.woken)
    assert early.woken[0] < late.woken[0]


async def test_stop(alarms):
    sleeper = Sleeper()
    alarms.set(after(0.002), sleeper)
    alarms.stop()
    await asyncio.sleep(0.02)
    assert sleeper.woken == []
