"""The media of a call: packets of 20 ms, which may be lost, late or out of order, and a receiver that plays them.

The latency of a packet depends only on the run's seed, the link and how many packets went before. A packet carries the
audio before it too, as Opus does with forward error correction, so that one lost packet is no loss if the next arrives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..audio.formats import PCM24K
from ..audio.jitter import PACKET_US, TARGET_US, JitterBuffer, Pulled
from ..faults.seams import ActiveFault, Direction, MediaFault, PacketFilter
from ..server.output_buffer import FRAME_BYTES
from .scheduler import Scheduler
from .seeds import generator

_BLOCK = 1024
_HELD_US = 200_000
"""A client may send so much before it is due; what it adds to that is dropped while more waits."""

ContentT = TypeVar("ContentT")


@dataclass(frozen=True, slots=True)
class Packet(Generic[ContentT]):
    """20 ms, and the 20 ms before them."""

    content: ContentT
    before: ContentT | None


class Packetizer:
    """What a browser's sender does with the audio that a page gives it: 50 packets a second as long as it captures.

    Audio goes out at the pace of time. Where the page gives none, silence goes out; while the capture stands still,
    nothing does.
    """

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._number = -1
        self._given = False

    def give(self, pcm: bytes) -> bool:
        """Audio of the page; whether it goes out. Audio sent again takes the place of what is captured meanwhile."""
        self._given = True
        held = PCM24K.duration_us(len(self._waiting))
        if held > max(_HELD_US, PCM24K.duration_us(len(pcm))):
            return False
        self._waiting += pcm
        return True

    def captured(self, size: int) -> bool:
        """A chunk of so many samples was captured; whether the page gave nothing for it, so that silence goes out."""
        given, self._given = self._given, False
        if not given and not self._waiting:
            self._waiting += bytes(PCM24K.bytes_per_sample * size)
            return True
        return False

    def due(self, now: int, chunk_us: int) -> list[tuple[int, bytes]]:
        """The packets that go out at ``now``, each with its number: the 20 ms of the run that it ends with."""
        last = now // PACKET_US
        first = max(self._number + 1, (now - chunk_us) // PACKET_US + 1)
        packets = []
        for number in range(first, last + 1):
            pcm = bytes(self._waiting[:FRAME_BYTES])
            del self._waiting[:FRAME_BYTES]
            packets.append((number, pcm.ljust(FRAME_BYTES, b"\0")))
            self._number = number
        return packets


class MediaLink(Generic[ContentT]):
    """One direction: each packet arrives after a latency of its own, in any order, or not at all."""

    def __init__(
        self,
        scheduler: Scheduler,
        direction: Direction,
        seed: int,
        name: str,
        latency_us: int,
        jitter_us: int,
        arrive: Callable[[int, Packet[ContentT]], None],
    ) -> None:
        self._scheduler = scheduler
        self._rng = generator(seed, name)
        self._direction: Direction = direction
        self._latency_us = latency_us
        self._jitter_us = jitter_us
        self._arrive = arrive
        self._latencies: list[int] = []
        self._filters: dict[ActiveFault, PacketFilter] = {}
        self._before: tuple[int, ContentT] | None = None
        self.sent = 0
        self.lost = 0

    def inject(self, active: ActiveFault, loses: PacketFilter) -> None:
        """A fault starts; its filter may be that of the other direction too."""
        assert isinstance(active.fault, MediaFault)
        self._filters[active] = loses

    def release(self, active: ActiveFault) -> None:
        """A fault ends."""
        self._filters.pop(active, None)

    def send(self, number: int, content: ContentT) -> None:
        """Send a packet. Every fault is asked about it, so that one does not change the draws of another."""
        now = self._scheduler.now
        if not self._latencies:
            drawn = self._rng.integers(0, 2 * self._jitter_us + 1, size=_BLOCK) - self._jitter_us + self._latency_us
            self._latencies = drawn.clip(min=0)[::-1].tolist()
        latency_us = self._latencies.pop()
        before = self._before[1] if self._before is not None and self._before[0] == number - 1 else None
        self._before = number, content
        self.sent += 1
        if sum(loses(self._direction, now) for loses in self._filters.values()):
            self.lost += 1
            return
        self._scheduler.at(now + latency_us, self._arrived, (number, Packet(content, before)))

    def _arrived(self, packet: tuple[int, Packet[ContentT]]) -> None:
        self._arrive(*packet)


class Receiver(Generic[ContentT]):
    """A jitter buffer that is pulled in time. ``play`` gets each 20 ms: the content, or None for what is lost;
    ``dry`` is called when the stream has stopped."""

    def __init__(
        self,
        scheduler: Scheduler,
        play: Callable[[ContentT | None], None],
        dry: Callable[[], None],
        target_us: int = TARGET_US,
    ) -> None:
        self._scheduler = scheduler
        self._buffer: JitterBuffer[Packet[ContentT]] = JitterBuffer(target_us)
        self._play = play
        self._dry = dry
        self._planned: int | None = None
        self.made_up = 0
        """Times that nothing was there to play."""

    def arrive(self, number: int, packet: Packet[ContentT]) -> None:
        """A packet arrived."""
        self._buffer.push(number, packet, self._scheduler.now)
        self._plan()

    def _plan(self) -> None:
        due = self._buffer.next_due
        if due is not None and due != self._planned:
            self._planned = due
            self._scheduler.at(due, self._pull, due)

    def _pull(self, due: int) -> None:
        if due != self._planned:
            return
        self._planned = None
        for pulled in self._buffer.pull(self._scheduler.now):
            self._hand_on(pulled)
        self._plan()

    def _hand_on(self, pulled: Pulled[Packet[ContentT]]) -> None:
        if pulled.how == "dry":
            self._dry()
            return
        content = None
        if pulled.data is not None:
            content = pulled.data.content if pulled.how == "packet" else pulled.data.before
        if content is None:
            self.made_up += 1
        self._play(content)
