"""The smallest story of a failure: a scenario is made simpler as long as it fails in the same way.

A candidate counts only if a file can hold it, and what is played is what its file says, so that the result can be
saved and played again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import InputError
from ..scenario.dump import dump
from ..scenario.loader import loads
from ..scenario.model import App, Inject, Scenario
from .simpler import simpler

MOST_PLAYS = 120
"""Candidates that are played for one failure; most failures need fewer than half."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest scenario that was found."""

    scenario: Scenario
    seed: int
    """The seed to play it with: 0, unless the failure needs another one."""
    plays: int
    """How many candidates were played."""

    @property
    def faults(self) -> tuple[str, ...]:
        """The names of its faults, an app switch among them, sorted."""
        return fault_names(self.scenario)


def shrink(
    scenario: Scenario, is_same: Callable[[Scenario, int], bool], *, seed: int = 0, most_plays: int = MOST_PLAYS
) -> Shrunk:
    """The smallest scenario for which ``is_same`` says that it fails in the same way.

    First steps are left out, then numbers become defaults or round, then the timeline becomes short. ``is_same`` gets a
    candidate and a seed; it must be a pure function of them, and true of the scenario itself with ``seed``. It is asked
    at most ``most_plays`` times, and never twice about the same candidate.
    """
    whole = replace(scenario.settled(), notes=())
    found = Shrunk(whole, seed, 0)
    known: dict[tuple[str, int], bool] = {}

    def accepts(candidate: Scenario, with_seed: int) -> bool:
        text = written(candidate)
        if text is None:
            return False
        if (text, with_seed) not in known:
            known[text, with_seed] = is_same(loads(text, base=scenario.base), with_seed)
        return known[text, with_seed]

    if seed and most_plays > 0 and accepts(whole, 0):
        found = replace(found, seed=0)
    candidates = simpler(whole)
    try:
        candidate = next(candidates)
        while len(known) < most_plays:
            is_accepted = accepts(candidate, found.seed)
            if is_accepted:
                found = replace(found, scenario=candidate)
            candidate = candidates.send(is_accepted)
    except StopIteration:
        pass
    return replace(found, plays=len(known))


def written(scenario: Scenario) -> str | None:
    """The scenario's file; None if no file can hold it."""
    try:
        text = dump(scenario)
        again = loads(text, base=scenario.base)
    except (InputError, ValueError):
        return None
    return text if replace(again, path=None) == replace(scenario, path=None) else None


def fault_steps(scenario: Scenario) -> tuple[Inject | App, ...]:
    """What its steps inject: faults, and app switches, which are made of faults."""
    return tuple(step.action for step in scenario.timeline if isinstance(step.action, Inject | App))


def fault_names(scenario: Scenario) -> tuple[str, ...]:
    """The names of its faults, an app switch among them, each once, sorted."""
    return tuple(sorted({"app" if isinstance(each, App) else each.fault.name for each in fault_steps(scenario)}))
