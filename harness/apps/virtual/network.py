"""An event loop without anything real: its network is in memory, and it reaches only the hosts of its run."""

import asyncio
import concurrent.futures
import selectors
import socket
from collections.abc import Callable
from typing import Any

from ...units import SECOND
from .clock import BUSY, Clock
from .hosts import Hosts, Listener, port_number
from .memory import MemorySocket, MemoryTransport, connected
from .refusals import refused

RESOLUTION_S = 1e-6
_THREADS = 32
"""Of the default executor, on every machine."""


class _Selector(selectors.BaseSelector):
    """Waits for nothing real: to wait is to let the world and the threads go on."""

    def __init__(self, loop: "MemoryLoop") -> None:
        self._loop = loop

    def register(self, fileobj: Any, events: int, data: Any = None) -> Any:
        raise refused("a file descriptor")

    def unregister(self, fileobj: Any) -> Any:
        raise KeyError(fileobj)

    def get_map(self) -> Any:
        return {}

    def close(self) -> None:
        """There is nothing to close."""

    def select(self, timeout: float | None = None) -> list[Any]:
        self._loop.wait(timeout)
        return []


class MemoryLoop(asyncio.SelectorEventLoop):
    """What the loops of a run have in common; each has its own way to :meth:`wait`."""

    def __init__(self, clock: Clock, hosts: Hosts) -> None:
        self.clock = clock
        self.hosts = hosts
        self._parked: dict[int, Any] = {}
        """Where real sockets were to be connected to, by their descriptors."""
        self._idle_at = -1
        self._turns = 0
        super().__init__(_Selector(self))
        inside: Any = self
        inside._clock_resolution = RESOLUTION_S
        self.set_default_executor(concurrent.futures.ThreadPoolExecutor(_THREADS, "asyncio"))

    # --- time ---

    def time(self) -> float:
        """The time of the run in seconds."""
        return self.clock.read() / SECOND

    def wait(self, timeout: float | None) -> None:
        """The loop has nothing to do for ``timeout`` seconds."""
        raise NotImplementedError

    def inside(self) -> Any:
        """What asyncio does not show of a loop: its ready callbacks and its timers."""
        return self

    def is_busy(self) -> bool:
        """Whether the loop has turned so often at one time that its code seems to wait for the clock."""
        now = self.clock.scheduler.now
        if now != self._idle_at:
            self._idle_at, self._turns = now, 0
        self._turns += 1
        return self._turns > BUSY

    # --- the parts of a loop that are real elsewhere ---

    def _make_self_pipe(self) -> None:
        inside = self.inside()
        inside._ssock = inside._csock = None
        inside._internal_fds = 0

    def _close_self_pipe(self) -> None:
        """There is none."""

    def add_signal_handler(self, *_: Any) -> None:  # type: ignore[override]
        """Nobody sends a signal to an app in virtual time."""

    def remove_signal_handler(self, sig: int) -> bool:
        """There is none."""
        return False

    # --- network ---

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> Any:
        """Each host has an address of its own, and nobody is asked."""
        address = self.hosts.address(_text(host) or "127.0.0.1")
        if ":" in address:
            return [(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port_number(port), 0, 0))]
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port_number(port)))]

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> Any:
        """The name that belongs to the address."""
        return self.hosts.name(sockaddr[0]), str(sockaddr[1])

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Remember where a socket wants to go: ``create_connection`` follows."""
        self._parked[sock.fileno()] = address

    async def create_connection(self, protocol_factory: Any, host: Any = None, port: Any = None, **named: Any) -> Any:
        """Connect to a host that is simulated, or to a server of the app's own."""
        if (sock := named.get("sock")) is not None:
            address = self._parked.pop(sock.fileno(), None)
            if address is None:
                raise refused("a socket that is connected already")
            host, port = address[:2]
            sock.close()
        name, number = self.hosts.name(_text(host) or "localhost"), port_number(port)
        context = named.get("ssl")
        if (dial := self.hosts.simulated.get(name)) is not None:
            far, told = await dial(name, number)
            near = protocol_factory()
            one, other = connected(self, near, self, far, (str(host), number), context)
            other.is_ours = True
            told(other)
        elif (listener := self.hosts.listener(name, number)) is not None:
            near, far = protocol_factory(), listener.protocol_factory()
            one, other = connected(self, near, listener.loop, far, (str(host), number), context)
        else:
            raise self._unknown(name, number)
        other.begin()
        near.connection_made(one)
        return one, near

    def _unknown(self, name: str, port: int) -> ConnectionRefusedError:
        self.hosts.refused.append(f"{name}:{port}")
        self.clock.fence(f"a connection to {name}:{port} was refused: no such host is simulated")
        return ConnectionRefusedError(
            111, f"{name}:{port} is not simulated; if it serves the Realtime API, name it with --host {name}"
        )

    async def start_tls(self, transport: Any, protocol: Any, sslcontext: Any, **_: Any) -> Any:
        """TLS is pretended."""
        assert isinstance(transport, MemoryTransport)
        transport.set_protocol(protocol)
        transport.secure(sslcontext)
        return transport

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **named: Any) -> Any:
        """A server of the app's own, which only the app itself reaches."""
        if (sock := named.get("sock")) is not None:
            host, port = sock.getsockname()[:2]
        bound = tuple(map(str, host)) if isinstance(host, list | tuple) else (_text(host),) if host else ()
        number = port_number(port) or self.hosts.free_port()
        if any(set(bound) & set(other.hosts) or not (bound and other.hosts) for other in self.hosts.at(number)):
            raise OSError(98, f"[Errno 98] the address {host or '0.0.0.0'}:{number} is in use by the app itself")
        listener = Listener(protocol_factory, self, bound, named.get("ssl"))
        server = _Server(self, self.hosts, listener, number)
        if named.get("start_serving", True):
            await server.start_serving()
        return server

    # --- what is refused ---

    async def create_unix_connection(self, protocol_factory: Any = None, path: Any = None, **_: Any) -> Any:
        """Refused."""
        raise refused(f"the Unix socket {path}")

    async def create_unix_server(self, protocol_factory: Any = None, path: Any = None, **_: Any) -> Any:
        """Refused."""
        raise refused(f"the Unix socket {path}")

    async def connect_accepted_socket(self, protocol_factory: Any, sock: Any, **_: Any) -> Any:
        """Refused."""
        raise refused("a socket that is connected already")

    async def create_datagram_endpoint(self, *_: Any, **named: Any) -> Any:
        """Refused."""
        raise refused(f"a datagram socket to {named.get('remote_addr')}")

    async def connect_read_pipe(self, protocol_factory: Any, pipe: Any) -> Any:
        """Refused."""
        raise refused("a pipe")

    async def connect_write_pipe(self, protocol_factory: Any, pipe: Any) -> Any:
        """Refused."""
        raise refused("a pipe")

    async def subprocess_exec(self, protocol_factory: Any, *args: Any, **_: Any) -> Any:
        """Refused."""
        raise refused(f"the process {args[0] if args else ''!r:.80}")

    async def subprocess_shell(self, protocol_factory: Any, cmd: Any, **_: Any) -> Any:
        """Refused."""
        raise refused(f"the process {cmd!r:.80}")


