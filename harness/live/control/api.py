"""The control API, sans I/O: :meth:`ControlApi.respond` answers an HTTP request; its caller reads and writes the bytes.

Who may use it is in :mod:`harness.live.access` and :mod:`harness.live.control.auth`, what can be requested in
:mod:`harness.live.control.routes`.
"""

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from traceback import format_exc
from typing import Any, cast, get_args
from urllib.parse import parse_qsl, unquote

import msgspec

from ... import __version__
from ...errors import StillthereError
from ...faults import CATALOGUE, MICROPHONE, Fault, SessionFault, parameters
from ..access import Visit
from ..admission import read_connect_request
from ..client_keys import ClientKeys
from .auth import HttpError, check_token
from .cors import cors_headers, is_preflight, preflight_headers
from .openapi import document
from .page import page
from .routes import (
    HTML,
    JSON,
    LIMIT,
    MAX_BODY_BYTES,
    MOST_SESSIONS,
    NDJSON,
    ROUTES,
    EntriesBody,
    ErrorBody,
    EventBody,
    FaultBody,
    FaultDescription,
    FaultGroup,
    FaultsBody,
    HealthBody,
    ParameterDescription,
    PictureBody,
    Route,
    SessionsBody,
)
from .views import ControlledServer, SessionState, SessionView

_log = logging.getLogger("harness.live")
_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")
_LARGEST = 10**15 - 1


@dataclass(frozen=True, slots=True)
class ControlResponse:
    """What the caller sends; the headers have the body's type and length."""

    status: int
    headers: dict[str, str]
    body: bytes


