"""The fake service on a real port: ``ws://127.0.0.1:PORT/v1/realtime``, for any client in any language.

Every WebSocket gets a session of its own, unless :mod:`harness.live.admission` refuses it; every other HTTP request
goes to the control API, on the same port. :class:`LiveServer` is for programs, :func:`run_server` is a program.
"""

import asyncio
import contextlib
import gc
import logging
import secrets
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

from .. import __version__
from ..errors import InputError, ProtocolError, SettingError
from ..faults import Fault
from ..journal import LIVE
from ..protocol.events import SessionUpdate
from ..server.call_session import CallSession
from ..server.services import policy_of
from ..server.session import Session, SessionSetup
from ..server.sessions import make_session
from ..units import SECOND
from ..writing import make_folder
from .access import Visit
from .active_faults import ActiveFaults, ConnectEffect
from .admission import PATHS, Admission, Admitted, ConnectRequest, Refusal, read_connect_request
from .before_socket.api import RestApi, RestSetup
from .before_socket.calls import NewCall
from .before_socket.routes import is_vendors
from .before_socket.vendor_errors import document, refused_dial
from .client_keys import ClientKeys
from .client_secrets import ClientSecrets
from .connection import LiveConnection
from .control.api import ControlApi, HttpAnswer
from .control.views import FaultView, HandsView, SessionPage, SessionState, SessionView, VerdictView, WhichSessions
from .dials import Dials
from .faults import BY_SERVER, FaultSpec, Injectable
from .joining import ClientAddress, Journals
from .journal_lines import JournalLines
from .journal_writer import JournalWriter, session_name
from .listening import BACKLOG, cannot_listen, most_connections
from .registry import ConnectionRegistry, OpenConnection
from .session import LiveSession, RefusedClient
from .settings import LiveSettings
from .socket.handler import MessageHandler
from .socket.http import HttpConnection, UpgradeRequest
from .socket.inbox import ReceiveMemory
from .socket.timers import WakeTimer
from .socket.websocket import WebSocket
from .watching import Watching
from .webrtc.call import LiveCall, Sideband
from .webrtc.desk import Calls
from .webrtc.link import CallLink
from .webrtc.media_loop import MediaLoop

_TLS_HANDSHAKE_S = 5.0
_POLLS_EVERY_S = 0.005
_NO_CALL = "No call with the id '{id:.64}' was found."
_SAVES_EVERY_S = 1.0
_WARNED_VISITS = 16
"""So many different refusals of pages and host names are logged."""

_log = logging.getLogger("harness.live")


