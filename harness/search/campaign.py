"""Many runs: each seed's schedule is played, gives a result, and the results are tallied in any order.

A result is a pure function of the seed and of what is played (:class:`SeedPlayer`), so it is computed in any process or
on any machine (:mod:`harness.search.spreading`) and can be kept on disk (:mod:`harness.search.kept`).
"""

import os
import re
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..causes import Cause
from ..clients.registry import find_client
from ..errors import ClientError
from ..journal import Journal
from ..scenario.model import Scenario
from ..units import SECOND
from ..user_code import class_name, innermost_line, own_line
from ..verdict import properties
from ..verdict.findings import Finding
from ..verdict.record import RunRecord
from ..world.play import play
from .into import with_faults
from .reached import Coverage, Reached, reached
from .schedules import ScheduleKind, for_client, numbered
from .watched import TookTooLong, ended_after

CRASHED = "crashed"
"""What stands in the place of a broken property if the client raised, or its process was lost."""
SLOW_ANSWER = "slow_answer"
"""What stands there if nothing was broken, and an answer came later than the campaign allows."""
MOST_CRASHES = 20
MOST_LATE = 3
"""A campaign in which nothing but so many crashes, or so many that did not return, was seen shows nothing more."""
SLOWEST_KEPT = 5
_WORDS_OF_REASON = 4
"""So many words tell the ways apart in which a property can be broken; what follows may be a list of any length."""
_WORDS_OF_ERROR = 20
UNSPECIFIC: frozenset[Cause | None] = frozenset({None, "client_waiting"})
"""Causes that say little: failures that share one may still have different reasons."""

Outcome = Literal["held", "failed", "vacuous", "crashed", "late"]


@dataclass(frozen=True, slots=True)
class FailureIdentity:
    """What two failures have in common that are the same one; shrinking keeps it."""

    broken: str
    """The property, :data:`CRASHED` or :data:`SLOW_ANSWER`."""
    cause: Cause | None
    """The cause of the silence, if it is one."""
    detail: str
    """What tells apart failures without a cause: the wording, or what the client raised and where."""

    @property
    def title(self) -> str:
        """In a few words, such as ``never_silent_forever, capture_dead``."""
        if self.broken == CRASHED:
            return f"{CRASHED}: {self.detail}"
        return f"{self.broken}, {self.cause}" if self.cause else self.broken


@dataclass(frozen=True, slots=True)
class FailedSeed:
    """A seed whose run failed, by the first property that was broken; or one that warned."""

    seed: int
    """The seed."""
    broken: str
    """The property, such as ``never_silent_forever``, :data:`CRASHED`, or :data:`SLOW_ANSWER`."""
    cause: Cause | None
    """The cause of the silence, if it is one."""
    reason: str
    """What did not hold, in a sentence."""
    detail: str = ""
    """As in :class:`FailureIdentity`."""

    @property
    def identity(self) -> FailureIdentity:
        """What it has in common with other seeds that failed in the same way."""
        return FailureIdentity(self.broken, self.cause, self.detail)

    def __str__(self) -> str:
        """One line: ``seed 7: never_silent_forever, capture_dead: the user spoke …``."""
        cause = f", {self.cause}" if self.cause else ""
        return f"seed {self.seed}: {self.broken}{cause}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What came of one seed."""

    seed: int
    """The seed."""
    outcome: Outcome
    """``held``, ``failed``, ``vacuous`` (nobody was audible), ``crashed``, or ``late``: it did not return."""
    virtual_us: int = 0
    """The length of the run."""
    failure: FailedSeed | None = None
    """Of a seed that failed or crashed."""
    recovery_us: int | None = None
    """From the heal to the first answer, of a run that held."""
    slowest_us: int | None = None
    """The longest that the user waited for an answer that came."""
    warned: tuple[FailedSeed, ...] = ()
    """The properties that were broken and only warned, each once, of a run that held."""
    reached: tuple[Reached, ...] = ()
    """What the run reached, sorted: what it can have tested (:mod:`harness.search.reached`)."""


