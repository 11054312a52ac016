"""The client's WebSocket at a proxy: what the endpoint does not decide is as at the fake service."""

from collections.abc import Callable, Sequence
from typing import Protocol

from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from ..socket.handler import MessageHandler
from ..socket.websocket import WebSocket
from ..wire import LiveWire
from .pings import PassedPings

_CONTROLS = (Opcode.PING, Opcode.PONG)


class RelayHandler(MessageHandler, Protocol):
    """What the client's WebSocket tells besides what every handler is told."""

    def message(self, data: bytes) -> None:
        """A binary message was received."""
        ...

    def control(self, frame: Frame) -> None:
        """A ping or a pong was received."""
        ...

    def closing(self, code: int, reason: str) -> None:
        """The client has begun to close."""
        ...


class _Server(PassedPings, ServerProtocol):
    """Its pings are answered by the endpoint."""


class RelaySocket(WebSocket):
    """A WebSocket that passes pings, pongs, binary messages and Closes on. ``subprotocol`` is the endpoint's choice."""

    protocol_class = _Server
    pings = False
    subprotocol: str | None = None

    def _select(self, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return next((each for each in offered if each == self.subprotocol), None)

    @property
    def _relay(self) -> RelayHandler:
        return self._handler  # type: ignore[return-value]

    @property
    def handshake_failed(self) -> bool:
        """Whether the client's handshake was refused."""
        return self._handler is None

    # --- from the client ---

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE and self._protocol.close_rcvd_then_sent:
            closed = self._protocol.close_rcvd
            assert closed is not None
            self._relay.closing(closed.code, closed.reason)
        if frame.opcode is Opcode.PING and self._abort_timer is None:
            self._received(frame)
        else:
            super()._frame(frame)

    def _deliver(self, frame: Frame) -> None:
        if frame.opcode in _CONTROLS:
            self._relay.control(frame)
        elif frame.opcode is Opcode.BINARY:
            self._relay.message(bytes(frame.data))
        else:
            super()._deliver(frame)

    def hold(self, held: bool) -> None:
        """Hand nothing more over: the endpoint does not read; or go on."""
        self._held = held
        if held:
            if not self.transport.is_closing() and self._abort_timer is None:
                self.transport.pause_reading()
        else:
            self._unblock()

    # --- to the client ---

    def send_binary(self, data: bytes, number: int) -> bool:
        """Send a binary message with the next :meth:`flush`, as :meth:`send` does with a text."""
        if self._protocol.state is not State.OPEN:
            return False
        if self._wire is None:
            self._protocol.send_binary(data)
            return True
        self._wire.send_binary(data, number)
        self._settle()
        return False

    def send_control(self, frame: Frame) -> None:
        """Send a ping or a pong."""
        if self._protocol.state is State.OPEN:
            send: Callable[[bytes], None] = (
                self._protocol.send_ping if frame.opcode is Opcode.PING else self._protocol.send_pong
            )
            send(bytes(frame.data))
            self.flush()

    def _send_control(self, wire: LiveWire, frame: bytes) -> None:
        if frame and frame[0] & 0x0F == Opcode.PONG:
            wire.send_pong(frame)
        else:
            super()._send_control(wire, frame)

    def pass_close(self, code: int, reason: str) -> None:
        """Close as the endpoint has closed; 1006: without a Close frame."""
        if code != CloseCode.ABNORMAL_CLOSURE:
            self._close(code, reason)
        elif self._protocol.state is State.OPEN:
            self._ended_by = "server"
            if self._wire is None or not self._wire.dead:
                self.transport.close()
