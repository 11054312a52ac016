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
from typing import cast

from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from harness.faults.seams import Struck, WireFault
from harness.live.fragments import Fragments
from harness.live.handshake import Deflate, answer, select_subprotocol
from harness.live.heartbeat import Heartbeat
from harness.live.limits import COMPRESSED_SLICE_BYTES, MAX_MESSAGE_BYTES, SLICE_BYTES, Memory, Timing
from harness.live.owner import Owner, check_close, ending
from harness.live.unread import Unread
from harness.live.wire import Closing, Said, Wire

# websockets logs whatever a client does wrong; what is our own fault is logged where it happens.
_wire_log = logging.getLogger("harness.live.wire")
_wire_log.setLevel(logging.CRITICAL)

_DEFLATE = Deflate()
_HEAD_END = b"\r\n\r\n"
_MESSAGES = (Opcode.TEXT, Opcode.PONG)
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


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
        """Nothing may be sent now, because the client does not read or the wire keeps too much of what is sent."""
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
        self._wire: Wire | None = None
        self._unread: Unread
        self._heartbeat = Heartbeat(timing, self._ping, self._fail, lambda: self.blocked)
        self._slice_bytes = SLICE_BYTES
        self._fragments = Fragments()
        self._waiting: deque[Frame] = deque()
        self._arrived: deque[Frame] = deque()
        """What the wire has let pass, until it can be answered."""
        self._rest = b""
        self._unparsed_bytes = self._held_bytes = 0
        self._writing_paused = False
        self._cut: asyncio.TimerHandle | None = None

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is taken over."""
        self.transport = cast(asyncio.Transport, transport)
        self._unread = Unread(self._timing.stalled_s, self.transport.get_write_buffer_size, self.abort)

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
        self._unread.stop()
        if self._cut is not None:
            self._cut.cancel()
        if self._wire is not None:
            self._wire.stop()
        self._wire = None
        self._drop()
        self._on_lost(self.transport)
        if self._owner is not None:
            self._owner.closed(*ending(self._websocket))

    def pause_writing(self) -> None:
        """The client does not read."""
        self._writing_paused = True
        self._unread.start()
        self._block()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._writing_paused = False
        self._unread.stop()
        self._unblock()

    # --- what the owner calls ---

    def send(self, text: bytes) -> None:
        """Send a text message with the next :meth:`flush`; nothing happens if the connection is no longer open."""
        if self._websocket.state is not State.OPEN:
            return
        if self._wire is None:
            self._websocket.send_text(text)
        else:
            self._wire.say(text)
            self._settle()

    def flush(self) -> None:
        """Write all that is to be sent."""
        data = self._websocket.data_to_send()
        if data:
            self._write(data)

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake. Raises :exc:`SettingError` for a code or reason that RFC 6455 forbids."""
        if self._websocket.state is not State.OPEN:
            return
        check_close(code, reason)
        if self._wire is not None and self._wire.waits("down"):
            self._wire.close(code, reason)
        else:
            self._websocket.send_close(code, reason)
        self.flush()

    def abort(self) -> None:
        """Reset the connection."""
        self.transport.abort()

    def strike(self, struck: Struck) -> None:
        """A :class:`WireFault` begins on the wire."""
        fault = struck.fault
        assert isinstance(fault, WireFault)
        if fault.kills:
            if fault.close_code == CloseCode.ABNORMAL_CLOSURE:
                self.abort()
            else:
                self.close(fault.close_code, fault.close_reason)
            return
        if self._wire is None:
            self._wire = Wire(self._arrived.append, self._say, self._moved)
        self._wire.strike(struck)
        if self._wire.dead:
            self._heartbeat.stop()
            self._let_go()

    def release(self, struck: Struck) -> None:
        """A fault ends; what it held goes on its way."""
        if self._wire is not None:
            self._wire.release(struck)
            self._moved()

    # --- receiving ---

    def _receive(self, data: bytes | memoryview) -> None:
        if self._wire is not None and self._wire.dead:
            return
        if self._stopped:
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
            if self._stopped:
                self._rest = bytes(data[start:])
                return
            self._take(data[start : start + size])

    def _take(self, data: bytes | memoryview) -> None:
        """One slice."""
        websocket = self._websocket
        websocket.receive_data(data)  # type: ignore[arg-type]
        frames = websocket.events_received()
        for frame in frames:
            if self._stopped:
                self._waiting.append(frame)  # type: ignore[arg-type]
            else:
                self._frame(frame)  # type: ignore[arg-type]
        self.flush()
        if self._cut is None:
            self._unparsed_bytes = 0 if frames else self._unparsed_bytes + len(data)
            self._hold_memory(self._unparsed_bytes + self._fragments.size_bytes)

    def _hold_memory(self, held_bytes: int) -> None:
        """An unfinished message takes so much."""
        change = held_bytes - self._held_bytes
        if change:
            self._held_bytes = held_bytes
            if not self._memory.change(change) and change > 0:
                self._fail(CloseCode.TRY_AGAIN_LATER, "too many large messages at once")

    def _frame(self, frame: Frame) -> None:
        if self._cut is not None:  # the server has closed, and what still comes counts for nothing
            return
        if frame.opcode in _DATA and not (frame.opcode is Opcode.TEXT and frame.fin):
            whole = self._fragments.add(frame)
            if whole is not None:
                self._came(whole)
        elif frame.opcode in _MESSAGES:
            self._came(frame)

    def _came(self, frame: Frame) -> None:
        """A whole message, or a pong."""
        if self._wire is None:
            self._deliver(frame)
        else:
            self._wire.up(frame)
            self._deliver_arrived()
            self._settle()

    def _deliver_arrived(self) -> None:
        while self._arrived and not self.blocked:
            self._deliver(self._arrived.popleft())

    def _deliver(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT:
            self._deliver_text(bytes(frame.data))
        elif frame.opcode is Opcode.PONG:
            self._heartbeat.pong(bytes(frame.data))
        elif self._owner is not None:
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
        if (wire := self._wire) is None:
            self._put(data)
            return
        for frame in data:
            if frame and frame[0] & 0x0F == Opcode.TEXT:  # it has passed already
                self._put([frame])
            elif self._websocket.close_rcvd_then_sent and not wire.answers_close:
                self._heartbeat.stop()
            else:
                wire.control(frame)
        self._settle()

    def _say(self, message: Said | Closing | bytes) -> None:
        """The wire has let pass what the server says."""
        if isinstance(message, bytes):
            self._put([message])
        elif self._websocket.state is not State.OPEN:
            return
        elif isinstance(message, Said):
            self._websocket.send_text(message.text)
        else:
            self._websocket.send_close(message.code, message.reason)
        self.flush()

    def _put(self, data: Sequence[bytes]) -> None:
        """On the wire itself."""
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
        self._drop()
        self.blocked = False
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def _drop(self) -> None:
        self._waiting.clear()
        self._arrived.clear()
        self._rest = b""
        self._fragments.drop()
        self._hold_memory(0)

    def _ping(self, payload: bytes) -> None:
        if self._websocket.state is State.OPEN:
            self._websocket.send_ping(payload)
            self.flush()

    def _fail(self, code: int = CloseCode.INTERNAL_ERROR, reason: str = "keepalive ping timeout") -> None:
        self._websocket.fail(code, reason)
        self.flush()

    # --- standing still ---

    @property
    def _stopped(self) -> bool:
        """Nothing is read now: it could not be answered, or the wire keeps too much of what came."""
        return self.blocked or (self._wire is not None and self._wire.full("up") and self._cut is None)

    def _block(self) -> None:
        if self._cut is None:
            self.blocked = True
            self.transport.pause_reading()

    def _settle(self) -> None:
        """A wire that is full stops its ends, as a network's buffers do."""
        if self._wire is None or self._wire.dead or self._cut is not None:
            return
        if self._wire.full("down"):
            self._block()
        elif self._wire.full("up"):
            self.transport.pause_reading()

    def _moved(self) -> None:
        """Something has passed the wire by itself; once it is empty and honest, it is not needed any more."""
        if self._wire is not None and not self._wire:
            self._wire = None
        self._unblock()

    def _unblock(self) -> None:
        """Go on where parsing stopped, unless that has stopped it again."""
        self.blocked = self._writing_paused or (self._wire is not None and self._wire.full("down"))
        self._deliver_arrived()
        while self._waiting and not self._stopped:
            self._frame(self._waiting.popleft())
        if self._rest and not self._stopped:
            rest, self._rest = self._rest, b""
            self._parse(rest)
        self.flush()
        if self.transport.is_closing():
            return
        if not self._stopped:
            self.transport.resume_reading()
        if not self.blocked and self._owner is not None:
            self._owner.resumed()
