"""Who may use the control API.

Any page that is open in a browser can reach a loopback port. So without a token, the ``Host`` of a request must be a
loopback name (a rebound DNS name is not), and a request that changes something must not have a foreign ``Origin``; no
CORS header is ever sent. A server with a token needs ``Authorization: Bearer TOKEN`` instead, which no foreign page
has.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..admission import read_connect_request


class HttpError(Exception):
    """A request is answered with this status, one sentence and these headers; never raised out of the control API."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers or {}


def check_token(headers: Mapping[str, str], token: str | None) -> None:
    """Raise :exc:`HttpError` (401) unless the request has the server's token, if any. Header names are lower-case."""
    sent = read_connect_request("", headers, offered=()).key or ""
    if token is not None and not hmac.compare_digest(sent.encode(), token.encode()):
        sentence = "this server has a token; send the header 'Authorization: Bearer TOKEN'"
        raise HttpError(401, sentence, {"WWW-Authenticate": "Bearer"})


def check_origin(method: str, headers: Mapping[str, str]) -> None:
    """Raise :exc:`HttpError` (403) if a foreign page may have made a browser send the request."""
    host, origin = headers.get("host"), headers.get("origin")
    if host is not None and not is_loopback(host):
        raise HttpError(403, f"the host {host!r} is not a loopback name; write http://127.0.0.1 and the port")
    if method != "GET" and origin not in (None, f"http://{host}", f"https://{host}"):
        cure = "use the server's own page or a program"
        raise HttpError(403, f"a page of {origin!r} may not change this server; {cure}")


def is_loopback(host: str) -> bool:
    """Whether a ``Host`` header, with or without a port, can only name this machine's own loopback."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
