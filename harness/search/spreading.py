"""Where the seeds of a campaign are played: processes of this machine, or any executor, such as that of a cluster."""

import sys
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from itertools import islice

from .. import __version__
from ..clients.registry import find_client
from ..errors import ClientError, InputError
from ..processes import Lost, outcomes
from .campaign import SeedPlayer, SeedResult, crash
from .sources import sources_of

_GRACE_S = 3.0
"""A run that is not ended by itself is ended with its process so long after its limit."""
BATCH = 10
"""Seeds that an executor gets at once: a run takes a fraction of a second, and to send one a few milliseconds."""
_MOST_WAITING = 256
"""Batches that an executor has at once."""


def campaign(
    player: SeedPlayer,
    seeds: Iterable[int],
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
) -> Generator[SeedResult, None, None]:
    """The result of each seed, in the order in which they are done.

    By default in processes of this machine, ``jobs`` of them: a seed whose process dies, or takes longer than the
    player's limit, has crashed. With ``executor`` they are played wherever it does so. A seed is taken from ``seeds``
    when there is room for it.
    """
    if executor is not None:
        yield from _by_executor(player, iter(seeds), executor)
        return
    limit_s = None if player.limit_s is None else player.limit_s + _GRACE_S
    for seed, result in outcomes(player, seeds, jobs, limit_s):
        yield lost(seed, result, player.limit_s) if isinstance(result, Lost) else result


def lost(seed: int, fate: Lost, limit_s: float | None) -> SeedResult:
    """The result of a seed whose process was lost."""
    if fate.is_late and limit_s is not None:
        return crash(seed, "late", f"it did not return within {limit_s:g} s", "the client did not return")
    return crash(seed, "crashed", fate.reason, fate.reason)


# --- executors ------------------------------------------------------------------------------------------------------


def _by_executor(player: SeedPlayer, seeds: Iterator[int], executor: Executor) -> Iterator[SeedResult]:
    """Batches of seeds; one that is lost is played again seed by seed, to know which seed it was."""
    work = _Batch(player, tuple(sys.path), sources_of(player.client))
    waiting: dict[Future[list[SeedResult]], list[int]] = {}
    again: list[int] = []

    def submit(batch: list[int]) -> None:
        try:
            waiting[executor.submit(work, batch)] = batch
        except Exception as error:  # an executor may raise anything
            raise ClientError(
                f"the executor takes no more seeds: {type(error).__name__}: {error}; start it anew"
            ) from error

    try:
        while True:
            while again:
                submit([again.pop()])
            while len(waiting) < _MOST_WAITING and (batch := list(islice(seeds, BATCH))):
                submit(batch)
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                batch = waiting.pop(future)
                error = future.exception()
                if error is None:
                    yield from future.result()
                elif isinstance(error, InputError):
                    raise error
                elif len(batch) > 1:
                    again += batch
                else:
                    why = f"its process was lost: {type(error).__name__}"
                    yield crash(batch[0], "crashed", f"{why}: {error}", why)
    finally:
        for future in waiting:
            future.cancel()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Plays seeds where an executor wants them played. The client must be importable there, and be the same."""

    player: SeedPlayer
    paths: tuple[str, ...]
    sources: dict[str, str]
    version: str = __version__

    def __call__(self, seeds: list[int]) -> list[SeedResult]:
        sys.path += [path for path in self.paths if path not in sys.path]
        if self.version != __version__:
            raise InputError(
                f"a worker has stillthere {__version__}, and this is {self.version}; install the same there"
            )
        find_client(self.player.client)
        theirs = sources_of(self.player.client)
        changed = sorted(name for name, sha in self.sources.items() if theirs.get(name, sha) != sha)
        if changed:
            raise InputError(
                f"{changed[0]} of the client {self.player.client} is another one at a worker; give all workers the "
                "same files, and start them anew"
            )
        return list(map(self.player, seeds))