class LiveServer:
    """A server for as long as its ``async with`` lasts; leaving it closes all connections with code 1001.

    Entering raises :exc:`InputError` if it cannot listen, and :exc:`harness.errors.SettingError` if ``setup`` is wrong.
    It is a :class:`harness.live.control.views.ControlledServer` for the control API, and a
    :class:`harness.live.socket.http.HttpHost` for connections.
    """

    injects: ClassVar[Injectable] = BY_SERVER

    def __init__(self, setup: SessionSetup | None = None, settings: LiveSettings | None = None) -> None:
        self.settings = settings or LiveSettings()
        self.started_at = 0.0
        """Unix time, in seconds."""
        self._setup = setup or SessionSetup()
        self._access = self.settings.access()
        self._refused_visits: set[str] = set()
        self._admission = _admission(self.settings)
        self._secrets = self._admission.keys
        self._control = ControlApi(self)
        self._client_secrets = ClientSecrets()
        self._rest = RestApi(self._rest_setup, self.visit, time.time, _mint)
        self._registry = ConnectionRegistry()
        self._faults = ActiveFaults(self.settings.faults, self._registry.sessions, self._fault_ended, self.injects)
        self._journals = Journals(lambda: asyncio.get_running_loop().time(), self.settings.resume_within_s)
        self._dials = Dials(self._connect_effect, self._serve)
        self._watching = Watching()
        self._hands = HandsView(pressed=False, since=None)
        self._saving: asyncio.TimerHandle | None = None
        self._memory = ReceiveMemory()
        self._wake_timer = WakeTimer()
        self._most_connections = 0
        self._warned_of_too_many = False
        self._transports: set[asyncio.Transport] = set()
        self._waits_for_nobody = False
        self._accepted = 0
        self._address = self.settings.check()
        self._calls = Calls(self._admit_call, _mint, self._media_loop(), loopback_only=self._on_loopback)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._address.port

    @property
    def url(self) -> str:
        """The URL of the WebSocket; a client that takes a base URL needs it without ``/realtime``."""
        return self._address.url("ws" if self.settings.tls is None else "wss", PATHS[0])

    @property
    def token(self) -> str | None:
        """The token that the control API needs, if any."""
        return self.settings.token

    @property
    def injectable(self) -> Mapping[str, type[Fault]]:
        """The faults that it can inject, by name."""
        return self.injects.faults

    @property
    def now(self) -> float:
        """Unix time, in seconds."""
        return time.time()

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return len(self._transports)

    async def __aenter__(self) -> Self:
        Session(self._setup, "trial")  # a wrong setup raises now, and the weights are loaded before the first client
        if self.settings.journal_dir is not None:
            _make_folder(self.settings.journal_dir)
        self._most_connections = most_connections()
        self.started_at = time.time()
        try:
            self._server = await self._listen()
        except OSError as error:
            raise cannot_listen(self._address, error) from None
        self._address = replace(self._address, port=self._server.sockets[0].getsockname()[1])
        if self.settings.journal_dir is not None:
            self._save_journals()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        if self._saving is not None:
            self._saving.cancel()
        self._faults.stop()
        self._wake_timer.stop()
        for connection in self._registry.open():
            connection.carrier.stop()
        await self._calls.stop()
        for transport in self._transports - {each.carrier.transport for each in self._registry.open()}:
            transport.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.timing.stop_within_s):
                while self._transports and not self._waits_for_nobody:
                    await asyncio.sleep(_POLLS_EVERY_S)
        for transport in list(self._transports):
            transport.abort()
        while self._transports:
            await asyncio.sleep(_POLLS_EVERY_S)

    async def _listen(self) -> asyncio.Server:
        tls = self.settings.tls
        return await asyncio.get_running_loop().create_server(
            lambda: HttpConnection(self),
            self._address.host,
            self._address.port,
            backlog=BACKLOG,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else _TLS_HANDSHAKE_S,
        )

    def _save_journals(self) -> None:
        """Now, and again each second: so a file is complete for a reader that follows it, and after a crash."""
        for journal in self._registry.journals():  # of closed connections too: the disk may have been full
            journal.lines.save()
        self._saving = asyncio.get_running_loop().call_later(_SAVES_EVERY_S, self._save_journals)

    # --- what a connection and the control API call ---

    def visit(self, headers: Mapping[str, str]) -> Visit:
        """Whether a request with these headers is served. A refusal is logged: no browser shows it to its page."""
        visit = self._access.visit(headers)
        known = self._refused_visits
        if visit.refusal is not None and visit.refusal not in known and len(known) < _WARNED_VISITS:
            known.add(visit.refusal)
            keys = ClientKeys((*self._secrets, *read_connect_request("", headers, offered_by(headers)).secrets))
            _log.warning("%s", keys.hidden(visit.refusal))
        return visit

    # --- what a connection calls (harness.live.socket.http.HttpHost) ---

    def connected(self, transport: asyncio.Transport) -> bool:
        """A client has connected; False if there are too many."""
        self._transports.add(transport)
        if len(self._transports) <= self._most_connections:
            return True
        if not self._warned_of_too_many:
            self._warned_of_too_many = True
            _log.warning("more than %d connections: further ones are reset; raise ulimit -n", self._most_connections)
        return False

    def lost(self, transport: asyncio.Transport) -> None:
        """A connection is gone."""
        self._transports.discard(transport)
        self._dials.lost(transport)

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Answer a request that is not for a WebSocket."""
        if is_vendors(target.partition("?")[0]):
            return self._respond_as_service(method, target, headers, body)
        return self._control.respond(method, target, headers, body)

    def _respond_as_service(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Answer a request on a path of the service's."""
        return self._rest.respond(method, target, headers, body)

    def _rest_setup(self) -> RestSetup:
        return RestSetup(self.url, self._admission, self._client_secrets, self._setup.turn_detection, self._calls)

    def upgrade(self, connection: HttpConnection, request: UpgradeRequest) -> None:
        """A client asks for a WebSocket: it gets one, unless an active fault prevents that."""
        client = self._client(host_of(connection.transport), self._read(request))
        if self._connect_effect(connection, request) in ("refuse", "hang"):
            self._journals.dial_failed(self._accepted + 1, client)
        self._dials.begin(connection, request)

    def _connect_effect(self, connection: HttpConnection, request: UpgradeRequest) -> ConnectEffect:
        client = self._client(host_of(connection.transport), self._read(request))
        return self._faults.connect_effect(first=self._journals.is_first(client))

    def _fault_ended(self) -> None:
        self._dials.fault_ended()

    def _serve(self, connection: HttpConnection, request: UpgradeRequest) -> None:
        if connection.transport.is_closing():
            return
        asked = self._read(request)
        if asked.service == "azure" and isinstance(decision := self._admission.admit(asked, time.time()), Refusal):
            refused = refused_dial(decision.error)
            self._journals.dial_failed(self._accepted + 1, self._client(host_of(connection.transport), asked))
            connection.answer(refused.status, document(refused.error, refused.status, "azure"))
            return
        websocket = WebSocket(partial(self._admit, request), self.settings.timing, self._memory, self.lost)
        connection.switch(websocket)

    def _admit(self, upgrade: UpgradeRequest, websocket: WebSocket) -> MessageHandler:
        """The handler of a WebSocket whose handshake is done."""
        request = self._read(upgrade)
        decision: Admitted | Refusal
        if request.call_id is not None:
            joining = self._joins(request)
            if isinstance(joining, Sideband):
                return joining
            decision = joining
        else:
            decision = self._admission.admit(request, time.time())
        self._accepted += 1
        journal = self._journal(
            request, decision, self._client(host_of(websocket.transport), request), lambda: websocket.gone
        )
        handler: LiveSession | RefusedClient
        if isinstance(decision, Refusal):
            handler = RefusedClient(self._accepted, request, decision, journal, on_end=self._ended)
        else:
            handler = self._session(decision, journal)
        self._registry.add(OpenConnection(handler, websocket, peer_of(websocket.transport)))
        return handler

    def _joins(self, request: ConnectRequest) -> Sideband | Refusal:
        """The handler of a WebSocket that names a call."""
        refused = self._admission.refused_key(request.key, request.secret, time.time())
        if refused is not None:
            return Refusal(refused, 3000)
        call = self._calls.find(request.call_id or "")
        if call is None:
            return Refusal(ProtocolError("call_id_not_found", _NO_CALL.format(id=request.call_id)), 4000)
        return Sideband(call)

    def _admit_call(self, call: NewCall, link: CallLink) -> LiveCall:
        """The handler of a call whose peer has answered."""
        self._accepted += 1
        host = "127.0.0.1" if self._on_loopback else f"call {self._accepted}"
        journal = self._journal(call.request, call.admitted, self._client(host, call.request), lambda: link.gone)
        session = self._make_session(call.admitted)
        if call.session is not None:
            session.receive(SessionUpdate(session=dict(call.session)), 0)
        handler = LiveCall(
            self._accepted,
            CallSession(session),
            journal,
            self._wake_timer,
            self._memory,
            link=link,
            on_start=self._faults.session_opened,
            on_end=self._ended,
        )
        self._registry.add(OpenConnection(handler, link, "WebRTC"))
        return handler

    def _media_loop(self) -> MediaLoop:
        """Where the media of calls run."""
        return MediaLoop()

    @property
    def _on_loopback(self) -> bool:
        """Whether only this machine reaches the server."""
        return not self.settings.allow_remote

    def _make_session(self, admitted: Admitted) -> Session:
        expires_at = int(time.time()) + self._setup.lasts_us // SECOND
        setup = replace(
            self._setup,
            model=admitted.model,
            kind=admitted.kind,
            any_model=self._admission.any_model,
            expires_at=expires_at,
            policy=policy_of(admitted.service, self._setup.policy),
        )
        session = make_session(setup, session_name(self._accepted))
        if admitted.session is not None:  # checked when the client secret was created; nobody gets its answer
            session.receive(SessionUpdate(session=dict(admitted.session)), 0)
        return session

    def _session(self, admitted: Admitted, journal: JournalWriter) -> LiveSession:
        return LiveSession(
            self._accepted,
            self._make_session(admitted),
            journal,
            self._wake_timer,
            self._memory,
            on_start=self._faults.session_opened,
            on_end=self._ended,
        )

    def _read(self, upgrade: UpgradeRequest) -> ConnectRequest:
        request = read_connect_request(upgrade.target, upgrade.headers, offered_by(upgrade.headers))
        return replace(request, secret=self._client_secrets.find(request.key))

    def _journal(
        self,
        request: ConnectRequest,
        decision: Admitted | Refusal,
        client: ClientAddress,
        gone: Callable[[], bool],
    ) -> JournalWriter:
        """The writer of a connection; a client that is refused has a journal of its own."""
        if isinstance(decision, Refusal):
            return JournalWriter(self._accepted, self._new_journal(replace(request, journal=None), request.model))
        make = partial(self._new_journal, request, decision.model or None)
        return self._journals.open(self._accepted, client, request.secrets, make, gone)

    def _client(self, host: str, request: ConnectRequest) -> ClientAddress:
        """A client with a client secret is that of the key that created it: it has a new secret each time it dials."""
        return client_address(host, request, request.key if request.secret is None else request.secret.owner)

    def _new_journal(self, request: ConnectRequest, model: str | None) -> JournalLines:
        header = {"version": __version__, "stage": LIVE, **self._header(), "model": model}
        if request.journal is not None:
            header["journal"] = request.journal
        keys = (*request.secrets, *self._secrets)
        path = None
        if self.settings.journal_dir is not None:
            started = time.strftime("%Y%m%d-%H%M%S", time.localtime(self.started_at))
            name = request.journal if request.journal == ClientKeys(keys).hidden(request.journal or "") else None
            number = f"{self._accepted:03d}" if name is None else f"{self._accepted:03d}-{name}"
            path = self.settings.journal_dir / f"{started}-{self.port}-{number}.jsonl"
        return JournalLines(header, path, keys)

    def _header(self) -> dict[str, Any]:
        """What the header of a journal says of the server."""
        return {"detector": self._setup.detector}

    def _ended(self, handler: LiveConnection | RefusedClient) -> None:
        if isinstance(handler, LiveConnection):
            self._faults.session_closed(handler)
        self._registry.close(handler.number)
        self._journals.closed(handler.number)

    # --- what the control API calls (harness.live.control.views.ControlledServer) ---

    def sessions(self) -> list[SessionView]:
        """The open sessions and the last closed ones, by number."""
        return self._registry.views()

    def session_page(self, *, limit: int, before: int | None, state: SessionState | None) -> SessionPage:
        """The newest sessions: at most ``limit``, with numbers below ``before``, in this state."""
        return self._registry.page(limit, before, state)

    def session(self, number: int) -> SessionView | None:
        """One session; None if it is not known."""
        return self._registry.view(number)

    def journal(self, number: int) -> bytes | None:
        """The journal of a session, as JSON lines."""
        return self._registry.journal(number)

    def journals(self) -> list[bytes]:
        """The journal of each client, as JSON lines, in the order in which they first connected."""
        return self._registry.documents()

    def entries(self, number: int, since: int) -> tuple[int, list[dict[str, Any]]]:
        """The next index, and the entries of a session's journal from index ``since`` on."""
        return self._registry.entries(number, since)

    def verdict(self, number: int) -> VerdictView:
        """Whether what was said last was answered, in the journal of a session."""
        return self._watching.verdict(*self._registry.lines(number))

    def verdicts(self, numbers: Iterable[int]) -> dict[int, VerdictView]:
        """The verdicts on these sessions, as far as there is time for them."""
        return self._watching.verdicts((number, *self._registry.lines(number)) for number in numbers)

    def picture(self, number: int, since: int) -> tuple[int, dict[str, Any]]:
        """The next index, and the picture of a session's journal with the entries from index ``since`` on."""
        lines, last = self._registry.lines(number)
        return lines.count, self._watching.picture(lines, last, since)

    def start_fault(
        self,
        name: str,
        *,
        session: int | None,
        lasts_s: float | None,
        parameters: Mapping[str, object] | None = None,
        sessions: WhichSessions = "all",
        after_s: float = 0.0,
    ) -> FaultView:
        """Start a fault in one session, in all present and future ones, in each client's first, or in the next one."""
        on = None if session is None else self._registry.session(session)
        return self._faults.start(name, on, lasts_s, parameters or {}, sessions, after_s)

    def add_fault(self, spec: FaultSpec) -> FaultView:
        """Give a fault to each session that is opened from now on, or to the next, as ``serve --fault`` does."""
        return self._faults.add(spec)

    def end_fault(self, fault_id: int) -> bool:
        """End a fault; False if it is not active."""
        return self._faults.end(fault_id)

    def faults(self) -> list[FaultView]:
        """The faults that act or will."""
        return self._faults.views()

    def move_hands(self, *, pressed: bool) -> HandsView:
        """The user presses or releases the button of push-to-talk."""
        self._watching = Watching()
        self._hands = HandsView(pressed, time.time())
        for session in self._registry.sessions():
            session.hands(pressed=pressed)
        return self._hands

    def hands(self) -> HandsView:
        """Whether the button is pressed."""
        return self._hands

    def emit(self, number: int, event: dict[str, Any]) -> None:
        """Send a scripted server event in a session."""
        self._registry.session(number).emit(event)

    def close(self, number: int, code: int, reason: str) -> bool:
        """Close the WebSocket of a session; False if it is not open."""
        try:
            session = self._registry.session(number)
        except SettingError:
            return False
        session.close(code, reason)
        return True


