"""A client of a call, by aiortc: it sends a recording as its microphone, and keeps what it is told and hears."""

import asyncio
import fractions
import json

import numpy as np
from aioice import ice
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av.packet import Packet

from harness.live.webrtc.opus import FRAME_SAMPLES, OpusDecoder, OpusEncoder
from tests.live.testing import KEY

_TIME_BASE = fractions.Fraction(1, 48_000)
_FRAME_S = 0.02


class Microphone(MediaStreamTrack):
    """20 ms of ``pcm`` at a time; zeros after its end."""

    kind = "audio"

    def __init__(self, pcm, **encoding):
        super().__init__()
        self.pcm = pcm
        self.muted = False
        """Whether no packets are sent."""
        self._encoder = OpusEncoder(**encoding)
        self._count = 0
        self._began_s = None

    async def recv(self):
        loop = asyncio.get_running_loop()
        if self._began_s is None:
            self._began_s = loop.time()
        while True:
            await asyncio.sleep(max(0.0, self._began_s + self._count * _FRAME_S - loop.time()))
            frame = self.pcm[self._count * FRAME_SAMPLES : (self._count + 1) * FRAME_SAMPLES]
            number, self._count = self._count, self._count + 1
            packet = Packet(self._encoder.encode(np.pad(frame, (0, FRAME_SAMPLES - len(frame)))))
            packet.pts, packet.time_base = number * 960, _TIME_BASE
            if not self.muted:
                return packet


class Caller:
    """Call :meth:`offer`, then :meth:`accept` with the answer; or :meth:`dial` a server, which does both."""

    def __init__(self, pcm=(), **encoding):
        self.microphone = Microphone(np.asarray(pcm, np.int16), **encoding)
        self.events = []
        """Each with the time of the loop, in seconds."""
        self.heard = []
        """Each 20 ms that arrived: the time, the RTP timestamp, and the samples."""
        self.closed = asyncio.Event()
        """The data channel is closed."""
        self.opened = asyncio.Event()
        self.location = ""
        self._loop = asyncio.get_running_loop()
        self._decoder = OpusDecoder()
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel = self.connection.createDataChannel("oai-events")
        self.channel.on("open", self.opened.set)
        self.channel.on("close", self.closed.set)
        self.channel.on("message", lambda text: self.events.append((self._loop.time(), json.loads(text))))
        self.connection.addTrack(self.microphone)

    async def offer(self):
        """The SDP offer."""
        usual = ice.get_host_addresses
        ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        try:
            await self.connection.setLocalDescription(await self.connection.createOffer())
        finally:
            ice.get_host_addresses = usual
        for transceiver in self.connection.getTransceivers():
            transceiver.receiver._handle_rtp_packet = self._packet
        return self.connection.localDescription.sdp

    async def accept(self, answer):
        """Connect to the peer of an answer."""
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(10):
            await self.opened.wait()

    async def dial(self, server, key=KEY, *, without_candidates=False):
        """Call a server; its answer is kept in ``answer``."""
        offer = await self.offer()
        if without_candidates:
            lines = offer.splitlines(keepends=True)
            offer = "".join(line for line in lines if not line.startswith(("a=candidate", "a=end-of-candidates")))
        headers = {**key, "Content-Type": "application/sdp"}
        status, found, body = await post(server, "/v1/realtime/calls?model=gpt-realtime", offer.encode(), headers)
        assert status == 201, body
        self.location, self.answer = found["location"], body.decode()
        await self.accept(self.answer)

    @property
    def call_id(self):
        return self.location.rpartition("/")[2]

    def send(self, event):
        """Send an event on the data channel."""
        self.channel.send(json.dumps(event))

    async def hear(self, kind):
        """The first event of this type, now or later."""
        async with asyncio.timeout(20):
            while True:
                for at, event in self.events:
                    if event["type"] == kind:
                        return at, event
                await asyncio.sleep(0.01)

    def types(self):
        return [event["type"] for _, event in self.events]

    def loud(self):
        """When something could be heard."""
        return [at for at, _, samples in self.heard if np.abs(samples).max(initial=0) > 500]

    async def close(self):
        await self.connection.close()

    async def _packet(self, packet, arrival_time_ms=0):
        self.heard.append((self._loop.time(), packet.timestamp, self._decoder.decode(packet.payload)))


async def post(server, path, body=b"", headers=KEY):
    """Status, headers with lower-case names, and body of the answer to a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
    answer = await reader.read()
    writer.close()
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return int(first.split()[1]), found, content
