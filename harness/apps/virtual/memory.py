"""Connections in memory, for virtual event loops: two transports that give each other what is written.

TLS is pretended: both ends see the bytes as they are written.
"""

import asyncio
import itertools
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from .tls import PRETENDED

HIGH_WATER = 64 * 1024
"""As asyncio's own transports: a protocol that has written more than this is paused."""
_own_ports = itertools.count(40_000)


class MemorySocket:
    """As much of a socket as libraries look at."""

    family, type, proto = socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP

    def __init__(self, own: tuple[str, int], peer: tuple[str, int]) -> None:
        self._own, self._peer = own, peer

    def setsockopt(self, *_: Any) -> None:
        """There is nothing to set."""

    def getsockopt(self, *_: Any) -> int:
        return 0

    def getpeername(self) -> tuple[str, int]:
        return self._peer

    def getsockname(self) -> tuple[str, int]:
        return self._own

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        """The transport does that."""


class MemoryTransport(asyncio.Transport):
    """One end. What is written reaches the other end in the loop's next turn, unless that end is not reading.

    What the app writes reaches the stage's end at once.
    """

    peer: "MemoryTransport"

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        protocol: asyncio.BaseProtocol,
        own: tuple[str, int],
        peer: tuple[str, int],
        context: Any,
    ) -> None:
        extra: dict[str, Any] = {"peername": peer, "sockname": own, "socket": MemorySocket(own, peer)}
        super().__init__(extra)
        self.is_ours = False
        """Whether the protocol of this end is the stage's: what that raises is no mistake of the app."""
        self._loop = loop
        self._protocol = protocol
        self._is_buffered = isinstance(protocol, asyncio.BufferedProtocol)
        self._waiting: deque[bytes] = deque()
        """Written, and not yet taken by the other end."""
        self._waiting_bytes = 0
        self._reads = True
        self._closing = self._lost = self._flushing = self._paused_writing = False
        self._ends = self._has_ended = False
        """Whether the other end is to be told that no more is written, and whether it was."""
        self._high, self._low = HIGH_WATER, HIGH_WATER // 4
        if context:
            self.secure(context)

    def secure(self, context: Any) -> None:
        """From now on TLS is pretended."""
        self._extra: dict[str, Any]
        self._extra.update(sslcontext=context, ssl_object=PRETENDED, cipher=PRETENDED.cipher(), peercert={})

    def begin(self) -> None:
        """Tell the protocol of its connection, in its own loop."""
        self._in_own_loop(self.peer._loop, self._protocol.connection_made, self)

    def _in_own_loop(self, callers: asyncio.AbstractEventLoop, call: Callable[..., object], *arguments: Any) -> None:
        if callers is self._loop:
            call(*arguments)
        else:
            self._loop.call_soon_threadsafe(call, *arguments)

    # --- writing ---

    def write(self, data: Any) -> None:
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data argument must be a bytes-like object, not {type(data).__name__!r}")
        if self._has_ended or self._ends:
            if not self._closing:
                raise RuntimeError("Cannot call write() after write_eof()")
            return
        if not data:
            return
        data = bytes(data)
        peer = self.peer
        if peer.is_ours and peer._reads and not self._waiting:
            peer._take(data)  # at once: the stage's end never calls back into the app
            return
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        self._flush_soon()
        if self._waiting_bytes > self._high and not self._paused_writing:
            self._paused_writing = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        if not self._has_ended:
            self._ends = True
            self._flush_soon()

    def can_write_eof(self) -> bool:
        return "sslcontext" not in self._extra

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        if high is None:
            high = HIGH_WATER if low is None else 4 * low
        self._high = high
        self._low = high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        return self._waiting_bytes

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._low, self._high

    def _flush_soon(self) -> None:
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        peer = self.peer
        if peer._lost and not self._lost and (self._waiting or self._closing):
            self._drop()
            self._lose(None if self._closing else ConnectionResetError(104, "Connection reset by peer"))
            return
        while self._waiting and peer._reads and not peer._lost:
            data = self._waiting.popleft()
            self._waiting_bytes -= len(data)
            peer._in_own_loop(self._loop, peer._take, data)
        if self._paused_writing and self._waiting_bytes <= self._low:
            self._paused_writing = False
            self._protocol.resume_writing()
        if self._ends and not self._waiting and peer._reads:
            self._ends, self._has_ended = False, True
            peer._loop.call_soon_threadsafe(peer._end_of_stream)
        if self._closing and self._has_ended:
            self._loop.call_soon(self._lose, None)

    def _drop(self) -> None:
        self._waiting.clear()
        self._waiting_bytes = 0

    # --- reading ---

    def pause_reading(self) -> None:
        self._reads = False

    def resume_reading(self) -> None:
        if not self._reads:
            self._reads = True
            self.peer._loop.call_soon_threadsafe(self.peer._flush_soon)

    def is_reading(self) -> bool:
        return self._reads and not self._closing

    def _take(self, data: bytes) -> None:
        if self._closing:
            return
        try:
            if self._is_buffered:
                self._fill(data)
            else:
                cast(asyncio.Protocol, self._protocol).data_received(data)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            self._broke(error)

    def _fill(self, data: bytes) -> None:
        protocol = cast(asyncio.BufferedProtocol, self._protocol)
        left = memoryview(data)
        while left:
            buffer: Any = protocol.get_buffer(len(left))
            size = min(len(buffer), len(left))
            buffer[:size] = left[:size]
            protocol.buffer_updated(size)
            left = left[size:]

    def _broke(self, error: BaseException) -> None:
        """The protocol raised: as asyncio does, tell the loop, and end the connection."""
        if self.is_ours:
            clock = cast(Any, self._loop).clock
            clock.failure = clock.failure or error
        told = {"message": "Fatal error: protocol.data_received() call failed.", "exception": error, "transport": self}
        self._loop.call_exception_handler({**told, "protocol": self._protocol})
        self._end(error)

    def _end_of_stream(self) -> None:
        if self._closing:
            return
        try:
            keeps_open = cast(asyncio.Protocol, self._protocol).eof_received()
        except Exception as error:
            self._broke(error)
            return
        if not keeps_open:
            self.close()

    # --- the end ---

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._ends = not self._has_ended
            self._flush_soon()

    def abort(self) -> None:
        self._end(None)

    def _end(self, error: BaseException | None) -> None:
        self._drop()
        self._closing = True
        if not self._lost:
            peer = self.peer
            peer._loop.call_soon_threadsafe(peer._lose, ConnectionResetError(104, "Connection reset by peer"))
            self._loop.call_soon(self._lose, error)

    def _lose(self, error: BaseException | None) -> None:
        if not self._lost:
            self._lost = self._closing = True
            self._drop()
            self._protocol.connection_lost(cast(Exception | None, error))

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol
        self._is_buffered = isinstance(protocol, asyncio.BufferedProtocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol


def connected(
    near_loop: asyncio.AbstractEventLoop,
    near: asyncio.BaseProtocol,
    far_loop: asyncio.AbstractEventLoop,
    far: asyncio.BaseProtocol,
    address: tuple[str, int],
    context: Any,
) -> tuple[MemoryTransport, MemoryTransport]:
    """Both ends of a new connection to ``address``; their protocols have not been told yet."""
    own = "127.0.0.1", next(_own_ports)
    one = MemoryTransport(near_loop, near, own, address, context)
    other = MemoryTransport(far_loop, far, address, own, context)
    one.peer, other.peer = other, one
    return one, other
