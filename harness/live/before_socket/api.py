"""The routes that clients call before the socket, sans I/O: :meth:`RestApi.respond` answers an HTTP request.

They are found below ``/v1``, for clients whose base URL lacks that at the root, and on Azure below ``/openai/v1`` and
``/openai``. Who may call them is decided as for a dial, so a page that is not allowed gets nothing here either.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from traceback import format_exc
from typing import Any

import msgspec

from ...errors import ProtocolError
from ...protocol.checks import missing
from ...server.services import Service
from ..access import Visit
from ..admission import Admission, read_connect_request, service_of, unsupported_model
from ..client_keys import ClientKeys
from ..client_secrets import PREFIX, ClientSecret, ClientSecrets
from ..control.api import ControlResponse
from ..control.cors import cors_headers, is_preflight, preflight_headers
from ..control.routes import JSON, MAX_BODY_BYTES
from . import beta, kinds
from .bodies import decoded, known, lasting_s, model_name, without_secret
from .kinds import NewSession, Wanted
from .models import is_served, model_list, model_object
from .routes import find
from .vendor_errors import VendorError, document, refused_key, unknown_model

_log = logging.getLogger("harness.live")

_DEFAULT_S: dict[Service, int] = {"openai": 600, "azure": 7200}
"""How long a client secret lasts: of OpenAI documented, of Azure seen in one recording."""
_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_EXPOSED = "Location, X-Request-Id"
"""What a page may read of an answer (captured)."""
_NO_CALLS = "WebRTC and SIP are not simulated; use the WebSocket transport of the client"
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


@dataclass(frozen=True, slots=True)
class _Call:
    """A request whose route and key are known."""

    service: Service
    key: str | None
    part: str
    """The part of the path that names something."""
    body: bytes


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    payload: dict[str, Any] | None
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

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> ControlResponse:
        """Answer ``method`` on ``target``, a path with its query; the case of header names does not matter.

        Never raises: a wrong request is answered with the service's status and error.
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        service = service_of(target)
        visit = Visit()
        try:
            visit = self._visit(lowered)
            if visit.refusal is not None:
                raise VendorError(403, ProtocolError(None, visit.refusal))
            reply = self._reply(method, target, lowered, body)
        except VendorError as error:
            reply = _Reply(error.status, document(error.error, error.status, service), error.headers)
        except ProtocolError as error:
            reply = _Reply(400, document(error, 400, service), {})
        except Exception:
            keys = ClientKeys(read_connect_request(target, lowered, offered=()).secrets)
            found = keys.hidden(f"{method} {target} could not be answered: a bug of stillthere\n{format_exc()}")
            _log.error("%s", found)
            ours = ProtocolError(
                None, "a bug of stillthere; its log has the traceback, please report it", error_type="server_error"
            )
            reply = _Reply(500, document(ours, 500, service), {})
        return self._response(reply, visit, without_body=method == "HEAD")

    def _reply(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> _Reply:
        if is_preflight(method, headers):
            return _Reply(204, None, preflight_headers(headers))
        path, service = target.partition("?")[0], service_of(target)
        operation, part = find("GET" if method == "HEAD" else method, path, service, self._setup().url)
        key = read_connect_request(target, headers, offered=()).key
        problem = self._refused(key)
        if problem is not None:
            raise refused_key(problem, service)
        if len(body) > MAX_BODY_BYTES:
            message = f"The request body is too large. Send at most {MAX_BODY_BYTES} bytes."
            raise VendorError(413, ProtocolError("request_too_large", message))
        reply: _Reply = getattr(self, f"_{operation}")(_Call(service, key, part, body))
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

    def _calls(self, call: _Call) -> _Reply:
        message = "Invalid SDP offer. Please try again with a WHIP-compliant offer."
        raise VendorError(400, ProtocolError("invalid_offer", message), {"X-Stillthere": _NO_CALLS})

    def _call(self, call: _Call) -> _Reply:
        error = ProtocolError("call_id_not_found", f"No call with the id '{call.part}' was found.")
        raise VendorError(404, error, {"X-Stillthere": _NO_CALLS})

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
            return ControlResponse(reply.status, headers, b"")
        body = msgspec.json.encode(reply.payload)
        headers |= {"Content-Type": JSON, "Content-Length": str(len(body))}
        return ControlResponse(reply.status, headers, b"" if without_body else body)
