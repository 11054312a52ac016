"""A WebSocket of the server: an :class:`asyncio.Protocol` over websockets' sans-I/O ``ServerProtocol``.

There is no task. What is received is parsed and handed to the :class:`MessageHandler` at once; while the client does
not read, nothing is parsed, so nothing piles up. A large message is inflated and handed over in steps, one message of
all connections after the other; meanwhile nothing is read from its connection. Text that is not UTF-8 is closed with
1007, as RFC 6455 demands, a message above :data:`harness.live.socket.limits.MAX_MESSAGE_BYTES` with 1009, and one for
which the memory of all connections has no room with 1013.
"""

import asyncio
import codecs
import contextlib
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, cast

from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from ...faults.seams import ActiveFault, WireFault
from ..wire import BinaryToSend, LiveWire, TextToSend, ToSend
from .deflate import CompactDeflate, CompressedFrame, Inflater, LateDeflate
from .handler import DeliveryLog, MessageHandler
from .handshake import (
    EndedBy,
    answer_handshake,
    check_close,
    ending,
    select_subprotocol,
    send_close,
)
from .inbox import Inbox, ReceiveMemory
from .limits import LARGE_BYTES, MAX_MESSAGE_BYTES, SLICE_BYTES, UNPACKED_BYTES, Timing
from .pacing import PacedWork
from .timers import Keepalive, UnreadTimer

# websockets logs every mistake of a client; our own bugs are logged where they happen.
_protocol_log = logging.getLogger("harness.live.wire")
_protocol_log.setLevel(logging.CRITICAL)

