"""Which web pages may use the server, and by which names of it: one rule for WebSocket, control API and all else.

Any page that is open in a browser on this machine can reach a loopback port. The browser then sends the page's
``Origin``, and the ``Host`` to which it believes it is connected. So a request is served

* without an ``Origin``: it is a program's, or a page makes a browser get something that it then cannot read;
* from a page of a loopback origin, ``http`` or ``https``, on any port;
* from a page of the server itself, when it is reached by an allowed host name;
* from a page that ``--allow-origin`` names, ``null`` (a sandboxed frame, a file) and other schemes too; ``*`` names
  every page, as for a machine on which nobody browses.

The ``Host`` must be a loopback name, since a DNS name that was rebound to this machine would make the attacker's page a
page of the server itself. Other names need ``--allow-host``. No DNS name hides in an IP address, so a server that other
machines may reach (``--allow-remote``) is reached by any.

The risk that is left: what else listens on this machine and shows pages, such as another developer's server on a shared
computer, may open sessions and inject faults. Tests that drive the server from a page need just that. A token excludes
them: it is asked for in addition to this rule.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import InputError

_NAME = r"[a-z0-9._-]*|\[[0-9a-f:.]+\]"
_HOST = re.compile(rf"(?P<name>{_NAME})(?::(?P<port>[0-9]{{0,5}}))?")
_ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<name>{_NAME})(?::(?P<port>[0-9]{{1,5}}))?")
_PORTS = {"http": 80, "https": 443}
"""The schemes of web pages, with the port that a browser leaves out."""
_LAST_PORT = 65_535
_SLASHES = 3
"""In an origin with a slash at its end, as it is copied from a browser's address bar."""
_SHOWN = 100
"""Characters of a header that a sentence shows."""


class _Origin(NamedTuple):
    """An origin in the one form in which two can be compared."""

    scheme: str
    name: str
    port: int | None = None


_NULL = _Origin("null", "")


@dataclass(frozen=True, slots=True)
class Visit:
    """Whether a request is served. ``refusal``: why not, in one sentence. ``origin``: of the page that may read it."""

    refusal: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """The rule of one server; :func:`read_access` makes it. ``any_address``: a ``Host`` may be any IP address."""

    origins: frozenset[_Origin] = frozenset()
    hosts: frozenset[str] = frozenset()
    any_origin: bool = False
    any_address: bool = False

    def visit(self, headers: Mapping[str, str]) -> Visit:
        """Judge a request by its headers, whose names are lower-case."""
        host, origin = headers.get("host"), headers.get("origin")
        refusal = None if host is None else self._refused_host(host)
        if refusal is None and origin is not None:
            refusal = self._refused_origin(origin, host)
        return Visit(refusal, origin if refusal is None else None)

    def _refused_host(self, host: str) -> str | None:
        name = _host(host)[0]
        if not name:
            return f"the Host header {host[:_SHOWN]!r} names no host; use http://127.0.0.1 and the port"
        if _is_loopback(name) or name in self.hosts or (self.any_address and _address(name) is not None):
            return None
        return (
            f"the host {name[:_SHOWN]!r} is neither a loopback name nor allowed; use http://127.0.0.1 and the port, or "
            f"start the server with --allow-host {name[:_SHOWN]}"
        )

    def _refused_origin(self, text: str, host: str | None) -> str | None:
        origin = _origin(text)
        if origin is None:
            return f"the Origin header {text[:_SHOWN]!r} is not one origin; a browser sends one, a program none"
        web = origin.scheme in _PORTS
        if self.any_origin or origin in self.origins or (web and _is_loopback(origin.name)):
            return None
        name, port = _host(host or "")
        if web and (origin.name, origin.port) == (name, port or _PORTS[origin.scheme]):
            return None
        return (
            f"a page of the origin {text[:_SHOWN]!r} may not use this server; if it should, start the server with "
            f"--allow-origin {text[:_SHOWN]}"
        )


def read_access(origins: Iterable[str], hosts: Iterable[str], *, any_address: bool = False) -> Access:
    """The rule with these origins and host names. Raises :exc:`InputError` for what is neither."""
    named = set(origins)
    return Access(
        frozenset(map(_named_origin, named - {"*"})), frozenset(map(_named_host, hosts)), "*" in named, any_address
    )


def _named_origin(text: str) -> _Origin:
    origin = _origin(_punycode(text.removesuffix("/") if text.count("/") == _SLASHES else text))
    if origin is None:
        raise InputError(
            f"{text!r} is not an origin; write its scheme, host and port, as in https://app.example or "
            "http://app.example:3000, or null, or * for every page"
        )
    return origin


def _named_host(text: str) -> str:
    address = _address(text.strip("[]"))
    name, port = (str(address), None) if address is not None else _host(_punycode(text))
    if not name or port is not None:
        raise InputError(f"{text!r} is not a host; write a name or an IP address, without scheme, port and wildcard")
    return name


def _punycode(text: str) -> str:
    """Names in letters beyond ASCII as browsers send them."""
    return re.sub(r"[^/:]+", lambda part: _idna(part[0]), text)


def _idna(name: str) -> str:
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def _origin(text: str) -> _Origin | None:
    """The origin that a text is; None if it is none, or more than one."""
    if text == "null":
        return _NULL
    found = _ORIGIN.fullmatch(text.lower())
    if found is None:
        return None
    scheme, name, port = found["scheme"], found["name"], found["port"]
    number = _PORTS.get(scheme) if port is None else int(port)
    if scheme in _PORTS:
        name = _canonical(name)
    if (scheme in _PORTS and not name) or (number or 0) > _LAST_PORT:
        return None
    return _Origin(scheme, name, number)


def _host(text: str) -> tuple[str, int | None]:
    """Name and port of a ``Host`` header; the name is empty if it cannot be read."""
    found = _HOST.fullmatch(text.lower())
    return ("", None) if found is None else (_canonical(found["name"]), int(found["port"]) if found["port"] else None)


def _canonical(name: str) -> str:
    """A name without the dot of the DNS root, or an IP address in its shortest form; empty if it is neither."""
    if not name.startswith("["):
        return name.removesuffix(".")
    address = _address(name[1:-1])
    return "" if address is None else str(address)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_loopback(name: str) -> bool:
    """Whether a canonical name can only mean this machine's own loopback."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address is not None and address.is_loopback
