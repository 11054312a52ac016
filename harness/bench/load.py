"""Many callers at once, to measure how many sessions one server serves in time.

Each caller does what a voice client does: it sends 50 appends of 20 ms a second, and receives a response at the pace of
speech, 10 deltas of 100 ms a second. Once a second it asks for an item of the conversation
(``conversation.item.retrieve``): the answer waits behind all that the session has still to process and to send. A round
trip counts from the moment at which the question was *due*, so a late generator makes the figures worse, never better.

It differs from a real client: every frame is encoded and masked beforehand, so a frame's masking key repeats each
second, and received audio is parsed as JSON but not decoded.
"""

import asyncio
import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from websockets.exceptions import InvalidHandshake, InvalidURI
from websockets.uri import parse_uri

from ..errors import ClientError, InputError
from .caller import (
    APPENDS,
    APPENDS_PER_S,
    CREATE_ITEM,
    CREATE_RESPONSE,
    FIRST_APPENDS,
    Caller,
    CallerCounts,
)

_DELTAS_PER_S = 10
_SLOT_S = 0.001
_SLOTS = 20
"""The callers are spread over as many slots as an append has milliseconds, so that they do not all send at once."""
_APART = 7
"""Appends between the questions of two neighbouring callers, to spread the questions over the second."""
WARM_UP_S = 2.0
PATIENCE_S = 5.0
"""How long the last answers are waited for."""
_CONNECT_WITHIN_S = 20.0
_CONNECTS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class ServerUsage:
    """What a server process has used since its start, in seconds; None where the system does not say."""

    cpu_s: float | None = None
    waited_s: float | None = None
    """Time it was ready to run while another process had the core."""

    def since(self, before: "ServerUsage", lasted_s: float) -> "ServerUsage":
        """What it used since ``before``, in seconds per second."""
        return ServerUsage(_rate(before.cpu_s, self.cpu_s, lasted_s), _rate(before.waited_s, self.waited_s, lasted_s))


def _rate(before: float | None, after: float | None, lasted_s: float) -> float | None:
    return None if before is None or after is None else (after - before) / lasted_s


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """The measurements of one load. Times in milliseconds; shares are of what was due."""

    sessions: int
    seconds: float
    p50_ms: float
    p99_ms: float
    asked: int
    unanswered: int
    appended_share: float
    deltas_share: float
    lag_p99_ms: float
    generator_share: float
    """CPU time of the generator in seconds per second."""
    server_share: float | None
    """CPU time of the server in seconds per second; None if it could not be read."""
    server_kept_waiting: float | None
    """Seconds per second for which the server was ready and another process had its core; None if unknown."""
    turns: int
    closed: int
    errors: tuple[str, ...]

    @property
    def loaded(self) -> bool:
        """Whether the intended load was reached."""
        return self.appended_share >= 0.99 and self.deltas_share >= 0.95 and not self.turns and not self.closed

    @property
    def generator_lagged(self) -> bool:
        """Whether the generator was too slow to show the server's limit."""
        return self.generator_share > 0.9 or self.lag_p99_ms > 10

    @property
    def server_crowded(self) -> bool:
        """Whether other processes used so much of the server's core that a bad figure may be due to them."""
        return self.server_kept_waiting is not None and self.server_kept_waiting > 0.02


