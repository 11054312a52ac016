"""The server's end of an app's WebSocket: between its bytes and a connection of the world.

Messages, pings and Closes pass the world's wire and its faults in both directions. TCP lies below that: what a fault
holds back, or loses for good, fills the buffers of the app's system, and then the app cannot write any more.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast

from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from ..clients.interface import Closed, Ping, Pong
from ..errors import ProtocolError
from ..journal import ClientDisconnects, UplinkDrained, UplinkFull
from ..live.socket.handshake import answer_handshake, select_subprotocol, send_close
from ..live.socket.limits import MAX_MESSAGE_BYTES
from ..protocol.codec import binary_frame, encode
from ..protocol.events import Event, InputAudioBufferAppend, ResponseOutputAudioDelta
from ..units import MS
from ..world.connection import Connection
from ..world.damage import Damaged
from ..world.network import FromServer
from ..world.uplink import Uplink
from .tested_app import TestedApp

KERNEL_BYTES = 4 * 1024 * 1024
"""What systems hold of a connection that stands still: the most to which Linux lets a send buffer grow (tcp_wmem).

Measured: clients that append 67 kB a second write on for over 40 s into a black hole; else their pings would wait too.
"""
GIVES_UP_US = 924_600 * MS
"""TCP gives a connection up if nothing is acknowledged for so long (Linux, tcp_retries2; measured: 951 to 965 s)."""
_LOOK_AGAIN_US = 100 * MS


class _Protocol(ServerProtocol):
    """Answers neither pings nor Closes by itself: the world's wire carries them, or does not."""

    held: deque[Frame]
    answers = True

    def send_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self.held.append(frame)
        elif self.answers or frame.opcode is not Opcode.CLOSE:
            super().send_frame(frame)

    def send_pong_now(self) -> None:
        """Answer the oldest ping."""
        if self.held and self.state is State.OPEN:
            super().send_frame(self.held.popleft())