_DEFLATE = CompactDeflate()
_HEAD_END = b"\r\n\r\n"
_MESSAGES = (Opcode.TEXT, Opcode.PONG)
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class WebSocket(asyncio.BufferedProtocol):
    """One connection from its handshake to its end; a :class:`harness.live.socket.handler.Sender` for its handler.

    ``admit`` returns the handler once the handshake is done; ``on_lost`` is called when the connection is gone.
    """

    protocol_class: ClassVar[type[ServerProtocol]] = ServerProtocol
    pings: ClassVar[bool] = True
    """Whether it sends PINGs of its own, and ends a connection on which they are not answered."""

    def __init__(
        self,
        admit: Callable[["WebSocket"], MessageHandler],
        timing: Timing,
        memory: ReceiveMemory,
        on_lost: Callable[[asyncio.Transport], None],
    ):
        self.transport: asyncio.Transport
        self.blocked = False
        """Nothing should be sent now: the client does not read, or the wire holds too much of what is sent."""
        self._admit = admit
        self._handler: MessageHandler | None = None
        self._timing = timing
        self._buffer = memory.buffer
        self._on_lost = on_lost
        self._protocol = self.protocol_class(
            extensions=[_DEFLATE],
            select_subprotocol=lambda _, offered: self._select(offered),
            max_size=MAX_MESSAGE_BYTES,
            logger=_protocol_log,
        )
        self._wire: LiveWire | None = None
        self._unread: UnreadTimer
        self._keepalive = Keepalive(timing, self._ping, self._fail, lambda: self.blocked or self._work is not None)
        self._inbox = Inbox(memory)
        self._pacer = memory.pacer
        self._work: PacedWork | None = None
        """A large message is being handed over, or the next one must wait for its turn."""
        self._inflater: Inflater | None = None
        self._unpacked_bytes = 0
        self._writing_paused = False
        self._held = False
        """The handler takes nothing now."""
        self._abort_timer: asyncio.TimerHandle | None = None
        self._ended_by: EndedBy = "client"
        """Who ended it, if there is no Close frame."""
        self._stopping = False

    def _select(self, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return select_subprotocol(self._protocol, offered)

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is handed over by :class:`harness.live.socket.http.HttpConnection`."""
        self.transport = cast(asyncio.Transport, transport)
        self._unread = UnreadTimer(self._timing.stalled_s, self.transport.get_write_buffer_size, self.abort)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the client's bytes go: the buffer of all connections."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes were received."""
        self._unpacked_bytes = 0
        if self._busy or self._wire is not None or nbytes > SLICE_BYTES:
            self._receive(self._buffer[:nbytes])
        else:
            self._take(self._buffer[:nbytes])

    def eof_received(self) -> None:
        """The client sends no more; asyncio closes the connection once all is sent."""
        self._protocol.receive_eof()
        self._abort_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._protocol.receive_eof()
        self._keepalive.stop()
        self._unread.stop()
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        if self._wire is not None:
            self._wire.stop()
        self._wire = None
        self._drop()
        self._on_lost(self.transport)
        if self._handler is not None:
            code, reason, by = ending(self._protocol, self._ended_by)
            self._handler.closed(code, reason, "stop" if self._stopping and by == "server" else by)

    def pause_writing(self) -> None:
        """The client does not read."""
        self._writing_paused = True
        self._unread.start()
        self._block()
        self._count_elsewhere()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._writing_paused = False
        self._unread.stop()
        self._count_elsewhere()
        self._unblock()

    # --- what the handler calls (harness.live.socket.handler.Sender) ---

    def send(self, text: bytes, number: int) -> bool:
        """Send a text message with the next :meth:`flush`; ignored if the connection is no longer open.

        False: the faults on the wire deliver it, and say so to their log; or it is ignored.
        """
        if self._protocol.state is not State.OPEN:
            return False
        if self._wire is None:
            self._protocol.send_text(text)
            return True
        self._wire.send_text(text, number)
        self._settle()
        return False

    def flush(self) -> None:
        """Write all that is to be sent; the answer to a Close once what came before it is handed over."""
        if self._protocol.close_rcvd is not None and self._inbox.frames and not self.blocked:
            return
        data = self._protocol.data_to_send()
        if data:
            self._write(data)

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake. Raises :exc:`SettingError` for a code or reason that RFC 6455 forbids."""
        check_close(code, reason)
        self._close(code, reason)

    def _close(self, code: int, reason: str) -> None:
        if self._protocol.state is not State.OPEN:
            return
        if self._wire is not None and self._wire.holds("down"):
            self._wire.send_close(code, reason)
        else:
            send_close(self._protocol, code, reason)
        self.flush()

    def abort(self) -> None:
        """Reset the connection."""
        if self._abort_timer is None and not self.transport.is_closing():
            self._ended_by = "server"
        self.transport.abort()

    def stop(self) -> None:
        """The whole server stops: close with 1001."""
        self._stopping = True
        self.close(CloseCode.GOING_AWAY, "")

    @property
    def gone(self) -> bool:
        """Whether the client cannot use it any more: it is closing or closed, or everything on it is lost."""
        return self._protocol.state is not State.OPEN or (self._wire is not None and self._wire.dead)

    def inject(self, active: ActiveFault, log: DeliveryLog) -> None:
        """Start a :class:`WireFault` on this connection."""
        fault = active.fault
        assert isinstance(fault, WireFault)
        if fault.kills:
            if fault.close_code == CloseCode.ABNORMAL_CLOSURE:
                self.abort()
            elif fault.close_code == CloseCode.NO_STATUS_RCVD:
                self._close(fault.close_code, "")
            else:
                self.close(fault.close_code, fault.close_reason)
            return
        if self._wire is None:
            self._wire = LiveWire(self._inbox.arrived.append, self._send_delivered, self._wire_changed, log)
        self._wire.inject(active)
        if self._wire.dead:
            self._keepalive.stop()
            self._only_read()

    def release(self, active: ActiveFault) -> None:
        """End a fault; the messages that it held are delivered."""
        if self._wire is not None:
            self._wire.release(active)
            self._wire_changed()

    # --- receiving ---

    def _receive(self, data: bytes | memoryview) -> None:
        if self._wire is not None and self._wire.dead:
            self._wire.receive_unread(len(data))
            return
        if self._stopped:
            self._inbox.unparsed += data  # asyncio may have read once more before it stopped
            self.transport.pause_reading()
        else:
            self._parse(data)

    def shake_hands(self, data: bytes) -> None:
        """The client's handshake was received, and perhaps more. Called once, after :meth:`connection_made`."""
        protocol = self._protocol
        found = data.find(_HEAD_END)  # without CR LF all of it is the head, and refused
        end = found + len(_HEAD_END) if found >= 0 else len(data)
        self._write(answer_handshake(protocol, data[:end]))
        if protocol.state is not State.OPEN:
            return
        for agreed in protocol.extensions:
            if isinstance(agreed, LateDeflate):
                self._inflater = Inflater(agreed)
        if self.pings:
            self._keepalive.start()
        self._handler = self._admit(self)
        self._handler.opened(self)
        if len(data) > end:  # what follows must not be parsed before the handshake is answered
            self._receive(data[end:])

    def _parse(self, data: bytes | memoryview) -> None:
        for start in range(0, len(data), SLICE_BYTES):
            if self._stopped:
                self._inbox.unparsed = bytes(data[start:])
                return
            self._take(data[start : start + SLICE_BYTES])

    def _take(self, data: bytes | memoryview) -> None:
        """One slice."""
        protocol = self._protocol
        protocol.receive_data(data)  # type: ignore[arg-type]
        frames = protocol.events_received()
        if frames:
            self._inbox.unfinished_bytes = 0
        else:
            self._inbox.unfinished_bytes += len(data)
        self._inbox.frames.extend(frames)  # type: ignore[arg-type]
        self._take_frames()
        self.flush()
        if self._abort_timer is None and not self._inbox.within_limit():
            self._fail_for_memory()

    def _take_frames(self) -> None:
        frames = self._inbox.frames
        while frames and not self._stopped:
            self._frame(frames.popleft())

    def _frame(self, frame: Frame) -> None:
        if self._abort_timer is not None:  # the connection is closing: what is still received is ignored
            return
        if frame.opcode in _DATA and not (frame.opcode is Opcode.TEXT and frame.fin):
            whole = self._inbox.join(frame)
            if whole is not None:
                self._whole(whole)
        elif frame.opcode in _MESSAGES:
            self._whole(frame)

    def _whole(self, frame: Frame) -> None:
        """A whole message as it was received, or a pong."""
        if isinstance(frame, CompressedFrame):
            self._unpack(frame)
        elif len(frame.data) > LARGE_BYTES:
            self._begin(self._take_large(frame), len(frame.data))
        else:
            self._received(frame)

    def _unpack(self, frame: CompressedFrame) -> None:
        assert self._inflater is not None
        pieces = self._inflater.inflate(frame.data, LARGE_BYTES)
        text = bytearray()
        try:
            for piece in pieces:
                text += piece
                if max(len(text), len(frame.data)) > LARGE_BYTES:
                    self._begin(self._unpack_large(frame.opcode, text, pieces), len(text) + len(frame.data))
                    return
        except zlib.error:
            self._fail(CloseCode.PROTOCOL_ERROR, "decompression failed")
            return
        self._unpacked_bytes += len(text)
        if self._unpacked_bytes > UNPACKED_BYTES:
            self._work = self._pacer.pause(self._work_done)
        self._received(Frame(frame.opcode, text))

    def _received(self, frame: Frame) -> None:
        """A whole message as it was sent, or a pong."""
        if self._wire is None:
            self._deliver(frame)
        else:
            self._wire.receive(frame)
            self._deliver_arrived()
            self._settle()

    def _deliver_arrived(self) -> None:
        arrived = self._inbox.arrived
        while arrived and not self._busy:
            self._deliver(arrived.popleft())

    def _deliver(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self._keepalive.pong(bytes(frame.data))
        elif frame.opcode is not Opcode.TEXT:
            if self._handler is not None:
                self._handler.binary()
        elif len(frame.data) > LARGE_BYTES:
            self._begin(self._deliver_large(frame), len(frame.data))
        else:
            self._deliver_text(bytes(frame.data))

    def _deliver_text(self, data: bytes) -> None:
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:
                self._fail(CloseCode.INVALID_DATA, "text is not UTF-8")
                return
        assert self._handler is not None
        self._handler.text(data)

    # --- large messages ---

    def _begin(self, steps: Iterator[None], held_bytes: int) -> None:
        """Hand over a large message in steps. It is read on until more arrives: a client that leaves is noticed."""
        self._inbox.in_work_bytes = held_bytes
        self._work = self._pacer.begin(steps, self._work_done)
        if not self._inbox.within_limit():
            self._fail_for_memory()

    def _unpack_large(self, opcode: Opcode, text: bytearray, pieces: Iterator[bytes]) -> Iterator[None]:
        yield
        try:
            for piece in pieces:
                text += piece
                self._inbox.in_work_bytes += len(piece)
                if len(text) > MAX_MESSAGE_BYTES:
                    self._fail(CloseCode.MESSAGE_TOO_BIG, f"over {MAX_MESSAGE_BYTES} bytes when inflated")
                    return
                if not self._inbox.within_limit():
                    self._fail_for_memory()
                    return
                yield
        except zlib.error:
            self._fail(CloseCode.PROTOCOL_ERROR, "decompression failed")
            return
        yield from self._take_large(Frame(opcode, text))

    def _take_large(self, frame: Frame) -> Iterator[None]:
        if self._wire is None and frame.opcode is Opcode.TEXT:
            yield from self._deliver_large(frame)
        else:
            self._received(frame)

    def _deliver_large(self, frame: Frame) -> Iterator[None]:
        data = frame.data if isinstance(frame.data, bytearray) else bytes(frame.data)
        yield
        if not data.isascii():  # a slice at a time: as one text it could take four times as much
            decode = codecs.getincrementaldecoder("utf-8")().decode
            try:
                for start in range(0, len(data), LARGE_BYTES):
                    decode(data[start : start + LARGE_BYTES], start + LARGE_BYTES >= len(data))
                    yield
            except UnicodeDecodeError:
                self._fail(CloseCode.INVALID_DATA, "text is not UTF-8")
                return
        assert self._handler is not None
        yield from self._handler.large(data)

    def _work_done(self) -> None:
        self._work = None
        self._unpacked_bytes = 0
        self._inbox.in_work_bytes = 0
        self._inbox.within_limit()
        if not self.transport.is_closing():
            self._unblock()

    def _fail_for_memory(self) -> None:
        self._fail(CloseCode.TRY_AGAIN_LATER, "too many large messages at once")

    def _count_elsewhere(self) -> None:
        """Count what the wire holds and what the client has not read; a client for which there is no room is cut."""
        if self._abort_timer is not None:
            return
        held = self._wire.held_bytes if self._wire is not None else 0
        unread = self.transport.get_write_buffer_size() if self._writing_paused else 0
        self._inbox.elsewhere_bytes = held + unread
        if not self._inbox.within_limit():
            self._fail_for_memory()
            if self._writing_paused or self._abort_timer is None:  # the Close would wait behind what is held
                self.abort()

    # --- sending ---

    def _write(self, data: Sequence[bytes]) -> None:
        """Each element is a frame, or empty for the end of the stream."""
        if (wire := self._wire) is None:
            self._put(data)
            return
        for frame in data:
            if frame and frame[0] & 0x0F in (Opcode.TEXT, Opcode.BINARY):  # the wire has delivered it already
                self._put([frame])
            elif self._protocol.close_rcvd_then_sent and not wire.answers_close:
                self._keepalive.stop()
            else:
                self._send_control(wire, frame)
        self._settle()

    def _send_control(self, wire: LiveWire, frame: bytes) -> None:
        wire.send_control(frame)

    def _send_delivered(self, message: ToSend) -> None:
        """The faults on the wire have delivered a message of the server."""
        if isinstance(message, bytes):
            self._put([message])
        elif self._protocol.state is not State.OPEN:
            return
        elif isinstance(message, BinaryToSend):
            self._protocol.send_binary(message.data)
        elif isinstance(message, TextToSend):
            self._protocol.send_text(message.text)
        else:
            send_close(self._protocol, message.code, message.reason)
        self.flush()

    def _put(self, data: Sequence[bytes]) -> None:
        """Write to the transport itself."""
        transport = self.transport
        if not data or transport.is_closing():
            return
        if data[-1]:
            transport.write(data[0] if len(data) == 1 else b"".join(data))
        else:
            transport.write(b"".join(data))
            if transport.can_write_eof():
                with contextlib.suppress(OSError):  # the client may be gone; asyncio reports that later
                    transport.write_eof()
            else:
                transport.close()
        if self._protocol.close_expected():
            self._abort_soon()

    def _abort_soon(self) -> None:
        """The connection is closing: what the client still sends is read and ignored, for a limited time."""
        if self._abort_timer is None:
            self._abort_timer = asyncio.get_running_loop().call_later(self._timing.close_within_s, self.abort)
        self._keepalive.stop()
        self._only_read()

    def _only_read(self) -> None:
        """Drop what waits and keep reading, only to notice when the client leaves."""
        self._drop()
        self.blocked = False
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def _drop(self) -> None:
        self._inbox.clear()
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def _ping(self, payload: bytes) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_ping(payload)
            self.flush()

    def _fail(self, code: int = CloseCode.INTERNAL_ERROR, reason: str = "keepalive ping timeout") -> None:
        self._protocol.fail(code, reason)
        self.flush()

    # --- stopping and resuming ---

    @property
    def _busy(self) -> bool:
        """Nothing is handed over now: it could not be answered, or a large message comes first."""
        return self.blocked or self._held or self._work is not None

    @property
    def _stopped(self) -> bool:
        """Nothing is parsed now: it could not be answered, the wire holds too much of what was received, or a large
        message comes first."""
        if self._busy:
            return True
        return self._wire is not None and self._wire.full("up") and self._abort_timer is None

    def _block(self) -> None:
        if self._abort_timer is None:
            self.blocked = True
            self.transport.pause_reading()

    def _settle(self) -> None:
        """A wire that is full stops both ends, as the buffers of a network do."""
        if self._wire is None or self._wire.dead or self._abort_timer is not None:
            return
        self._count_elsewhere()
        if self._wire.full("down"):
            self._block()
        elif self._wire.full("up"):
            self.transport.pause_reading()

    def _wire_changed(self) -> None:
        """The wire has delivered something by itself. Without faults and messages it is not needed any more."""
        if self._wire is not None and not self._wire:
            self._wire = None
        self._count_elsewhere()
        self._unblock()

    def _unblock(self) -> None:
        """Continue where parsing stopped, until it must stop again."""
        self.blocked = self._writing_paused or (self._wire is not None and self._wire.full("down"))
        self._deliver_arrived()
        inbox = self._inbox
        self._take_frames()
        if inbox.unparsed and not self._stopped:
            unparsed, inbox.unparsed = inbox.unparsed, b""
            self._parse(unparsed)
        self.flush()
        if self.transport.is_closing():
            return
        if not self._stopped:
            self.transport.resume_reading()
        if not self.blocked and self._handler is not None:
            self._handler.resumed()