@dataclass(slots=True)
class CampaignTally:
    """The results of some seeds, added up. Tallies of different seeds are added by ``+``, in any order."""

    runs: int = 0
    """How many seeds were played."""
    virtual_us: int = 0
    """The length of all conversations together."""
    failures: list[FailedSeed] = field(default_factory=list)
    """In the order of their seeds."""
    crashes: list[FailedSeed] = field(default_factory=list)
    """Seeds at which the client raised, ended its process or did not return; in the order of their seeds."""
    warned: list[FailedSeed] = field(default_factory=list)
    """What was broken and only warned; in the order of the seeds."""
    late: int = 0
    """How many of the crashes did not return."""
    vacuous: int = 0
    """Runs whose user was not audible: they prove nothing."""
    coverage: Coverage = field(default_factory=Coverage)
    """In how many runs each thing was reached."""
    recoveries: Counter[int] = field(default_factory=Counter)
    """How often each time from the heal to the first answer occurred, in the runs that held."""
    slowest: list[tuple[int, int]] = field(default_factory=list)
    """The longest waits for an answer that came, each with the negative of its seed, longest first."""

    def add(self, result: SeedResult) -> None:
        """Count one more seed."""
        self.runs += 1
        self.virtual_us += result.virtual_us
        if result.failure is not None:
            insort(self.failures if result.outcome == "failed" else self.crashes, result.failure, key=_order)
        for each in result.warned:
            insort(self.warned, each, key=_order)
        self.late += result.outcome == "late"
        self.vacuous += result.outcome == "vacuous"
        self.coverage.add(result.reached)
        if result.recovery_us is not None:
            self.recoveries[result.recovery_us] += 1
        if result.slowest_us is not None:
            self.slowest = _longest([*self.slowest, (result.slowest_us, -result.seed)])

    def __add__(self, other: "CampaignTally") -> "CampaignTally":
        return CampaignTally(
            self.runs + other.runs,
            self.virtual_us + other.virtual_us,
            sorted([*self.failures, *other.failures], key=_order),
            sorted([*self.crashes, *other.crashes], key=_order),
            sorted([*self.warned, *other.warned], key=_order),
            self.late + other.late,
            self.vacuous + other.vacuous,
            self.coverage + other.coverage,
            self.recoveries + other.recoveries,
            _longest([*self.slowest, *other.slowest]),
        )

    @property
    def held(self) -> int:
        """How many runs held."""
        return self.runs - len(self.failures) - len(self.crashes) - self.vacuous

    @property
    def warnings(self) -> Counter[str]:
        """In how many runs each property was broken and only warned."""
        return Counter(name for name, _ in {(each.broken, each.seed) for each in self.warned})

    @property
    def is_hopeless(self) -> bool:
        """Whether the client crashed at every seed, and often enough."""
        return self.runs == len(self.crashes) and (self.runs >= MOST_CRASHES or self.late >= MOST_LATE)


def _order(failure: FailedSeed) -> tuple[int, str, str, str, str]:
    return failure.seed, failure.broken, failure.cause or "", failure.detail, failure.reason


