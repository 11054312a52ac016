"""The endpoint behind the proxy: how it is reached, and which of its paths stands for a path that a client calls.

A URL without a path leaves a client's path as it is. One with a path, such as ``/openai/v1/realtime``, stands for the
client's ``/v1/realtime``; what is called beside that (``/v1/models``) is beside it there too. A query of the URL comes
before the client's. The certificate of a secure endpoint is always checked.
"""

import ipaddress
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ...errors import InputError

_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}
_SECURE = ("wss", "https")
_ROOTS = re.compile(r"/openai/v1(?=/|$)|/openai(?=/|$)|/v1(?=/|$)|(?=/)")
_SOCKET = "/realtime"
_OURS = "journal"
"""The parameter of a client's query that is for us: it names the journal."""


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint; :func:`read_target` makes it. ``tls`` None: nothing is encrypted."""

    host: str
    port: int
    path: str = ""
    query: str = ""
    tls: ssl.SSLContext | None = None

    @property
    def origin(self) -> str:
        """Its scheme, host and port, to be shown."""
        return f"{'ws' if self.tls is None else 'wss'}://{self.host_header}"

    @property
    def host_header(self) -> str:
        """The ``Host`` of a request."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (80 if self.tls is None else 443) else f"{host}:{self.port}"

    @property
    def is_open_to_others(self) -> bool:
        """Whether what is sent to it, keys too, leaves this machine unencrypted."""
        return self.tls is None and not _is_loopback(self.host)

    def of(self, target: str) -> str:
        """The path and query to ask for in place of a client's."""
        path, _, query = target.partition("?")
        parts = [each for each in (*self.query.split("&"), *query.split("&")) if each]
        parts = [each for each in parts if each.partition("=")[0] != _OURS]
        if self.path:
            root = _ROOTS.match(path)
            rest = path[root.end() :] if root is not None else path
            if rest == _SOCKET or rest.startswith(f"{_SOCKET}/"):
                path = self.path + rest.removeprefix(_SOCKET)
            else:
                path = self.path.removesuffix(_SOCKET) + rest
        return f"{path}?{'&'.join(parts)}" if parts else path


def read_target(text: str, ca: Path | None = None) -> Target:
    """The endpoint of a URL; ``ca`` has the certificate of a private authority. Raises :exc:`InputError`."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise InputError(f"--to is not a URL ({error}); write wss://HOST, or wss://HOST/PATH") from None
    if url.scheme not in _PORTS or not url.hostname:
        shown = f"{url.scheme}://{url.hostname or ''}" if url.scheme else "what was given"
        raise InputError(
            f"--to: {shown!r} is no endpoint; write wss://HOST, or wss://HOST/PATH, as in wss://api.openai.com"
        )
    if url.username is not None or url.password is not None:
        raise InputError("--to has a user or a password in it; leave it out: the client's own headers are passed on")
    if url.fragment:
        raise InputError("--to has a fragment, which no server is sent; leave out what begins with #")
    if not text.isascii() or any(character.isspace() for character in text):
        raise InputError("--to has characters that a URL cannot hold; write them percent-encoded")
    secure = url.scheme in _SECURE
    if ca is not None and not secure:
        raise InputError(f"--ca is for wss://; {url.scheme}:// has no certificate, so leave one of the two out")
    parse_qsl(url.query)
    return Target(
        url.hostname, port or _PORTS[url.scheme], url.path.rstrip("/"), url.query, _context(ca) if secure else None
    )


def _context(ca: Path | None) -> ssl.SSLContext:
    """What checks the endpoint's certificate and its name, as always; with ``ca``, by that authority too."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError) as error:
            why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
            raise InputError(f"--ca {ca} cannot be used ({why}); give a file with a certificate in PEM") from None
    return context


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
