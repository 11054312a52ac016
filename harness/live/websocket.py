"""A WebSocket of the server: an :class:`asyncio.Protocol` over websockets' sans-I/O ``ServerProtocol``.

There is no task and no queue. What comes is parsed and handed on at once; while the client does not read, nothing is
parsed, so nothing piles up. Text that is not UTF-8 is closed with 1007, as RFC 6455 demands, and a message above
:data:`harness.live.limits.MAX_MESSAGE_BYTES` with 1009.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from websockets.exceptions import ProtocolError as InvalidClose
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from harness.errors import SettingError
from harness.faults.seams import WireFault
from harness.live.handshake import Deflate, answer, select_subprotocol
from harness.live.heartbeat import Heartbeat
from harness.live.limits import COMPRESSED_SLICE_BYTES, MAX_MESSAGE_BYTES, SLICE_BYTES, Memory, Timing
from harness.live.wire import WireFaults

# websockets logs whatever a client does wrong; what is our own fault is logged where it happens.
_wire_log = logging.getLogger("harness.live.wire")
_wire_log.setLevel(logging.CRITICAL)

_DEFLATE = Deflate()
_HEAD_END = b"\r\n\r\n"
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class Owner(Protocol):
    """Who is told what happens on a WebSocket."""

    def opened(self, websocket: "WebSocket") -> None:
        """The handshake is done."""
        ...

    def text(self, data: bytes) -> None:
        """A text message came, as UTF-8."""
        ...

    def binary(self) -> None:
        """A binary message came."""
        ...

    def resumed(self) -> None:
        """The client reads again: what had to wait may be sent."""
        ...

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone."""
        ...


