"""The control API, sans I/O: :meth:`ControlApi.respond` answers one HTTP request; the shell reads and writes the bytes.

Who may ask is in :mod:`harness.live.guard`, what can be asked in :mod:`harness.live.routes`.
"""

import inspect
import logging
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from harness import __version__
from harness.errors import StillthereError
from harness.faults import NETWORK, SERVER, Fault, parameters
from harness.live.admission import PATHS
from harness.live.controlled import Controlled, SessionView
from harness.live.guard import Refused, check_origin, check_token
from harness.live.openapi import document
from harness.live.page import page
from harness.live.routes import (
    HTML,
    JSON,
    MAX_BODY_BYTES,
    NDJSON,
    ROUTES,
    Entries,
    Event,
    FaultKind,
    Faults,
    Health,
    ParameterKind,
    Refusal,
    Route,
    Sessions,
    Strike,
)

_log = logging.getLogger("harness.live")
_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_WHOLE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class ControlResponse:
    """What the shell sends; the headers have the body's type and length."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that has found its route."""

    path: dict[str, str]
    query: dict[str, str]
    body: Any = None


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    payload: Any = None
    media: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


class ControlApi:
    """The API of one server. If that has a token, a request that is not for a public route must bear it."""

    def __init__(self, server: Controlled) -> None:
        self._server = server

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> ControlResponse:
        """Answer ``method`` on ``target`` (a path with its query). ``headers`` are looked up without regard to case.

        Never raises: what is wrong with the request is told by a status and one sentence.
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            reply = self._reply(method, target, lowered, body)
        except Refused as refused:
            reply = _Reply(refused.status, Refusal(str(refused)), headers=refused.headers)
        except StillthereError as error:
            reply = _Reply(400, Refusal(str(error)))
        except Exception:
            _log.exception("%s %s could not be answered: a bug of stillthere", method, target)
            reply = _Reply(500, Refusal("a bug of stillthere; its log has the traceback, please report it"))
        return _response(reply, bodiless=method == "HEAD")

    def _reply(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> _Reply:
        path, _, query = target.partition("?")
        _check_is_control(path, self._server.url)
        route, parts = _find("GET" if method == "HEAD" else method, path)
        if not route.public:
            check_token(headers, self._server.token)
        if self._server.token is None:
            check_origin(route.method, headers)
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, f"the body is too large; send at most {MAX_BODY_BYTES} bytes")
        given = None if route.body is None else _decode(body, route)
        reply: _Reply = getattr(self, f"_{route.operation}")(
            _Call(parts, dict(parse_qsl(query, keep_blank_values=True)), given)
        )
        return reply

    # --- the routes' operations ---

    def _page(self, call: _Call) -> _Reply:
        shown = page()
        return _Reply(
            200, shown.html, HTML, {"Content-Security-Policy": shown.policy, "Referrer-Policy": "no-referrer"}
        )

    def _healthz(self, call: _Call) -> _Reply:
        return _Reply(200, Health("ok", __version__))

    def _openapi(self, call: _Call) -> _Reply:
        return _Reply(200, document(ROUTES))

    def _sessions(self, call: _Call) -> _Reply:
        return _Reply(200, Sessions(self._server.url, self._server.started_at, self._server.sessions()))

    def _session(self, call: _Call) -> _Reply:
        return _Reply(200, self._known(call.path["number"]))

    def _emit(self, call: _Call) -> _Reply:
        session = self._open(call.path["number"])
        self._server.emit(session.number, call.body)
        return _Reply(204)

    def _close(self, call: _Call) -> _Reply:
        session, closing = self._open(call.path["number"]), call.body
        if len(closing.reason.encode()) > 123:
            raise Refused(400, "the reason has over 123 bytes in UTF-8; send a shorter one")
        self._server.close(session.number, closing.code, closing.reason)
        return _Reply(204)

    def _faults(self, call: _Call) -> _Reply:
        return _Reply(200, Faults(self._server.faults(), catalogue()))

    def _strike(self, call: _Call) -> _Reply:
        strike: Strike = call.body
        if strike.session is not None:
            self._open(str(strike.session))
        begun = self._server.strike(
            strike.fault, session=strike.session, lasts_s=strike.lasts_s, parameters=strike.parameters
        )
        return _Reply(201, begun, headers={"Location": f"/faults/{begun.id}"})

    def _release(self, call: _Call) -> _Reply:
        fault_id = call.path["fault_id"]
        if not _WHOLE.fullmatch(fault_id) or not self._server.release(int(fault_id)):
            raise Refused(404, f"no fault {fault_id!r} is in force; GET /faults lists those that are")
        return _Reply(204)

    def _journal(self, call: _Call) -> _Reply:
        number = self._known(call.path["number"]).number
        since = call.query.get("since")
        if since is not None:
            if not _WHOLE.fullmatch(since):
                raise Refused(400, f"since={since!r} is no whole number; begin with 0, then give what 'next' says")
            following, entries = self._server.entries(number, int(since))
            return _Reply(200, Entries(following, entries))
        return _Reply(200, self._server.journal(number) or b"", NDJSON)

    # --- sessions ---

    def _known(self, number: str) -> SessionView:
        for session in self._server.sessions():
            if str(session.number) == number:
                return session
        raise Refused(404, f"there is no session {number!r}; GET /sessions lists those that there are")

    def _open(self, number: str) -> SessionView:
        session = self._known(number)
        if session.state != "open":
            raise Refused(409, f"session {number} is closed; only an open one can be told anything")
        return session


def catalogue() -> list[FaultKind]:
    """The faults that a live server can be struck with, described by their own docstrings."""
    kinds = []
    for name, fault in sorted({**SERVER, **NETWORK}.items()):
        seen = inspect.getdoc(sys.modules[fault.__module__]) or ""
        kinds.append(FaultKind(name, parameters.description(fault), " ".join(seen.split()), _parameters(fault)))
    return kinds


def _parameters(fault: type[Fault]) -> dict[str, ParameterKind]:
    says, defaults = parameters.documentation(fault), parameters.defaults(fault)
    known = parameters.kinds(fault)
    return {name: ParameterKind(says[name], defaults[name], dict(kind.schema)) for name, kind in known.items()}


# --- requests and responses -------------------------------------------------------------------------------------------


def _check_is_control(path: str, url: str) -> None:
    """Raise :exc:`Refused` for what the service has on paths of its own, so that a client's log says what is wrong."""
    if path in PATHS:
        sentence = f"this is a WebSocket; dial {url}?model=gpt-realtime"
        raise Refused(426, sentence, {"Upgrade": "websocket", "Connection": "Upgrade"})
    parts = path.removeprefix("/v1").split("/")
    if parts[:2] == ["", "realtime"] and len(parts) > 2 and parts[2] in _NOT_SIMULATED:
        raise Refused(404, _NOT_SIMULATED[parts[2]])


