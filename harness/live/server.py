"""The fake service on a real port: ``ws://127.0.0.1:PORT/v1/realtime``, for any client in any language.

Every WebSocket gets a session of its own, unless :mod:`harness.live.admission` refuses it; every other HTTP request
goes to the control API, on the same port.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from websockets.frames import CloseCode

from harness import __version__
from harness.errors import InputError
from harness.live.admission import PATHS, Admission, Admitted, Dial, Refusal, read_dial
from harness.live.alarms import Alarms
from harness.live.connection import Connection
from harness.live.control import ControlApi, ControlResponse
from harness.live.controlled import FaultView, SessionView
from harness.live.http import HttpConnection, Upgrade
from harness.live.limits import Memory
from harness.live.listening import BACKLOG, cannot_listen, most_connections
from harness.live.record import Record
from harness.live.refused import Refused
from harness.live.roster import Member, Roster
from harness.live.settings import LiveSettings
from harness.live.strikes import Strikes
from harness.live.websocket import WebSocket
from harness.protocol import dialects
from harness.protocol.events import SessionUpdate
from harness.server.session import Session, SessionSetup
from harness.units import SECOND

TLS_HANDSHAKE_S = 5.0

_log = logging.getLogger("harness.live")


class LiveServer:
    """A server while its ``async with`` lasts; leaving that closes all connections with code 1001.

    Entering raises :exc:`InputError` if it cannot listen, and :exc:`harness.errors.SettingError` if ``setup`` is wrong.
    What the control API may do to it is :class:`harness.live.controlled.Controlled`, how a connection reaches it
    :class:`harness.live.http.Host`.
    """

    def __init__(self, setup: SessionSetup, settings: LiveSettings | None = None) -> None:
        self.settings = settings or LiveSettings()
        self.started_at = 0.0
        """Unix time, in seconds."""
        self._setup = setup
        self._admission = _admission(self.settings)
        self._control = ControlApi(self)
        self._roster = Roster()
        self._strikes = Strikes(self.settings.faults, self._roster.connections, self._redial)
        self._waiting: dict[asyncio.Transport, tuple[HttpConnection, Upgrade]] = {}
        self._saving: asyncio.TimerHandle | None = None
        self._memory = Memory()
        self._alarms = Alarms()
        self._most_connections = 0
        self._told_of_crowd = False
        self._transports: set[asyncio.Transport] = set()
        self._accepted = 0
        self._address = self.settings.check()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._address.port

    @property
    def url(self) -> str:
        """The endpoint; clients that want a base URL take it without ``/realtime``."""
        return self._address.url("ws" if self.settings.tls is None else "wss", PATHS[0])

    @property
    def token(self) -> str | None:
        """What the control API asks for, if it does."""
        return self.settings.token

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return len(self._transports)

    async def __aenter__(self) -> Self:
        Session(self._setup, "trial")  # a wrong setup is told now, and the first client need not wait for the weights
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
        self._strikes.stop()
        self._alarms.stop()
        for member in self._roster.open():
            member.websocket.close(CloseCode.GOING_AWAY, "")
        for transport in self._transports - {member.websocket.transport for member in self._roster.open()}:
            transport.close()
        try:
            async with asyncio.timeout(self.settings.timing.stop_within_s):
                await self._all_gone()
        except TimeoutError:
            for transport in list(self._transports):
                transport.abort()
            await self._all_gone()

    async def _listen(self) -> asyncio.Server:
        tls = self.settings.tls
        return await asyncio.get_running_loop().create_server(
            lambda: HttpConnection(self),
            self._address.host,
            self._address.port,
            backlog=BACKLOG,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else TLS_HANDSHAKE_S,
        )

    def _save_journals(self) -> None:
        """Now, and again each second: who follows a file, or looks into it after a crash, finds what has happened."""
        for member in self._roster.open():
            member.owner.record.save()
        self._saving = asyncio.get_running_loop().call_later(_SAVES_EVERY_S, self._save_journals)

    async def _all_gone(self) -> None:
        while self._transports:
            await asyncio.sleep(_LOOKS_AGAIN_S)

    # --- what a connection asks (harness.live.http.Host) ---

    def connected(self, transport: asyncio.Transport) -> bool:
        """A connection has come; False if there are too many."""
        self._transports.add(transport)
        if len(self._transports) <= self._most_connections:
            return True
        if not self._told_of_crowd:
            self._told_of_crowd = True
            _log.warning("more than %d connections: the others are refused; raise ulimit -n", self._most_connections)
        return False

    def lost(self, transport: asyncio.Transport) -> None:
        """A connection has gone."""
        self._transports.discard(transport)
        self._waiting.pop(transport, None)

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> ControlResponse:
        """Answer a request that is for no WebSocket."""
        return self._control.respond(method, target, headers, body)

    def upgrade(self, connection: HttpConnection, upgrade: Upgrade) -> None:
        """A client dials: it is served, unless a fault keeps it from that."""
        fate = self._strikes.dial()
        if fate == "refuse":
            connection.refuse()
        elif fate == "hang":
            connection.hang()
        elif fate == "wait":
            connection.wait()
            self._waiting[connection.transport] = (connection, upgrade)
        else:
            self._serve(connection, upgrade)

    def _redial(self) -> None:
        """A fault has ended: those that wait may be served now."""
        waiting, self._waiting = self._waiting, {}
        for connection, upgrade in waiting.values():
            self.upgrade(connection, upgrade)

    def _serve(self, connection: HttpConnection, upgrade: Upgrade) -> None:
        if connection.transport.is_closing():
            return
        websocket = WebSocket(partial(self._admit, upgrade), self.settings.timing, self._memory, self.lost)
        connection.switch(websocket)

    def _admit(self, upgrade: Upgrade, websocket: WebSocket) -> Connection | Refused:
        """Who owns a WebSocket that stands now."""
        self._accepted += 1
        offered = [name.strip() for name in upgrade.headers.get("sec-websocket-protocol", "").split(",")]
        dial = read_dial(upgrade.target, upgrade.headers, offered)
        decision = self._admission.admit(dial)
        record = self._record(dial, decision)
        owner: Connection | Refused
        if isinstance(decision, Refusal):
            owner = Refused(self._accepted, dial, decision, record, ends=self._ended)
        else:
            owner = self._connection(decision, record)
        self._roster.add(Member(owner, websocket, _peer(websocket.transport)))
        return owner

    def _connection(self, admitted: Admitted, record: Record) -> Connection:
        dialect = dialects.find(admitted.dialect)
        policy = self._setup.policy.changed(**dialect.policy)
        expires_at = int(time.time()) + self._setup.lasts_us // SECOND
        setup = replace(self._setup, model=admitted.model, policy=policy, expires_at=expires_at)
        session = Session(setup, f"live/{self._accepted}")
        if dialect.session:
            session.receive(SessionUpdate(session={"type": "realtime", **dialect.session}), 0)
        return Connection(
            self._accepted, session, dialect, record, self._alarms, begins=self._strikes.opened, ends=self._ended
        )

    def _record(self, dial: Dial, decision: Admitted | Refusal) -> Record:
        model = dial.model if isinstance(decision, Refusal) else decision.model
        header = {"version": __version__, "stage": "live", "detector": self._setup.detector, "model": model}
        folder = self.settings.journal_dir
        path = None
        if folder is not None:
            began = time.strftime("%Y%m%d-%H%M%S", time.localtime(self.started_at))
            path = folder / f"{began}-{self.port}-{self._accepted:03d}.jsonl"
        return Record(self._accepted, header, path, dial.key)

    def _ended(self, owner: Connection | Refused) -> None:
        if isinstance(owner, Connection):
            self._strikes.closed(owner)
        self._roster.ended(owner.number)

    # --- what the control API may do (harness.live.controlled.Controlled) ---

    def sessions(self) -> list[SessionView]:
        """Those that are open and the last that have ended, by number."""
        return self._roster.views()

    def journal(self, number: int) -> bytes | None:
        """The journal of a session, as JSON lines."""
        return self._roster.journal(number)

    def entries(self, number: int, since: int) -> tuple[int, list[dict[str, Any]]]:
        """What follows index ``since`` in the journal of a session, and the index that follows."""
        return self._roster.entries(number, since)

    def strike(
        self, name: str, *, session: int | None, lasts_s: float | None, parameters: Mapping[str, object] | None = None
    ) -> FaultView:
        """Begin a fault, in one session or in all that are and will be."""
        on = None if session is None else self._roster.connection(session)
        return self._strikes.strike(name, on, lasts_s, parameters or {})

    def release(self, fault_id: int) -> bool:
        """End a fault; False if it is not in force."""
        return self._strikes.release(fault_id)

    def faults(self) -> list[FaultView]:
        """The faults in force."""
        return self._strikes.views()

    def emit(self, number: int, event: dict[str, Any]) -> None:
        """Send a scripted server event to a session."""
        self._roster.connection(number).emit(event)

    def close(self, number: int, code: int, reason: str) -> bool:
        """Close the WebSocket of a session; False if it is not open."""
        for connection in self._roster.connections():
            if connection.number == number:
                connection.close(code, reason)
                return True
        return False


_LOOKS_AGAIN_S = 0.005
_SAVES_EVERY_S = 1.0


def _admission(settings: LiveSettings) -> Admission:
    """The rules, with the token as the one good key if there is one."""
    if settings.token is None:
        return settings.admission
    return replace(settings.admission, keys=frozenset({settings.token}), key_needed=True)


def _peer(transport: asyncio.Transport) -> str:
    host, port = (transport.get_extra_info("peername") or ("?", 0))[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"journals cannot be written to {folder} ({error.strerror}); choose another folder") from None