class WebSocket(asyncio.BufferedProtocol):
    """One connection from its handshake to its end. ``admit`` is asked for its owner once the handshake is done."""

    def __init__(
        self,
        admit: Callable[["WebSocket"], Owner],
        timing: Timing,
        memory: Memory,
        on_lost: Callable[[asyncio.Transport], None],
    ):
        self.transport: asyncio.Transport
        self.blocked = False
        """Nothing may be sent now, because the client does not read or the wire holds too much."""
        self._admit = admit
        self._owner: Owner | None = None
        self._timing = timing
        self._memory = memory
        self._buffer = memory.buffer
        self._on_lost = on_lost
        self._websocket = ServerProtocol(
            extensions=[_DEFLATE],
            select_subprotocol=select_subprotocol,
            max_size=MAX_MESSAGE_BYTES,
            logger=_wire_log,
        )
        self._wire: WireFaults | None = None
        self._heartbeat = Heartbeat(timing, self._ping, self._no_pong, lambda: self.blocked)
        self._slice_bytes = SLICE_BYTES
        self._message: bytearray | None = None
        self._is_text = False
        self._waiting: deque[Frame] = deque()
        self._rest = b""
        self._unparsed_bytes = self._held_bytes = 0
        self._writing_paused = False
        self._stall: asyncio.TimerHandle | None = None
        self._cut: asyncio.TimerHandle | None = None

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is taken over."""
        self.transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the client's bytes go: a buffer that all share, since they are parsed before anybody else reads."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes of the client have come."""
        if self.blocked or self._wire is not None or nbytes > self._slice_bytes:
            self._receive(self._buffer[:nbytes])
        else:
            self._take(self._buffer[:nbytes])

    def eof_received(self) -> None:
        """The client has no more to say; asyncio closes the connection once all is sent."""
        self._websocket.receive_eof()
        self._cut_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._websocket.receive_eof()
        self._heartbeat.stop()
        for timer in (self._stall, self._cut):
            if timer is not None:
                timer.cancel()
        self._waiting.clear()
        self._rest, self._message, self._wire = b"", None, None
        self._hold_memory(0)
        self._on_lost(self.transport)
        if self._owner is not None:
            self._owner.closed(*self._ending())

    def pause_writing(self) -> None:
        """The client does not read."""
        self._writing_paused = True
        loop = asyncio.get_running_loop()
        self._stall = loop.call_later(self._timing.stalled_s, self._stalled, self.transport.get_write_buffer_size())
        self._block()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._writing_paused = False
        if self._stall is not None:
            self._stall.cancel()
        self._unblock()

    # --- what the owner calls ---

    def send(self, text: bytes) -> None:
        """Send a text message with the next :meth:`flush`; nothing happens if the connection is no longer open."""
        if self._websocket.state is State.OPEN and not (self._wire is not None and self._wire.loses_event()):
            self._websocket.send_text(text)

    def flush(self) -> None:
        """Write all that is to be sent."""
        data = self._websocket.data_to_send()
        if data:
            self._write(data)

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake. Raises :exc:`SettingError` for a code or reason that RFC 6455 forbids."""
        if self._websocket.state is not State.OPEN:
            return
        try:
            self._websocket.send_close(code, reason)
        except InvalidClose:
            raise SettingError(
                f"a WebSocket cannot be closed with {code} {reason!r}; use a code such as 1000, 1011 or 4000 and a "
                "reason of at most 123 bytes"
            ) from None
        self.flush()

    def abort(self) -> None:
        """Reset the connection."""
        self.transport.abort()

    def strike(self, fault: WireFault) -> None:
        """A fault begins on the wire."""
        if fault.kills:
            self.abort()
            return
        if self._wire is None:
            self._wire = WireFaults()
        self._wire.strike(fault)
        if self._wire.dead:
            self._heartbeat.stop()
            self._let_go()

    def release(self, fault: WireFault) -> None:
        """A fault ends; what it held goes on its way."""
        if self._wire is None:
            return
        up, down = self._wire.release(fault)
        if not self._wire:
            self._wire = None
        if not self.transport.is_closing():
            self._write(list(down))
        self._waiting.extendleft(reversed(list(up)))
        self._unblock()

    # --- receiving ---

    def _receive(self, data: bytes | memoryview) -> None:
        if self._wire is not None and self._wire.dead:
            return
        if self.blocked:
            self._rest += data  # asyncio may have read once before it was told not to
        else:
            self._parse(data)

    def shake_hands(self, data: bytes) -> None:
        """The client's handshake has come, and perhaps more."""
        websocket = self._websocket
        found = data.find(_HEAD_END)  # a head whose lines end in LF alone is refused as well
        end = found + len(_HEAD_END) if found >= 0 else len(data)
        self._write(answer(websocket, data[:end]))
        if websocket.state is not State.OPEN:
            return
        if websocket.extensions:
            self._slice_bytes = COMPRESSED_SLICE_BYTES
        self._heartbeat.start()
        self._owner = self._admit(self)
        self._owner.opened(self)
        if len(data) > end:  # what follows must not be parsed before the handshake is answered
            self._receive(data[end:])

    def _parse(self, data: bytes | memoryview) -> None:
        size = self._slice_bytes
        if len(data) <= size:
            self._take(data)
            return
        for start in range(0, len(data), size):
            if self.blocked:
                self._rest = bytes(data[start:])
                return
            self._take(data[start : start + size])

    def _take(self, data: bytes | memoryview) -> None:
        """One slice."""
        websocket = self._websocket
        websocket.receive_data(data)  # type: ignore[arg-type]
        frames = websocket.events_received()
        for frame in frames:
            if self.blocked:
                self._waiting.append(frame)  # type: ignore[arg-type]
            else:
                self._frame(frame)  # type: ignore[arg-type]
        self.flush()
        if self._cut is None:
            self._unparsed_bytes = 0 if frames else self._unparsed_bytes + len(data)
            self._hold_memory(self._unparsed_bytes + (len(self._message) if self._message is not None else 0))

    def _hold_memory(self, held_bytes: int) -> None:
        """An unfinished message takes so much."""
        change = held_bytes - self._held_bytes
        if change:
            self._held_bytes = held_bytes
            if not self._memory.change(change) and change > 0:
                self._fail(CloseCode.TRY_AGAIN_LATER, "too many large messages at once")

    def _frame(self, frame: Frame) -> None:
        opcode = frame.opcode
        if self._cut is not None:  # the server has closed, and what still comes counts for nothing
            return
        if self._wire is not None and self._wire.keeps_up(frame):
            self._hold()
            return
        if opcode is Opcode.TEXT and frame.fin:
            self._deliver_text(bytes(frame.data))
        elif opcode in _DATA:
            self._fragment(frame)
        elif opcode is Opcode.PONG:
            self._heartbeat.pong(bytes(frame.data))

    def _fragment(self, frame: Frame) -> None:
        """A binary message, or one of several frames; they are joined, so that even empty ones cannot pile up."""
        if frame.opcode is not Opcode.CONT:
            self._message, self._is_text = bytearray(), frame.opcode is Opcode.TEXT
        if self._message is None:  # its beginning was lost on the wire
            return
        self._message += frame.data
        if not frame.fin:
            return
        message, self._message = bytes(self._message), None
        if self._is_text:
            self._deliver_text(message)
        else:
            assert self._owner is not None
            self._owner.binary()

    def _deliver_text(self, data: bytes) -> None:
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:
                self._fail(CloseCode.INVALID_DATA, "text is not UTF-8")
                return
        assert self._owner is not None
        self._owner.text(data)

    # --- sending ---

    def _write(self, data: Sequence[bytes]) -> None:
        """Each element is a frame, or empty for the end of the stream."""
        if self._wire is not None:
            data = [each for each in data if not self._wire.keeps_down(each)]
            self._hold()
        transport = self.transport
        if not data or transport.is_closing():
            return
        if data[-1]:
            transport.write(data[0] if len(data) == 1 else b"".join(data))
        else:
            transport.write(b"".join(data))
            if transport.can_write_eof():
                with contextlib.suppress(OSError):  # the client may be gone already, which is read only later
                    transport.write_eof()
            else:
                transport.close()
        if self._websocket.close_expected():
            self._cut_soon()

    def _cut_soon(self) -> None:
        """The connection is closing: what the client still sends is read and thrown away."""
        if self._cut is None:
            self._cut = asyncio.get_running_loop().call_later(self._timing.close_within_s, self.abort)
        self._heartbeat.stop()
        self._let_go()

    def _let_go(self) -> None:
        """Drop what waits, and read on, if only to see the client leave."""
        self._waiting.clear()
        self._rest, self._message = b"", None
        self._hold_memory(0)
        self.blocked = False
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def _ping(self, payload: bytes) -> None:
        if self._websocket.state is State.OPEN:
            self._websocket.send_ping(payload)
            self.flush()

    def _no_pong(self) -> None:
        self._fail(CloseCode.INTERNAL_ERROR, "keepalive ping timeout")

    def _fail(self, code: int, reason: str) -> None:
        self._websocket.fail(code, reason)
        self.flush()

    def _ending(self) -> tuple[int, str]:
        """How it was closed: by whose Close frame came first, or with 1006 if there was none."""
        sent, received = self._websocket.close_sent, self._websocket.close_rcvd
        first = received if self._websocket.close_rcvd_then_sent else sent or received
        return (first.code, first.reason) if first is not None else (CloseCode.ABNORMAL_CLOSURE, "")

    # --- standing still ---

    def _block(self) -> None:
        if self._cut is None:
            self.blocked = True
            self.transport.pause_reading()

    def _hold(self) -> None:
        """A stalled wire that is full stops its ends, as a network's buffers do."""
        if self._wire is not None and self._wire.full and not self.blocked:
            self._block()

    def _unblock(self) -> None:
        """Go on where parsing stopped, unless that has stopped it again."""
        self.blocked = self._writing_paused or (self._wire is not None and self._wire.full)
        while self._waiting and not self.blocked:
            self._frame(self._waiting.popleft())
        if self._rest and not self.blocked:
            rest, self._rest = self._rest, b""
            self._parse(rest)
        self.flush()
        if not self.blocked and not self.transport.is_closing():
            self.transport.resume_reading()
            if self._owner is not None:
                self._owner.resumed()

    def _stalled(self, unread_bytes: int) -> None:
        """The client has read nothing at all, or is only slow."""
        left_bytes = self.transport.get_write_buffer_size()
        if left_bytes >= unread_bytes:
            self.abort()
        else:
            self._stall = asyncio.get_running_loop().call_later(self._timing.stalled_s, self._stalled, left_bytes)