class _Server(asyncio.AbstractServer):
    """A server of the app's own."""

    def __init__(self, loop: MemoryLoop, hosts: Hosts, listener: Listener, port: int) -> None:
        self._loop, self._hosts, self._listener, self._port = loop, hosts, listener, port
        self._serving: asyncio.Future[None] | None = None

    @property
    def sockets(self) -> tuple[MemorySocket, ...]:
        """What it listens on."""
        own = (self._listener.hosts or ("0.0.0.0",))[0], self._port
        return (MemorySocket(own, own),) if self.is_serving() else ()

    def close(self) -> None:
        if self.is_serving():
            self._hosts.listeners[self._port].remove(self._listener)
        if self._serving is not None:
            self._serving.cancel()

    def close_clients(self) -> None:
        """Its clients end by themselves."""

    abort_clients = close_clients

    async def wait_closed(self) -> None:
        """It is closed at once."""

    async def start_serving(self) -> None:
        if not self.is_serving():
            self._hosts.listeners.setdefault(self._port, []).append(self._listener)

    async def serve_forever(self) -> None:
        await self.start_serving()
        self._serving = self._loop.create_future()
        try:
            await self._serving
        finally:
            self.close()

    def is_serving(self) -> bool:
        return self._listener in self._hosts.at(self._port)

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop


def _text(host: Any) -> str:
    return host.decode() if isinstance(host, bytes) else str(host or "")


def run_in_threads(make: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Have Python make the event loops of other threads so."""
    events: Any = asyncio.events
    events.new_event_loop = make
    setattr(asyncio, "new_event_loop", make)  # noqa: B010 - mypy knows it as a function
