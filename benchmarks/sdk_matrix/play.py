"""Plays the cells of one environment in virtual time, by the interpreter of that environment."""

import os
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from .cells import Cell, cell_of
from .configurations import PYTHON, Configuration
from .faults import BY_NAME, FAULTS, MatrixFault
from .forks import play_forks
from .results import Played, keep, python_here, save, today, versions_here


def play_environment(environment: str) -> Played:
    """Play all cells of an environment, and write the results."""
    date, here = today(), [each for each in PYTHON if each.environment == environment]
    cells = tuple(play_cells((each, fault) for each in here for fault in FAULTS))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = round(used.ru_utime + used.ru_stime, 1)
    played = Played(environment, date, python_here(), versions_here(here), cpu_s, cells)
    save(played)
    return played


def print_cells(configuration: str, faults: Sequence[str]) -> None:
    """Play some cells, and print them: a JSON document on each line."""
    chosen = next(each for each in PYTHON if each.name == configuration)
    for cell in play_cells((chosen, BY_NAME[fault]) for fault in faults):
        print(msgspec.json.encode(cell).decode(), flush=True)


def play_cells(wanted: Iterable[tuple[Configuration, MatrixFault]]) -> Iterator[Cell]:
    """Play these cells, and keep their journals."""
    os.environ.setdefault("OPENAI_API_KEY", "sk-stillthere")
    pairs = list(wanted)
    scenarios = [fault.scenario().settled() for _, fault in pairs]
    found: dict[int, Cell] = {}
    targets = [each.target for each, _ in pairs]
    for number, journal in play_forks(list(zip(targets, scenarios, strict=True)), os.cpu_count() or 1):
        each, fault = pairs[number]
        keep(journal, each.name, fault.name)
        cell = found[number] = cell_of(each.name, fault.name, journal, scenarios[number])
        answered = "never answered" if cell.answered_ms is None else f"answered after {cell.answered_ms / 1000:.1f} s"
        print(f"{each.name:26} {fault.name:26} {answered:24} {cell.verdict}", file=sys.stderr)
    yield from (found[number] for number in range(len(pairs)))
