"""The first protocol of each connection: HTTP/1.1, until a request asks for a WebSocket, which then takes over.

All other requests go to the server's HTTP routes. What a client can make this hold is bounded: a head of
:data:`MAX_HEAD_BYTES`, a body of the API's limit, and :data:`IDLE_S` to send either.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import unquote

import h11
import msgspec

from ..access import Visit
from ..admission import PATHS, service_of
from ..before_socket.routes import is_vendors
from ..before_socket.vendor_errors import document, sentence, unknown_url
from ..control.api import ControlResponse, HttpAnswer
from ..control.routes import JSON, MAX_BODY_BYTES

MAX_HEAD_BYTES = 32 * 1024
IDLE_S = 10.0
"""A connection is reset if a request is not complete by then, or if none follows."""
DRAIN_S = 1.0
"""How long the rest of a refused body is read and ignored: closing at once could lose the answer."""


class Upgraded(Protocol):
    """What takes over a connection that has become a WebSocket: also an :class:`asyncio.BaseProtocol`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is handed over."""
        ...

    def shake_hands(self, head: bytes) -> None:
        """Answer the request, whose bytes these are."""
        ...


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """A request for a WebSocket: its target, and its headers with lower-case names."""

    target: str
    headers: dict[str, str]


class HttpHost(Protocol):
    """What a connection asks of its server."""

    def connected(self, transport: asyncio.Transport) -> bool:
        """A client has connected; False if there are too many."""
        ...

    def lost(self, transport: asyncio.Transport) -> None:
        """The connection is gone."""
        ...

    def visit(self, headers: dict[str, str]) -> Visit:
        """Whether a request with these headers is served; their names are lower-case."""
        ...

    def upgrade(self, connection: "HttpConnection", request: UpgradeRequest) -> None:
        """A client asks for a WebSocket: call :meth:`HttpConnection.switch`, now or later."""
        ...

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> HttpAnswer:
        """Answer any other request, now or when the future is done."""
        ...


class HttpConnection(asyncio.Protocol):
    """One TCP connection until it is a WebSocket."""

    def __init__(self, host: HttpHost) -> None:
        self.transport: asyncio.Transport
        self._host = host
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._received = bytearray()
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._ignoring = self._paused = self._waiting = False
        self._timer: asyncio.TimerHandle | None = None

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast(asyncio.Transport, transport)
        if self._host.connected(self.transport):
            self._end_after(IDLE_S)
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        if self._waiting:
            self._received += data
            self.transport.pause_reading()  # nothing should be sent now; a client that leaves is still noticed
        if self._ignoring:
            return
        if self._request is None:
            self._received += data
        self._http.receive_data(data)
        self._read()

    def eof_received(self) -> None:
        """The client sends no more; asyncio closes the connection once all is sent."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._end_after(None)
        self._host.lost(self.transport)

    def pause_writing(self) -> None:
        """The client does not read: none of its further requests is answered."""
        self._paused = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._paused = False
        self.transport.resume_reading()
        self._read()

    # --- what the server calls ---

    def switch(self, websocket: Upgraded) -> None:
        """From now on the connection is a WebSocket, which gets the bytes received so far."""
        self._end_after(None)
        self.transport.resume_reading()
        self.transport.set_protocol(cast(asyncio.BaseProtocol, websocket))
        websocket.connection_made(self.transport)
        websocket.shake_hands(bytes(self._received))

    def wait(self) -> None:
        """Let the client wait until :meth:`switch`."""
        self._end_after(None)
        self._waiting = True

    def answer(self, status: int, why: dict[str, Any]) -> None:
        """Answer a client that asked for a WebSocket by this, and close."""
        self._end_after(None)
        self.transport.resume_reading()
        self._refuse(status, why)

    def answer_as(self, response: ControlResponse) -> None:
        """Answer a client that asked for a WebSocket as the endpoint behind a proxy has answered, and close."""
        self._end_after(None)
        self.transport.resume_reading()
        self._send(ControlResponse(response.status, {**response.headers, "Connection": "close"}, response.body))

    def refuse(self) -> None:
        """Reset the connection: the nearest to a refused connection that an open port can do."""
        self.transport.abort()

    # --- requests ---

    def _read(self) -> None:
        while not self._ignoring and not self._paused:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                problem = str(error).partition(": b")[0]  # after it the bytes follow, as Python writes them
                found = f"the request is not valid HTTP/1.1: {problem}"
                self._refuse(error.error_status_hint, {"error": found})
                return
            if event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                if self._http.they_are_waiting_for_100_continue:
                    self._write(h11.InformationalResponse(status_code=100, headers=[]))
                return
            if isinstance(event, h11.Request):
                self._start(event)
            elif isinstance(event, h11.Data):
                self._body += event.data[: MAX_BODY_BYTES + 1 - len(self._body)]
                if len(self._body) > MAX_BODY_BYTES:
                    self._answer()
            elif isinstance(event, h11.EndOfMessage):
                self._answer()

    def _start(self, request: h11.Request) -> None:
        headers = _headers(request)
        if headers.get("upgrade", "").lower() != "websocket":
            self._request = request
            return
        self._ignoring = True
        target = request.target.decode("latin-1")
        path = target.partition("?")[0]
        refusal = self._host.visit(headers).refusal
        if refusal is not None:
            self._refuse(403, sentence(refusal) if is_vendors(path) else {"error": refusal})
        elif path in PATHS:
            self._host.upgrade(self, UpgradeRequest(target, headers))
        elif is_vendors(path):
            unknown = unknown_url("GET", unquote(path), service_of(target))
            self._refuse(404, document(unknown.error, 404, service_of(target)))
        else:
            found = f"there is nothing at {unquote(path)}; connect to {PATHS[0]} or {PATHS[1]}"
            self._refuse(404, {"error": found})

    def _answer(self) -> None:
        assert self._request is not None
        method, target = self._request.method.decode(), self._request.target.decode("latin-1")
        answer = self._host.respond(method, target, _headers(self._request), bytes(self._body))
        if isinstance(answer, ControlResponse):
            self._send(answer)
        else:
            self._end_after(None)
            self.transport.pause_reading()
            answer.add_done_callback(self._answer_later)

    def _answer_later(self, answer: asyncio.Future[ControlResponse]) -> None:
        if not answer.cancelled() and not self.transport.is_closing():
            self.transport.resume_reading()
            self._send(answer.result())
            self._read()

    def _refuse(self, status: int, why: dict[str, Any]) -> None:
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = msgspec.json.encode(why)
            headers = {"Content-Type": JSON, "Content-Length": str(len(body)), "Connection": "close"}
            self._send(ControlResponse(status, headers, body))
        else:
            self.transport.close()

    def _send(self, response: ControlResponse) -> None:
        self._write(h11.Response(status_code=response.status, headers=list(response.headers.items())))
        self._write(h11.Data(data=response.body))
        self._write(h11.EndOfMessage())
        self._request = None
        self._body.clear()
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._received = bytearray(self._http.trailing_data[0])
            self._http.start_next_cycle()
            self._end_after(IDLE_S)
            return
        self._ignoring = True
        if self._http.their_state is h11.SEND_BODY or self._http.their_state is h11.ERROR:
            self._end_after(DRAIN_S)
        else:
            self.transport.close()

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self.transport.write(data)

    def _end_after(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        end: Callable[[], None] = self.transport.close if self._ignoring else self.transport.abort
        self._timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, end)


def _headers(request: h11.Request) -> dict[str, str]:
    """The headers by lower-case name; several of one name are joined as RFC 9110 says."""
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
