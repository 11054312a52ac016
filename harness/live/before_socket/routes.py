"""The service's HTTP routes as a table, and which of them a request is for."""

import re
from urllib.parse import unquote

from ...errors import ProtocolError
from ...server.services import Service
from ..admission import PATHS
from .vendor_errors import VendorError, unknown_url, wrong_method

_ROOT = re.compile(r"(?:/openai/v1|/openai|/v1)(?=/|$)|(?=/(?:realtime|models)(?:/|$))")
_ROUTES: dict[str, dict[str, str]] = {
    "/realtime/client_secrets": {"POST": "client_secrets"},
    "/realtime/sessions": {"POST": "sessions"},
    "/realtime/transcription_sessions": {"POST": "transcription_sessions"},
    "/realtime/translations/client_secrets": {"POST": "translation_secrets"},
    "/realtime/calls": {"POST": "calls"},
    "/realtime/calls/{part}/hangup": {"POST": "hangup"},
    "/realtime/calls/{part}/(?:accept|refer|reject)": {"POST": "sip"},
    "/models": {"GET": "models"},
    "/models/{part}": {"GET": "model"},
}
"""The operation of each method of each path below a root; ``RestApi`` has a method for it, with an underscore."""
_PATTERNS = {path: re.compile(path.replace("{part}", "(?P<part>[^/]+)")) for path in _ROUTES}


def is_vendors(path: str) -> bool:
    """Whether a path belongs to the service, so that its errors are the service's."""
    return _ROOT.match(path) is not None


def find(method: str, path: str, service: Service, url: str) -> tuple[str, str]:
    """The operation of a request, and the named part of its path; ``url`` is that of the WebSocket.

    Raises :exc:`VendorError` if there is none.
    """
    if path in PATHS:
        message = f"This is a WebSocket; connect to {url}?model=gpt-realtime."
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
        raise VendorError(426, ProtocolError(None, message), upgrade)
    root = _ROOT.match(path)
    rest = path[root.end() :] if root is not None else path
    for route, operations in _ROUTES.items():
        found = _PATTERNS[route].fullmatch(rest)
        if found is None:
            continue
        if method in operations:
            return operations[method], unquote(found.groupdict().get("part") or "")
        allowed = [name for each in operations for name in (("GET", "HEAD") if each == "GET" else (each,))]
        raise wrong_method(method, path, allowed)
    raise unknown_url(method, path, service)
