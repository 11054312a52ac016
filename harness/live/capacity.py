"""How many sessions a server serves in time, what one costs, and where the measurement itself was the limit."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal

from harness.live.listening import MOST_CONNECTIONS, most_connections
from harness.live.load import Load, Metered, Outcome
from harness.live.spawned import SpawnedServer, confined, cores

P99_LIMIT_MS = 20.0
"""A round trip as long as one append: a session that takes longer falls behind the microphone."""
SETTLE_S = 0.5
MOST_SESSIONS = min(6_400, MOST_CONNECTIONS)
FINENESS = 0.05
"""The search ends when the least number that was too many is this share above the largest that was not."""
MOST_TRIES = 3
"""A load that shows nothing is tried so often."""

Verdict = Literal["met", "not met", "not shown"]


@dataclass(frozen=True, slots=True)
class Step:
    """One load, and the memory of its sessions while they were idle (None where that could not be read)."""

    outcome: Outcome
    idle_kib_per_session: float | None

    @property
    def cpu_percent_per_session(self) -> float | None:
        """What a session costs, in per cent of one core."""
        share = self.outcome.server_share
        return None if share is None else 100 * share / self.outcome.sessions

    @property
    def verdict(self) -> Verdict:
        """Whether all sessions were served in time. A bad figure shows nothing if the server may not be its cause."""
        outcome = self.outcome
        in_time = outcome.p99_ms < P99_LIMIT_MS and not outcome.unanswered and not outcome.errors
        if in_time and outcome.loaded:
            return "met"
        return "not shown" if outcome.generator_lagged or outcome.server_crowded else "not met"


@dataclass(frozen=True, slots=True)
class Target:
    """What is measured: an endpoint, and its process if that is ours."""

    url: str
    process: SpawnedServer | None

    async def step(self, sessions: int, seconds: float) -> Step:
        """Open so many sessions, load them for so long, close them. Raises :exc:`harness.errors.ClientError`."""
        load = Load(self.url)
        try:
            idle_kib = await self._open(load, sessions)
            outcome = await load.run(seconds, meter=self._metered)
        finally:
            await load.close()
            await asyncio.sleep(SETTLE_S)
        return Step(outcome, idle_kib)

    def _metered(self) -> Metered:
        return Metered(self.process.cpu_s, self.process.waited_s) if self.process else Metered()

    async def _open(self, load: Load, sessions: int) -> float | None:
        """The memory of a session of the second half: the first half fills what the server's start had left free."""
        half = sessions // 2
        await load.open(half)
        before = await self._settled_kib()
        await load.open(sessions)
        after = await self._settled_kib()
        return None if before is None or after is None else (after - before) / (sessions - half)

    async def _settled_kib(self) -> float | None:
        await asyncio.sleep(SETTLE_S)
        return self.process.rss_kib if self.process else None


@contextlib.asynccontextmanager
async def target(detector: str, url: str | None) -> AsyncIterator[Target]:
    """A server of our own on a core of its own, with this process on the other cores; or whatever is at ``url``."""
    most_connections()  # the caller's side needs as many files as the server's, which it starts with
    if url is not None:
        yield Target(url, None)
        return
    split = cores()
    with confined(split[1] if split else None):
        async with SpawnedServer(detector, split[0] if split else None) as process:
            yield Target(process.url, process)


async def most(measured: Target, start: int, seconds: float, tell: Callable[[Step], None]) -> list[Step]:
    """All steps of a search for the largest number of sessions that is served in time: doubling, then bisection.

    A step that shows nothing is tried again; if it never does, the search ends there: a larger one would not either.
    """
    steps: list[Step] = []
    served, too_many, sessions, tries = 0, math.inf, start, 0
    while too_many - served > max(1, FINENESS * served) and served < MOST_SESSIONS and tries < MOST_TRIES:
        step = await measured.step(sessions, seconds)
        tell(step)
        steps.append(step)
        tries = tries + 1 if step.verdict == "not shown" else 0
        if step.verdict == "met":
            served = sessions
        elif step.verdict == "not met":
            too_many = sessions
        if not tries:
            sessions = min(MOST_SESSIONS, served * 2) if math.isinf(too_many) else (served + int(too_many)) // 2
    return steps
