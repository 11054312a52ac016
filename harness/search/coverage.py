"""Whether every fault was injected in every phase of a conversation; a pair that never occurred proves nothing."""

from collections.abc import Iterable, Iterator

from ..faults import CATALOGUE, faults_over
from ..processes import TasksTold, spread
from ..scenario import load, shipped_scenarios
from ..verdict import phases
from ..verdict.phases import PHASES, Phase
from ..world.play import play
from .campaign import play_seeds
from .schedules import single

_CLIENT = "resilient"
_SEEDS_TRIED = 3
"""A fault may start just before its phase does: then another seed, with another time, is tried."""
FaultInPhase = tuple[str, Phase]


def reached_by_pack(told: TasksTold | None = None) -> set[FaultInPhase]:
    """Which faults the shipped scenarios inject, and in which phases."""
    found: set[FaultInPhase] = set()
    files = shipped_scenarios()
    for number, path in enumerate(files, 1):
        found |= set(phases.injected(play(load(path), _CLIENT).journal))
        if told is not None:
            told(number, len(files))
    return found


def reached_by_campaign(seeds: range, told: TasksTold | None = None) -> set[FaultInPhase]:
    """Which faults the schedules of these seeds inject, and in which phases."""
    found: set[FaultInPhase] = set()
    for number, seed in enumerate(seeds, 1):
        found |= play_seeds(_CLIENT, {}, [seed]).coverage.injected()
        if told is not None:
            told(number, len(seeds))
    return found


def reached_singly(pairs: Iterable[FaultInPhase], jobs: int | None = None) -> Iterator[FaultInPhase]:
    """Those of the pairs that occur in a conversation made for them, at one of several times within the phase."""
    wanted = list(pairs)
    for pair, found in zip(wanted, spread(_is_reached, wanted, jobs), strict=True):
        if found:
            yield pair


def all_pairs() -> list[FaultInPhase]:
    """Every fault of the catalogue in every phase."""
    return [(fault, phase) for fault in faults_over("websocket") for phase in PHASES]


def _is_reached(pair: FaultInPhase) -> bool:
    return any(pair in _injected(pair, seed) for seed in range(_SEEDS_TRIED))


def _injected(pair: FaultInPhase, seed: int) -> set[FaultInPhase]:
    name, phase = pair
    scenario = single(CATALOGUE[name](), phase, seed)
    return set(phases.injected(play(scenario, _CLIENT).journal))
