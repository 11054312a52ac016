"""A connection without a network: the protocols of the server over a transport that records what is sent.

It differs from asyncio's in this: the client reads only when :meth:`FakeTransport.drain` says so, and nothing is lost.
"""

import asyncio
import json

from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode

from harness.live.access import Visit
from harness.live.control.api import ControlResponse
from harness.live.socket.http import HttpConnection
from harness.live.socket.inbox import ReceiveMemory
from harness.live.socket.limits import Timing
from harness.live.socket.websocket import WebSocket

HIGH_WATER = 64 * 1024


def handshake(path="/v1/realtime?model=gpt-realtime", *lines: str) -> bytes:
    """A client's request for a WebSocket."""
    head = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode()


DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"


def deflate():
    """The client's end of the compression that the server agrees to."""
    factory = ClientPerMessageDeflateFactory(server_max_window_bits=12, client_max_window_bits=12)
    return factory.process_response_params([("server_max_window_bits", "12"), ("client_max_window_bits", "12")], [])


def frame(opcode: Opcode, data: bytes, fin: bool = True, extensions=()) -> bytes:
    """A client's frame as it is on the wire."""
    return bytes(Frame(opcode, data, fin).serialize(mask=True, extensions=list(extensions)))


def text(data: str | bytes, fin: bool = True, extensions=()) -> bytes:
    """A text frame."""
    return frame(Opcode.TEXT, data.encode() if isinstance(data, str) else data, fin, extensions)


class FakeTransport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.protocol: asyncio.BaseProtocol | None = None
        self.sent = b""
        self.unread = 0
        self.reading = True
        self.closed: str | None = None
        self._paused = False

    def set_protocol(self, protocol) -> None:
        self.protocol = protocol

    def write(self, data) -> None:
        assert self.closed is None
        self.sent += bytes(data)
        self.unread += len(data)
        if self.unread > HIGH_WATER and not self._paused:
            self._paused = True
            self.protocol.pause_writing()

    def drain(self) -> None:
        """The client reads all that it has been sent."""
        self.unread = 0
        if self._paused:
            self._paused = False
            self.protocol.resume_writing()

    def get_write_buffer_size(self) -> int:
        return self.unread

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closed is not None

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.closed = "eof"

    def close(self) -> None:
        self.closed = self.closed or "close"

    def abort(self) -> None:
        self.closed = "abort"

    def get_extra_info(self, name, default=None):
        return default

    def frames(self) -> list[tuple[Opcode, bytes]]:
        """What the server has sent after its handshake, uncompressed."""
        data = self.sent.partition(b"\r\n\r\n")[2]
        found = []
        while data:
            opcode, size, data = Opcode(data[0] & 0x0F), data[1], data[2:]
            if size >= 126:
                wide = 2 if size == 126 else 8
                size, data = int.from_bytes(data[:wide], "big"), data[wide:]
            found.append((opcode, data[:size]))
            data = data[size:]
        return found


class RecordingHandler:
    """Records what it receives; ``answer`` is sent for each text."""

    def __init__(self, answer: bytes | None = None) -> None:
        self.received: list[bytes | None] = []
        self.ending: tuple[int, str] | None = None
        self.resumptions = 0
        self.websocket: WebSocket | None = None
        self._answer = answer

    def opened(self, sender: WebSocket) -> None:
        self.websocket = sender

    def text(self, data: bytes) -> None:
        self.received.append(data)
        if self._answer is not None:
            self.websocket.send(self._answer, 1)
            self.websocket.flush()

    def large(self, data):
        yield
        self.text(bytes(data))

    def binary(self) -> None:
        self.received.append(None)

    def resumed(self) -> None:
        self.resumptions += 1

    def closed(self, code: int, reason: str, by: str) -> None:
        assert self.ending is None
        self.ending = (code, reason)


class RecordingLog:
    """Notes what the faults on a wire deliver."""

    def __init__(self) -> None:
        self.notes: list[tuple] = []

    def delivered(self, number: int, *, damaged: bool) -> None:
        self.notes.append(("delivered", number, damaged))

    def uplink_held(self, size_bytes: int, audio_us: int) -> None:
        self.notes.append(("held", size_bytes, audio_us))

    def uplink_arrived(self, size_bytes: int, audio_us: int, late_us: int) -> None:
        self.notes.append(("arrived", size_bytes, audio_us, late_us))


class Host:
    """A server that admits every client and answers every other request with its target."""

    def __init__(
        self, handler: RecordingHandler | None = None, memory: ReceiveMemory | None = None, timing: Timing | None = None
    ) -> None:
        self.handler = handler or RecordingHandler()
        self.memory = memory or ReceiveMemory()
        self.timing = timing or Timing()
        self.full = False
        self.refusal: str | None = None
        self.gone = 0
        self.asked: list[tuple[str, str, bytes]] = []

    def connected(self, transport) -> bool:
        return not self.full

    def lost(self, transport) -> None:
        self.gone += 1

    def visit(self, headers) -> Visit:
        return Visit(self.refusal)

    def upgrade(self, connection, upgrade) -> None:
        connection.switch(WebSocket(lambda _: self.handler, self.timing, self.memory, self.lost))

    def respond(self, method, target, headers, body) -> ControlResponse:
        self.asked.append((method, target, body))
        said = json.dumps({"asked": target}).encode()
        return ControlResponse(200, {"Content-Length": str(len(said))}, said)


def connect(host: Host) -> FakeTransport:
    """A client has connected."""
    transport = FakeTransport()
    transport.set_protocol(HttpConnection(host))
    transport.protocol.connection_made(transport)
    return transport


def send(transport: FakeTransport, *pieces: bytes) -> None:
    """The client's bytes arrive, as far as the server reads."""
    for piece in pieces:
        if transport.closed in (None, "eof") and piece:
            hand_over(transport.protocol, piece)


async def until(reached) -> None:
    """Let the loop turn until this is so: large messages are handed over in steps."""
    for _ in range(20_000):
        if reached():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never is")


def hand_over(protocol, data: bytes) -> None:
    """As asyncio does it: a buffered protocol is given as much as its buffer holds."""
    if isinstance(protocol, asyncio.BufferedProtocol):
        while data:
            buffer = protocol.get_buffer(-1)
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            protocol.buffer_updated(size)
            data = data[size:]
    else:
        protocol.data_received(data)


def leave(transport: FakeTransport) -> None:
    """The client's end is gone."""
    transport.protocol.connection_lost(None)


def opened(host: Host, *lines: str) -> FakeTransport:
    """A client whose handshake is done; ``lines`` are further headers."""
    transport = connect(host)
    send(transport, handshake("/v1/realtime", *lines))
    assert transport.sent.startswith(b"HTTP/1.1 101 ")
    return transport
