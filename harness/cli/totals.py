"""What `run` prints when all runs are over: a row for each, those that did not hold first, and a line of totals."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from ..errors import visible
from ..report.cases import COUNTED, OUTCOME_SYMBOLS, WORST_FIRST, RunOutcome, worst
from .played import Broken, Played

PICTURES = 4
"""So many runs are each shown with their picture; of more, each has a line, and the first that failed a picture."""
_COLOURS: dict[RunOutcome, str] = {"held": "green", "failed": "red", "vacuous": "yellow", "error": "red"}
_GAP = 2
_NARROWEST = (10, 6, 12)
"""Columns that a scenario, a client and an outcome have at least."""


def verdict_name(one: Played | Broken) -> RunOutcome:
    """Held, failed, vacuous, or error: the client raised."""
    return one.verdict.name if isinstance(one, Played) else "error"


def worst_first(played: Iterable[Played | Broken]) -> list[Played | Broken]:
    """Sorted by how bad they are; alike ones stay in their order."""
    return sorted(played, key=lambda one: WORST_FIRST.index(verdict_name(one)))


def totals(played: Sequence[Played | Broken], wall_s: float) -> Text:
    """Such as ``14 runs: 12 held, 1 failed, 1 vacuous in 3.2 s``."""
    counts = Counter(map(verdict_name, played))
    parts = [f"{counts[name]} {_called(name, counts[name])}" for name in COUNTED if counts[name]]
    runs = "1 run" if len(played) == 1 else f"{len(played)} runs"
    return Text(f"{runs}: {', '.join(parts)} in {wall_s:.1f} s", f"bold {_COLOURS[worst(counts)]}")


def _called(name: RunOutcome, count: int) -> str:
    return name if name != "error" else "error" if count == 1 else "errors"


class RunRows:
    """Rows about runs, in columns that fit the names, and the terminal if there is one."""

    def __init__(self, names: Iterable[tuple[str, str]], console: Console) -> None:
        """``names``: the scenario and the client of each run."""
        pairs = list(names)
        self._width = console.width if console.is_terminal or os.environ.get("COLUMNS") else None
        scenario = max((_cells(name) for name, _ in pairs), default=0)
        client = max((_cells(name) for _, name in pairs), default=0)
        self._one_client = len({name for _, name in pairs}) == 1
        self._widths = scenario, client

    def row(self, one: Played | Broken) -> Text:
        """One run; never longer than the terminal is wide."""
        name = verdict_name(one)
        outcome = Text(visible(one.outcome))
        scenario, client, rest = self._fitted(outcome.cell_len)
        outcome.truncate(rest, overflow="ellipsis")
        row = Text.assemble((OUTCOME_SYMBOLS[name], _COLOURS[name]), " ", _padded(one.scenario, scenario), " " * _GAP)
        if client:
            row = Text.assemble(row, _padded(one.client, client), " " * _GAP)
        return row + outcome

    def _fitted(self, outcome: int) -> tuple[int, int, int]:
        """The widths of the scenario, the client (0: left out) and the outcome."""
        scenario, client = self._widths
        if self._width is None:
            return scenario, client, outcome
        left = self._width - 2 - 2 * _GAP
        if self._one_client and scenario + client + min(outcome, 24) > left:
            client, left = 0, left + _GAP
        outcome = min(outcome, max(_NARROWEST[2], left - scenario - client))
        scenario = min(scenario, max(_NARROWEST[0], left - client - outcome))
        client = min(client, max(_NARROWEST[1], left - scenario - outcome)) if client else 0
        return scenario, client, max(1, left - scenario - client)


def _cells(text: str) -> int:
    return Text(visible(text)).cell_len


def _padded(text: str, width: int) -> Text:
    shown = Text(visible(text))
    if shown.cell_len > width and "/" in text:  # the end of a path says more than its beginning
        shown = Text("…" + visible(text)[-(width - 1) :]) if width > 1 else shown
    shown.truncate(width, overflow="ellipsis", pad=True)
    return shown
