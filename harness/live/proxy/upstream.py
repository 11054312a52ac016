"""The proxy's connection to the endpoint: an :class:`asyncio.Protocol` over websockets' sans-I/O ``ClientProtocol``.

Messages are passed as they are, and so are pings, pongs and Closes: nothing is answered here. The endpoint is not read
from while the client does not read. What it answers in place of a WebSocket is kept, to be passed on.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import h11
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from ..socket.handshake import send_close
from ..socket.inbox import Inbox, ReceiveMemory
from ..socket.limits import MAX_MESSAGE_BYTES, Timing
from ..socket.timers import UnreadTimer
from .pings import PassedPings
from .target import Target

_ANSWERS_WITHIN_S = 120.0
"""An endpoint that has not answered a handshake by then counts as away. A client that gives up before is noticed."""
_MOST_ANSWER_BYTES = 64 * 1024
"""So much is kept of an answer in place of a WebSocket."""
_BODY_WITHIN_S = 10.0


_protocol_log = logging.getLogger("harness.live.wire")


@dataclass(frozen=True, slots=True)
class Answered:
    """The endpoint answered with this in place of a WebSocket."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Away:
    """There is no answer: why, in words that follow the endpoint's name."""

    why: str


class UpstreamPeer(Protocol):
    """Whom an open connection tells what arrives."""

    def upstream_message(self, data: bytes, *, binary: bool) -> None:
        """A message."""
        ...

    def upstream_control(self, frame: Frame) -> None:
        """A ping or a pong."""
        ...

    def upstream_closed(self, code: int, reason: str) -> None:
        """It closes; 1006: the connection ended without a Close frame."""
        ...

    def upstream_full(self, full: bool) -> None:
        """The endpoint does not read now, or reads again."""
        ...


class _Client(PassedPings, ClientProtocol):
    """Its pings are answered by the proxy's client."""


