"""Who may use the control API.

A browser reaches a loopback port from any page that is open in it. So without a token a request must name the server
by a loopback name (a rebound DNS name is not one), and one that changes something must come from no foreign origin; no
CORS header is ever sent. A server with a token asks for ``Authorization: Bearer TOKEN`` instead, which no foreign page
has.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from harness.live.admission import read_dial


class Refused(Exception):
    """A request is answered by this status, one sentence and these headers; it never leaves the control API."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers or {}


def check_token(headers: Mapping[str, str], token: str | None) -> None:
    """Raise :exc:`Refused` (401) unless the request bears the token, if there is one. Header names are lower-case."""
    given = read_dial("", headers, offered=()).key or ""
    if token is not None and not hmac.compare_digest(given.encode(), token.encode()):
        sentence = "this server has a token; send the header 'Authorization: Bearer TOKEN'"
        raise Refused(401, sentence, {"WWW-Authenticate": "Bearer"})


def check_origin(method: str, headers: Mapping[str, str]) -> None:
    """Raise :exc:`Refused` (403) if a foreign page may have made a browser send this."""
    host, origin = headers.get("host"), headers.get("origin")
    if host is not None and not is_loopback(host):
        raise Refused(403, f"the host {host!r} is no loopback name; write http://127.0.0.1 and the port")
    if method != "GET" and origin not in (None, f"http://{host}", f"https://{host}"):
        cure = "use the server's own page or a program"
        raise Refused(403, f"a page of {origin!r} may not change this server; {cure}")


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
