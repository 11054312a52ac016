"""Where the server listens: this machine only, unless a token protects it."""

import contextlib
import errno
import ipaddress
from dataclasses import dataclass

from harness.errors import InputError

MOST_CONNECTIONS = 4096
BACKLOG = 512
"""Connections that may wait to be accepted."""
SPARE_FILES = 64
"""Files and sockets that the process needs besides its connections."""
_CURES = {
    errno.EADDRINUSE: "it is in use; choose another port, or 0 for any free one",
    errno.EACCES: "it needs privileges; choose a port above 1023, or 0 for any free one",
    errno.EADDRNOTAVAIL: "this machine has no such address; use 127.0.0.1",
}


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address and a port that can be listened on."""

    host: str
    port: int

    def url(self, scheme: str, path: str) -> str:
        """With brackets around IPv6."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}{path}"


def check_address(host: str, port: int, *, allow_remote: bool, token: str | None) -> Address:
    """The address to listen on. ``localhost`` is made IPv4, since port 0 would give each family a port of its own.

    Raises :exc:`InputError` for a host that is no IP address, a port out of range, and an address that other machines
    reach unless that is allowed and there is a token.
    """
    cannot = f"cannot listen on {host} port {port}"
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise InputError(f"{cannot}: the host is no IP address; use 127.0.0.1") from None
    if not 0 <= port <= 65_535:
        raise InputError(f"{cannot}: a port is at most 65535; use 0 for any free one")
    if not address.is_loopback and not (allow_remote and token):
        raise InputError(
            f"{cannot}: other machines could reach it, which needs --allow-remote and --token TOKEN; use 127.0.0.1"
        )
    return Address(str(address), port)


def cannot_listen(address: Address, error: OSError) -> InputError:
    """What to tell the user when the system refuses."""
    cure = _CURES.get(error.errno or 0, f"{error.strerror or error}; use 127.0.0.1 and port 0")
    return InputError(f"cannot listen on {address.host} port {address.port}: {cure}")


def most_connections() -> int:
    """How many connections the process has files for, after its limit was raised as far as it may be."""
    try:
        import resource
    except ImportError:
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, max(1, soft - SPARE_FILES))
