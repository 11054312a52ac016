"""Whether every fault was struck in every phase of a conversation: where it was not, nothing is shown."""

from collections.abc import Iterable, Iterator

from harness.clients.registry import find_client
from harness.faults import CATALOGUE
from harness.scenario import load, shipped_scenarios
from harness.search.campaign import play_seeds
from harness.search.processes import spread
from harness.search.schedules import single
from harness.verdict import phases
from harness.verdict.phases import PHASES, Phase
from harness.world.play import play

CLIENT = "resilient"
MOMENTS = 3
"""A fault may strike just before its phase begins: then another moment is tried."""
Pair = tuple[str, Phase]


def reached_by_pack() -> set[Pair]:
    """What the shipped scenarios strike, and when."""
    found: set[Pair] = set()
    for path in shipped_scenarios():
        found |= set(phases.struck(play(load(path), CLIENT, find_client(CLIENT)).journal))
    return found


def reached_by_campaign(seeds: range) -> set[Pair]:
    """What schedules of seeds strike, and when."""
    return set(play_seeds(CLIENT, {}, seeds).strikes)


def reached_singly(pairs: Iterable[Pair], jobs: int | None = None) -> Iterator[Pair]:
    """Those of the pairs that a conversation of their own brings about, at one of some moments in the phase."""
    wanted = list(pairs)
    for pair, found in zip(wanted, spread(_is_reached, wanted, jobs), strict=True):
        if found:
            yield pair


def all_pairs() -> list[Pair]:
    """Every fault of the catalogue in every phase."""
    return [(fault, phase) for fault in CATALOGUE for phase in PHASES]


def _is_reached(pair: Pair) -> bool:
    return any(pair in _strikes(pair, seed) for seed in range(MOMENTS))


def _strikes(pair: Pair, seed: int) -> set[Pair]:
    name, phase = pair
    scenario = single(CATALOGUE[name](), phase, seed)
    return set(phases.struck(play(scenario, CLIENT, find_client(CLIENT)).journal))
