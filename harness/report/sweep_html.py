"""A sweep as one HTML page: maps to walk through with keys or the mouse, with a picture and the command of each cell.

The page needs no network. Everything that users wrote is put in as text, never as markup, but the pictures, which are
drawings of :mod:`rich`.
"""

import io
import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from itertools import product
from typing import Any
from zlib import crc32

from rich.console import Console, RenderableType

from .. import __version__
from ..picture.assets import policy_source
from ..picture.words import plain
from ..search.sweep.advice import Advice, told_cell
from ..search.sweep.axes import Axis
from ..search.sweep.goals import Harm
from ..search.sweep.lattice import nearest
from ..search.sweep.rows import CellRow
from ..search.sweep.samples import SweepCell
from ..search.sweep.table import SweepTable, SweptCell
from .sweep_map import MAP_LEGEND, sign

MOST_PICTURES = 24
"""So many runs are played again for their pictures."""
_OUTSIDE = re.compile(r"@font-face\s*\{[^}]*\}|<!--.*?-->", re.DOTALL)
"""rich's drawings name fonts in the network, and its own page."""
Word = Callable[[int, SweepCell], str | None]
"""The start of the command that plays a cell on a ground; None if no file of the scenario was written."""


@dataclass(frozen=True, slots=True)
class CellPicture:
    """The picture of a cell that stands for all with the same outcome."""

    place: int
    """The number of the cell."""
    svg: str


