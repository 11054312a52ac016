"""Many runs: each seed's schedule is played, gives a result, and the results are tallied in any order.

A result is a pure function of the seed, the client and its settings, so it is computed in any process
(:mod:`harness.processes`) and can be kept on disk (:mod:`harness.search.kept`).
"""

from bisect import insort
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

from ..causes import Cause
from ..clients.registry import find_client
from ..errors import ClientError
from ..journal import Journal
from ..processes import Lost, outcomes
from ..scenario.model import Scenario
from ..verdict import phases, properties
from ..verdict.phases import Phase
from ..verdict.record import RunRecord
from ..world.play import play
from .schedules import schedule

CRASHED = "crashed"
"""What stands in the place of a broken property if the client raised, or its process was lost."""
MOST_CRASHES = 20
MOST_LATE = 3
"""A campaign in which nothing but so many crashes, or so many that did not return, was seen shows nothing more."""

Outcome = Literal["held", "failed", "vacuous", "crashed", "late"]


@dataclass(frozen=True, slots=True)
class FailedSeed:
    """A seed whose run failed, by the first property that was broken."""

    seed: int
    broken: str
    """The property, such as ``never_silent_forever``, or :data:`CRASHED`."""
    cause: Cause | None
    """The cause of the silence, if it is one."""
    reason: str

    def __str__(self) -> str:
        """One line: ``seed 7: never_silent_forever, capture_dead: the user spoke …``."""
        cause = f", {self.cause}" if self.cause else ""
        return f"seed {self.seed}: {self.broken}{cause}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What came of one seed."""

    seed: int
    outcome: Outcome
    virtual_us: int = 0
    failure: FailedSeed | None = None
    """Of a seed that failed or crashed."""
    recovery_us: int | None = None
    """From the heal to the first answer, of a run that held."""
    warnings: tuple[str, ...] = ()
    """The properties that were broken and only warned."""
    injected: tuple[tuple[str, Phase], ...] = ()
    """Each fault that was injected, and in which phase."""


@dataclass(slots=True)
class CampaignTally:
    """The results of some seeds, added up."""

    runs: int = 0
    virtual_us: int = 0
    failures: list[FailedSeed] = field(default_factory=list)
    """In the order of their seeds."""
    crashes: list[FailedSeed] = field(default_factory=list)
    """Seeds at which the client raised, ended its process or did not return; in the order of their seeds."""
    late: int = 0
    """How many of the crashes did not return."""
    vacuous: int = 0
    """Runs whose user was not audible: they prove nothing."""
    injected: Counter[tuple[str, Phase]] = field(default_factory=Counter)
    """How often each fault was injected in each phase."""
    recovery_us: list[int] = field(default_factory=list)
    """From the heal to the first answer, of each run that held."""
    warnings: Counter[str] = field(default_factory=Counter)
    """In how many runs each property was broken and only warned."""

    def add(self, result: SeedResult) -> None:
        """Count one more seed."""
        self.runs += 1
        self.virtual_us += result.virtual_us
        if result.failure is not None:
            insort(self.failures if result.outcome == "failed" else self.crashes, result.failure, key=_seed)
        self.late += result.outcome == "late"
        self.vacuous += result.outcome == "vacuous"
        self.injected.update(result.injected)
        if result.recovery_us is not None:
            self.recovery_us.append(result.recovery_us)
        self.warnings.update(result.warnings)

    @property
    def held(self) -> int:
        """How many runs held."""
        return self.runs - len(self.failures) - len(self.crashes) - self.vacuous

    @property
    def is_hopeless(self) -> bool:
        """Whether the client crashed at every seed, and often enough."""
        return self.runs == len(self.crashes) and (self.runs >= MOST_CRASHES or self.late >= MOST_LATE)


def _seed(failure: FailedSeed) -> int:
    return failure.seed


def scenario_for(client: str, seed: int, choices: Mapping[str, str] | None = None) -> Scenario:
    """The scenario of a seed; without client settings for a user's own class, which need not know ours.

    ``choices``: what follows if a property is broken, by its name; the others have their defaults.
    """
    found = replace(schedule(seed), properties=dict(choices or {}))
    return replace(found, client={}) if ":" in client else found


def play_seed(client: str, settings: Mapping[str, Any], choices: Mapping[str, str], seed: int) -> SeedResult:
    """Play the schedule of a seed with a new client, and judge it; ``choices`` as in :func:`scenario_for`."""
    scenario = scenario_for(client, seed, choices)
    try:
        run = play(scenario, find_client(client), seed=seed, settings=settings)
    except ClientError as error:
        return _crash(seed, "crashed", str(error))
    result = SeedResult(seed, "held", run.virtual_us, injected=tuple(phases.injected(run.journal)))
    return _judged(result, run.journal, scenario.properties)


def _judged(result: SeedResult, journal: Journal, choices: Mapping[str, str]) -> SeedResult:
    """Judge a run by its properties alone: a step of a random schedule that had no effect is no premise."""
    record = RunRecord(journal)
    found = properties.find(record, choices)
    warnings = tuple(sorted({finding.name for finding in found if finding.severity == "warn"}))
    wrong = [finding for finding in found if finding.severity == "fail"]
    broken = next((finding for finding in wrong if finding.name != "premise"), None)
    if broken is not None:
        failure = FailedSeed(result.seed, broken.name, broken.cause, broken.reason)
        return replace(result, outcome="failed", failure=failure, warnings=warnings)
    if wrong:
        return replace(result, outcome="vacuous", warnings=warnings)
    first = next(iter(record.waits), None)
    return replace(result, recovery_us=first.waited_us if first is not None else None, warnings=warnings)


def play_seeds(
    client: str, settings: Mapping[str, Any], seeds: Iterable[int], choices: Mapping[str, str] | None = None
) -> CampaignTally:
    """The tally of some seeds that are played in this process; ``choices`` as in :func:`scenario_for`."""
    tally = CampaignTally()
    for seed in seeds:
        tally.add(play_seed(client, settings, choices or {}, seed))
    return tally


def campaign(
    client: str,
    seeds: Iterable[int],
    *,
    choices: Mapping[str, str] | None = None,
    jobs: int | None = None,
    limit_s: float | None = None,
) -> Generator[SeedResult, None, None]:
    """The result of each seed, in processes of this machine and in the order in which they are done.

    A seed is taken from ``seeds`` when a process is free. One that takes longer than ``limit_s`` of wall time, or whose
    process dies, has crashed. ``choices`` as in :func:`scenario_for`.
    """
    for seed, result in outcomes(partial(play_seed, client, {}, dict(choices or {})), seeds, jobs, limit_s):
        if isinstance(result, Lost):
            yield _crash(seed, "late" if result.is_late else "crashed", result.reason)
        else:
            yield result


def _crash(seed: int, outcome: Outcome, reason: str) -> SeedResult:
    return SeedResult(seed, outcome, failure=FailedSeed(seed, CRASHED, None, reason))
