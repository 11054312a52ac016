"""The routes that clients call before the socket, sans I/O: :meth:`RestApi.respond` answers an HTTP request.

They are found below ``/v1``, for clients whose base URL lacks that at the root, and on Azure below ``/openai/v1`` and
``/openai``. Who may call them is decided as for a dial, so a page that is not allowed gets nothing here either.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from traceback import format_exception
from typing import Any

import msgspec

from ...errors import ProtocolError
from ...protocol.checks import missing
from ...server.services import Service
from ..access import Visit
from ..admission import (
    Admission,
    Admitted,
    ConnectRequest,
    Refusal,
    read_connect_request,
    service_of,
    unsupported_model,
)
from ..client_keys import ClientKeys
from ..client_secrets import PREFIX, ClientSecret, ClientSecrets
from ..control.api import ControlResponse, HttpAnswer
from ..control.cors import cors_headers, is_preflight, preflight_headers
from ..control.routes import JSON, MAX_BODY_BYTES
from ..webrtc.extra import NEEDS_AIORTC, lacks_extra
from . import beta, kinds
from .bodies import decoded, known, lasting_s, model_name, without_secret
from .calls import SDP, CallDesk, NewCall, StartedCall, offer_and_session
from .kinds import NewSession, Wanted
from .models import is_served, model_list, model_object
from .routes import find
from .vendor_errors import VendorError, document, refused_key, unknown_model

_log = logging.getLogger("harness.live")

_DEFAULT_S: dict[Service, int] = {"openai": 600, "azure": 7200}
"""How long a client secret lasts: of OpenAI documented, of Azure seen in one recording."""
_NO_CONTENT = 204
_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_EXPOSED = "Location, X-Request-Id"
"""What a page may read of an answer (captured)."""
_NO_CALLS = "calls are not served here; use the WebSocket transport of the client"
_NO_SIP = "SIP is not simulated; use WebRTC or the WebSocket transport of the client"
"""In a header of ours, because the error has the service's own words."""


@dataclass(frozen=True, slots=True)
class RestSetup:
    """What the routes need of their server."""

    url: str
    """Of the WebSocket."""
    admission: Admission
    secrets: ClientSecrets
    turn_detection: Mapping[str, Any]
    """The default of a new session."""
    calls: CallDesk | None = None
    """None: the server has no calls."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A request whose route and key are known."""

    service: Service
    key: str | None
    part: str
    """The part of the path that names something."""
    body: bytes
    request: ConnectRequest
    path: str
    content_type: str


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    payload: dict[str, Any] | str | None
    """A text is SDP."""
    headers: Mapping[str, str]