def representatives(table: SweepTable, most: int = MOST_PICTURES) -> tuple[list[tuple[int, int]], int]:
    """Of each distinct outcome on each ground one cell, as numbers of ground and cell; and how many outcomes there are.

    If there are too many outcomes, those with other harms come first, then those of the most cells.
    """
    groups: dict[tuple[int, str], list[int]] = {}
    for ground, rows in enumerate(table.rows):
        for place, swept in enumerate(rows):
            if swept.row is not None:
                groups.setdefault((ground, _outcome(swept)), []).append(place)
    seen: set[tuple[int, Harm]] = set()
    ranked = []
    for (ground, _), places in sorted(groups.items(), key=lambda item: -len(item[1])):
        key = ground, table.rows[ground][places[0]].harm
        ranked.append((key in seen, -len(places), ground, places[len(places) // 2]))
        seen.add(key)
    return [(ground, place) for *_, ground, place in sorted(ranked)[:most]], len(groups)


def _outcome(swept: SweptCell) -> str:
    """What cells with the same picture have in common."""
    row = swept.row
    assert row is not None
    return repr(
        (row.verdict, row.cause, row.utterances_lost, row.false_turns, row.barge_ins_missed, row.barge_ins_wrong)
    )


def as_svg(drawn: RenderableType, title: str, width: int = 110) -> str:
    """A picture of the terminal as SVG that needs no network."""
    console = Console(file=io.StringIO(), width=width, record=True, legacy_windows=False, force_terminal=True)
    console.print(drawn)
    return _OUTSIDE.sub("", console.export_svg(title=plain(title), unique_id=f"p{crc32(title.encode()):08x}"))


def page(
    table: SweepTable,
    advice: Advice,
    command: str,
    word: Word,
    pictures: Mapping[tuple[int, int], CellPicture],
    outcomes: int,
    reports: Mapping[tuple[int, int], str] | None = None,
) -> str:
    """The page; ``pictures`` are those of the :func:`representatives`, by ground and cell.

    ``reports`` are pages of their own, beside this one, of some cells.
    """
    template = (files(__package__) / "sweep_page.html").read_text(encoding="utf-8")
    script = template.rpartition("<script>")[2].partition("</script>")[0]
    template = template.replace("/*SCRIPT*/", policy_source(script))
    made = _Page(table, advice)
    document = {**made.document(command, word, pictures, outcomes), "reports": made.reports(reports or {})}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return template.replace("/*DATA*/", text.replace("<", "\\u003c"))


class _Page:
    """Makes the data of a page: each distinct row once, and for each ground the number of the row of each place."""

    def __init__(self, table: SweepTable, advice: Advice) -> None:
        self._table = table
        self._advice = advice
        self._numbers: dict[str, int] = {}
        self._distinct: list[SweptCell] = []
        is_lattice = table.shape is not None
        self._shape = list(table.shape or (len(table.cells),))
        self._cells = nearest(table).ravel().tolist() if is_lattice else list(range(len(table.cells)))

    def document(
        self, command: str, word: Word, pictures: Mapping[tuple[int, int], CellPicture], outcomes: int
    ) -> dict[str, Any]:
        """Everything that the page shows."""
        table = self._table
        grounds = [self._ground(number, word, pictures) for number in range(len(table.rows))]
        names = " and ".join(dict.fromkeys(ground.name for ground in table.plan.grounds))
        shown = min(len(pictures), outcomes)
        capped = f"{shown} of {outcomes} different outcomes have a picture here; play the cell with the command above."
        return {
            "title": plain(f"Sweep of {names}"),
            "about": plain(
                f"Client {table.plan.client}, {len(table)} rows, stillthere {__version__}. A map shows one cell for "
                "each combination of values; choose one with the mouse or the arrow keys."
            ),
            "command": plain(command),
            "advice": list(map(plain, self._advice.sentences)),
            "best": self._best(),
            "shape": self._shape,
            "axes": list(map(_axis, table.plan.axes)) if table.shape is not None else [self._samples()],
            "grounds": grounds,
            "fields": [field.name for field in fields(CellRow)] + ["how"],
            "rows": [_values(swept) for swept in self._distinct],
            "signs": [sign(swept.harm)[0] for swept in self._distinct],
            "harms": [int(swept.harm) for swept in self._distinct],
            "errors": [plain(swept.reason) for swept in self._distinct],
            "folded": [sign(Harm(number))[0] for number in range(64)],
            "legend": [(part[0], part[2:].strip()) for part in MAP_LEGEND.split("   ")],
            "pictures": {
                f"{ground}/{place}": {
                    "place": self._cells.index(picture.place) if picture.place in self._cells else -1,
                    "told": told_cell(table, table.cells[picture.place]),
                    "svg": picture.svg,
                }
                for (ground, place), picture in pictures.items()
            },
            "capped": capped,
        }

    def reports(self, files: Mapping[tuple[int, int], str]) -> dict[str, str]:
        """The reports by ground and place, as ``0/17``."""
        return {
            f"{ground}/{at}": file
            for (ground, place), file in files.items()
            for at, cell in enumerate(self._cells)
            if cell == place
        }

    def _ground(self, number: int, word: Word, pictures: Mapping[tuple[int, int], CellPicture]) -> dict[str, Any]:
        table = self._table
        rows = table.rows[number]
        by_outcome = {_outcome(rows[place]): f"{ground}/{place}" for ground, place in pictures if ground == number}
        of_rows: dict[int, str] = {}
        numbers = []
        for place in self._cells:
            at = self._number(rows[place])
            numbers.append(at)
            if at not in of_rows and rows[place].row is not None:
                of_rows[at] = by_outcome.get(_outcome(rows[place]), "")
        return {
            "told": plain(f"{rows[0].ground.told}, detector {rows[0].ground.detector}"),
            "rows": numbers,
            "pictures": of_rows,
            "words": self._words(number, word),
        }

    def _words(self, number: int, word: Word) -> dict[int, str]:
        """The start of the command, by the place that a cell has with all client settings at their first value."""
        table = self._table
        if table.shape is None:
            return {0: found} if (found := word(number, table.cells[0])) else {}
        words = {}
        ranges = [[0] if axis.knob.is_of_client else range(len(axis.values)) for axis in table.plan.axes]
        strides = [1] * len(self._shape)
        for at in range(len(self._shape) - 2, -1, -1):
            strides[at] = strides[at + 1] * self._shape[at + 1]
        for index in product(*ranges):
            cell = {axis.name: axis.values[at] for axis, at in zip(table.plan.axes, index, strict=True)}
            if found := word(number, cell):
                words[sum(at * stride for at, stride in zip(index, strides, strict=True))] = found
        return words

    def _number(self, swept: SweptCell) -> int:
        key = f"{swept.row!r}{swept.how}{swept.reason}"
        if key not in self._numbers:
            self._numbers[key] = len(self._distinct)
            self._distinct.append(swept)
        return self._numbers[key]

    def _best(self) -> list[int] | None:
        best, table = self._advice.best, self._table
        if best is None:
            return None
        if table.shape is None:
            return [table.cells.index(best)]
        return [axis.values.index(best[axis.name]) for axis in table.plan.axes]

    def _samples(self) -> dict[str, Any]:
        """Samples have one axis: their number."""
        cells = self._table.cells
        parts = [
            "".join(_part(axis, cell[axis.name]) for axis in self._table.plan.axes if axis.knob.is_of_client)
            for cell in cells
        ]
        labels = [told_cell(self._table, cell) for cell in cells]
        return {"name": "sample", "labels": labels, "parts": parts, "set": True}


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "name": axis.name,
        "labels": [plain(axis.knob.shown(value)) for value in axis.values],
        "parts": [_part(axis, value) for value in axis.values],
        "set": axis.knob.is_of_client,
    }


def _part(axis: Axis, value: Any) -> str:
    return plain(f"+ --set {shlex.quote(f'{axis.name}={axis.knob.written(value)}')}")[1:]


def _values(swept: SweptCell) -> Sequence[Any]:
    row = [getattr(swept.row, field.name) if swept.row is not None else None for field in fields(CellRow)]
    if swept.row is None:
        row[0] = "error"
    return [*row, swept.how.value]