HttpAnswer = ControlResponse | asyncio.Future[ControlResponse]
"""An answer, or the future of one."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A request whose route is known."""

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
    """The API of one server. If the server has a token, requests must send it, except for public routes."""

    def __init__(self, server: ControlledServer) -> None:
        self._server = server

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> ControlResponse:
        """Answer ``method`` on ``target`` (a path with its query). The case of header names does not matter.

        Never raises: a wrong request is answered with a status and one sentence.
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        visit = Visit()
        try:
            visit = self._server.visit(lowered)
            if visit.refusal is not None:
                raise HttpError(403, visit.refusal)
            reply = self._reply(method, target, lowered, body)
        except HttpError as error:
            reply = _Reply(error.status, ErrorBody(str(error)), headers=error.headers)
        except StillthereError as error:
            reply = _Reply(400, ErrorBody(str(error)))
        except Exception:
            keys = ClientKeys(read_connect_request(target, lowered, offered=()).secrets)  # the server's token, if any
            found = keys.hidden(f"{method} {target} could not be answered: a bug of stillthere\n{format_exc()}")
            _log.error("%s", found)
            reply = _Reply(500, ErrorBody("a bug of stillthere; its log has the traceback, please report it"))
        return _response(reply, cors_headers(visit.origin), without_body=method == "HEAD")

    def _reply(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> _Reply:
        if is_preflight(method, headers):
            return _Reply(204, headers=preflight_headers(headers))
        path, _, query = target.partition("?")
        route, parts = _find("GET" if method == "HEAD" else method, path)
        if not route.public:
            check_token(headers, self._server.token)
        if len(body) > MAX_BODY_BYTES:
            raise HttpError(413, f"the body is too large; send at most {MAX_BODY_BYTES} bytes")
        decoded = None if route.body is None else _decode(body, route)
        reply: _Reply = getattr(self, f"_{route.operation}")(
            _Call(parts, dict(parse_qsl(query, keep_blank_values=True)), decoded)
        )
        return reply

    # --- the routes' operations ---

    def _page(self, call: _Call) -> _Reply:
        shown = page()
        return _Reply(
            200, shown.html, HTML, {"Content-Security-Policy": shown.policy, "Referrer-Policy": "no-referrer"}
        )

    def _healthz(self, call: _Call) -> _Reply:
        return _Reply(200, HealthBody("ok", __version__))

    def _openapi(self, call: _Call) -> _Reply:
        return _Reply(200, document(ROUTES))

    def _sessions(self, call: _Call) -> _Reply:
        limit = _number(call.query, "limit", MOST_SESSIONS, "the number of sessions on a page")
        before = _number(call.query, "before", None, "the 'older' of the last answer")
        state = call.query.get("state")
        if state not in (None, *get_args(SessionState)):
            raise HttpError(400, f"state={state!r} is no state; send open or closed, or leave it out")
        page = self._server.session_page(
            limit=LIMIT if limit is None else limit, before=before, state=cast("SessionState | None", state)
        )
        asked = call.query.get("verdicts", "false")
        if asked not in ("true", "false"):
            raise HttpError(400, f"verdicts={asked!r} is neither true nor false; send one of them, or leave it out")
        found = self._server.verdicts(each.number for each in page.sessions) if asked == "true" else {}
        verdicts = {str(number): verdict for number, verdict in found.items()}
        shown = SessionsBody(
            self._server.url, self._server.started_at, page.sessions, page.open, page.closed, page.older, verdicts
        )
        return _Reply(200, shown)

    def _session(self, call: _Call) -> _Reply:
        return _Reply(200, self._known(call.path["number"]))

    def _emit(self, call: _Call) -> _Reply:
        session = self._open(call.path["number"])
        self._server.emit(session.number, call.body)
        return _Reply(204)

    def _close(self, call: _Call) -> _Reply:
        session, close = self._open(call.path["number"]), call.body
        if len(close.reason.encode()) > 123:
            raise HttpError(400, "the reason has over 123 bytes in UTF-8; send a shorter one")
        self._server.close(session.number, close.code, close.reason)
        return _Reply(204)

    def _faults(self, call: _Call) -> _Reply:
        found = self._server.faults()
        described = catalogue(self._server.injectable)
        absent = MICROPHONE.keys() - self._server.injectable.keys()
        active, waiting = ([each for each in found if each.state == state] for state in ("active", "waiting"))
        return _Reply(200, FaultsBody(self._server.now, active, waiting, described, sorted(absent)))

    def _start_fault(self, call: _Call) -> _Reply:
        body: FaultBody = call.body
        if body.session is not None:
            self._open(str(body.session))
        fault = self._server.start_fault(
            body.fault,
            session=body.session,
            lasts_s=body.lasts_s,
            parameters=body.parameters,
            sessions=body.sessions,
            after_s=body.after_s,
        )
        return _Reply(201, fault, headers={"Location": f"/faults/{fault.id}"})

    def _end_fault(self, call: _Call) -> _Reply:
        fault_id = call.path["fault_id"]
        if not _WHOLE_NUMBER.fullmatch(fault_id) or not self._server.end_fault(int(fault_id)):
            raise HttpError(404, f"there is no fault {fault_id!r}; GET /faults lists those that act or will")
        return _Reply(204)

    def _hands(self, call: _Call) -> _Reply:
        return _Reply(200, self._server.hands())

    def _move_hands(self, call: _Call) -> _Reply:
        return _Reply(200, self._server.move_hands(pressed=call.body.pressed))

    def _journal(self, call: _Call) -> _Reply:
        number = self._known(call.path["number"]).number
        if "since" in call.query:
            return _Reply(200, EntriesBody(*self._server.entries(number, _since(call.query))))
        return _Reply(200, self._server.journal(number) or b"", NDJSON)

    def _verdict(self, call: _Call) -> _Reply:
        return _Reply(200, self._server.verdict(self._known(call.path["number"]).number))

    def _picture(self, call: _Call) -> _Reply:
        number = self._known(call.path["number"]).number
        return _Reply(200, PictureBody(*self._server.picture(number, _since(call.query))))

    # --- sessions ---

    def _known(self, number: str) -> SessionView:
        found = self._server.session(int(number)) if _WHOLE_NUMBER.fullmatch(number) else None
        if found is not None and str(found.number) == number:
            return found
        known = "the open ones and the last hundred closed ones are known; GET /sessions lists them"
        raise HttpError(404, f"there is no session {number!r}, or it is forgotten: {known}")

    def _open(self, number: str) -> SessionView:
        session = self._known(number)
        if session.state != "open":
            raise HttpError(409, f"session {number} is closed; use an open one")
        return session


def _number(query: Mapping[str, str], name: str, most: int | None, says: str) -> int | None:
    """A number of the query, at least 1; None if it is not there. Raises 400."""
    text = query.get(name)
    if text is None:
        return None
    if not _WHOLE_NUMBER.fullmatch(text) or not 1 <= int(text) <= (most or _LARGEST):
        upto = "" if most is None else f" to {most}"
        raise HttpError(400, f"{name}={text!r} is not a whole number from 1{upto}; send {says}, or leave it out")
    return int(text)


def _since(query: Mapping[str, str]) -> int:
    """The index from which entries are wanted. Raises 400."""
    since = query.get("since", "0")
    if not _WHOLE_NUMBER.fullmatch(since):
        raise HttpError(400, f"since={since!r} is not a whole number; send 0 first, then the 'next' of the last answer")
    return int(since)


def catalogue(faults: Iterable[str]) -> list[FaultDescription]:
    """The faults of these names, described by their own docstrings."""
    return [_description(name) for name in sorted(faults)]


@cache
def _description(name: str) -> FaultDescription:
    fault = CATALOGUE[name]
    group: FaultGroup = "session" if issubclass(fault, SessionFault) else fault.seam
    does, seen = parameters.description(fault), parameters.background(fault)
    return FaultDescription(name, group, does, seen, fault().cure, fault.transports, _parameters(fault))


def _parameters(fault: type[Fault]) -> dict[str, ParameterDescription]:
    says, defaults = parameters.documentation(fault), parameters.defaults(fault)
    known = parameters.kinds(fault)
    return {name: ParameterDescription(says[name], defaults[name], dict(kind.schema)) for name, kind in known.items()}


# --- requests and responses -------------------------------------------------------------------------------------------


def _find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a path, and its named parts. Raises 404 or, if only the method is wrong, 405."""
    allowed: list[str] = []
    for route in ROUTES:
        found = _PATTERNS[route.path].fullmatch(path)
        if found is not None and route.method == method:
            return route, {name: unquote(part) for name, part in found.groupdict().items()}
        if found is not None:
            allowed += ["GET", "HEAD"] if route.method == "GET" else [route.method]
    if allowed:
        raise HttpError(405, f"{method} is not for {path}; use {' or '.join(allowed)}", {"Allow": ", ".join(allowed)})
    raise HttpError(404, f"there is nothing at {path}; GET /openapi.json lists what there is")


