"""Many runs: seeds are played in blocks, each block gives a tally, and tallies add up in any order.

A block is a pure function of its seeds, the client and its settings, so it runs anywhere: here in processes of this
machine (:mod:`harness.search.processes`), or on any other :class:`concurrent.futures.Executor`.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any

from ..causes import Cause
from ..clients.registry import find_client
from ..errors import ClientError
from ..journal import WorldHealed
from ..scenario.model import Scenario
from ..verdict import liveness, phases
from ..verdict.phases import Phase
from ..world.play import play
from .schedules import schedule

SEEDS_PER_TASK = 20
_TASKS_AHEAD = 1024
"""Tasks submitted but not yet collected: enough that no process waits, and a range of any length fits in memory."""


@dataclass(frozen=True, slots=True)
class SilentSeed:
    """A seed after which the client stays silent."""

    seed: int
    cause: Cause | None
    reason: str


@dataclass(slots=True)
class CampaignTally:
    """The results of some seeds, added up."""

    runs: int = 0
    virtual_us: int = 0
    failures: list[SilentSeed] = field(default_factory=list)
    """In the order of their seeds."""
    vacuous: int = 0
    """Runs whose user was not audible: they prove nothing."""
    injected: dict[tuple[str, Phase], int] = field(default_factory=dict)
    """How often each fault was injected in each phase."""
    recovery_us: list[int] = field(default_factory=list)
    """From the heal to the answer, of each run that held."""

    def __add__(self, other: "CampaignTally") -> "CampaignTally":
        injected = dict(self.injected)
        for key, count in other.injected.items():
            injected[key] = injected.get(key, 0) + count
        return CampaignTally(
            self.runs + other.runs,
            self.virtual_us + other.virtual_us,
            sorted([*self.failures, *other.failures], key=lambda failure: failure.seed),
            self.vacuous + other.vacuous,
            injected,
            self.recovery_us + other.recovery_us,
        )


def scenario_for(client: str, seed: int) -> Scenario:
    """The scenario of a seed; without client settings for a user's own class, which need not know ours."""
    return replace(schedule(seed), client={}) if ":" in client else schedule(seed)


def play_seeds(client: str, settings: Mapping[str, Any], seeds: Sequence[int]) -> CampaignTally:
    """Play the schedules of some seeds, each with a new client.

    Raises :exc:`ClientError`, with the seed, if a client raises.
    """
    tally, chosen = CampaignTally(), find_client(client)
    for seed in seeds:
        try:
            run = play(scenario_for(client, seed), chosen, seed=seed, settings=settings)
        except ClientError as error:
            raise ClientError(f"seed {seed}: {error}") from None
        tally.runs += 1
        tally.virtual_us += run.virtual_us
        for key in phases.injected(run.journal):
            tally.injected[key] = tally.injected.get(key, 0) + 1
        found = liveness.find(run.journal)
        if not found:
            answered = liveness.answered_at(run.journal)
            heal = next(entry.t for entry in run.journal.select(WorldHealed))
            tally.recovery_us.append((answered or heal) - heal)
        elif found[0].name == "premise":
            tally.vacuous += 1
        else:
            tally.failures.append(SilentSeed(seed, found[0].cause, found[0].reason))
    return tally


def campaign(
    client: str, seeds: range, *, settings: Mapping[str, Any] | None = None, executor: Executor
) -> Iterator[CampaignTally]:
    """The tally so far, after each block of seeds."""
    blocks = (seeds[first : first + SEEDS_PER_TASK] for first in range(0, len(seeds), SEEDS_PER_TASK))
    pending: deque[Future[CampaignTally]] = deque()
    total = CampaignTally()
    for block in blocks:
        pending.append(executor.submit(play_seeds, client, dict(settings or {}), block))
        if len(pending) > _TASKS_AHEAD:
            total += pending.popleft().result()
            yield total
    while pending:
        total += pending.popleft().result()
        yield total
