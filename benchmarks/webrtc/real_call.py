"""A call of the world whose packets and events pass two real peers of aiortc: Opus, SRTP, ICE and SCTP on loopback.

The world decides which packets are lost and how late each is, by the same draws as in its own call. So what differs is
what aiortc and Opus do. What a browser shows when the path is lost stays the model of the world: aiortc is no browser.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from harness.audio.formats import PCM24K
from harness.live.webrtc.peer import FRAME_TICKS, FrameTrack, Peer
from harness.live.webrtc.sdp import readable_offer
from harness.protocol.codec import encode
from harness.protocol.events import Event
from harness.server.output_buffer import FRAME_BYTES
from harness.units import SECOND
from harness.world import network
from harness.world.call import CallConnection, HoldingLink
from harness.world.damage import Damaged
from harness.world.media import MediaLink, Packet
from harness.world.play import PreparedRun
from harness.world.scheduler import Scheduler

_PAIRS = 4
"""So many calls can be dialled in a run."""


class WorldClock:
    """Moves a world's scheduler along with the event loop, whose clock jumps."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._poked = asyncio.Event()

    def enter(self) -> None:
        """Something happens outside the world: it is now there too."""
        self.scheduler.now = max(self.scheduler.now, round((self._loop.time() - self._began_s) * SECOND))
        self._poked.set()

    async def run(self) -> None:
        """Play until the scheduler is stopped."""
        self._began_s = self._loop.time()
        while (due := self.scheduler.due) is not None:
            left_s = self._began_s + due / SECOND - self._loop.time()
            if left_s <= 0:
                self.scheduler.step()
                continue
            self._poked.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._poked.wait()
            except TimeoutError:
                self.scheduler.step()


class Pair:
    """Two connected peers. ``fates``: of each packet that was sent, whether it is lost, and how late it is."""

    def __init__(self) -> None:
        self.call: RealCall | None = None
        self.clock: WorldClock
        self.latency_us = 0
        self.texts: dict[str, deque[Any]] = {"up": deque(), "down": deque()}
        self.fates: dict[str, deque[tuple[int, bool, int]]] = {"up": deque(), "down": deque()}
        self.offsets: dict[str, int] = {}
        self.contents: dict[str, dict[int, Any]] = {"up": {}, "down": {}}
        self.blocked = False
        """Whether no datagram passes."""
        self.recovered = 0

    async def connect(self) -> None:
        """Connect them."""
        self.server = _NumberedPeer(self)
        self.client = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel = self.client.createDataChannel("oai-events")
        opened = asyncio.Event()
        self.channel.on("open", opened.set)
        self.channel.on("message", lambda text: self._arrived("down"))
        self.track = FrameTrack()
        self.client.addTrack(self.track)
        usual = ice.get_host_addresses
        ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        await self.client.setLocalDescription(await self.client.createOffer())
        ice.get_host_addresses = usual
        for transceiver in self.client.getTransceivers():
            transceiver.receiver._handle_rtp_packet = self._packet
        answer = await self.server.answer(readable_offer(self.client.localDescription.sdp, loopback_only=True))
        await self.client.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await opened.wait()

    async def close(self) -> None:
        """Disconnect them."""
        await self.client.close()
        await self.server.close()

    # --- datagrams (harness.live.webrtc.datagrams.Fate) ---

    def fate(self, direction: str, kind: str, data: bytes) -> int | None:
        """What becomes of one."""
        if kind != "rtp":
            return None if self.blocked else self.latency_us
        number, lost, latency_us = self.fates[direction].popleft()
        ticks = int.from_bytes(data[4:8], "big")
        self.offsets.setdefault(direction, ticks - number * FRAME_TICKS)
        return None if lost or self.blocked else latency_us

    def number(self, direction: str, ticks: int) -> int:
        """The number of a packet in the world."""
        return (ticks - self.offsets[direction]) % (1 << 32) // FRAME_TICKS

    # --- events ---

    def say(self, direction: str, message: Any) -> None:
        """Send a message on the data channel."""
        self.texts[direction].append(message)
        text = (encode(message) if isinstance(message, Event) else message.text).decode(errors="replace")
        if direction == "up":
            self.channel.send(text)
        else:
            self.server.send(text)

    def _arrived(self, direction: str) -> None:
        message = self.texts[direction].popleft()
        if self.call is not None:
            self.clock.enter()
            self.call.arrived(direction, message)

    # --- what the client receives ---

    async def _packet(self, packet: Any, arrival_time_ms: int = 0) -> None:
        if self.call is not None:
            self.clock.enter()
            self.call.media_arrived(self.number("down", packet.timestamp))

    # --- what the server's peer tells (harness.live.webrtc.peer.PeerEvents) ---

    def began(self) -> None:
        """The data channel is open."""

    def text(self, data: bytes) -> None:
        """A message of the client."""
        self._arrived("up")

    def audio(self, pcm: bytes, how: str) -> None:
        """20 ms of the client."""
        if self.call is not None:
            self.clock.enter()
            self.call.heard(self.server.taken, how, pcm)

    def audio_stopped(self) -> None:
        """No packets arrive any more."""
        if self.call is not None:
            self.clock.enter()
            self.call.ran_dry()

    def channel_closed(self) -> None:
        """The data channel is closed."""

    def gone(self, state: str) -> None:
        """The peers are disconnected."""


