"""An event loop whose clock stands still while something happens, and jumps to the next timer when nothing does.

Real sockets of this machine work in it. It counts the datagrams that were sent and not yet received, and does not jump
over one. So two peers talk for a minute in seconds, and a slow machine makes no packet late. It is unrealistic in that
nothing takes time.
"""

import asyncio
import selectors
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_LOST_AFTER_S = 0.05
"""A datagram that has not arrived on this machine by then was sent to nobody."""
_IDLE_S = 0.02
_PAST_S = 1e-7
"""So much past a timer the clock stands, or rounding would leave it a little before, for ever."""


class _JumpingSelector(selectors.DefaultSelector):
    loop: "JumpingLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or timeout == 0:
            return found
        loop = self.loop
        if loop.on_its_way > 0:
            found = super().select(_LOST_AFTER_S)
            loop.on_its_way = loop.on_its_way if found else 0
        if found:
            return found
        if timeout is None or loop.held:
            return super().select(_IDLE_S)
        found = super().select(0)
        loop.now_s += 0 if found else timeout + _PAST_S
        return found


class _CountedSocket:
    """A UDP socket that counts."""

    def __init__(self, loop: "JumpingLoop", sock: socket.socket) -> None:
        self._loop, self._sock = loop, sock

    def sendto(self, *arguments: Any) -> int:
        self._loop.on_its_way += 1
        return self._sock.sendto(*arguments)

    def recvfrom(self, size: int) -> tuple[bytes, Any]:
        found = self._sock.recvfrom(size)
        self._loop.on_its_way -= 1
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class JumpingLoop(asyncio.SelectorEventLoop):
    """``held`` above 0: something outside, such as a thread, is waited for, and time does not pass."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.held = self.on_its_way = 0
        selector = _JumpingSelector()
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        """Seconds."""
        return self.now_s

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        """As of any loop; time waits for it."""
        self.held += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._release)
        return future

    def _release(self, _: object) -> None:
        self.held -= 1

    def _make_datagram_transport(self, sock: socket.socket, *arguments: Any, **named: Any) -> Any:
        return super()._make_datagram_transport(_CountedSocket(self, sock), *arguments, **named)  # type: ignore[misc]


def run(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine in a loop of its own."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(coroutine)
