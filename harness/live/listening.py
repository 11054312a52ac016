"""Where the server listens: on this machine only, unless a token protects it; and how many clients may connect."""

import contextlib
import errno
import ipaddress
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError

MOST_CONNECTIONS = 4096
BACKLOG = 512
"""Connections that may wait to be accepted."""
_SPARE_FILES = 64
"""Files and sockets that the process needs besides its connections."""
_CURES = {
    errno.EADDRINUSE: "it is in use; choose another port, or 0 for any free one",
    errno.EACCES: "it needs privileges; choose a port above 1023, or 0 for any free one",
    errno.EADDRNOTAVAIL: "this machine has no such address; use 127.0.0.1",
}

_IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address and a port to listen on, and the IP address to which a client connects."""

    host: str
    port: int
    reached_at: str

    def url(self, scheme: str, path: str) -> str:
        """The URL for a client, with brackets around IPv6."""
        host = f"[{self.reached_at}]" if ":" in self.reached_at else self.reached_at
        return f"{scheme}://{host}:{self.port}{path}"


def check_address(host: str, port: int, *, allow_remote: bool, token: str | None) -> Address:
    """The address to listen on. ``localhost`` becomes IPv4, since port 0 would give each family a port of its own.

    Raises :exc:`InputError` if the host is not an IP address or the port is out of range; if other machines could reach
    the address, unless that is allowed and there is a token; and if they could not, although that is allowed.
    """
    cannot = f"cannot listen on {host or repr(host)} port {port}"
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise InputError(f"{cannot}: the host is not an IP address; use 127.0.0.1") from None
    if not 0 <= port <= 65_535:
        raise InputError(f"{cannot}: a port is 1 to 65535; use 0 for any free one")
    if not address.is_loopback and not (allow_remote and token):
        raise InputError(
            f"{cannot}: other machines could reach it, which needs --allow-remote and --token TOKEN; use 127.0.0.1"
        )
    if address.is_loopback and allow_remote:
        raise InputError(
            f"{cannot} for other machines: that is this machine alone; add --host 0.0.0.0 and --token TOKEN, or leave "
            "--allow-remote out"
        )
    return Address(str(address), port, _reached_at(address))


def own_addresses() -> list[str]:
    """The IP addresses by which other machines may reach this one, those of its default routes first.

    Only the system is asked, and nothing is sent. Link-local IPv6 is left out: it needs the name of an interface.
    """
    found = map(ipaddress.ip_address, [*_routed(), *_listed()])
    return [
        str(address)
        for address in dict.fromkeys(found)
        if not (address.is_loopback or (address.is_link_local and address.version == 6))
    ]


def _reached_at(address: _IpAddress) -> str:
    """An address to which clients can connect; for 0.0.0.0 and ::, one of this machine."""
    if not address.is_unspecified:
        return str(address)
    for own in own_addresses():
        if (":" in own) == (address.version == 6):
            return own
    return "127.0.0.1" if address.version == 4 else "::1"


def _routed() -> Iterator[str]:
    """The addresses from which this machine would send to remote ones."""
    for family, remote in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as unused:
            unused.connect((remote, 9))  # for datagrams this only chooses a route, it sends nothing
            yield unused.getsockname()[0]


def _listed() -> Iterator[str]:
    """All addresses. On Linux from its own lists, since a lookup of the machine's name may ask a name server."""
    listed = False
    with contextlib.suppress(OSError):
        for own in re.findall(r"\|-- (\S+)\n +/32 host LOCAL", Path("/proc/net/fib_trie").read_text()):
            listed = True
            yield own
    with contextlib.suppress(OSError):
        for line in Path("/proc/net/if_inet6").read_text().splitlines():
            yield str(ipaddress.IPv6Address(int(line.split()[0], 16)))
    if not listed:
        with contextlib.suppress(OSError, UnicodeError):
            for *_, place in socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM):
                yield str(place[0]).partition("%")[0]


def cannot_listen(address: Address, error: OSError) -> InputError:
    """The error for the user when the system refuses to listen."""
    number = error.errno or errno.EADDRNOTAVAIL  # the one error that asyncio raises without a number since Python 3.13
    cure = _CURES.get(number, f"{error.strerror or error}; use 127.0.0.1 and port 0")
    return InputError(f"cannot listen on {address.host} port {address.port}: {cure}")


def most_connections() -> int:
    """How many connections the process has files for, after raising its limit as far as allowed."""
    try:
        import resource
    except ImportError:
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, max(1, soft - _SPARE_FILES))