class _NumberedPeer(Peer):
    """Knows which packet it hands on."""

    def __init__(self, pair: Pair) -> None:
        super().__init__(pair, loopback_only=True)
        self.faults = pair  # type: ignore[assignment]
        self._pair = pair
        self.taken = 0
        self._next_taken = 0

    def _number(self, timestamp: int) -> int:
        number = self._pair.number("up", timestamp)
        if self._jitter.next_due is None:
            self._next_taken = number
        return number

    def _take(self, pulled: Any) -> None:
        self.taken = self._next_taken
        self._next_taken += 1
        super()._take(pulled)


class _Caught:
    """A scheduler that only notes when something would be done."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.due: int | None = None

    @property
    def now(self) -> int:
        return self._scheduler.now

    def at(self, time: int, callback: Any, argument: Any = None) -> None:
        self.due = time


class _RealLink(MediaLink[Any]):
    """Sends a packet by the real peers; its latency and whether it is lost are drawn as ever."""

    pair: Pair
    put: Callable[[Any, int], None]
    caught: _Caught

    def send(self, number: int, content: Any) -> None:
        self._scheduler = self.caught  # type: ignore[assignment]
        self.caught.due = None
        super().send(number, content)
        due = self.caught.due
        self.pair.fates[self._direction].append((number, due is None, 0 if due is None else due - self.caught.now))
        self.pair.contents[self._direction][number] = content
        self.put(content, number)


class _RealChannel(HoldingLink):
    """One direction of the real data channel."""

    pair: Pair
    direction: str

    def pass_on(self, message: Any, delay_us: int = 0) -> None:
        if self._held is not None or not isinstance(message, Event | Damaged):
            super().pass_on(message, delay_us)
        elif delay_us:
            self.later(delay_us, lambda: self.pair.say(self.direction, message))
        else:
            self.pair.say(self.direction, message)


class RealCall(CallConnection):
    """Takes one of the pairs that are connected."""

    link = _RealChannel
    pairs: list[Pair]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.pair = pair = self.pairs.pop()
        pair.call = self
        pair.latency_us = self._up._latency_us
        for direction, wire, media in (("up", self.wire.up, self._up), ("down", self.wire.down, self._down)):
            wire.pair, wire.direction = pair, direction  # type: ignore[attr-defined]
            media.__class__ = _RealLink
            media.pair, media.caught = pair, _Caught(self._scheduler)  # type: ignore[attr-defined]
        self._up.put = pair.track.put  # type: ignore[attr-defined]
        self._down.put = lambda frame, number: pair.server.play(frame.pcm, number)  # type: ignore[attr-defined]

    def arrived(self, direction: str, message: Any) -> None:
        """A message has passed the data channel."""
        link = self.wire.up if direction == "up" else self.wire.down
        link._arrive(message)

    def heard(self, number: int, how: str, pcm: bytes) -> None:
        """20 ms of the microphone, decoded; the world knows by the bytes that were sent whose they are."""
        if not self.open:
            return
        now = self._scheduler.now
        sent = self.pair.contents["up"].get(number)
        if sent is None or how == "lost":
            self._at_server.made_up += 1
            sent = self._concealment.lost(FRAME_BYTES)
        else:
            sent = self._concealment.good(sent)
        self._arrivals.add(sent, PCM24K, now)
        self._answer(self._call.hear(pcm, now))

    def ran_dry(self) -> None:
        """No packets arrive any more."""
        self._stopped()

    def media_arrived(self, number: int) -> None:
        """A packet of the server has arrived at the client: the frame that it holds, and the one before."""
        frames = self.pair.contents["down"]
        if number in frames:
            self._at_client.arrive(number, Packet(frames[number], frames.get(number - 1)))

    def inject(self, active: Any) -> None:
        super().inject(active)
        self._set_path()

    def release(self, active: Any) -> None:
        super().release(active)
        self._set_path()

    def _set_path(self) -> None:
        self.pair.blocked = any(each.fault.stops_checks for each in self._active)


@contextmanager
def _real_calls(pairs: list[Pair]) -> Iterator[None]:
    usual, RealCall.pairs = network.CallConnection, pairs
    network.CallConnection = RealCall  # type: ignore[misc]
    try:
        yield
    finally:
        network.CallConnection = usual  # type: ignore[misc]


async def play_over_aiortc(prepared: PreparedRun) -> None:
    """Play a run whose scenario has the transport ``webrtc`` with real calls, in a loop whose clock jumps."""
    pairs = [Pair() for _ in range(_PAIRS)]
    for pair in pairs:
        await pair.connect()
    world = prepared.world
    clock = WorldClock(world.scheduler)
    for pair in pairs:
        pair.clock = clock
    with _real_calls(list(pairs)), np.errstate(all="ignore"):
        world.begin()
        await clock.run()
        world.end()
    for pair in pairs:
        await pair.close()
