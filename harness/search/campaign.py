"""Many runs: seeds are played in blocks, each block gives a tally, and tallies add up in any order.

A block is a pure function of its seeds, the client and its settings, so it runs anywhere: here in processes of this
machine (:mod:`harness.search.processes`), or on any other :class:`concurrent.futures.Executor`.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any

from ..causes import Cause
from ..clients.registry import find_client
from ..errors import ClientError
from ..journal import Journal
from ..scenario.model import Scenario
from ..verdict import phases, properties
from ..verdict.phases import Phase
from ..verdict.record import RunRecord
from ..world.play import play
from .schedules import schedule

SEEDS_PER_TASK = 20
_TASKS_AHEAD = 1024
"""Tasks submitted but not yet collected: enough that no process waits, and a range of any length fits in memory."""


@dataclass(frozen=True, slots=True)
class FailedSeed:
    """A seed whose run failed, by the first property that was broken."""

    seed: int
    broken: str
    """The property, such as ``never_silent_forever``."""
    cause: Cause | None
    """The cause of the silence, if it is one."""
    reason: str

    def __str__(self) -> str:
        """One line: ``seed 7: never_silent_forever, capture_dead: the user spoke …``."""
        cause = f", {self.cause}" if self.cause else ""
        return f"seed {self.seed}: {self.broken}{cause}: {self.reason}"


@dataclass(slots=True)
class CampaignTally:
    """The results of some seeds, added up."""

    runs: int = 0
    virtual_us: int = 0
    failures: list[FailedSeed] = field(default_factory=list)
    """In the order of their seeds."""
    vacuous: int = 0
    """Runs whose user was not audible: they prove nothing."""
    injected: dict[tuple[str, Phase], int] = field(default_factory=dict)
    """How often each fault was injected in each phase."""
    recovery_us: list[int] = field(default_factory=list)
    """From the heal to the first answer, of each run that held."""
    warnings: Counter[str] = field(default_factory=Counter)
    """In how many runs each property was broken and only warned."""

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
            self.warnings + other.warnings,
        )


def scenario_for(client: str, seed: int, choices: Mapping[str, str] | None = None) -> Scenario:
    """The scenario of a seed; without client settings for a user's own class, which need not know ours.

    ``choices``: what follows if a property is broken, by its name; the others have their defaults.
    """
    found = replace(schedule(seed), properties=dict(choices or {}))
    return replace(found, client={}) if ":" in client else found


def play_seeds(
    client: str, settings: Mapping[str, Any], seeds: Sequence[int], choices: Mapping[str, str] | None = None
) -> CampaignTally:
    """Play the schedules of some seeds, each with a new client, and judge them.

    ``choices`` as in :func:`scenario_for`. Raises :exc:`ClientError`, with the seed, if a client raises.
    """
    tally, chosen = CampaignTally(), find_client(client)
    for seed in seeds:
        scenario = scenario_for(client, seed, choices)
        try:
            run = play(scenario, chosen, seed=seed, settings=settings)
        except ClientError as error:
            raise ClientError(f"seed {seed}: {error}") from None
        tally.runs += 1
        tally.virtual_us += run.virtual_us
        for key in phases.injected(run.journal):
            tally.injected[key] = tally.injected.get(key, 0) + 1
        _count(tally, seed, run.journal, scenario.properties)
    return tally


def _count(tally: CampaignTally, seed: int, journal: Journal, choices: Mapping[str, str]) -> None:
    """Judge a run by its properties alone: a step of a random schedule that had no effect is no premise."""
    record = RunRecord(journal)
    found = properties.find(record, choices)
    tally.warnings.update({finding.name for finding in found if finding.severity == "warn"})
    wrong = [finding for finding in found if finding.severity == "fail"]
    broken = next((finding for finding in wrong if finding.name != "premise"), None)
    if broken is not None:
        tally.failures.append(FailedSeed(seed, broken.name, broken.cause, broken.reason))
    elif wrong:
        tally.vacuous += 1
    else:
        answered = (wait.waited_us for wait in record.waits[:1])
        tally.recovery_us += [waited_us for waited_us in answered if waited_us is not None]


def campaign(
    client: str,
    seeds: range,
    *,
    settings: Mapping[str, Any] | None = None,
    choices: Mapping[str, str] | None = None,
    executor: Executor,
) -> Iterator[CampaignTally]:
    """The tally so far, after each block of seeds. ``settings`` and ``choices`` as in :func:`play_seeds`."""
    blocks = (seeds[first : first + SEEDS_PER_TASK] for first in range(0, len(seeds), SEEDS_PER_TASK))
    pending: deque[Future[CampaignTally]] = deque()
    total = CampaignTally()
    for block in blocks:
        pending.append(executor.submit(play_seeds, client, dict(settings or {}), block, dict(choices or {})))
        if len(pending) > _TASKS_AHEAD:
            total += pending.popleft().result()
            yield total
    while pending:
        total += pending.popleft().result()
        yield total