def _longest(waits: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(waits, reverse=True)[:SLOWEST_KEPT]


@dataclass(frozen=True, slots=True)
class SeedPlayer:
    """Plays seeds with a client, each with a new one, and judges them. It can be sent to another process."""

    client: str
    """The name of a reference client, or ``module:Class``."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Client settings, after those of the schedule."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """What follows if a property is broken, by its name; the others have their defaults."""
    slow_us: int | None = None
    """An answer that comes later is a failure."""
    limit_s: float | None = None
    """A run that takes longer, in wall time, is ended, and has crashed."""
    base: Scenario | None = None
    """The scenario that faults are thrown into; None: each seed makes one of its own."""
    schedules: ScheduleKind = "swarm"
    """What a seed makes: a random schedule, an hour with a client, or a place in a space that is played as a whole."""

    def scenario(self, seed: int) -> Scenario:
        """The scenario of a seed; a schedule is made honest for the client (:func:`for_client`)."""
        made = numbered(self.schedules, seed) if self.base is None else with_faults(self.base, seed)
        found = for_client(made, self.client) if self.base is None else made
        return replace(found, properties={**found.properties, **self.choices})

    def __call__(self, seed: int) -> SeedResult:
        """Play the scenario of a seed."""
        return self.play(self.scenario(seed), seed)

    def play(self, scenario: Scenario, seed: int) -> SeedResult:
        """Play any scenario with a seed."""
        try:
            with ended_after(self.limit_s):
                run = play(scenario, find_client(self.client), seed=seed, settings=self.settings)
                result = SeedResult(seed, "held", run.virtual_us, reached=tuple(sorted(reached(run.journal))))
                return self._judged(result, run.journal, scenario.properties)
        except TookTooLong as late:
            return crash(seed, "late", str(late), late.part)
        except ClientError as error:
            cause = error.__cause__
            if isinstance(cause, TookTooLong):
                return crash(seed, "late", str(cause), cause.part)
            return crash(seed, "crashed", str(error), _place(error))

    def _judged(self, result: SeedResult, journal: Journal, choices: Mapping[str, str]) -> SeedResult:
        """Judge a run by its properties alone: a step of a random schedule that had no effect is no premise."""
        record = RunRecord(journal)
        found = properties.find(record, choices)
        waited = [wait.waited_us for wait in record.waits if wait.waited_us is not None]
        result = replace(result, slowest_us=max(waited, default=None))
        wrong = [finding for finding in found if finding.severity == "fail"]
        broken = next((finding for finding in wrong if finding.name != "premise"), None)
        if broken is not None:
            return replace(result, outcome="failed", failure=_failed(result.seed, broken))
        if wrong:
            return replace(result, outcome="vacuous")
        if self.slow_us is not None and (result.slowest_us or 0) > self.slow_us:
            return replace(result, outcome="failed", failure=_slow(result, self.slow_us))
        first = next(iter(record.waits), None)
        warned = {each.name: FailedSeed(result.seed, each.name, each.cause, each.reason) for each in reversed(found)}
        return replace(
            result, recovery_us=first.waited_us if first is not None else None, warned=tuple(warned.values())[::-1]
        )


def play_seeds(
    client: str, settings: Mapping[str, Any], seeds: Iterable[int], choices: Mapping[str, str] | None = None
) -> CampaignTally:
    """The tally of some seeds that are played in this process; as in :class:`SeedPlayer`."""
    tally = CampaignTally()
    player = SeedPlayer(client, settings, choices or {})
    for seed in seeds:
        tally.add(player(seed))
    return tally


def crash(seed: int, outcome: Outcome, reason: str, detail: str) -> SeedResult:
    """The result of a seed at which the client raised, ended its process or did not return."""
    return SeedResult(seed, outcome, failure=FailedSeed(seed, CRASHED, None, reason, detail))


def _wording(text: str, words: int) -> str:
    """The begin of a sentence, without what differs from run to run: its numbers and ids."""
    return " ".join(re.sub(r"[\w.,-]*\d[\w.]*", "…", text).split()[:words])


def _failed(seed: int, finding: Finding) -> FailedSeed:
    detail = "" if finding.cause else _wording(finding.reason, _WORDS_OF_REASON)
    return FailedSeed(seed, finding.name, finding.cause, finding.reason, detail)


def _slow(result: SeedResult, allowed_us: int) -> FailedSeed:
    waited = (result.slowest_us or 0) / SECOND
    reason = f"the user was answered, and waited {waited:.1f} s for it; --slow allows {allowed_us / SECOND:g} s"
    return FailedSeed(result.seed, SLOW_ANSWER, None, reason)


def _place(error: ClientError) -> str:
    """What the client raised and where, without the folder, which is another one on another machine."""
    cause = error.__cause__
    if cause is None:
        return _wording(str(error).rpartition(os.sep)[2], _WORDS_OF_ERROR)
    return f"{class_name(cause)} at {os.path.basename(own_line(cause) or innermost_line(cause))}"
