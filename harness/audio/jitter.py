"""A jitter buffer, sans I/O: packets go in as they arrive, and come out one each 20 ms, in order.

Call :meth:`JitterBuffer.push` for each packet and :meth:`JitterBuffer.pull` at :attr:`JitterBuffer.next_due`. What a
packet holds is no matter here: coded audio in live calls, PCM in virtual time.
"""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from ..units import MS

PACKET_US = 20 * MS
"""The audio in one packet."""
TARGET_US = 60 * MS
"""How long the first packet is held back, so that later ones may be late by so much."""
GAP_PACKETS = 10
"""After so many packets in a row without any, the stream has stopped."""

DataT = TypeVar("DataT")

PulledHow = Literal["packet", "recovered", "lost", "dry"]
"""The packet; or the next one, which holds a copy of this one (forward error correction); or nothing; or the stream has
stopped, and nothing is due any more until a packet arrives."""


@dataclass(frozen=True, slots=True)
class Pulled(Generic[DataT]):
    """What is due."""

    how: PulledHow
    data: DataT | None


class JitterBuffer(Generic[DataT]):
    """Of one stream. Packets are numbered; the numbers of a stream that stops and goes on count the time between."""

    def __init__(self, target_us: int = TARGET_US, gap_packets: int = GAP_PACKETS) -> None:
        self.target_us = target_us
        self.next_due: int | None = None
        """When :meth:`pull` gives something next, in microseconds; None: after the next packet."""
        self.late = 0
        """Packets that arrived after their turn, and were dropped."""
        self._gap_packets = gap_packets
        self._waiting: dict[int, DataT] = {}
        self._next = 0
        self._began = False
        self._missed = 0

    def push(self, number: int, data: DataT, now: int) -> None:
        """A packet arrived at ``now`` (microseconds)."""
        if self.next_due is None and (not self._began or number >= self._next):
            self._began = True
            self._next, self._missed = number, 0
            self.next_due = now + self.target_us
        if number < self._next:
            self.late += 1
        else:
            self._waiting[number] = data

    def pull(self, now: int) -> list[Pulled[DataT]]:
        """All that is due by ``now``."""
        pulled: list[Pulled[DataT]] = []
        while self.next_due is not None and self.next_due <= now:
            pulled.append(self._take())
        return pulled

    def _take(self) -> Pulled[DataT]:
        assert self.next_due is not None
        number = self._next
        self._next += 1
        self.next_due += PACKET_US
        data = self._waiting.pop(number, None)
        if data is not None:
            self._missed = 0
            return Pulled("packet", data)
        self._missed += 1
        following = self._waiting.get(self._next)
        if following is not None:
            return Pulled("recovered", following)
        if self._missed >= self._gap_packets and not self._waiting:
            self.next_due = None
            return Pulled("dry", None)
        return Pulled("lost", None)
