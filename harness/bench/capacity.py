"""How many sessions a server serves in time, what one costs, and whether the measurement itself was the limit."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal

from ..live.listening import MOST_CONNECTIONS, most_connections
from .load import Load, LoadOutcome, ServerUsage
from .server_process import ServerProcess, confined, cores

P99_LIMIT_MS = 20.0
"""A round trip as long as one append: a session that takes longer falls behind the microphone."""
_SETTLE_S = 0.5
MOST_SESSIONS = min(6_400, MOST_CONNECTIONS)
_FINENESS = 0.05
"""The search ends when the smallest number that was too large is this share above the largest that was served."""
_MOST_TRIES = 3
"""How often a load that shows nothing is tried."""

LoadVerdict = Literal["met", "not met", "not shown"]


@dataclass(frozen=True, slots=True)
class LoadStep:
    """One load, and the memory of its sessions while they were idle (None where that could not be read)."""

    outcome: LoadOutcome
    idle_kib_per_session: float | None

    @property
    def cpu_percent_per_session(self) -> float | None:
        """What a session costs, in per cent of one core."""
        share = self.outcome.server_share
        return None if share is None else 100 * share / self.outcome.sessions

    @property
    def verdict(self) -> LoadVerdict:
        """Whether all sessions were served in time. A bad figure shows nothing if the server may not be its cause."""
        outcome = self.outcome
        in_time = outcome.p99_ms < P99_LIMIT_MS and not outcome.unanswered and not outcome.errors
        if in_time and outcome.loaded:
            return "met"
        return "not shown" if outcome.generator_lagged or outcome.server_crowded else "not met"


@dataclass(frozen=True, slots=True)
class MeasuredServer:
    """The server that is measured: its URL, and its process if we started it."""

    url: str
    process: ServerProcess | None

    async def step(self, sessions: int, seconds: float) -> LoadStep:
        """Open so many sessions, load them for so long, close them. Raises :exc:`harness.errors.ClientError`."""
        load = Load(self.url)
        try:
            idle_kib = await self._open(load, sessions)
            outcome = await load.run(seconds, meter=self._usage)
        finally:
            await load.close()
            await asyncio.sleep(_SETTLE_S)
        return LoadStep(outcome, idle_kib)

    def _usage(self) -> ServerUsage:
        return ServerUsage(self.process.cpu_s, self.process.waited_s) if self.process else ServerUsage()

    async def _open(self, load: Load, sessions: int) -> float | None:
        """Memory of a session, from the second half: the first half fills what was free after the server's start."""
        half = sessions // 2
        await load.open(half)
        before = await self._settled_kib()
        await load.open(sessions)
        after = await self._settled_kib()
        return None if before is None or after is None else (after - before) / (sessions - half)

    async def _settled_kib(self) -> float | None:
        await asyncio.sleep(_SETTLE_S)
        return self.process.rss_kib if self.process else None


@contextlib.asynccontextmanager
async def measured_server(detector: str, url: str | None) -> AsyncIterator[MeasuredServer]:
    """A server of our own on a core of its own, with this process on the other cores; or the server at ``url``."""
    most_connections()  # the callers need as many files as the server, which inherits the limit
    if url is not None:
        yield MeasuredServer(url, None)
        return
    split = cores()
    with confined(split[1] if split else None):
        async with ServerProcess(detector, split[0] if split else None) as process:
            yield MeasuredServer(process.url, process)


async def find_capacity(
    measured: MeasuredServer, start: int, seconds: float, report: Callable[[LoadStep], None]
) -> list[LoadStep]:
    """All steps of a search for the largest number of sessions that is served in time: doubling, then bisection.

    A step that shows nothing is tried again. If it never shows anything, the search ends: nor would a larger one.
    """
    steps: list[LoadStep] = []
    served, too_many, sessions, tries = 0, math.inf, start, 0
    while too_many - served > max(1, _FINENESS * served) and served < MOST_SESSIONS and tries < _MOST_TRIES:
        step = await measured.step(sessions, seconds)
        report(step)
        steps.append(step)
        tries = tries + 1 if step.verdict == "not shown" else 0
        if step.verdict == "met":
            served = sessions
        elif step.verdict == "not met":
            too_many = sessions
        if not tries:
            sessions = min(MOST_SESSIONS, served * 2) if math.isinf(too_many) else (served + int(too_many)) // 2
    return steps