class Upstream(asyncio.Protocol):
    """One connection to the endpoint. :meth:`dial` first; once it is open, :meth:`attach` whom to tell."""

    def __init__(self, target: Target, memory: ReceiveMemory, timing: Timing, on_lost: Callable[[], None]) -> None:
        self._target, self._timing = target, timing
        self._inbox = Inbox(memory)
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._protocol: _Client
        self._request = b""
        self._http = h11.Connection(h11.CLIENT)
        self._raw = bytearray()
        self._status: h11.Response | None = None
        self._body = bytearray()
        self._done: Callable[[Answered | Away | None], None] | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unread: UnreadTimer | None = None
        self._peer: UpstreamPeer | None = None
        self._told = self._lost = False

    # --- dialling ---

    def dial(
        self,
        path: str,
        headers: Sequence[tuple[str, str]],
        offered: Sequence[str],
        done: Callable[[Answered | Away | None], None],
    ) -> None:
        """Connect and ask for a WebSocket. ``done`` gets None once it is open, or else why it is not."""
        self._done = done
        host, port = self._target.host, self._target.port
        uri = WebSocketURI(self._target.tls is not None, host, port, *(path.partition("?")[::2]))
        self._protocol = _Client(
            uri,
            subprotocols=[Subprotocol(each) for each in offered] or None,
            max_size=MAX_MESSAGE_BYTES,
            logger=_protocol_log,
        )
        request = self._protocol.connect()
        del request.headers["Host"]
        request.headers["Host"] = self._target.host_header
        for name, value in headers:
            request.headers[name] = value
        self._protocol.send_request(request)
        self._request = b"".join(self._protocol.data_to_send())
        asked = [(name.encode(), value.encode("latin-1")) for name, value in request.headers.raw_items()]
        self._http.send(h11.Request(method="GET", target=path.encode("latin-1"), headers=asked))
        self._http.send(h11.EndOfMessage())
        self._after(_ANSWERS_WITHIN_S, lambda: self._fail(f"has not answered for {_ANSWERS_WITHIN_S:g} s"))
        self._dialling = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        tls = self._target.tls
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: self, self._target.host, self._target.port,
                ssl=tls, server_hostname=None if tls is None else self._target.host,
            )  # fmt: skip
        except (OSError, ssl.SSLError) as error:
            self._fail(reason(error))

    def _finish(self, answer: Answered | Away | None) -> None:
        done, self._done = self._done, None
        if done is not None:
            self._after(None, self.abort)
            done(answer)

    def _fail(self, why: str) -> None:
        self._finish(Away(why))
        self.abort()

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP, and TLS if there is any, are connected: ask for a WebSocket."""
        self._transport = cast(asyncio.Transport, transport)
        self._unread = UnreadTimer(self._timing.stalled_s, self._transport.get_write_buffer_size, self.abort)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Bytes of the endpoint."""
        if self._done is not None:
            self._handshake(data)
        elif self._protocol.state is not State.CONNECTING:
            self._take(data)

    def eof_received(self) -> None:
        """The endpoint sends no more."""
        if self._done is not None and self._status is not None:
            self._finish(self._answered())

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._after(None, self.abort)
        if self._unread is not None:
            self._unread.stop()
        if self._done is not None:
            self._finish(Away("ended the connection without an answer"))
        elif self._peer is not None:
            self._tell_closed(CloseCode.ABNORMAL_CLOSURE, "")
        self._inbox.clear()
        self._is_lost()

    def _is_lost(self) -> None:
        if not self._lost:
            self._lost = True
            self._on_lost()

    def pause_writing(self) -> None:
        """The endpoint does not read."""
        if self._unread is not None:
            self._unread.start()
        if self._peer is not None:
            self._peer.upstream_full(True)

    def resume_writing(self) -> None:
        """It reads again."""
        if self._unread is not None:
            self._unread.stop()
        if self._peer is not None:
            self._peer.upstream_full(False)

    # --- the handshake ---

    def _handshake(self, data: bytes) -> None:
        if self._status is None:  # h11 bounds a head
            self._raw += data
        self._http.receive_data(data)
        try:
            while True:
                event = self._http.next_event()
                if isinstance(event, h11.InformationalResponse) and event.status_code == 101:
                    self._opened()
                    return
                if isinstance(event, h11.Response):
                    self._status = event
                    self._after(_BODY_WITHIN_S, lambda: self._finish(self._answered()))
                elif isinstance(event, h11.Data):
                    self._body += event.data[: _MOST_ANSWER_BYTES - len(self._body)]
                elif isinstance(event, h11.EndOfMessage):
                    self._finish(self._answered())
                    self.abort()
                    return
                elif event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                    return
        except h11.RemoteProtocolError as error:
            self._fail(f"did not answer in HTTP/1.1 ({error})")

    def _answered(self) -> Answered:
        assert self._status is not None
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._status.headers]
        return Answered(self._status.status_code, headers, bytes(self._body))

    def _opened(self) -> None:
        self._protocol.receive_data(bytes(self._raw))
        self._raw.clear()
        if self._protocol.handshake_exc is not None:  # it may be closing already
            self._fail(f"answered the handshake wrongly ({_said(self._protocol.handshake_exc)})")
            return
        self.pause()
        self._finish(None)

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the endpoint has chosen."""
        return self._protocol.subprotocol

    # --- messages ---

    def attach(self, peer: UpstreamPeer) -> None:
        """Tell ``peer`` what arrives, from the first message on."""
        self._peer = peer
        self._events()
        self.resume()

    def _take(self, data: bytes) -> None:
        self._inbox.unfinished_bytes += len(data)
        self._protocol.receive_data(data)
        self._events()
        self._flush()
        if not self._inbox.within_limit():
            self.close(CloseCode.TRY_AGAIN_LATER, "")
            self._tell_closed(CloseCode.TRY_AGAIN_LATER, "too many large messages at once")

    def _events(self) -> None:
        for event in self._protocol.events_received():
            if not isinstance(event, Frame):
                continue
            self._inbox.unfinished_bytes = 0
            if event.opcode in (Opcode.PING, Opcode.PONG):
                if self._peer is not None:
                    self._peer.upstream_control(event)
            elif event.opcode is Opcode.CLOSE:
                closed = self._protocol.close_rcvd
                assert closed is not None
                self._tell_closed(closed.code, closed.reason)
            elif (whole := self._inbox.join(event)) is not None and self._peer is not None:
                self._peer.upstream_message(bytes(whole.data), binary=whole.opcode is Opcode.BINARY)

    def _tell_closed(self, code: int, why: str) -> None:
        if not self._told and self._peer is not None:
            self._told = True
            self._peer.upstream_closed(code, why)

    def send(self, data: bytes | bytearray, *, binary: bool) -> None:
        """Pass a message on."""
        if self._protocol.state is State.OPEN:
            (self._protocol.send_binary if binary else self._protocol.send_text)(bytes(data))
            self._flush()

    def control(self, frame: Frame) -> None:
        """Pass a ping or a pong on."""
        if self._protocol.state is State.OPEN:
            send = self._protocol.send_ping if frame.opcode is Opcode.PING else self._protocol.send_pong
            send(bytes(frame.data))
            self._flush()

    def close(self, code: int, why: str) -> None:
        """Pass a Close on; 1006: end the connection without one."""
        self._told = True
        if code == CloseCode.ABNORMAL_CLOSURE:
            self.abort()
        elif self._protocol.state is State.OPEN:
            send_close(self._protocol, code, why)
            self._flush()
            self._after(self._timing.close_within_s, self.abort)
        elif self._transport is not None:
            self._after(self._timing.close_within_s, self.abort)

    def pause(self) -> None:
        """Read nothing for now."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def abort(self) -> None:
        """End it at once, or give the dial up."""
        self._done = None
        self._after(None, self.abort)
        if self._transport is not None:
            self._transport.abort()
        elif self._dialling is not None:
            self._dialling.cancel()
            self._is_lost()

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                with contextlib.suppress(OSError):
                    self._transport.write_eof()

    def _after(self, seconds: float | None, act: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, act)


def reason(error: Exception) -> str:
    """Why an endpoint could not be reached, in words that follow its name."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"has a certificate that is not trusted ({error.verify_message}); give a private authority with --ca FILE"
        )
    if isinstance(error, ssl.SSLError):
        return f"does not speak TLS as it should ({error.reason or error})"
    if isinstance(error, ConnectionRefusedError):
        return "refuses connections"
    return f"cannot be reached ({getattr(error, 'strerror', None) or error})"


def _said(error: BaseException | None) -> str:
    return str(error) if isinstance(error, InvalidHandshake) else "not as RFC 6455 says"


HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
     "upgrade", "host", "content-length"}
)  # fmt: skip
"""Headers of one connection, which are not passed on."""
_OURS = ("sec-websocket-", "x-stillthere-")


def passed_headers(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """What of a client's headers is passed on: all but those that say how the connection itself works."""
    return [(name, value) for name, value in headers.items() if name not in HOP_BY_HOP and not name.startswith(_OURS)]
