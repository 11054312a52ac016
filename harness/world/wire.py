"""The wire of one connection between a client and a session: latency, order and faults.

The latency of the k-th message on a link depends only on the run's seed, the link and k.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from ..audio.formats import PCM24K
from ..clients.interface import Closed, Ping, Pong
from ..faults.on_wire import WireFaults
from ..faults.seams import ActiveFault, Direction, MessageInfo
from ..protocol.events import Event, InputAudioBufferAppend, ResponseOutputAudioDelta, event_type
from .damage import Damaged, damaged
from .scheduler import Scheduler
from .seeds import generator

BLOCK = 1024
OVERHEAD_BYTES = 120
"""Approximate size of an event without its audio."""


class Link:
    """One direction: messages arrive in the order in which they were sent, each after its own latency."""

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
        self.through_faults: Callable[[Any], None] | None = None
        """While there are faults on the wire: called with each message in place of :meth:`pass_on`."""

    def send(self, message: Any) -> None:
        """Send a message through the active faults, or, if there are none, :meth:`pass_on`."""
        if self.through_faults is not None:
            self.through_faults(message)
        else:
            self.pass_on(message)

    def pass_on(self, message: Any, delay_us: int = 0) -> None:
        """Deliver a message after its latency and ``delay_us``, and not before an earlier message."""
        if not self._latencies:
            drawn = self._rng.integers(0, 2 * self._jitter_us + 1, size=BLOCK) - self._jitter_us + self._latency_us
            self._latencies = drawn.clip(min=0)[::-1].tolist()
        arrival = self._scheduler.now + self._latencies.pop() + delay_us
        if arrival > self._last:
            self._last = arrival
        self._scheduler.at(self._last, self._arrive, message)

    def later(self, delay_us: int, action: Callable[[], None]) -> None:
        """Call ``action`` after ``delay_us``."""
        self._scheduler.at(self._scheduler.now + delay_us, lambda _: action())


class Wire:
    """Both directions of one connection, with its faults."""

    def __init__(self, up: Link, down: Link, now: Callable[[], int]) -> None:
        self.up = up
        self.down = down
        self._links: dict[Direction, Link] = {"up": up, "down": down}
        self._faults = WireFaults(now, up.later, damaged, self._let_pass)

    @property
    def answers_close(self) -> bool:
        """Whether a Close of the client is answered."""
        return self._faults.answers_close

    def held_bytes(self, direction: Direction) -> int:
        """How much faults hold back in a direction until they end."""
        return self._faults.held_bytes[direction]

    def inject(self, active: ActiveFault) -> None:
        """A :class:`WireFault` starts on this connection."""
        self._faults.inject(active)
        for direction, link in self._links.items():
            link.through_faults = partial(self._filter, direction)

    def release(self, active: ActiveFault) -> None:
        """A fault ends; the messages that it held are delivered."""
        self._faults.release(active)
        if not self._faults:
            self.up.through_faults = self.down.through_faults = None

    def _filter(self, direction: Direction, message: Any) -> None:
        self._faults.send(message_info(direction, message), message)

    def _let_pass(self, direction: Direction, message: Any, delay_us: int) -> None:
        self._links[direction].pass_on(message, delay_us)


_CONTROLS: dict[type, Literal["ping", "pong", "close"]] = {Ping: "ping", Pong: "pong", Closed: "close"}


def message_info(direction: Direction, message: Any) -> MessageInfo:
    """What a fault may know of a message."""
    if isinstance(message, Damaged):
        kind = "unreadable" if message.event is None else event_type(message.event)
        return MessageInfo(direction, kind, 0, len(message.text))
    if not isinstance(message, Event):
        return MessageInfo(direction, None, control=_CONTROLS.get(type(message)))
    audio = b""
    if isinstance(message, InputAudioBufferAppend):
        audio = message.audio
    elif isinstance(message, ResponseOutputAudioDelta):
        audio = message.delta
    size_bytes = 4 * len(audio) // 3 + OVERHEAD_BYTES
    return MessageInfo(direction, event_type(message), PCM24K.duration_us(len(audio)), size_bytes)
