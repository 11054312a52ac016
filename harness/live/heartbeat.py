"""The server's keepalive: a PING of four bytes every 20.26 s (captured), and what becomes of a client without PONG."""

import asyncio
from collections.abc import Callable

from harness.live.limits import Timing


class Heartbeat:
    """Calls ``ping`` with a payload, and ``fail`` if no PONG with it follows in time; not while ``busy``.

    A connection is busy while it is not read from, since a PONG cannot be seen then.
    """

    def __init__(
        self, timing: Timing, ping: Callable[[bytes], None], fail: Callable[[], None], busy: Callable[[], bool]
    ) -> None:
        self._timing = timing
        self._ping, self._fail, self._busy = ping, fail, busy
        self._count = 0
        self._awaited: bytes | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """The first PING follows after the usual time."""
        self._after(self._timing.ping_every_s, self._beat)

    def stop(self) -> None:
        """No more PINGs."""
        if self._timer is not None:
            self._timer.cancel()

    def pong(self, payload: bytes) -> None:
        """A PONG has come; one that answers no PING of ours counts for nothing."""
        if payload == self._awaited:
            self._awaited = None

    def _beat(self) -> None:
        self._count += 1
        self._awaited = (self._count % 2**32).to_bytes(4, "big")
        self._after(self._timing.pong_within_s, self._look)
        self._ping(self._awaited)

    def _look(self) -> None:
        if self._awaited is None:
            self._after(max(0.0, self._timing.ping_every_s - self._timing.pong_within_s), self._beat)
        elif self._busy():
            self._after(self._timing.pong_within_s, self._look)
        else:
            self._fail()

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, then)
