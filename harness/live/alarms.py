"""One alarm clock for all sessions of a server: those that are due within the same millisecond ring together.

A timer of the event loop for each would cost more than most sessions do when they are woken.
"""

import asyncio
import heapq
import math
from typing import Protocol

TICK_S = 0.001


class Sleeper(Protocol):
    """Who is woken."""

    def wake(self) -> None:
        """It is time."""
        ...


class Alarms:
    """Set by :meth:`set`, which gives what :meth:`cancel` takes."""

    def __init__(self) -> None:
        self._slots: dict[int, dict[Sleeper, None]] = {}
        self._order: list[int] = []
        self._rings_at: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, when_s: float, sleeper: Sleeper) -> int:
        """Wake a sleeper at this time of the event loop, or up to a tick later."""
        slot = math.ceil(when_s / TICK_S)
        sleepers = self._slots.get(slot)
        if sleepers is None:
            self._slots[slot] = {sleeper: None}
            heapq.heappush(self._order, slot)
            if self._rings_at is None or slot < self._rings_at:
                self._arm(slot)
        else:
            sleepers[sleeper] = None
        return slot

    def cancel(self, slot: int, sleeper: Sleeper) -> None:
        """Let the sleeper sleep on; nothing happens if it has been woken."""
        self._slots.get(slot, {}).pop(sleeper, None)

    def stop(self) -> None:
        """Wake nobody any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self, slot: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = slot
        self._timer = asyncio.get_running_loop().call_at(slot * TICK_S, self._ring)

    def _ring(self) -> None:
        self._rings_at = self._timer = None
        now = asyncio.get_running_loop().time() / TICK_S
        while self._order and self._order[0] <= now:
            for sleeper in self._slots.pop(heapq.heappop(self._order)):
                sleeper.wake()
        if self._order:
            self._arm(self._order[0])