class RestApi:
    """``visit`` says whether a request is served, ``now`` the Unix time; ``mint`` gives 32 hex digits."""

    def __init__(
        self,
        setup: Callable[[], RestSetup],
        visit: Callable[[Mapping[str, str]], Visit],
        now: Callable[[], float],
        mint: Callable[[], str],
    ) -> None:
        self._setup, self._visit, self._now, self._mint = setup, visit, now, mint

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Answer ``method`` on ``target``, a path with its query; the case of header names does not matter.

        Never raises: a wrong request is answered with the service's status and error.
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        visit = Visit()
        reply: _Reply | asyncio.Future[_Reply]
        try:
            visit = self._visit(lowered)
            if visit.refusal is not None:
                raise VendorError(403, ProtocolError(None, visit.refusal))
            reply = self._reply(method, target, lowered, body)
        except Exception as error:
            reply = self._failed(error, method, target, lowered)
        if isinstance(reply, _Reply):
            return self._response(reply, visit, without_body=method == "HEAD")
        return asyncio.ensure_future(self._respond_later(reply, visit, method, target, lowered))

    async def _respond_later(
        self, reply: asyncio.Future[_Reply], visit: Visit, method: str, target: str, headers: Mapping[str, str]
    ) -> ControlResponse:
        try:
            found = await reply
        except Exception as error:
            found = self._failed(error, method, target, headers)
        return self._response(found, visit, without_body=False)

    def _failed(self, error: Exception, method: str, target: str, headers: Mapping[str, str]) -> _Reply:
        """The answer to a request that raised this."""
        service = service_of(target)
        if isinstance(error, VendorError):
            return _Reply(error.status, document(error.error, error.status, service), error.headers)
        if isinstance(error, ProtocolError):
            return _Reply(400, document(error, 400, service), {})
        keys = ClientKeys(read_connect_request(target, headers, offered=()).secrets)
        traceback = "".join(format_exception(error))
        _log.error("%s", keys.hidden(f"{method} {target} could not be answered: a bug of stillthere\n{traceback}"))
        ours = ProtocolError(
            None, "a bug of stillthere; its log has the traceback, please report it", error_type="server_error"
        )
        return _Reply(500, document(ours, 500, service), {})

    def _reply(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> _Reply | asyncio.Future[_Reply]:
        if is_preflight(method, headers):
            return _Reply(_NO_CONTENT, None, preflight_headers(headers))
        path, service = target.partition("?")[0], service_of(target)
        operation, part = find("GET" if method == "HEAD" else method, path, service, self._setup().url)
        request = read_connect_request(target, headers, offered=())
        request = replace(request, secret=self._setup().secrets.find(request.key))
        problem = None if operation == "calls" else self._refused(request.key)
        if problem is not None:
            raise refused_key(problem, service)
        if len(body) > MAX_BODY_BYTES:
            message = f"The request body is too large. Send at most {MAX_BODY_BYTES} bytes."
            raise VendorError(413, ProtocolError("request_too_large", message))
        call = _Call(service, request.key, part, body, request, path, headers.get("content-type", ""))
        reply: _Reply | asyncio.Future[_Reply] = getattr(self, f"_{operation}")(call)
        return reply

    def _refused(self, key: str | None) -> ProtocolError | None:
        """Why this key may not call; a client secret opens sessions, and creates none."""
        admission, secret = self._setup().admission, self._setup().secrets.find(key)
        if secret is not None and admission.key_needed:
            return ProtocolError("invalid_api_key", "Incorrect API key provided: a client secret only opens sessions.")
        return admission.refused_key(key, secret, self._now())

    # --- the routes' operations ---

    def _client_secrets(self, call: _Call) -> _Reply:
        body = known(decoded(call.body), "expires_after", "session")
        lasts_s = lasting_s(body.get("expires_after"), "expires_after", _DEFAULT_S[call.service])
        session = body.get("session", {"type": "realtime"})
        if kinds.kind_of(session) == "transcription":
            wanted = kinds.transcription(session, self._new(None, call.service))
        else:
            model = model_name(session.get("model"), "session.model")
            wanted = kinds.realtime(session, self._new(model, call.service), model)
        return self._created(wanted, call, lasts_s)

    def _translation_secrets(self, call: _Call) -> _Reply:
        body = known(decoded(call.body), "expires_after", "session")
        lasts_s = lasting_s(body.get("expires_after"), "expires_after", _DEFAULT_S[call.service])
        if "session" not in body:
            raise missing("session")
        return self._created(kinds.translation(body["session"], self._new_session("")), call, lasts_s)

    def _created(self, wanted: Wanted, call: _Call, lasts_s: int) -> _Reply:
        secret = self._secret(wanted, call, lasts_s)
        return _Reply(200, {"value": secret.value, "expires_at": secret.expires_at, "session": wanted.shown}, {})

    def _sessions(self, call: _Call) -> _Reply:
        flat, lasts_s = without_secret(decoded(call.body))
        model = model_name(flat.get("model"), "model")
        return self._created_flat(beta.realtime(flat, self._new(model, call.service), model), call, lasts_s)

    def _transcription_sessions(self, call: _Call) -> _Reply:
        flat, lasts_s = without_secret(decoded(call.body))
        wanted = beta.transcription_session(flat, self._new(None, call.service))
        return self._created_flat(wanted, call, lasts_s)

    def _created_flat(self, wanted: Wanted, call: _Call, lasts_s: int) -> _Reply:
        secret = self._secret(wanted, call, lasts_s)
        shown = {"value": secret.value, "expires_at": secret.expires_at}
        return _Reply(200, {**wanted.shown, "client_secret": shown}, {})

    def _calls(self, call: _Call) -> asyncio.Future[_Reply]:
        admission = self._setup().admission
        refused = admission.refused_key(call.key, call.request.secret, self._now())
        if refused is not None:
            raise refused_key(refused, call.service)
        offer, session = offer_and_session(call.content_type, call.body)
        model = model_name(None if session is None else session.get("model"), "session.model")
        request = replace(call.request, model=call.request.model or model)
        admitted = admission.admit(request, self._now())
        if isinstance(admitted, Refusal):
            raise VendorError(400, admitted.error)
        if session is not None:
            session = self._checked(session, admitted)
        desk = self._desk()
        return asyncio.ensure_future(self._started(desk, NewCall(offer, admitted, request, session), call.path))

    def _checked(self, session: dict[str, Any], admitted: Admitted) -> dict[str, Any]:
        """The session of a call, without what is fixed when it begins. Raises :exc:`ProtocolError`."""
        rest = {name: value for name, value in session.items() if name != "model"}
        if kinds.kind_of(session) == "transcription":
            kinds.transcription(rest, self._new_session(""))
        else:
            kinds.realtime(rest, self._new_session(admitted.model), admitted.model)
        return rest

    async def _started(self, desk: CallDesk, call: NewCall, path: str) -> _Reply:
        started: StartedCall = await desk.start(call)
        return _Reply(201, started.answer, {"Location": f"{path}/{started.call_id}"})

    def _desk(self) -> CallDesk:
        desk = self._setup().calls
        if desk is None or lacks_extra():
            ours = ProtocolError(None, _NO_CALLS if desk is None else NEEDS_AIORTC, error_type="server_error")
            raise VendorError(501, ours)
        return desk

    def _hangup(self, call: _Call) -> _Reply:
        desk = self._setup().calls
        if desk is None or not desk.hang_up(call.part):
            raise self._unknown_call(call, {})
        return _Reply(200, None, {})

    def _sip(self, call: _Call) -> _Reply:
        raise self._unknown_call(call, {"X-Stillthere": _NO_SIP})

    def _unknown_call(self, call: _Call, headers: Mapping[str, str]) -> VendorError:
        error = ProtocolError("call_id_not_found", f"No call with the id '{call.part}' was found.")
        return VendorError(404, error, headers)

    def _models(self, call: _Call) -> _Reply:
        return _Reply(200, model_list(), {})

    def _model(self, call: _Call) -> _Reply:
        if not (self._setup().admission.any_model or is_served(call.part)):
            raise unknown_model(call.part)
        return _Reply(200, model_object(call.part), {})

    # --- sessions and their secrets ---

    def _new(self, model: str | None, service: Service) -> NewSession:
        """A new session. Raises :exc:`ProtocolError` if it cannot have this model; on Azure it is a deployment."""
        admission = self._setup().admission
        if service == "azure":
            return self._new_session(admission.model_of_deployment(model))
        if model is not None and not admission.serves(model):
            raise unsupported_model(model)
        return self._new_session(model or admission.default_model)

    def _new_session(self, model: str) -> NewSession:
        setup = self._setup()
        return NewSession(f"sess_{self._mint()[:21]}", model, setup.turn_detection, any_model=setup.admission.any_model)

    def _secret(self, wanted: Wanted, call: _Call, lasts_s: int) -> ClientSecret:
        secret = ClientSecret(
            value=PREFIX + self._mint(),
            expires_at=int(self._now()) + lasts_s,
            kind=wanted.kind,
            model=wanted.model,
            session=wanted.session,
            owner=call.key,
            size_bytes=len(call.body),
        )
        self._setup().secrets.add(secret)
        return secret

    def _response(self, reply: _Reply, visit: Visit, *, without_body: bool) -> ControlResponse:
        cors = cors_headers(visit.origin)
        if "Access-Control-Expose-Headers" in cors:
            cors["Access-Control-Expose-Headers"] = _EXPOSED
        headers = {**_ALWAYS, **cors, "X-Request-Id": f"req_{self._mint()}", **reply.headers}
        if reply.payload is None:
            length = {} if reply.status == _NO_CONTENT else {"Content-Length": "0"}
            return ControlResponse(reply.status, {**headers, **length}, b"")
        if isinstance(reply.payload, str):
            kind, body = SDP, reply.payload.encode()
        else:
            kind, body = JSON, msgspec.json.encode(reply.payload)
        headers |= {"Content-Type": kind, "Content-Length": str(len(body))}
        return ControlResponse(reply.status, headers, b"" if without_body else body)
