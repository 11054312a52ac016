"""A whole campaign by one call: play, tally, and look for the smallest story of each distinct failure."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from itertools import takewhile

from ..scenario.model import Scenario
from .campaign import CampaignTally, FailureIdentity, SeedPlayer
from .findings import DistinctFailure, told
from .spreading import campaign


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What a campaign found."""

    tally: CampaignTally
    """The results of all seeds, added up."""
    failures: tuple[DistinctFailure, ...]
    """Each distinct failure once, with its smallest story; what only warned is at the end."""


def fuzz(
    client: str,
    seeds: Iterable[int] = range(1000),
    *,
    scenario: Scenario | None = None,
    choices: Mapping[str, str] | None = None,
    slow_us: int | None = None,
    limit_s: float | None = 60.0,
    distinct: int | None = 20,
    jobs: int | None = None,
    executor: Executor | None = None,
) -> Fuzzed:
    """Play the schedules of seeds with a client, and look for the smallest story of each distinct failure::

        if __name__ == "__main__":  # the processes that play import this module too
            for failure in fuzz("my_client:MyClient", range(1000)).failures:
                print(failure.identity.title, failure.seeds)
                print(dump(failure.story.scenario))

    ``client`` is the name of a reference client, or ``module:Class``. ``scenario``: random faults are thrown into it;
    None: each seed makes a conversation of its own. ``choices`` says what follows if a property is broken, by its name:
    off, warn or fail. ``slow_us``: a later answer is a failure. A seed that takes longer than ``limit_s`` of wall time
    is ended. No more seeds are played after so many ``distinct`` failures. The seeds are played in ``jobs`` processes
    of this machine, or by an ``executor`` such as ``distributed.Client(…).get_executor()``; the stories are looked for
    in processes of this machine.
    """
    player = SeedPlayer(client, choices=choices or {}, slow_us=slow_us, limit_s=limit_s, base=scenario)
    tally = CampaignTally()
    found: set[FailureIdentity] = set()
    wanted = takewhile(lambda _: distinct is None or len(found) < distinct, seeds)
    with closing(campaign(player, wanted, jobs=jobs, executor=executor)) as results:
        for result in results:
            tally.add(result)
            if result.failure is not None:
                found.add(result.failure.identity)
            if tally.is_hopeless:
                break
    return Fuzzed(tally, tuple(told(player, tally, jobs)))
