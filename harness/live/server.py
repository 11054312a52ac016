"""The fake service on a real port: ``ws://127.0.0.1:PORT/v1/realtime``, for any client in any language.

Every connection gets a session of its own. Any key or none is accepted, which is why only this machine may connect.
Sent by the service and here alike: a PING every 20 s, and close code 1011 if no PONG follows for 20 s (captured).

Text that is not UTF-8 is closed with 1007, as RFC 6455 demands, and a message above :data:`MAX_MESSAGE_BYTES` with
1009. Every other bad message is answered by an ``error`` event and the session goes on.
"""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from harness.errors import InputError
from harness.live.connection import Connection
from harness.live.record import Record
from harness.live.transports import tracking
from harness.server.session import Session, SessionSetup

PATHS = ("/v1/realtime", "/realtime")
"""Where a session is served; a client whose base URL lacks ``/v1`` uses the second."""
SUBPROTOCOL = Subprotocol("realtime")
MAX_MESSAGE_BYTES = 40 * 1024 * 1024
"""Room for 20 MiB of audio in base64: an append above the documented 15 MiB is told so by an ``error`` event."""
PING_S = 20.0
SESSION_LASTS_S = 3600
"""``expires_at`` in ``session.created`` is this much after the connection's start (captured)."""
STOP_WITHIN_S = 2.0
"""A connection that has not answered the server's close by then is cut."""

_log = logging.getLogger("harness.live")
# websockets logs a traceback whenever a client breaks off or is no WebSocket; what is our own fault, _serve logs.
_wire_log = logging.getLogger("harness.live.wire")
_wire_log.setLevel(logging.CRITICAL)

_CURES = {
    errno.EADDRINUSE: "it is in use; choose another port, or 0 for any free one",
    errno.EACCES: "it needs privileges; choose a port above 1023, or 0 for any free one",
    errno.EADDRNOTAVAIL: "this machine has no such address; use 127.0.0.1",
}


class LiveServer:
    """A server while its ``async with`` lasts; leaving that closes all connections with code 1001.

    ``host`` is a loopback address or ``localhost`` (127.0.0.1); ``port`` 0 takes any free one. With ``journal_dir``,
    each connection leaves a journal there. Entering raises :exc:`InputError` if it cannot listen, and
    :exc:`harness.errors.SettingError` if ``setup`` is wrong.
    """

    def __init__(
        self, setup: SessionSetup, host: str = "127.0.0.1", port: int = 0, *, journal_dir: Path | None = None
    ) -> None:
        self._setup = setup
        self._host = host
        self._port = port
        self._journal_dir = journal_dir
        self._prefix = ""
        self._accepted = 0
        self._server: Server | None = None
        self._transports: set[asyncio.Transport] = set()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    @property
    def url(self) -> str:
        """The endpoint; clients that want a base URL take it without ``/realtime``."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self._port}{PATHS[0]}"

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return len(self._transports)

    async def __aenter__(self) -> Self:
        self._host = _loopback(self._host, self._port)
        Session(self._setup, "trial")  # a wrong setup is told now, and the first client need not wait for the weights
        self._prefix = time.strftime("%Y%m%d-%H%M%S")
        if self._journal_dir is not None:
            _make_folder(self._journal_dir)
        try:
            self._server = await self._listen()
        except OSError as error:
            cure = _CURES.get(error.errno or 0, f"{error.strerror or error}; use 127.0.0.1 and port 0")
            raise InputError(f"cannot listen on {self._host} port {self._port}: {cure}") from None
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await self._server.wait_closed()
        except TimeoutError:
            for transport in list(self._transports):
                transport.abort()
            await self._server.wait_closed()

    async def _listen(self) -> Server:
        return await serve(
            self._serve,
            self._host,
            self._port,
            process_request=_check_path,
            select_subprotocol=_select_subprotocol,
            max_size=MAX_MESSAGE_BYTES,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            logger=_wire_log,
            create_connection=tracking(self._transports),
        )

    async def _serve(self, websocket: ServerConnection) -> None:
        """The life of one connection."""
        self._accepted += 1
        number = self._accepted
        setup = replace(
            self._setup, model=_model(websocket) or self._setup.model, expires_at=int(time.time()) + SESSION_LASTS_S
        )
        record = self._record(number, setup)
        connection = Connection(websocket, Session(setup, f"live/{number}"), record)
        try:
            await connection.serve()
        except Exception:
            _log.exception("connection %d ended by a bug of stillthere", number)
            await websocket.close(CloseCode.INTERNAL_ERROR, "internal error")
        finally:
            if record is not None:
                record.close(connection.now, websocket.protocol.close_code)

    def _record(self, number: int, setup: SessionSetup) -> Record | None:
        if self._journal_dir is None:
            return None
        path = self._journal_dir / f"{self._prefix}-{self._port}-{number:03d}.jsonl"
        return Record(path, number, detector=setup.detector, model=setup.model)


def run_server(
    setup: SessionSetup, host: str, port: int, journal_dir: Path | None, on_ready: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM, then close cleanly. ``on_ready`` is given the URL once clients can connect.

    Raises as :class:`LiveServer` does.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(LiveServer(setup, host, port, journal_dir=journal_dir), on_ready))


async def _run(server: LiveServer, on_ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    with _on_signal(stop.set):
        async with server:
            on_ready(server.url)
            await stop.wait()


@contextlib.contextmanager
def _on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM call ``stop``, where the system lets a loop have signals; else SIGINT interrupts as always."""
    loop = asyncio.get_running_loop()
    caught = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop)
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def _loopback(host: str, port: int) -> str:
    """The address to listen on. ``localhost`` is made IPv4, since port 0 would give each family a port of its own."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise InputError(f"cannot listen on {host} port {port}: the host is no IP address; use 127.0.0.1") from None
    if not address.is_loopback:
        raise InputError(
            f"cannot listen on {host} port {port}: the server asks nobody for a key, so it is for this machine only;"
            " use 127.0.0.1"
        )
    if not 0 <= port <= 65_535:
        raise InputError(f"cannot listen on {host} port {port}: a port is at most 65535; use 0 for any free one")
    return str(address)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"journals cannot be written to {folder} ({error.strerror}); choose another folder") from None


def _check_path(websocket: ServerConnection, request: Request) -> Response | None:
    path = request.path.partition("?")[0]
    if path in PATHS:
        return None
    return websocket.respond(404, f"There is nothing at {path}; connect to {PATHS[0]} or {PATHS[1]}.\n")


def _select_subprotocol(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Browsers offer their key as a second subprotocol, which must not be chosen."""
    return SUBPROTOCOL if SUBPROTOCOL in offered else None


def _model(websocket: ServerConnection) -> str | None:
    """What the client asked for as ``?model=``."""
    path = websocket.request.path if websocket.request is not None else ""
    models = parse_qs(path.partition("?")[2]).get("model")
    return models[-1] if models else None