class Load:
    """Callers against ``url``: :meth:`open` them, then :meth:`run` them once, then :meth:`close` them."""

    def __init__(self, url: str) -> None:
        self.callers: list[Caller] = []
        self.counts = CallerCounts()
        self._url = url
        self._slot = 0
        self._last = 0
        self._started = 0.0
        self._measured_from = math.inf
        self._closing = False
        self._done: asyncio.Future[None] | None = None

    async def open(self, sessions: int) -> None:
        """Connect callers until there are so many; they are idle. Raises :exc:`ClientError` if one is refused."""
        host, port, secure = _endpoint(self._url)
        limit = asyncio.Semaphore(_CONNECTS_AT_ONCE)
        loop = asyncio.get_running_loop()

        async def connect() -> None:
            async with limit:
                caller = Caller(self._url, self)
                try:
                    async with asyncio.timeout(_CONNECT_WITHIN_S):
                        await loop.create_connection(lambda: caller, host, port, ssl=True if secure else None)
                        self.callers.append(caller)
                        await caller.opened
                except (OSError, TimeoutError, InvalidHandshake) as error:
                    reason = "it does not answer" if isinstance(error, TimeoutError) else str(error)
                    raise ClientError(f"{self._url} cannot be connected to: {reason}") from None

        try:
            async with asyncio.TaskGroup() as connects:
                for _ in range(sessions - len(self.callers)):
                    connects.create_task(connect())
        except ExceptionGroup as failed:
            await self.close()
            raise failed.exceptions[0] from None

    async def run(
        self, seconds: float, *, warm_up_s: float = WARM_UP_S, meter: Callable[[], ServerUsage] = ServerUsage
    ) -> LoadOutcome:
        """Send and receive for so long, after a time to warm up; ``meter`` reads what the server has used."""
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        for caller, first in zip(self.callers, itertools.cycle(FIRST_APPENDS), strict=False):
            caller.write(CREATE_ITEM)
            caller.write(first)
        self._started = loop.time()
        self._slot, self._last = 0, round((warm_up_s + seconds) / _SLOT_S)
        self._measured_from = self._started + warm_up_s
        self._tick()
        await asyncio.sleep(warm_up_s)
        self.counts = CallerCounts(closed=self.counts.closed, errors=self.counts.errors)
        ours_s, theirs, wall_s = time.process_time(), meter(), loop.time()
        await self._done
        lasted_s = loop.time() - wall_s
        generator_share = (time.process_time() - ours_s) / lasted_s
        server = meter().since(theirs, lasted_s)
        deltas_share = self.counts.deltas / (lasted_s * _DELTAS_PER_S * len(self.callers))
        await self._await_answers()
        return self._outcome(seconds, generator_share, server, deltas_share)

    async def close(self) -> None:
        """End all connections."""
        self._closing = True
        for caller in self.callers:
            caller.close()
        await asyncio.sleep(0)

    def answered(self, due: float) -> None:
        """A question that was due then is answered now."""
        if due >= self._measured_from:
            self.counts.round_trips_s.append(asyncio.get_running_loop().time() - due)

    def lost(self) -> None:
        """A caller's connection is gone."""
        if not self._closing:
            self.counts.closed += 1

    def _tick(self) -> None:
        """Play all slots that are due. Received data is processed before the next call."""
        assert self._done is not None
        loop = asyncio.get_running_loop()
        now = loop.time()
        while (due := self._started + self._slot * _SLOT_S) <= now:
            if self._slot >= self._last:
                self._done.set_result(None)
                return
            self._play(self._slot, due)
            self.counts.lags_s.append(now - due)
            self._slot += 1
        loop.call_at(due, self._tick)

    def _play(self, slot: int, due: float) -> None:
        turn, place = divmod(slot, _SLOTS)
        frame = APPENDS[turn % APPENDS_PER_S]
        sent = 0
        speakers = self.callers[place::_SLOTS]
        for index, caller in enumerate(speakers):
            sent += caller.write(frame)
            if (turn + _APART * (place + _SLOTS * index)) % APPENDS_PER_S == 0:
                if turn < APPENDS_PER_S:
                    caller.write(CREATE_RESPONSE)
                caller.ask(due)
        self.counts.appends += sent
        self.counts.left_out += len(speakers) - sent

    async def _await_answers(self) -> None:
        """An answer that is still missing then counts with the time it was waited for."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while any(caller.asked for caller in self.callers) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)

    def _outcome(self, seconds: float, generator_share: float, server: ServerUsage, deltas_share: float) -> LoadOutcome:
        now, counts = asyncio.get_running_loop().time(), self.counts
        waiting = [now - due for caller in self.callers for due in caller.asked if due >= self._measured_from]
        trips = sorted([*counts.round_trips_s, *waiting])
        return LoadOutcome(
            sessions=len(self.callers),
            seconds=seconds,
            p50_ms=_quantile_ms(trips, 0.50),
            p99_ms=_quantile_ms(trips, 0.99),
            asked=len(trips),
            unanswered=len(waiting),
            appended_share=counts.appends / max(1, counts.appends + counts.left_out),
            deltas_share=deltas_share,
            lag_p99_ms=_quantile_ms(sorted(counts.lags_s), 0.99),
            generator_share=generator_share,
            server_share=server.cpu_s,
            server_kept_waiting=server.waited_s,
            turns=counts.turns,
            closed=counts.closed,
            errors=tuple(counts.errors),
        )


def _quantile_ms(ascending: Sequence[float], share: float) -> float:
    """The nearest-rank quantile; infinite if there are no values."""
    if not ascending:
        return math.inf
    return 1000 * ascending[min(len(ascending) - 1, math.ceil(share * len(ascending)) - 1)]


def _endpoint(url: str) -> tuple[str, int, bool]:
    """Host, port and whether it is TLS. Raises :exc:`InputError` if it is not a WebSocket URL."""
    try:
        parsed = parse_uri(url)
    except (InvalidURI, ValueError):
        raise InputError(f"{url} is not a WebSocket URL; write ws://127.0.0.1:8765/v1/realtime") from None
    return parsed.host, parsed.port, parsed.secure
