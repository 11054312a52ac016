"""The server that a program dials: the front of all apps on the wall clock, with two routes for its devices.

``GET /hands`` says whether the user presses the talk button, as under ``stillthere serve``. ``DELETE /speaker`` drops
what the program has queued, and says how much of the current answer was played: what an app calls when it is
interrupted, and puts into ``conversation.item.truncate``.
"""

import asyncio
import socket
from collections.abc import Callable

import msgspec
from websockets.frames import CloseCode

from ...live.control.api import ControlResponse, HttpAnswer
from ...live.control.routes import JSON
from ...live.control.views import HandsView
from ...live.socket.http import HttpConnection, UpgradeRequest
from ...server.session import SessionSetup
from ...units import MS, SECOND
from ...world.connection import Connection
from ..app_call import AppCalls
from ..app_socket import AppSocket
from ..front import Front, FrontSettings
from .clock import WallClock
from .program_app import ProgramApp

_PEER_IS_GONE = (7, 8)
"""The states of a TCP connection whose other end has closed it (Linux: CLOSE, CLOSE_WAIT)."""
_LOOKS_EVERY_US = 100 * MS


class ProgramFront(Front):
    """``dialled`` is called when the program asks for its first WebSocket; ``drop`` drops what is queued."""

    def __init__(
        self,
        app: ProgramApp,
        setup: SessionSetup,
        settings: FrontSettings,
        clock: WallClock,
        dialled: Callable[[], None],
        drop: Callable[[], int],
    ) -> None:
        super().__init__(app, setup, settings)
        self.clock = clock
        self._program = app
        self._epoch_s = settings.epoch_s
        self._dialled = dialled
        self._drop = drop
        self._open: set[asyncio.Transport] = set()
        self.calls: AppCalls = AppCalls(app, self.setup_for, self.mint, dialled, clock.enter)

    def connected(self, transport: asyncio.Transport) -> bool:
        """The program has connected."""
        self._open.add(transport)
        return super().connected(transport)

    def lost(self, transport: asyncio.Transport) -> None:
        """A connection is gone."""
        self._open.discard(transport)
        if not self.app.is_over:
            self.clock.enter()
            super().lost(transport)

    def abort(self) -> None:
        """Reset all connections: the run is over."""
        for transport in list(self._open):
            transport.abort()

    def upgrade(self, connection: HttpConnection, request: UpgradeRequest) -> None:
        """The program asks for a WebSocket; the first time, the run begins."""
        if self.app.is_over:
            connection.refuse()
            return
        self._dialled()
        self.clock.enter()
        super().upgrade(connection, request)

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> HttpAnswer:
        """Answer a request that is not for a WebSocket."""
        self.clock.enter()
        place = method, target.partition("?")[0]
        if place not in (("GET", "/hands"), ("DELETE", "/speaker")):
            return super().respond(method, target, headers, body)
        if refusal := self.visit(headers).refusal:
            return _json(403, {"error": refusal})
        if method == "DELETE":
            return _json(200, {"played_ms": self._drop()})
        since_us = self._program.pressed_since_us
        since = None if since_us is None else self._epoch_s + since_us / SECOND
        return _json(200, HandsView(self._program.pressed, since))

    def make_socket(self, connection: Connection) -> AppSocket:
        """The WebSocket of an open connection."""
        return _ProgramSocket(self.clock, self.app, connection, self.lost, 0)


def _json(status: int, document: object) -> ControlResponse:
    body = msgspec.json.encode(document)
    return ControlResponse(status, {"Content-Type": JSON, "Content-Length": str(len(body))}, body)


class _ProgramSocket(AppSocket):
    """What comes from outside sees the real time. A stalled wire is not read, so the system's own buffers fill."""

    def __init__(self, clock: WallClock, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._clock = clock

    def data_received(self, data: bytes) -> None:
        """Bytes of the program."""
        if not self._app.is_over:
            self._clock.enter()
            super().data_received(data)

    def eof_received(self) -> bool:
        """The program sends no more."""
        if self._app.is_over:
            return False
        self._clock.enter()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if self._app.is_over:
            self._on_lost(self.transport)
            return
        self._clock.enter()
        super().connection_lost(exc)

    def _look_again(self, _: object = None) -> None:
        """While nothing is read, the system does not say that the program has closed: it is asked."""
        if self._connection.open and _is_gone(self.transport):
            self._leave(CloseCode.ABNORMAL_CLOSURE)
        super()._look_again()


def _is_gone(transport: asyncio.Transport) -> bool:
    connection = transport.get_extra_info("socket")
    if not hasattr(socket, "TCP_INFO") or connection is None:
        return False
    try:
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] in _PEER_IS_GONE
    except OSError:
        return True
