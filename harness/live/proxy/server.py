"""The proxy on a port of this machine: what a client asks for is asked of the endpoint, and its answer is passed on.

It is a :class:`harness.live.server.LiveServer` whose sessions are elsewhere: who is served, how journals are joined,
the control API and the faults of the network are the same.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...server.session import SessionSetup
from ..admission import ConnectRequest
from ..connection import LiveConnection
from ..control.api import HttpAnswer
from ..joining import ClientAddress
from ..journal_lines import JournalLines
from ..registry import OpenConnection
from ..server import LiveServer, client_address, host_of, offered_by, peer_of
from ..session import RefusedClient
from ..settings import LiveSettings
from ..socket.handler import MessageHandler
from ..socket.http import HttpConnection, UpgradeRequest
from ..socket.websocket import WebSocket
from .calls import PassedCalls, passed_answer
from .client_socket import RelaySocket
from .ear import ShadowEar
from .faults import BY_PROXY
from .session import RelayedSession
from .target import Target
from .upstream import Answered, Away, Upstream, passed_headers
from .voices import KeptVoices


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A session is over, or a dial got no connection: ``why``. ``journal``: its file so far."""

    number: int
    journal: Path | None
    lasted_us: int = 0
    why: str | None = None


class ProxyServer(LiveServer):
    """A proxy before ``target``. ``setup`` names the detector of the shadow. ``on_end`` is called after each session.

    ``keep_audio``: what is said is kept beside the journals. Entering raises as for :class:`LiveServer`.
    """

    injects = BY_PROXY

    def __init__(
        self,
        target: Target,
        setup: SessionSetup | None = None,
        settings: LiveSettings | None = None,
        *,
        keep_audio: bool = False,
        on_end: Callable[[SessionEnded], None] = lambda ended: None,
    ) -> None:
        super().__init__(setup, settings)
        if keep_audio and self.settings.journal_dir is None:
            raise InputError("audio is kept beside the journals; give their folder, or keep no audio")
        self._target = target
        self._keep_audio = keep_audio
        self._on_end = on_end
        self._passed_calls = PassedCalls(target)
        self._dialling: dict[asyncio.Transport, Upstream] = {}
        self._upstreams: set[Upstream] = set()

    async def __aexit__(self, *error: object) -> None:
        for upstream in list(self._dialling.values()):
            upstream.abort()
        await super().__aexit__(*error)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.timing.stop_within_s):
                while self._upstreams:
                    await asyncio.sleep(0.005)
        for upstream in list(self._upstreams):
            upstream.abort()
        while self._upstreams:
            await asyncio.sleep(0.005)

    # --- HTTP ---

    def _respond_as_service(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        visit = self.visit({name.lower(): value for name, value in headers.items()})
        if visit.refusal is not None:
            return super()._respond_as_service(method, target, headers, body)  # which refuses it with a sentence
        return asyncio.ensure_future(self._passed_calls.respond(method, target, headers, body))

    # --- WebSockets ---

    def lost(self, transport: asyncio.Transport) -> None:
        """A connection is gone; if its dial was under way, that is given up."""
        super().lost(transport)
        upstream = self._dialling.pop(transport, None)
        if upstream is not None:
            upstream.abort()

    def _client(self, host: str, request: ConnectRequest) -> ClientAddress:
        return client_address(host, request, self._passed_calls.owner(request.key))

    def _serve(self, connection: HttpConnection, request: UpgradeRequest) -> None:
        if connection.transport.is_closing():
            return
        connection.wait()
        upstream = Upstream(self._target, self._memory, self.settings.timing, lambda: self._upstreams.discard(upstream))
        self._upstreams.add(upstream)
        self._dialling[connection.transport] = upstream
        upstream.dial(
            self._target.of(request.target),
            passed_headers(request.headers),
            [each for each in offered_by(request.headers) if each],
            partial(self._answered, connection, request, upstream),
        )

    def _answered(
        self, connection: HttpConnection, request: UpgradeRequest, upstream: Upstream, answer: Answered | Away | None
    ) -> None:
        self._dialling.pop(connection.transport, None)
        if connection.transport.is_closing():
            upstream.abort()
        elif answer is None:
            socket = RelaySocket(partial(self._relay, request, upstream), self.settings.timing, self._memory, self.lost)
            socket.subprotocol = upstream.subprotocol
            connection.switch(socket)
            if socket.handshake_failed:
                upstream.abort()
        elif isinstance(answer, Answered):
            self._refused(connection, request, f"{self._target.origin} answered with {answer.status}")
            passed = passed_answer(answer.status, list(answer.headers), answer.body)
            connection.answer_as(passed)
        else:
            self._refused(connection, request, f"{self._target.origin} {answer.why}")
            connection.refuse()

    def _refused(self, connection: HttpConnection, upgrade: UpgradeRequest, why: str) -> None:
        """The client gets no WebSocket."""
        self._accepted += 1
        request = self._read(upgrade)
        client = self._client(host_of(connection.transport), request)
        make = partial(self._new_journal, request, request.model)
        lines = self._journals.refused(self._accepted, client, request.secrets, make, why)
        lines.save()
        self._on_end(SessionEnded(self._accepted, lines.path, why=lines.shown(why)))

    def _relay(self, upgrade: UpgradeRequest, upstream: Upstream, socket: WebSocket) -> MessageHandler:
        """The handler of a client whose handshake and the endpoint's are done."""
        request = self._read(upgrade)
        self._accepted += 1
        number = self._accepted
        client = self._client(host_of(socket.transport), request)
        make = partial(self._new_journal, request, request.model)
        journal = self._journals.open(number, client, request.secrets, make, lambda: socket.gone)
        handler = RelayedSession(
            number,
            journal,
            upstream,
            ShadowEar(self._setup.detector),
            model=request.model or "",
            voices=self._voices(journal.lines, number),
            on_start=self._faults.session_opened,
            on_end=self._ended,
        )
        self._registry.add(OpenConnection(handler, socket, peer_of(socket.transport)))
        return handler

    def _voices(self, lines: JournalLines, number: int) -> KeptVoices | None:
        return KeptVoices(lines.path, number) if self._keep_audio and lines.path is not None else None

    def _header(self) -> dict[str, Any]:
        return {**super()._header(), "proxy_to": self._target.origin}

    def _ended(self, handler: LiveConnection | RefusedClient) -> None:
        super()._ended(handler)
        assert isinstance(handler, LiveConnection)
        self._on_end(SessionEnded(handler.number, handler.journal.lines.path, handler.open_us))
