"""Many callers at once, to see how many sessions one server serves in time.

Each caller does what a voice client does all day: 50 appends of 20 ms a second go up, and a response at the pace of
speech comes down, 10 deltas of 100 ms a second. Once a second it asks for an item of the conversation
(``conversation.item.retrieve``): the answer must pass behind all that the session has still to hear and to send. A
round trip counts from the moment at which the question was *due*, so a late generator makes the figures worse, never
better.

In what it is unlike a real client: every frame has been encoded and masked beforehand, so a frame's masking key comes
again each second, and the audio that comes down is parsed as JSON but never decoded.
"""

import asyncio
import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from websockets.exceptions import InvalidHandshake, InvalidURI
from websockets.uri import parse_uri

from harness.errors import ClientError, InputError
from harness.live.caller import APPENDS, APPENDS_PER_S, CREATE_ITEM, CREATE_RESPONSE, FIRST_APPENDS, Caller, Tally

DELTAS_PER_S = 10
SLOT_S = 0.001
SLOTS = 20
"""The callers are spread over as many slots as an append has milliseconds, so that they do not speak all at once."""
APART = 7
"""Appends between the questions of two callers in a row, so that a second has questions all along."""
WARM_UP_S = 2.0
PATIENCE_S = 5.0
"""An answer that takes longer does not come."""
DIAL_WITHIN_S = 20.0
DIALS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Metered:
    """What a process has used up to a moment, in seconds; None where the system does not tell."""

    cpu_s: float | None = None
    waited_s: float | None = None
    """Ready to run, while another process had the core."""

    def since(self, before: "Metered", lasted_s: float) -> "Metered":
        """What it used since then, in seconds per second."""
        return Metered(_rate(before.cpu_s, self.cpu_s, lasted_s), _rate(before.waited_s, self.waited_s, lasted_s))


def _rate(before: float | None, after: float | None, lasted_s: float) -> float | None:
    return None if before is None or after is None else (after - before) / lasted_s


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one load showed. Times in milliseconds; shares are of what was due."""

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
    """The same of the server; None if it could not be read."""
    server_kept_waiting: float | None
    """Seconds per second for which the server was ready and another process had its core; None if it is not told."""
    turns: int
    closed: int
    errors: tuple[str, ...]

    @property
    def loaded(self) -> bool:
        """Whether the load that the figures are about was there at all."""
        return self.appended_share >= 0.99 and self.deltas_share >= 0.95 and not self.turns and not self.closed

    @property
    def generator_lagged(self) -> bool:
        """Whether the generator itself was too slow to tell anything about the server's limit."""
        return self.generator_share > 0.9 or self.lag_p99_ms > 10

    @property
    def server_crowded(self) -> bool:
        """Whether other processes took so much of the server's core that a bad figure may be theirs."""
        return self.server_kept_waiting is not None and self.server_kept_waiting > 0.02