_NO_EPHEMERAL_KEYS = (
    "ephemeral keys are not simulated; give the client an API key itself (any is good, unless the server has its own)"
)
_NOT_SIMULATED = {
    "client_secrets": _NO_EPHEMERAL_KEYS,
    "sessions": _NO_EPHEMERAL_KEYS,
    "transcription_sessions": _NO_EPHEMERAL_KEYS,
    "calls": "WebRTC and SIP are not simulated; use the client's WebSocket transport",
}
"""Documented paths below ``/v1/realtime``, the beta's among them."""


def _find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a path, and its named parts. Raises a 404 or, if only the method is wrong, a 405."""
    allowed: list[str] = []
    for route in ROUTES:
        found = _PATTERNS[route.path].fullmatch(path)
        if found is not None and route.method == method:
            return route, {name: unquote(part) for name, part in found.groupdict().items()}
        if found is not None:
            allowed += ["GET", "HEAD"] if route.method == "GET" else [route.method]
    if allowed:
        raise Refused(405, f"{method} is not for {path}; use {' or '.join(allowed)}", {"Allow": ", ".join(allowed)})
    raise Refused(404, f"there is nothing at {path}; GET /openapi.json tells what there is")


_PATTERNS = {route.path: re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)) for route in ROUTES}


def _decode(body: bytes, route: Route) -> Any:
    """The body as the route takes it; a bad one is told by its field and what belongs there."""
    example = f"; send JSON such as {msgspec.json.encode(route.example).decode()}"
    try:
        given = msgspec.json.decode(body or b"{}")
        if isinstance(given, dict) and route.body is not Event:
            given = {name: _whole(value) for name, value in given.items()}
        given = msgspec.convert(given, route.body)
    except msgspec.ValidationError as error:
        raise Refused(400, f"the body is wrong: {_lower(str(error))}{example}") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refused(400, f"the body is no JSON ({_lower(str(error))}){example}") from None
    if isinstance(given, dict) and not isinstance(given.get("type"), str):
        raise Refused(400, f"the event has no 'type'{example}")
    return given


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 1000.0 is a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _lower(text: str) -> str:
    """As it stands in a sentence; what begins with two capitals is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _response(reply: _Reply, *, bodiless: bool) -> ControlResponse:
    body = reply.payload if isinstance(reply.payload, bytes) else b""
    if reply.payload is not None and not isinstance(reply.payload, bytes):
        body = msgspec.json.encode(reply.payload)
    headers = {**_ALWAYS, **reply.headers}
    if reply.status != 204:
        media = f"{HTML}; charset=utf-8" if reply.media == HTML else reply.media
        headers |= {"Content-Type": media, "Content-Length": str(len(body))}
    return ControlResponse(reply.status, headers, b"" if bodiless else body)
