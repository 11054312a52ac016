"""The server's end of one call: ICE, DTLS, SRTP and SCTP by aiortc; jitter buffer, Opus and pacing are ours.

All of it runs on the loop of :mod:`harness.live.webrtc.media_loop`, and so is it called. aiortc's own jitter buffer and
its decoder thread are not used: packets are taken before them. What receiver reports tell stays true.
"""

import asyncio
import contextlib
import fractions
from collections import Counter
from functools import partial
from typing import Any, Protocol

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpreceiver import StreamStatistics
from av.packet import Packet

from ...audio.formats import PCM24K
from ...audio.jitter import JitterBuffer, Pulled
from ...faults.seams import ActiveFault, Direction, MediaFault
from ...units import SECOND
from .datagrams import DatagramKind, DatagramSeam
from .faults import MediaFaults
from .opus import FRAME_SAMPLES, OpusDecoder, OpusEncoder
from .sdp import InvalidOffer, answer_of_service, has_data_channel, opus_payload

RTP_RATE_HZ = 48_000
FRAME_TICKS = RTP_RATE_HZ // 50
"""Ticks of the RTP clock in a packet of 20 ms."""
_TIME_BASE = fractions.Fraction(1, RTP_RATE_HZ)
_LOOPBACK = ["127.0.0.1"]
_HALF = 1 << 31
_EXPECTED_LOSS_PERCENT = 10
"""The encoder adds FEC for it, whether packets are lost or not."""
_SILENT_S = 10.0
"""aiortc says ``closed`` either way; who has sent nothing for so long has not closed the call, but is lost."""
_CONNECTS_WITHIN_S = 30.0
"""A client that has its answer and does not come is given up."""


class PeerEvents(Protocol):
    """Is told what happens in a call; :meth:`gone` comes last, and once."""

    def began(self) -> None:
        """The data channel is open; of a call without one: the media are."""
        ...

    def text(self, data: bytes) -> None:
        """A message on the data channel."""
        ...

    def audio(self, pcm: bytes, how: str) -> None:
        """The next 20 ms of the client's audio; ``how`` it was had, as :mod:`harness.audio.jitter` names it."""
        ...

    def audio_stopped(self) -> None:
        """No packets arrive any more; :meth:`audio` goes on with the next one."""
        ...

    def channel_closed(self) -> None:
        """The client has closed the data channel."""
        ...

    def gone(self, state: str) -> None:
        """The connection is in this last state: ``failed`` or ``closed``."""
        ...


