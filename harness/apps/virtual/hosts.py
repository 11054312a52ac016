"""Whom an app in virtual time can dial: hosts that are simulated, and servers of its own."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Dialled = Callable[[str, int], Awaitable[tuple[asyncio.BaseProtocol, Callable[[asyncio.Transport], None]]]]
"""Connects to a host and a port; gives the far end's protocol, and what is told of its transport.

Raises :exc:`OSError`, as a real connection does.
"""
_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")
_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.?")
_FIRST_FREE_PORT = 32_768
"""As Linux gives them to servers that ask for any."""


_SERVICES = {"http": 80, "https": 443, "ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """A server of the app's own."""

    protocol_factory: Callable[[], asyncio.BaseProtocol]
    loop: asyncio.AbstractEventLoop
    hosts: tuple[str, ...]
    """Those that it is bound to; none: all of this machine."""
    context: Any
    """Its TLS context."""


@dataclass(slots=True, eq=False)
class Hosts:
    """The hosts of one run. ``simulated``: how to connect to each."""

    simulated: dict[str, Dialled]
    refused: list[str] = field(default_factory=list)
    """Each host and port that the app dialled in vain."""
    listeners: dict[int, list[Listener]] = field(default_factory=dict)
    """The app's own servers, by port."""
    _addresses: dict[str, str] = field(default_factory=dict)
    _ports: int = _FIRST_FREE_PORT

    def address(self, host: str) -> str:
        """The address of a host; it has one of its own, and nobody is asked."""
        if _is_address(host):
            return host
        if host == "localhost":
            return "127.0.0.1"
        number = len(self._addresses) + 1
        return self._addresses.setdefault(host, f"10.0.{number // 250}.{number % 250 + 1}")

    def name(self, host: str) -> str:
        """The name of a host, by its name or its address."""
        return next((name for name, address in self._addresses.items() if address == host), host)

    def at(self, port: int) -> list[Listener]:
        """The app's own servers at a port."""
        return self.listeners.get(port, [])

    def listener(self, host: str, port: int) -> Listener | None:
        """The app's own server there, if there is one."""
        here = host in _HERE
        for listener in self.at(port):
            if host in listener.hosts or (here and (not listener.hosts or any(own in _HERE for own in listener.hosts))):
                return listener
        return None

    def free_port(self) -> int:
        """A port that nothing listens on."""
        self._ports += 1
        return self.free_port() if self.at(self._ports) else self._ports


def is_host(text: str) -> bool:
    """Whether it is the name of a host, or an address."""
    return _NAME.fullmatch(text) is not None or _is_address(text)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def port_number(port: Any) -> int:
    """A port as a number: it may be given as text, as the name of a service, or not at all."""
    if isinstance(port, bytes):
        port = port.decode()
    if isinstance(port, str) and not port.isdecimal():
        return _SERVICES[port] if port in _SERVICES else socket.getservbyname(port)
    return int(port or 0)