class AppSocket(asyncio.Protocol):
    """One WebSocket, from the answer to its handshake on. ``kernel_bytes``: what is read ahead of a stalled wire."""

    def __init__(
        self, app: TestedApp, connection: Connection, on_lost: Callable[[asyncio.Transport], None], kernel_bytes: int
    ) -> None:
        self.transport: asyncio.Transport
        self._app = app
        self._connection = connection
        self._on_lost = on_lost
        self._kernel_bytes = kernel_bytes
        self._uplink = Uplink(app.around.scheduler, app.around.journal, app.around.network)
        self._protocol = _Protocol(select_subprotocol=select_subprotocol, max_size=MAX_MESSAGE_BYTES)
        self._protocol.held = deque()
        self._parts: list[bytes] = []
        self._kind: Opcode | None = None
        self._lost_bytes = 0
        """What the app has sent into a connection that acknowledges nothing."""
        self._paused = False

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection was an HTTP one before."""
        self.transport = cast(asyncio.Transport, transport)

    def shake_hands(self, head: bytes) -> None:
        """Answer the request for a WebSocket."""
        self._write(answer_handshake(self._protocol, head))

    def data_received(self, data: bytes) -> None:
        """Bytes of the app."""
        if not self._connection.wire.answers_close and self._connection.open:
            if not self._lost_bytes:
                scheduler = self._app.around.scheduler
                scheduler.at(scheduler.now + GIVES_UP_US, self._give_up)
            self._lost_bytes += len(data)
        self._protocol.answers = self._connection.wire.answers_close
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            self._take(cast(Frame, event))
        self._flush()
        self._pause_if_full()

    def eof_received(self) -> bool:
        """The app sends no more: it is gone, or it waits for the answer to its Close."""
        self._leave(CloseCode.ABNORMAL_CLOSURE)
        self._protocol.receive_eof()
        return not self._protocol.answers

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._leave(CloseCode.ABNORMAL_CLOSURE)
        self._on_lost(self.transport)

    # --- from the app ---

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING:
            if self._connection.open:
                self._connection.send(Ping())
        elif frame.opcode is Opcode.CLOSE:
            received = self._protocol.close_rcvd
            self._leave(CloseCode.NO_STATUS_RCVD if received is None else received.code)
        elif frame.opcode is not Opcode.PONG:
            if frame.opcode is not Opcode.CONT:
                self._kind = frame.opcode
            self._parts.append(bytes(frame.data))
            if frame.fin:
                text, self._parts = b"".join(self._parts), []
                self._says(text, binary=self._kind is Opcode.BINARY)

    def _says(self, text: bytes, *, binary: bool) -> None:
        """The app has sent a message."""
        connection = self._connection
        if not connection.open:
            return
        try:
            if binary:
                raise binary_frame()
            event = connection.session.decode(text)
        except ProtocolError as error:
            connection.send(Damaged(text, None, error))
            return
        if type(event) is InputAudioBufferAppend:
            self._uplink.audio(event.audio, connection)
        else:
            self._uplink.event(event, connection)
        connection.send(event)

    def _leave(self, code: int) -> None:
        """The app has closed the connection."""
        connection = self._connection
        if connection.open:
            self._app.around.journal.add(ClientDisconnects(t=self._app.now, code=code))
            self._app.around.network.leave(connection, code)
        self._uplink.flush()

    # --- to the app ---

    def receive(self, message: FromServer) -> None:
        """A message of the server has arrived."""
        if isinstance(message, Closed):
            self._close(message)
        elif self._protocol.state is not State.OPEN:
            return
        elif isinstance(message, Pong):
            self._protocol.send_pong_now()
        elif isinstance(message, Damaged):
            self._protocol.send_text(message.text)
        elif isinstance(message, Event):
            self._send(message)
        self._flush()

    def _send(self, event: Event) -> None:
        if isinstance(event, ResponseOutputAudioDelta):
            self._app.receives(event)
        self._protocol.send_text(encode(event))

    def _close(self, closed: Closed) -> None:
        self._uplink.flush()
        if closed.code == CloseCode.ABNORMAL_CLOSURE:
            self.transport.abort()
        elif self._protocol.state is State.OPEN:
            send_close(self._protocol, closed.code, closed.reason)

    def refuse(self, texts: list[bytes], code: int, reason: str) -> None:
        """Send these messages to an app that gets no session, and close."""
        for text in texts:
            self._protocol.send_text(text)
        self._protocol.fail(Close(code, reason).code, reason)
        self._flush()

    def _flush(self) -> None:
        self._write(self._protocol.data_to_send())

    def _write(self, pieces: list[bytes]) -> None:
        for data in pieces:
            if data:
                self.transport.write(data)
            elif self._protocol.answers:
                self.transport.close()

    # --- buffers ---

    def _backlog(self) -> int:
        return self._connection.wire.held_bytes("up") + self._lost_bytes

    def _pause_if_full(self) -> None:
        if not self._paused and self._connection.open and self._backlog() > self._kernel_bytes:
            self._paused = True
            self._app.around.journal.add(UplinkFull(t=self._app.now, connection=self._connection.number))
            self.transport.pause_reading()
            self._look_again()

    def _look_again(self, _: object = None) -> None:
        if self._connection.open and self._backlog() > self._kernel_bytes:
            scheduler = self._app.around.scheduler
            scheduler.at(scheduler.now + _LOOK_AGAIN_US, self._look_again)
        else:
            self._paused = False
            if self._connection.open:
                self._app.around.journal.add(UplinkDrained(t=self._app.now, connection=self._connection.number))
            self.transport.resume_reading()

    def _give_up(self, _: object) -> None:
        """TCP has had no acknowledgement for too long."""
        if self._connection.open:
            self._leave(CloseCode.ABNORMAL_CLOSURE)
            self.transport.abort()