class Peer:
    """Call :meth:`answer` first, then :meth:`send` and :meth:`play`, and :meth:`close` at the end."""

    def __init__(self, events: PeerEvents, *, loopback_only: bool) -> None:
        self.faults = MediaFaults(self._now)
        self.counts: Counter[str] = Counter()
        """Packets by how they were had, and how many came too late to be."""
        self._events = events
        self._loopback_only = loopback_only
        self._loop = asyncio.get_running_loop()
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._track = FrameTrack()
        self._channel: Any = None
        self._jitter: JitterBuffer[bytes] = JitterBuffer()
        self._decoder = OpusDecoder()
        self._opus: int | None = None
        self._receiver: Any = None
        self._last_ticks: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._needs_channel = True
        self._began = self._gone = False
        self._heard_at_s = self._loop.time()
        self._patience: asyncio.TimerHandle | None = None

    async def answer(self, offer: str) -> str:
        """The SDP answer to an offer. Raises :exc:`InvalidOffer` if aiortc cannot read it."""
        connection = self._connection
        self._needs_channel = has_data_channel(offer)
        connection.on("datachannel", self._opened_channel)
        connection.on("connectionstatechange", self._state_changed)
        connection.addTrack(self._track)
        try:
            await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            self._choose_addresses()
            await connection.setLocalDescription(await connection.createAnswer())
        except Exception as error:  # aiortc raises whatever its parser meets
            await self.close()
            raise InvalidOffer from error
        for transceiver in connection.getTransceivers():
            if transceiver.kind == "audio":
                self._receiver = transceiver.receiver
                self._receiver._handle_rtp_packet = self._packet
        for transport in self._ice():
            DatagramSeam(transport._connection, self._fate)
        answer = answer_of_service(connection.localDescription.sdp)
        self._opus = opus_payload(answer)
        self._patience = self._loop.call_later(_CONNECTS_WITHIN_S, self._give_up)
        return answer

    def send(self, text: str) -> None:
        """A message on the data channel; ignored if it is not open."""
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(text)

    def play(self, pcm: bytes, number: int) -> None:
        """Send 20 ms of audio; ``number`` counts the frames since the call began, those that are not sent too."""
        self.counts["played"] += 1
        self._track.put(pcm, number)

    async def close(self) -> None:
        """End the call: the client's connection is closed."""
        if self._timer is not None:
            self._timer.cancel()
        self._track.stop()
        with contextlib.suppress(ConnectionError):
            await self._connection.close()
        self._end("closed")

    def inject(self, active: ActiveFault) -> None:
        """A fault of the media begins."""
        fault = active.fault
        assert isinstance(fault, MediaFault)
        if fault.closes == "data channel" and self._channel is not None:
            self._channel.close()
        self.faults.inject(active, fault)

    def packets(self) -> dict[str, int]:
        """What became of the packets so far, with the names of :class:`harness.journal.MediaPackets`."""
        had, lost = self.counts, self.faults.lost
        made_up = had["lost"]
        up_lost = max(had["recovered"] + made_up, lost["up"])  # when none arrives, ours alone are known
        return {
            "up_sent": had["packet"] + up_lost, "up_lost": up_lost, "up_made_up": made_up,
            "down_sent": had["played"], "down_lost": lost["down"], "down_made_up": 0,
        }  # fmt: skip

    # --- what aiortc calls ---

    def _opened_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.on("message", self._message)
        channel.on("close", self._events.channel_closed)
        self._begin()

    def _message(self, message: str | bytes) -> None:
        self._events.text(message.encode() if isinstance(message, str) else message)

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected":
            self._stop_patience()
            if not self._needs_channel:
                self._begin()
        elif state in ("failed", "closed"):
            self._end("failed" if self._loop.time() - self._heard_at_s > _SILENT_S else state)

    def _fate(self, direction: Direction, kind: DatagramKind, data: bytes) -> int | None:
        fate = self.faults.fate(direction, kind, data)
        if direction == "up" and fate is not None:
            self._heard_at_s = self._loop.time()
        return fate

    def _give_up(self) -> None:
        self._end("failed")
        self._closing = asyncio.ensure_future(self.close())

    def _stop_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()

    def _begin(self) -> None:
        if not self._began:
            self._began = True
            self._events.began()

    def _end(self, state: str) -> None:
        if not self._gone:
            self._gone = True
            self._stop_patience()
            if self._timer is not None:
                self._timer.cancel()
            self._events.gone(state)

    async def _packet(self, packet: Any, arrival_time_ms: int = 0) -> None:
        """A packet of RTP; its statistics go into the receiver's reports, which a sender's FEC follows."""
        streams = self._receiver._RTCRtpReceiver__remote_streams
        if packet.ssrc not in streams:
            streams[packet.ssrc] = StreamStatistics(RTP_RATE_HZ)
        streams[packet.ssrc].add(packet)
        if packet.payload_type == self._opus and packet.payload and not self._gone:
            self._jitter.push(self._number(packet.timestamp), packet.payload, self._now())
            self._pull()

    # --- the client's audio ---

    def _number(self, timestamp: int) -> int:
        """The number of a packet, from its 32 bits of RTP time."""
        if self._last_ticks is None:
            self._last_ticks = timestamp
        apart = (timestamp - self._last_ticks + _HALF) % (2 * _HALF) - _HALF
        ticks = self._last_ticks + apart
        self._last_ticks = max(ticks, self._last_ticks)
        return ticks // FRAME_TICKS

    def _pull(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._gone:
            return
        for pulled in self._jitter.pull(self._now()):
            self._take(pulled)
        due = self._jitter.next_due
        if due is not None:
            self._timer = self._loop.call_at(due / SECOND, self._pull)

    def _take(self, pulled: Pulled[bytes]) -> None:
        self.counts[pulled.how] += 1
        if pulled.how == "dry":
            self._events.audio_stopped()
            return
        if pulled.data is None:
            samples = self._decoder.conceal(FRAME_SAMPLES)
        elif pulled.how == "recovered":
            samples = self._decoder.recover(pulled.data, FRAME_SAMPLES)
        else:
            samples = self._decoder.decode(pulled.data)
        self._events.audio(PCM24K.encode(samples), pulled.how)

    # --- small things ---

    def _now(self) -> int:
        return round(self._loop.time() * SECOND)

    def _ice(self) -> set[Any]:
        found: set[Any] = self._connection._RTCPeerConnection__iceTransports  # type: ignore[attr-defined, unused-ignore]
        return found

    def _choose_addresses(self) -> None:
        """aioice leaves loopback addresses out, and takes all others."""
        for transport in self._ice():
            connection = transport._connection
            gather = connection.get_component_candidates
            connection.get_component_candidates = partial(_gathered, gather, self._loopback_only)


async def _gathered(gather: Any, loopback_only: bool, component: int, addresses: list[str], timeout: int = 5) -> Any:
    chosen = _LOOPBACK if loopback_only else [*addresses, *_LOOPBACK]
    return await gather(component=component, addresses=chosen, timeout=timeout)


class FrameTrack(MediaStreamTrack):  # type: ignore[misc, unused-ignore]
    """The track of what the session says: its frames as Opus packets, so that aiortc needs no executor."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._encoder = OpusEncoder(fec=True, loss_percent=_EXPECTED_LOSS_PERCENT)
        self._frames: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue()

    def put(self, pcm: bytes, number: int) -> None:
        """The next frame."""
        self._frames.put_nowait((pcm, number))

    async def recv(self) -> Packet:
        """Its packet, once it is there."""
        pcm, number = await self._frames.get()
        packet = Packet(self._encoder.encode(PCM24K.decode(pcm)))
        packet.pts, packet.time_base = number * FRAME_TICKS, _TIME_BASE
        return packet