def run_server(setup: SessionSetup, settings: LiveSettings, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP, then close cleanly; at a second signal, without waiting for the clients.

    A SIGHUP that is ignored, as by ``nohup``, stays so. ``on_ready`` gets the URL once clients can connect. Raises as
    :class:`LiveServer` does.
    """
    run_until_stopped(LiveServer(setup, settings), on_ready)


def run_until_stopped(server: LiveServer, on_ready: Callable[[str], None]) -> None:
    """Run a server as :func:`run_server` does."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(server, on_ready))


async def _run(server: LiveServer, on_ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()

    def signalled() -> None:
        server._waits_for_nobody = stop.is_set()
        stop.set()

    with _on_signal(signalled):
        async with server:
            gc.collect()
            gc.freeze()  # what is loaded stays; to scan all of it takes longer than an append lasts
            on_ready(server.url)
            await stop.wait()


@contextlib.contextmanager
def _on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """The signals that end a program call ``stop``, where the event loop can handle them; else SIGINT interrupts."""
    loop = asyncio.get_running_loop()
    caught = []
    for number in _ending_signals():
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop)
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def _ending_signals() -> list[signal.Signals]:
    """Those that the platform has; but a SIGHUP that is ignored is to stay so, as after ``nohup``."""
    known = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    hangup = known[-1]
    if hangup is not None and signal.getsignal(hangup) is signal.SIG_IGN:
        known.remove(hangup)
    return [number for number in known if number is not None]


def _admission(settings: LiveSettings) -> Admission:
    """The rules, with the token as the only valid key if there is one."""
    if settings.token is None:
        return settings.admission
    return replace(settings.admission, keys=frozenset({settings.token}), key_needed=True)


def offered_by(headers: Mapping[str, str]) -> list[str]:
    """The subprotocols, in the client's order."""
    return [name.strip() for name in headers.get("sec-websocket-protocol", "").split(",")]


def _mint() -> str:
    return secrets.token_hex(16)


def host_of(transport: asyncio.Transport) -> str:
    """The address of a client."""
    return str((transport.get_extra_info("peername") or ("?", 0))[0])


def client_address(host: str, request: ConnectRequest, key: str | None) -> ClientAddress:
    """A client by its host and its key, or by the journal that it names."""
    return ClientAddress("" if request.journal else host, None if request.journal else key, request.journal)


def peer_of(transport: asyncio.Transport) -> str:
    """The address and port of a client."""
    host, port = (transport.get_extra_info("peername") or ("?", 0))[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _make_folder(folder: Path) -> None:
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"journals cannot be written to {folder} ({error.strerror}); choose another folder") from None
