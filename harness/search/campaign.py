"""Many runs: seeds are played in blocks, each block gives a tally, and tallies add up in any order.

A block is a pure function of its seeds, the client and its settings, so it runs anywhere: here in processes of this
machine (:mod:`harness.search.processes`), or on whatever :class:`concurrent.futures.Executor` is given.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any

from harness.causes import Cause
from harness.clients.registry import find_client
from harness.errors import ClientError
from harness.scenario.model import Scenario
from harness.search.schedules import schedule
from harness.verdict import liveness, phases
from harness.verdict.phases import Phase
from harness.world.play import play

BLOCK = 20
"""Seeds that one task plays."""
AHEAD = 1024
"""Tasks that are given out before their turn, so that no process waits and a range of any length fits in memory."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A seed after which the client stays silent."""

    seed: int
    cause: Cause | None
    reason: str


@dataclass(slots=True)
class Tally:
    """What came of some seeds."""

    runs: int = 0
    virtual_us: int = 0
    failures: list[Failure] = field(default_factory=list)
    vacuous: int = 0
    """Runs whose user nobody could hear: they show nothing."""
    strikes: dict[tuple[str, Phase], int] = field(default_factory=dict)
    """How often each fault struck in each phase."""
    recovery_us: list[int] = field(default_factory=list)
    """From the heal to the answer, of each run that held."""

    def __add__(self, other: "Tally") -> "Tally":
        strikes = dict(self.strikes)
        for key, count in other.strikes.items():
            strikes[key] = strikes.get(key, 0) + count
        return Tally(
            self.runs + other.runs,
            self.virtual_us + other.virtual_us,
            sorted([*self.failures, *other.failures], key=lambda failure: failure.seed),
            self.vacuous + other.vacuous,
            strikes,
            self.recovery_us + other.recovery_us,
        )


def scenario_for(client: str, seed: int) -> Scenario:
    """What is played for a seed; a user's own class need not know our settings."""
    return replace(schedule(seed), client={}) if ":" in client else schedule(seed)


def play_seeds(client: str, settings: Mapping[str, Any], seeds: Sequence[int]) -> Tally:
    """Play the schedules of some seeds against new clients. Raises :exc:`ClientError` with the seed if one raises."""
    tally, factory = Tally(), find_client(client)
    for seed in seeds:
        try:
            run = play(scenario_for(client, seed), client, factory, seed=seed, settings=settings)
        except ClientError as error:
            raise ClientError(f"seed {seed}: {error}") from None
        tally.runs += 1
        tally.virtual_us += run.virtual_us
        for key in phases.struck(run.journal):
            tally.strikes[key] = tally.strikes.get(key, 0) + 1
        found = liveness.find(run.journal)
        if not found:
            answered = liveness.answered_at(run.journal)
            heal = next(entry.t for entry in run.journal.select("world", "heal"))
            tally.recovery_us.append((answered or heal) - heal)
        elif found[0].name == "premise":
            tally.vacuous += 1
        else:
            tally.failures.append(Failure(seed, found[0].cause, found[0].reason))
    return tally


def campaign(
    client: str, seeds: range, *, settings: Mapping[str, Any] | None = None, executor: Executor
) -> Iterator[Tally]:
    """The tally so far, after each block of seeds."""
    blocks = (seeds[first : first + BLOCK] for first in range(0, len(seeds), BLOCK))
    pending: deque[Future[Tally]] = deque()
    total = Tally()
    for block in blocks:
        pending.append(executor.submit(play_seeds, client, dict(settings or {}), block))
        if len(pending) > AHEAD:
            total += pending.popleft().result()
            yield total
    while pending:
        total += pending.popleft().result()
        yield total
