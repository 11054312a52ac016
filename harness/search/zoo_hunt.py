"""How long a campaign takes to find each mistake of a zoo, whether the pack finds it, and what is left when shrunk.

A find is a run in which the specimen does its harm and its twin, the same client without the mistake, does not. The
campaign is the one of ``stillthere fuzz``: its schedules, its judge, and its shrinking.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path

from ..causes import Cause
from ..faults import CATALOGUE
from ..properties import PROPERTY_NAMES
from ..scenario import load, shipped_scenarios
from ..scenario.model import Scenario
from .campaign import FailedSeed, SeedPlayer, SeedResult
from .shrink import shrink
from .zoo import Specimen, load_zoo

BASES = (0, 1_000_000, 2_000_000, 3_000_000, 4_000_000)
"""Where the campaigns begin whose median counts: their seeds are disjoint."""
BUDGET_S = 60.0
"""How long a campaign may take on one core."""
STORY_PLAYS = 30
"""Candidates that are played to shrink a find: the first of them leave out steps, which is what makes a story small."""
RIGHT_CAUSES = 0.95

CpuClock = Callable[[], float]
"""The time that this process has computed, in seconds."""


@dataclass(frozen=True, slots=True)
class HuntTask:
    """One campaign against one specimen, or the pack against it."""

    zoo: str
    """The module."""
    index: int
    """Of the specimen."""
    base: int | None
    """The first seed; None: the pack."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """What came of a task."""

    task: HuntTask
    found: FailedSeed | None
    """What the specimen was found by; None: it was not."""
    where: str
    """The seed or the scenario of the find; empty without one."""
    played: int
    """How many runs of the specimen that took."""
    took_s: float
    """How long these took on one core."""


@dataclass(frozen=True, slots=True)
class SmallStory:
    """A find, shrunk."""

    steps: int
    faults: tuple[str, ...]
    cause: Cause | None
    is_right: bool
    """Whether the cause is the specimen's, or one that a fault of the story has by its definition."""


def hunt(task: HuntTask, clock: CpuClock, budget_s: float = BUDGET_S) -> Hunt:
    """Play until the specimen is found, or the budget is spent. The twin's runs are not counted."""
    specimen = load_zoo(task.zoo).specimens[task.index]
    player = SeedPlayer(specimen.client)
    took_s, played = 0.0, 0
    for where, scenario, seed in _runs(task, player):
        began = clock()
        found = _shown(specimen, player, scenario, seed)
        took_s, played = took_s + clock() - began, played + 1
        if found is not None and not _twin_does_so(specimen, scenario, seed):
            return Hunt(task, found, where, played, took_s)
        if task.base is not None and took_s >= budget_s:
            break
    return Hunt(task, None, "", played, took_s)


def _runs(task: HuntTask, player: SeedPlayer) -> Iterator[tuple[str, Scenario, int]]:
    if task.base is not None:
        yield from ((str(seed), player.scenario(seed), seed) for seed in count(task.base))
        return
    for path in shipped_scenarios():
        yield path.stem, _of_pack(path), 0


@cache
def _of_pack(path: Path) -> Scenario:
    """A scenario of the pack for any client: without the settings of ours, and without its own choices."""
    return replace(load(path), client={}, properties={})


def harmed(specimen: Specimen, result: SeedResult) -> FailedSeed | None:
    """The specimen's harm in a result."""
    shown = [result.failure] if result.outcome == "failed" and result.failure is not None else []
    return next((each for each in (*shown, *result.warned) if each.broken == specimen.harm), None)


def _shown(specimen: Specimen, player: SeedPlayer, scenario: Scenario, seed: int) -> FailedSeed | None:
    """The harm in one run. A result has the first property that fails: behind another one it is asked for alone."""
    result = player.play(scenario, seed)
    found = harmed(specimen, result)
    if found is not None or result.outcome != "failed":
        return found
    alone = {name: "off" for name in PROPERTY_NAMES if name != specimen.harm}
    return harmed(specimen, player.play(replace(scenario, properties=alone), seed))


def _twin_does_so(specimen: Specimen, scenario: Scenario, seed: int) -> bool:
    return _shown(specimen, SeedPlayer(specimen.twin), scenario, seed) is not None


def smallest(found: Hunt) -> SmallStory:
    """The smallest story of a find in a campaign: the specimen is found by the same, and its twin still is not."""
    assert found.found is not None and found.task.base is not None
    specimen = load_zoo(found.task.zoo).specimens[found.task.index]
    player, identity = SeedPlayer(specimen.client), found.found.identity

    def is_same(candidate: Scenario, seed: int) -> bool:
        shown = _shown(specimen, player, candidate, seed)
        same = shown is not None and shown.identity == identity
        return same and not _twin_does_so(specimen, candidate, seed)

    seed = int(found.where)
    story = shrink(player.scenario(seed), is_same, seed=seed, most_plays=STORY_PLAYS)
    reached = player.play(story.scenario, story.seed).reached
    injected = {point.names[0] for point in reached if point.kind == "fault"}
    return SmallStory(
        len(story.scenario.timeline),
        story.faults,
        found.found.cause,
        is_right(specimen, found.found.cause, injected),
    )


def is_right(specimen: Specimen, cause: Cause | None, faults: set[str]) -> bool:
    """Whether a cause is the right one where these faults were injected.

    A specimen that does not notice what its twin notices is silent because of whatever it did not notice.
    """
    of_faults = {each for name in faults if name in CATALOGUE for each in CATALOGUE[name].causes}
    return specimen.cause is None or cause in specimen.causes or cause in of_faults


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one specimen."""

    specimen: Specimen
    pack: Hunt
    campaigns: tuple[Hunt, ...]
    """One for each base."""
    story: SmallStory | None = None
    """Of the campaign with the median; None: most campaigns did not find it."""

    @property
    def median(self) -> Hunt:
        """The campaign with the median time; one that found nothing took longer than any other."""
        ordered = sorted(self.campaigns, key=lambda each: (each.found is None, each.took_s))
        return ordered[min(len(BASES) // 2, len(ordered) - 1)]

    @property
    def is_found(self) -> bool:
        """Whether most campaigns found it."""
        return self.median.found is not None


def measure(module: str, index: int, clock: CpuClock, budget_s: float = BUDGET_S) -> Measured:
    """The pack and the campaigns against one specimen, and the smallest story.

    A campaign ends where it cannot change the median any more.
    """
    hunts: list[Hunt] = []
    for base in BASES:
        times = sorted(each.took_s for each in hunts if each.found is not None)
        half = len(BASES) // 2
        if len(hunts) - len(times) > half:
            break
        hunts.append(hunt(HuntTask(module, index, base), clock, min(budget_s, *times[half:][:1], budget_s)))
    measured = Measured(load_zoo(module).specimens[index], hunt(HuntTask(module, index, None), clock), tuple(hunts))
    return replace(measured, story=smallest(measured.median)) if measured.is_found else measured


def missed(measured: Sequence[Measured]) -> list[str]:
    """The specimens that the default campaign does not find."""
    return [each.specimen.name for each in measured if not each.is_found]


def share_of_right_causes(measured: Sequence[Measured]) -> float:
    """The share of right causes among the silences that were found."""
    told = [each.story.is_right for each in measured if each.specimen.cause is not None and each.story is not None]
    return sum(told) / len(told) if told else 1.0
