"""What a campaign found: each distinct failure once, with its seeds and the smallest story that shows it.

Failures are the same one if their :class:`harness.search.campaign.FailureIdentity` is. Where that says little, because
no cause is known, they are also told apart by the faults of their smallest stories.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Literal

from ..processes import Lost, outcomes
from ..scenario.model import Scenario
from .campaign import CRASHED, UNSPECIFIC, CampaignTally, FailedSeed, FailureIdentity, SeedPlayer, SeedResult
from .shrink import MOST_PLAYS, Shrunk, fault_names, fault_steps, shrink
from .spreading import lost

FailureKind = Literal["failure", "crash", "warning"]
_PLAYS_OF_LATE = 15
"""A candidate that does not return costs the time of its limit."""
_LIMIT_OF_LATE_S = 5.0
_PLAYS_OF_WARNING = 40
_MOST_STORIES = 3
"""So many stories are looked for of failures without a cause that says something."""
_OF_A_RUN = 10
"""A process that shrinks is ended after so many times the limit of a run."""


@dataclass(frozen=True, slots=True)
class Story:
    """The smallest scenario that shows a failure, and what it was made from."""

    seed: int
    """The seed of the campaign."""
    scenario: Scenario
    """The smallest one."""
    plays_with: int
    """The seed that the smallest scenario is played with."""
    plays: int
    """How many candidates were played; 0: it is the scenario of the seed itself."""
    steps_before: int
    """How many steps the schedule of the seed has."""
    faults_before: int
    """How many faults it has."""
    reason: str
    """What is wrong in the smallest scenario."""

    @property
    def faults(self) -> tuple[str, ...]:
        """The names of its faults."""
        return fault_names(self.scenario)

    @property
    def fault_count(self) -> int:
        """How many faults are injected."""
        return len(fault_steps(self.scenario))


@dataclass(frozen=True, slots=True)
class DistinctFailure:
    """One failure of a campaign, however many seeds show it."""

    kind: FailureKind
    """``failure``, ``crash``, or ``warning``."""
    identity: FailureIdentity
    """What all of them have in common."""
    failures: tuple[FailedSeed, ...]
    """Of each seed, in order."""
    story: Story | None = None
    """None until it is looked for."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that show it."""
        return tuple(failure.seed for failure in self.failures)


def distinct(tally: CampaignTally) -> list[DistinctFailure]:
    """The distinct failures of a tally, without their stories: failures first, then crashes, then warnings."""
    kinds: tuple[tuple[FailureKind, list[FailedSeed]], ...] = (
        ("failure", tally.failures),
        ("crash", tally.crashes),
        ("warning", tally.warned),
    )
    found = []
    for kind, failures in kinds:
        groups: dict[FailureIdentity, list[FailedSeed]] = {}
        for failure in failures:
            groups.setdefault(failure.identity, []).append(failure)
        found += [DistinctFailure(kind, identity, tuple(group)) for identity, group in groups.items()]
    return found


def told(
    player: SeedPlayer,
    tally: CampaignTally,
    jobs: int | None = None,
    on_story: Callable[[int, int], None] = lambda known, of: None,
) -> list[DistinctFailure]:
    """The distinct failures of a tally with their smallest stories, which are looked for in processes of this machine.

    ``on_story`` is called with how many stories are known, and how many there will be at least.
    """
    found = [_Search(each) for each in distinct(tally)]
    known = 0
    while tasks := [(number, each.of, seed) for number, each in enumerate(found) for seed in each.next_seeds(player)]:
        of = known + len(tasks)
        for number, story in _stories(player, tasks, jobs):
            found[number].stories.append(story)
            known += 1
            on_story(known, of)
    return [failure for each in found for failure in each.split(player)]


@dataclass(slots=True)
class _Search:
    """The search for the stories of failures with one identity."""

    of: DistinctFailure
    stories: list[Story] = field(default_factory=list)

    def next_seeds(self, player: SeedPlayer) -> Iterator[int]:
        """The seed to look at next; none if there are enough stories."""
        if not self.stories:
            yield self.of.seeds[0]
        elif len(self.stories) < _MOST_STORIES and self._is_unspecific:
            tried = {story.seed for story in self.stories}
            left = (seed for seed in self.of.seeds if seed not in tried and self._story_of(player, seed) is None)
            yield from islice(left, 1)

    @property
    def _is_unspecific(self) -> bool:
        return self.of.kind == "failure" and self.of.identity.cause in UNSPECIFIC

    def _story_of(self, player: SeedPlayer, seed: int) -> Story | None:
        """The story whose faults are all in the scenario of a seed."""
        faults = set(fault_names(player.scenario(seed)))
        return next((story for story in self.stories if faults.issuperset(story.faults)), None)

    def split(self, player: SeedPlayer) -> Iterator[DistinctFailure]:
        """One failure for each story with other faults; a seed belongs to the first story that its faults explain."""
        stories = {story.faults: story for story in reversed(self.stories)}
        self.stories = [story for story in self.stories if stories[story.faults] is story]
        if len(self.stories) == 1:
            yield replace(self.of, story=self.stories[0])
            return
        of_story: dict[tuple[str, ...], list[FailedSeed]] = {story.faults: [] for story in self.stories}
        for failure in self.of.failures:
            story = next((each for each in self.stories if each.seed == failure.seed), None)
            story = story or self._story_of(player, failure.seed) or self.stories[0]
            of_story[story.faults].append(failure)
        for story in self.stories:
            yield replace(self.of, failures=tuple(of_story[story.faults]), story=story)


