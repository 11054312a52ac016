"""Runs a sweep: the cells of all cases, spread over processes, in any order."""

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Generic

from ...errors import ClientError
from ...processes import Lost
from ...processes import outcomes as done
from ..watched import TookTooLong, ended_after
from .cases import Case, CellOutcome, How, Reader, T
from .exact.engine import outcomes as exact
from .exact.recording import MODELLED
from .plain import outcomes, play_cell

AT_ONCE = 32
"""So many cells of a reference client go to one process together."""
COMPUTED_AT_ONCE = 10_240
"""So many at most if most of them are computed: cells that share a run should meet."""
_FEWEST_COMPUTED = 1_024
"""So many at least, where a case is divided among processes."""
PLAYED_AT_ONCE = 8
"""So many cells of a user's own client: it may take long over each."""
_GRACE_S = 3.0
"""A cell that is not ended by itself is ended with its process so long after its limit."""


@dataclass(frozen=True, slots=True)
class SweepTask(Generic[T]):
    """Some cells of one case, for one process."""

    case: Case
    places: tuple[int, ...]
    """The places of the cells in what was asked for."""
    cells: tuple[Mapping[str, Any], ...]
    read: Reader[T]
    modules: tuple[str, ...] = ()
    """Modules to import first, such as those that register faults."""
    limit_s: float | None = None
    """A cell of a user's own client that takes longer is ended."""


@dataclass(frozen=True, slots=True)
class Crash:
    """What stands in the place of a value if the client raised, or did not return."""

    reason: str


Done = CellOutcome[T | Crash]


def is_own(client: str) -> bool:
    """Whether the client is a user's own class."""
    return ":" in client


def run_cells(
    parts: Iterable[tuple[Case, Sequence[int], Sequence[Mapping[str, Any]]]],
    read: Reader[T],
    *,
    jobs: int | None = None,
    limit_s: float | None = None,
    modules: tuple[str, ...] = (),
) -> Iterator[Done[T]]:
    """The outcome of each cell, with its place, in any order.

    ``parts`` are cases with the places and the settings of their cells. A user's own client that raises, ends its
    process or takes longer than ``limit_s`` for a cell gives a :class:`Crash`. With one process, those of reference
    clients are computed in this one.
    """
    computed = COMPUTED_AT_ONCE
    parts = list(parts)
    if jobs != 1 and parts:
        processes = jobs or os.cpu_count() or 1
        longest = max(len(places) for _, places, _ in parts)
        computed = min(computed, max(_FEWEST_COMPUTED, -(-longest * len(parts) // processes)))
    tasks = (task for case, places, cells in parts for task in _tasks(case, places, cells, read, modules, computed))
    first = next(tasks, None)
    if first is None:
        return
    later = chain([first], tasks)
    if jobs == 1 and not is_own(first.case.client):
        for task in later:
            yield from work(task)
    else:
        yield from _spread(later, jobs, limit_s)


def _spread(tasks: Iterator[SweepTask[T]], jobs: int | None, limit_s: float | None) -> Iterator[Done[T]]:
    limit = None if not limit_s else limit_s * PLAYED_AT_ONCE + _GRACE_S
    for task, result in done(work, (replace(task, limit_s=limit_s or None) for task in tasks), jobs, limit):
        yield from _alone(task, limit_s, result) if isinstance(result, Lost) else result


def work(task: SweepTask[T]) -> list[Done[T]]:
    """Compute the cells of a task, in this process."""
    for name in task.modules:
        importlib.import_module(name)
    if is_own(task.case.client):
        return [_played(task, place, cell) for place, cell in zip(task.places, task.cells, strict=True)]
    found = _engine(task.case)(task.case, task.cells, task.read)
    return [CellOutcome(task.places[each.index], each.value, each.how) for each in found]


def _engine(case: Case) -> Callable[..., Iterator[CellOutcome[Any]]]:
    """How the cells of a reference client are computed."""
    return exact if case.client in MODELLED else outcomes


def _played(task: SweepTask[T], place: int, cell: Mapping[str, Any]) -> Done[T]:
    try:
        with ended_after(task.limit_s):
            run = play_cell(task.case, cell)
    except TookTooLong as late:
        return CellOutcome(place, Crash(str(late)), How.PLAYED)
    except ClientError as error:
        late_or_not = error.__cause__ if isinstance(error.__cause__, TookTooLong) else error
        return CellOutcome(place, Crash(str(late_or_not)), How.PLAYED)
    return CellOutcome(place, task.read(run.scenario, run.journal), How.PLAYED)


def _tasks(
    case: Case,
    places: Sequence[int],
    cells: Sequence[Mapping[str, Any]],
    read: Reader[T],
    modules: tuple[str, ...],
    computed_at_once: int,
) -> Iterator[SweepTask[T]]:
    size = PLAYED_AT_ONCE if is_own(case.client) else computed_at_once if case.client in MODELLED else AT_ONCE
    for begin in range(0, len(places), size):
        end = begin + size
        yield SweepTask(case, tuple(places[begin:end]), tuple(cells[begin:end]), read, modules)


def _alone(task: SweepTask[T], limit_s: float | None, lost: Lost) -> Iterator[Done[T]]:
    """The cells of a task whose process was lost, each in a process of its own: one of them did it."""
    if len(task.places) == 1:
        yield CellOutcome(task.places[0], Crash(lost.reason), How.PLAYED)
        return
    singles = [
        replace(task, places=(place,), cells=(cell,)) for place, cell in zip(task.places, task.cells, strict=True)
    ]
    limit = limit_s + _GRACE_S if limit_s else None
    for single, result in done(work, singles, 1, limit, attempts=1):
        yield from _alone(single, limit_s, result) if isinstance(result, Lost) else result