_PATTERNS = {route.path: re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)) for route in ROUTES}


def _decode(body: bytes, route: Route) -> Any:
    """The body as the route's type. Raises 400 for a wrong one, with the field and what it should be."""
    example = f"; send JSON such as {msgspec.json.encode(route.example).decode()}"
    try:
        decoded = msgspec.json.decode(body or b"{}")
        if isinstance(decoded, dict) and route.body is not EventBody:
            decoded = {name: _whole(value) for name, value in decoded.items()}
        decoded = msgspec.convert(decoded, route.body)
    except msgspec.ValidationError as error:
        raise HttpError(400, f"the body is wrong: {_lower(str(error))}{example}") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise HttpError(400, f"the body is not JSON ({_lower(str(error))}){example}") from None
    if isinstance(decoded, dict) and not isinstance(decoded.get("type"), str):
        raise HttpError(400, f"the event has no 'type'{example}")
    return decoded


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 1000.0 is a whole number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _lower(text: str) -> str:
    """With a small first letter, as within a sentence, unless it begins with an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _response(reply: _Reply, cors: dict[str, str], *, without_body: bool) -> ControlResponse:
    body = reply.payload if isinstance(reply.payload, bytes) else b""
    if reply.payload is not None and not isinstance(reply.payload, bytes):
        body = msgspec.json.encode(reply.payload)
    headers = {**_ALWAYS, **cors, **reply.headers}
    if reply.status != 204:
        media = f"{HTML}; charset=utf-8" if reply.media == HTML else reply.media
        headers |= {"Content-Type": media, "Content-Length": str(len(body))}
    return ControlResponse(reply.status, headers, b"" if without_body else body)
