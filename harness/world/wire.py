"""The wire: one connection between a client and a session, with latency, order, and the faults that strike it.

The latency of the k-th message on a link is a function of the run's seed, the link and k alone.
"""

from collections.abc import Callable
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

    def send(self, message: Any) -> None:
        """Let a message arrive after its latency, never before the one sent earlier."""
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
        self._links: dict[Direction, Link] = {"up": up, "down": down}
        self._faults: list[WireFault] = []
        self._held: list[tuple[Direction, Any, bool]] = []

    @property
    def struck(self) -> bool:
        """Whether a fault is on it."""
        return bool(self._faults)

    def strike(self, fault: WireFault) -> None:
        """A fault begins on this connection."""
        self._faults.append(fault)

    def release(self, fault: WireFault) -> None:
        """A passing fault ends; what it held goes on its way."""
        if fault in self._faults:
            self._faults.remove(fault)
            held, self._held = self._held, []
            for direction, message, is_event in held:
                self.send(direction, message, is_event)

    def send(self, direction: Direction, message: Any, is_event: bool = True) -> None:
        """Send a message, unless a fault loses or holds it."""
        if self._faults and self._struck(direction, message, is_event):
            return
        self._links[direction].send(message)

    def _struck(self, direction: Direction, message: Any, is_event: bool) -> bool:
        """Whether a fault keeps the message."""
        for fault in self._faults:
            fate = fault.fate(direction, is_event)
            if fate == "hold":
                self._held.append((direction, message, is_event))
            if fate != "pass":
                return True
        return False