_Task = tuple[int, DistinctFailure, int]


def _stories(player: SeedPlayer, tasks: list[_Task], jobs: int | None) -> Iterator[tuple[int, Story]]:
    """The story of each task, as it is found."""
    fatal = [task for task in tasks if _loses_its_process(task[1].identity)]
    limit_s = None if player.limit_s is None else _OF_A_RUN * player.limit_s
    others = [task for task in tasks if task not in fatal]
    for task, story in outcomes(partial(_story_here, player), others, jobs, limit_s):
        yield task[0], _unshrunk(player, task) if isinstance(story, Lost) else story
    for task in fatal:
        yield task[0], _story(_bounded(player), task, partial(_played_apart, _bounded(player)), _PLAYS_OF_LATE)


def _loses_its_process(identity: FailureIdentity) -> bool:
    """Whether the client ends its process, or holds it so that nothing else runs in it."""
    return identity.broken == CRASHED and (
        identity.detail.startswith("its process ") or identity.detail == "the client did not return"
    )


def _bounded(player: SeedPlayer) -> SeedPlayer:
    limit_s = _LIMIT_OF_LATE_S if player.limit_s is None else min(player.limit_s, _LIMIT_OF_LATE_S)
    return replace(player, limit_s=limit_s)


def _story_here(player: SeedPlayer, task: _Task) -> Story:
    """Look for a story in this process."""
    if task[1].identity.detail.endswith("did not return"):
        bounded = _bounded(player)
        return _story(bounded, task, bounded.play, _PLAYS_OF_LATE)
    return _story(player, task, player.play, _PLAYS_OF_WARNING if task[1].kind == "warning" else MOST_PLAYS)


def _story(player: SeedPlayer, task: _Task, play: Callable[[Scenario, int], SeedResult], most_plays: int) -> Story:
    """Shrink the scenario of a task's seed."""
    _, failure, seed = task
    reason = _of_seed(failure, seed).reason

    def is_same(candidate: Scenario, with_seed: int) -> bool:
        nonlocal reason
        shown = _shown(play(candidate, with_seed), failure)
        if shown is not None:
            reason = shown.reason  # of the smallest so far: what is the same is accepted
        return shown is not None

    before = player.scenario(seed)
    return _told(seed, before, shrink(before, is_same, seed=seed, most_plays=most_plays), reason)


def _unshrunk(player: SeedPlayer, task: _Task) -> Story:
    _, failure, seed = task
    scenario = player.scenario(seed)
    return _told(seed, scenario, Shrunk(scenario, seed, 0), _of_seed(failure, seed).reason)


def _told(seed: int, before: Scenario, shrunk: Shrunk, reason: str) -> Story:
    return Story(
        seed, shrunk.scenario, shrunk.seed, shrunk.plays, len(before.timeline), len(fault_steps(before)), reason
    )


def _of_seed(failure: DistinctFailure, seed: int) -> FailedSeed:
    return next(each for each in failure.failures if each.seed == seed)


def _shown(result: SeedResult, failure: DistinctFailure) -> FailedSeed | None:
    """The same failure in the result of another scenario."""
    if failure.kind == "warning":
        return next((each for each in result.warned if each.identity == failure.identity), None)
    found = result.failure
    return found if found is not None and found.identity == failure.identity else None


def _played_apart(player: SeedPlayer, scenario: Scenario, seed: int) -> SeedResult:
    """Play in a process of its own, which may be lost."""
    limit_s = None if player.limit_s is None else 2 * player.limit_s
    for _, result in outcomes(partial(_play, player), [(scenario, seed)], 1, limit_s, attempts=1):
        return lost(seed, result, player.limit_s) if isinstance(result, Lost) else result
    raise AssertionError("a task has one outcome")


def _play(player: SeedPlayer, task: tuple[Scenario, int]) -> SeedResult:
    return player.play(*task)
