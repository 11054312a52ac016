"""The wire: one connection between a client and a session, with latency, order, and the faults that strike it.

The latency of the k-th message on a link is a function of the run's seed, the link and k alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from harness.faults.seams import WireFault
from harness.world.scheduler import Scheduler
from harness.world.seeds import generator

BLOCK = 1024

Direction = Literal["up", "down"]


class Link:
    """One direction: messages arrive in the order they were sent, each after its own latency."""

    def __init__(
        self,
        scheduler: Scheduler,
        seed: int,
        name: str,
        latency_us: int,
        jitter_us: int,
        arrive: Callable[[Any], None],
    ) -> None:
        self._scheduler = scheduler
        self._rng = generator(seed, name)
        self._latency_us = latency_us
        self._jitter_us = jitter_us
        self._arrive = arrive
        self._latencies: list[int] = []
        self._last = 0
        self.keeps: Callable[[Any, bool], bool] | None = None
        """While faults are on the wire: whether they keep a message, which may be an event or not."""

    def send(self, message: Any, is_event: bool = True) -> None:
        """Let a message arrive after its latency, never before the one sent earlier, unless a fault keeps it."""
        if self.keeps is not None and self.keeps(message, is_event):
            return
        if not self._latencies:
            drawn = self._rng.integers(0, 2 * self._jitter_us + 1, size=BLOCK) - self._jitter_us + self._latency_us
            self._latencies = drawn.clip(min=0)[::-1].tolist()
        arrival = self._scheduler.now + self._latencies.pop()
        if arrival > self._last:
            self._last = arrival
        self._scheduler.at(self._last, self._arrive, message)


class Wire:
    """Both directions of one connection, and its faults."""

    def __init__(self, up: Link, down: Link) -> None:
        self.up = up
        self.down = down
        self._faults: list[WireFault] = []
        self._held: list[tuple[Link, Any, bool]] = []

    def strike(self, fault: WireFault) -> None:
        """A fault begins on this connection."""
        self._faults.append(fault)
        self.up.keeps = partial(self._keeps, "up", self.up)
        self.down.keeps = partial(self._keeps, "down", self.down)

    def release(self, fault: WireFault) -> None:
        """A passing fault ends; what it held goes on its way."""
        if fault not in self._faults:
            return
        self._faults.remove(fault)
        if not self._faults:
            self.up.keeps = self.down.keeps = None
        held, self._held = self._held, []
        for link, message, is_event in held:
            link.send(message, is_event)

    def _keeps(self, direction: Direction, link: Link, message: Any, is_event: bool) -> bool:
        for fault in self._faults:
            fate = fault.fate(direction, is_event)
            if fate == "hold":
                self._held.append((link, message, is_event))
            if fate != "pass":
                return True
        return False