class Load:
    """Callers against ``url``: :meth:`open` them, then :meth:`run` them once, then :meth:`close` them."""

    def __init__(self, url: str) -> None:
        self.callers: list[Caller] = []
        self.tally = Tally()
        self._url = url
        self._slot = 0
        self._last = 0
        self._began = 0.0
        self._measured_from = math.inf
        self._closing = False
        self._done: asyncio.Future[None] | None = None

    async def open(self, sessions: int) -> None:
        """Connect callers until there are so many; they are idle. Raises :exc:`ClientError` if one is not let in."""
        host, port, secure = _endpoint(self._url)
        dialling = asyncio.Semaphore(DIALS_AT_ONCE)
        loop = asyncio.get_running_loop()

        async def dial() -> None:
            async with dialling:
                caller = Caller(self._url, self)
                try:
                    async with asyncio.timeout(DIAL_WITHIN_S):
                        await loop.create_connection(lambda: caller, host, port, ssl=True if secure else None)
                        self.callers.append(caller)
                        await caller.opened
                except (OSError, TimeoutError, InvalidHandshake) as error:
                    reason = "it does not answer" if isinstance(error, TimeoutError) else str(error)
                    raise ClientError(f"{self._url} cannot be connected to: {reason}") from None

        try:
            async with asyncio.TaskGroup() as dials:
                for _ in range(sessions - len(self.callers)):
                    dials.create_task(dial())
        except ExceptionGroup as failed:
            await self.close()
            raise failed.exceptions[0] from None

    async def run(
        self, seconds: float, *, warm_up_s: float = WARM_UP_S, meter: Callable[[], Metered] = Metered
    ) -> Outcome:
        """Speak and be spoken to for so long, after a time to warm up; ``meter`` reads what the server has used."""
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        for caller, first in zip(self.callers, itertools.cycle(FIRST_APPENDS), strict=False):
            caller.write(CREATE_ITEM)
            caller.write(first)
        self._began = loop.time()
        self._slot, self._last = 0, round((warm_up_s + seconds) / SLOT_S)
        self._measured_from = self._began + warm_up_s
        self._tick()
        await asyncio.sleep(warm_up_s)
        self.tally = Tally(closed=self.tally.closed, errors=self.tally.errors)
        ours_s, theirs, wall_s = time.process_time(), meter(), loop.time()
        await self._done
        lasted_s = loop.time() - wall_s
        generator_share = (time.process_time() - ours_s) / lasted_s
        server = meter().since(theirs, lasted_s)
        deltas_share = self.tally.deltas / (lasted_s * DELTAS_PER_S * len(self.callers))
        await self._await_answers()
        return self._outcome(seconds, generator_share, server, deltas_share)

    async def close(self) -> None:
        """End all connections."""
        self._closing = True
        for caller in self.callers:
            caller.close()
        await asyncio.sleep(0)

    def answered(self, due: float) -> None:
        """A question that was due then has its answer now."""
        if due >= self._measured_from:
            self.tally.round_trips_s.append(asyncio.get_running_loop().time() - due)

    def lost(self) -> None:
        """A caller's connection is gone."""
        if not self._closing:
            self.tally.closed += 1

    def _tick(self) -> None:
        """Play all slots that are due. What is read meanwhile has its turn before the next call."""
        assert self._done is not None
        loop = asyncio.get_running_loop()
        now = loop.time()
        while (due := self._began + self._slot * SLOT_S) <= now:
            if self._slot >= self._last:
                self._done.set_result(None)
                return
            self._play(self._slot, due)
            self.tally.lags_s.append(now - due)
            self._slot += 1
        loop.call_at(due, self._tick)

    def _play(self, slot: int, due: float) -> None:
        turn, place = divmod(slot, SLOTS)
        frame = APPENDS[turn % APPENDS_PER_S]
        sent = 0
        speakers = self.callers[place::SLOTS]
        for index, caller in enumerate(speakers):
            sent += caller.write(frame)
            if (turn + APART * (place + SLOTS * index)) % APPENDS_PER_S == 0:
                if turn < APPENDS_PER_S:
                    caller.write(CREATE_RESPONSE)
                caller.ask(due)
        self.tally.appends += sent
        self.tally.left_out += len(speakers) - sent

    async def _await_answers(self) -> None:
        """Those still missing after all patience count with the time they have been waited for."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while any(caller.asked for caller in self.callers) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)

    def _outcome(self, seconds: float, generator_share: float, server: Metered, deltas_share: float) -> Outcome:
        now, tally = asyncio.get_running_loop().time(), self.tally
        waiting = [now - due for caller in self.callers for due in caller.asked if due >= self._measured_from]
        trips = sorted([*tally.round_trips_s, *waiting])
        return Outcome(
            sessions=len(self.callers),
            seconds=seconds,
            p50_ms=_quantile_ms(trips, 0.50),
            p99_ms=_quantile_ms(trips, 0.99),
            asked=len(trips),
            unanswered=len(waiting),
            appended_share=tally.appends / max(1, tally.appends + tally.left_out),
            deltas_share=deltas_share,
            lag_p99_ms=_quantile_ms(sorted(tally.lags_s), 0.99),
            generator_share=generator_share,
            server_share=server.cpu_s,
            server_kept_waiting=server.waited_s,
            turns=tally.turns,
            closed=tally.closed,
            errors=tuple(tally.errors),
        )


def _quantile_ms(ascending: Sequence[float], share: float) -> float:
    """The nearest-rank quantile; infinite of nothing."""
    if not ascending:
        return math.inf
    return 1000 * ascending[min(len(ascending) - 1, math.ceil(share * len(ascending)) - 1)]


def _endpoint(url: str) -> tuple[str, int, bool]:
    """Host, port and whether it is TLS. Raises :exc:`InputError` if it is no WebSocket URL."""
    try:
        parsed = parse_uri(url)
    except (InvalidURI, ValueError):
        raise InputError(f"{url} is no WebSocket URL; write ws://127.0.0.1:8765/v1/realtime") from None
    return parsed.host, parsed.port, parsed.secure
