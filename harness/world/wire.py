"""The wire: one connection between a client and a session, with latency, order, and the faults that strike it.

The latency of the k-th message on a link is a function of the run's seed, the link and k alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from harness.audio.formats import PCM24K
from harness.clients.interface import Closed, Ping, Pong
from harness.faults.on_wire import WireFaults
from harness.faults.seams import Direction, Passage, Struck
from harness.protocol.events import Event, InputAudioBufferAppend, ResponseOutputAudioDelta, event_type
from harness.world.damage import damaged
from harness.world.scheduler import Scheduler
from harness.world.seeds import generator

BLOCK = 1024
OVERHEAD_BYTES = 120
"""About what an event is besides its audio."""


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
        self.carries: Callable[[Any], None] | None = None
        """While faults are on the wire: what takes a message in place of :meth:`pass_on`."""

    def send(self, message: Any) -> None:
        """Let a message arrive after its latency, never before the one sent earlier, unless faults carry it."""
        if self.carries is not None:
            self.carries(message)
        else:
            self.pass_on(message)

    def pass_on(self, message: Any, delay_us: int = 0) -> None:
        """Let a message arrive, later than it would by ``delay_us``, and so all behind it."""
        if not self._latencies:
            drawn = self._rng.integers(0, 2 * self._jitter_us + 1, size=BLOCK) - self._jitter_us + self._latency_us
            self._latencies = drawn.clip(min=0)[::-1].tolist()
        arrival = self._scheduler.now + self._latencies.pop() + delay_us
        if arrival > self._last:
            self._last = arrival
        self._scheduler.at(self._last, self._arrive, message)

    def later(self, delay_us: int, action: Callable[[], None]) -> None:
        """Do something after a time."""
        self._scheduler.at(self._scheduler.now + delay_us, lambda _: action())


class Wire:
    """Both directions of one connection, and its faults."""

    def __init__(self, up: Link, down: Link, now: Callable[[], int]) -> None:
        self.up = up
        self.down = down
        self._links: dict[Direction, Link] = {"up": up, "down": down}
        self._faults = WireFaults(now, up.later, damaged, self._let_pass)

    @property
    def answers_close(self) -> bool:
        """Whether a Close of the client is answered."""
        return self._faults.answers_close

    def strike(self, struck: Struck) -> None:
        """A :class:`WireFault` begins on this connection."""
        self._faults.strike(struck)
        for direction, link in self._links.items():
            link.carries = partial(self._carry, direction)

    def release(self, struck: Struck) -> None:
        """A passing fault ends; what it held goes on its way."""
        self._faults.release(struck)
        if not self._faults:
            self.up.carries = self.down.carries = None

    def _carry(self, direction: Direction, message: Any) -> None:
        self._faults.carry(passage(direction, message), message)

    def _let_pass(self, direction: Direction, message: Any, delay_us: int) -> None:
        self._links[direction].pass_on(message, delay_us)


_CONTROLS: dict[type, Literal["ping", "pong", "close"]] = {Ping: "ping", Pong: "pong", Closed: "close"}


def passage(direction: Direction, message: Any) -> Passage:
    """What a fault may know of a message."""
    if not isinstance(message, Event):
        return Passage(direction, None, control=_CONTROLS.get(type(message)))
    audio = b""
    if isinstance(message, InputAudioBufferAppend):
        audio = message.audio
    elif isinstance(message, ResponseOutputAudioDelta):
        audio = message.delta
    size_bytes = 4 * len(audio) // 3 + OVERHEAD_BYTES
    return Passage(direction, event_type(message), PCM24K.duration_us(len(audio)), size_bytes)
