"""The timers of live connections: one that wakes all sessions, the keepalive, and the patience with slow readers."""

import asyncio
import heapq
import math
from collections.abc import Callable
from typing import Protocol

from .limits import Timing

TICK_S = 0.001


class Wakeable(Protocol):
    """What a :class:`WakeTimer` wakes."""

    def wake(self) -> None:
        """It is time."""
        ...


class WakeTimer:
    """One timer for all sessions of a server: those that are due within the same millisecond are woken together.

    A timer of the event loop for each session would cost more than the waking itself. :meth:`set` returns the slot
    that :meth:`cancel` takes.
    """

    def __init__(self) -> None:
        self._slots: dict[int, dict[Wakeable, None]] = {}
        self._order: list[int] = []
        self._armed_for: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, when_s: float, sleeper: Wakeable) -> int:
        """Wake ``sleeper`` at this time of the event loop, or up to a tick later."""
        slot = math.ceil(when_s / TICK_S)
        sleepers = self._slots.get(slot)
        if sleepers is None:
            self._slots[slot] = {sleeper: None}
            heapq.heappush(self._order, slot)
            if self._armed_for is None or slot < self._armed_for:
                self._arm(slot)
        else:
            sleepers[sleeper] = None
        return slot

    def cancel(self, slot: int, sleeper: Wakeable) -> None:
        """Do not wake ``sleeper``; ignored if it has been woken."""
        self._slots.get(slot, {}).pop(sleeper, None)

    def stop(self) -> None:
        """Wake nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self, slot: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed_for = slot
        self._timer = asyncio.get_running_loop().call_at(slot * TICK_S, self._wake_due)

    def _wake_due(self) -> None:
        self._armed_for = self._timer = None
        now = asyncio.get_running_loop().time() / TICK_S
        while self._order and self._order[0] <= now:
            for sleeper in self._slots.pop(heapq.heappop(self._order)):
                sleeper.wake()
        if self._order:
            self._arm(self._order[0])


class Keepalive:
    """Calls ``ping`` with four bytes every 20.26 s (captured), and ``fail`` if no PONG with them follows in time.

    It does not fail while ``busy``: the connection is not read from then, so a PONG cannot be seen.
    """

    def __init__(
        self, timing: Timing, ping: Callable[[bytes], None], fail: Callable[[], None], busy: Callable[[], bool]
    ) -> None:
        self._timing = timing
        self._ping, self._fail, self._busy = ping, fail, busy
        self._count = 0
        self._awaited: bytes | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """The first PING follows after the usual time."""
        self._after(self._timing.ping_every_s, self._send_ping)

    def stop(self) -> None:
        """No more PINGs."""
        if self._timer is not None:
            self._timer.cancel()

    def pong(self, payload: bytes) -> None:
        """A PONG was received; one that answers no PING of ours is ignored."""
        if payload == self._awaited:
            self._awaited = None

    def _send_ping(self) -> None:
        self._count += 1
        self._awaited = (self._count % 2**32).to_bytes(4, "big")
        self._after(self._timing.pong_within_s, self._check)
        self._ping(self._awaited)

    def _check(self) -> None:
        if self._awaited is None:
            self._after(max(0.0, self._timing.ping_every_s - self._timing.pong_within_s), self._send_ping)
        elif self._busy():
            self._after(self._timing.pong_within_s, self._check)
        else:
            self._fail()

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, then)


class UnreadTimer:
    """Calls ``abort`` once the client has read nothing for ``patience_s``; one that only reads slowly is waited for.

    ``unread_bytes`` returns how much the client has still to read.
    """

    def __init__(self, patience_s: float, unread_bytes: Callable[[], int], abort: Callable[[], None]) -> None:
        self._patience_s = patience_s
        self._unread_bytes = unread_bytes
        self._abort = abort
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """The client has stopped reading."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._patience_s, self._check, self._unread_bytes())

    def stop(self) -> None:
        """The client reads again, or is gone."""
        if self._timer is not None:
            self._timer.cancel()

    def _check(self, before_bytes: int) -> None:
        if self._unread_bytes() >= before_bytes:
            self._abort()
        else:
            self.start()
