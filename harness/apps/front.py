"""The server that an app dials: HTTP, what is called before the socket, and then a WebSocket in the world."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec

from ..live.access import Visit
from ..live.admission import Admission, Admitted, Refusal, read_connect_request
from ..live.before_socket.api import RestApi, RestSetup
from ..live.before_socket.routes import is_vendors
from ..live.before_socket.vendor_errors import document, refused_dial, sentence
from ..live.client_secrets import ClientSecrets
from ..live.control.api import ControlResponse, HttpAnswer
from ..live.control.routes import JSON
from ..live.socket.http import HttpConnection, UpgradeRequest
from ..protocol.codec import encode
from ..protocol.events import ErrorEvent, SessionUpdate
from ..protocol.objects import ErrorDetails
from ..server.services import Service, policy_of
from ..server.session import SessionSetup
from ..server.shared import IdSource
from ..units import SECOND
from ..world.connection import Connection
from ..world.network import Dial, FromServer, Network
from .app_call import NEVER_US, AppCalls
from .app_socket import AppSocket
from .tested_app import TestedApp


@dataclass(frozen=True, slots=True)
class FrontSettings:
    """``url`` is the server's as the app sees it. ``epoch_s``: the Unix time when the run began."""

    url: str
    epoch_s: int
    kernel_bytes: int
    """What the app's system is taken to hold of a connection that stands still; 0 if a real one does."""
    visit: Callable[[Mapping[str, str]], Visit] = lambda headers: Visit()
    """Whether a request with these headers is served."""


class Front:
    """One server, for all connections of an app: a :class:`harness.live.socket.http.HttpHost`.

    ``setup`` is the scenario's. A stage gives each connection of the app an :class:`HttpConnection` on this, and may
    say with :meth:`arrives` which dial of the world its TCP connection came of.
    """

    def __init__(self, app: TestedApp, setup: SessionSetup, settings: FrontSettings) -> None:
        self.app = app
        self._setup = setup
        self._settings = settings
        self._admission = Admission()
        self._secrets = ClientSecrets()
        self._minted = 0
        self._rest = RestApi(self._rest_setup, settings.visit, self._unix_s, self.mint)
        self.calls: AppCalls | None = None
        """The calls of an app in real time; None: it can only dial WebSockets."""
        self._dials: dict[asyncio.Transport, Dial] = {}
        self._ends: dict[asyncio.Transport, AppEnd] = {}

    @property
    def network(self) -> Network:
        """The world's network."""
        return self.app.around.network

    def mint(self) -> str:
        """32 hex digits, the same in each run."""
        self._minted += 1
        return hashlib.blake2s(str(self._minted).encode(), digest_size=16).hexdigest()

    def _unix_s(self) -> float:
        return self._settings.epoch_s + self.app.now / SECOND

    def _rest_setup(self) -> RestSetup:
        settings = self._settings
        return RestSetup(settings.url, self._admission, self._secrets, self._setup.turn_detection, self.calls)

    def arrives(self, transport: asyncio.Transport, dial: Dial) -> None:
        """TCP has connected by a dial of the world."""
        self._dials[transport] = dial

    # --- what a connection calls (harness.live.socket.http.HttpHost) ---

    def connected(self, transport: asyncio.Transport) -> bool:
        """The app has connected."""
        return True

    def lost(self, transport: asyncio.Transport) -> None:
        """A connection is gone."""
        end = self._ends.pop(transport, None)
        if end is not None and end.dial is not None:
            self.network.give_up(end.dial)
        self._dials.pop(transport, None)

    def visit(self, headers: dict[str, str]) -> Visit:
        """Whether a request with these headers is served."""
        return self._settings.visit(headers)

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> HttpAnswer:
        """Answer a request that is not for a WebSocket."""
        if is_vendors(target.partition("?")[0]):
            return self._rest.respond(method, target, headers, body)
        self.app.fenced(
            f"{method} {target.partition('?')[0]} was answered with 404: only the Realtime API is simulated"
        )
        answer = msgspec.json.encode(sentence("only the Realtime API is simulated"))
        return ControlResponse(404, {"Content-Type": JSON, "Content-Length": str(len(answer))}, answer)

    def upgrade(self, connection: HttpConnection, request: UpgradeRequest) -> None:
        """The app asks for a WebSocket: it gets one when the world's dial has succeeded."""
        offered = tuple(name.strip() for name in request.headers.get("sec-websocket-protocol", "").split(","))
        asked = read_connect_request(request.target, request.headers, offered)
        asked = replace(asked, secret=self._secrets.find(asked.key))
        decision = self._admission.admit(asked, self._unix_s())
        end = self._ends[connection.transport] = AppEnd(self, connection, decision, asked.service)
        setup = self._setup if isinstance(decision, Refusal) else self.setup_for(decision)
        dial = self._dials.pop(connection.transport, None)
        connection.wait()
        if dial is None:
            end.dial = self.network.dial(end, NEVER_US, setup)
        else:
            dial.end, end.dial = end, dial
            self.network.upgrade(dial, setup)

    def setup_for(self, admitted: Admitted) -> SessionSetup:
        """The scenario's session, of the kind that the app asks for, and with its model if the scenario names none."""
        asked = bool(admitted.model) and self._setup.model == self._admission.default_model
        return replace(
            self._setup,
            kind=admitted.kind,
            model=admitted.model if asked or admitted.kind != "realtime" else self._setup.model,
            policy=policy_of(admitted.service, self._setup.policy),
        )

    def make_socket(self, connection: Connection) -> AppSocket:
        """The WebSocket of an open connection."""
        return AppSocket(self.app, connection, self.lost, self._settings.kernel_bytes)


class AppEnd:
    """The app's end of a dial and its connection, a :class:`harness.world.network.ClientEnd`."""

    def __init__(self, front: Front, http: HttpConnection, decision: Admitted | Refusal, service: Service) -> None:
        self.dial: Dial | None = None
        self._front = front
        self._http = http
        self._decision = decision
        self._service = service
        self._socket: AppSocket | None = None

    def reached(self, dial: Dial) -> None:
        """Nothing: TCP has connected before the app could ask for a WebSocket."""

    def failed(self, dial: Dial, reason: str) -> None:
        """The dial failed."""
        self._http.refuse()

    def opened(self, dial: Dial, connection: Connection) -> None:
        """The WebSocket is open, or the app is told why it gets no session."""
        decision = self._decision
        if isinstance(decision, Refusal):
            self._refuse(decision, connection)
            return
        self._socket = self._front.make_socket(connection)
        self._http.switch(self._socket)
        if decision.session is not None:  # checked when the client secret was created; nobody gets its answer
            connection.session.receive(SessionUpdate(session=dict(decision.session)), 0)

    def _refuse(self, refusal: Refusal, connection: Connection) -> None:
        front = self._front
        front.app.fenced(f"the server refused a connection: {refusal.error.message}")
        front.network.leave(connection, refusal.close_code)
        if self._service == "azure":
            answer = refused_dial(refusal.error)
            self._http.answer(answer.status, document(answer.error, answer.status, "azure"))
            return
        error = refusal.error
        details = ErrorDetails(
            type=error.error_type, code=error.code, message=error.message, param=error.param, event_id=None
        )
        text = encode(ErrorEvent(event_id=IdSource(f"refused/{connection.number}").mint("event"), error=details))
        socket = front.make_socket(connection)
        self._http.switch(socket)
        socket.refuse([text], refusal.close_code, refusal.close_reason)

    def receive(self, connection: Connection, message: FromServer) -> None:
        """A message has arrived."""
        if self._socket is not None:
            self._socket.receive(message)
