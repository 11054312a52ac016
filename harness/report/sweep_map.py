"""A sweep on the terminal: heat maps of what goes wrong, cell by cell.

Each cell is one letter, so that a map is the same in a log without colour. Where a map is wider than the terminal, or
folds several grounds, a letter stands for several cells and shows all that goes wrong in any of them.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from rich.console import Group, RenderableType
from rich.text import Text

from ..picture.words import plain
from ..search.sweep.axes import Axis
from ..search.sweep.goals import Harm, folded
from ..search.sweep.lattice import nearest
from ..search.sweep.table import SweepTable, SweptCell

MOST_MAPS = 12
"""More grounds than this are folded into one map."""
MOST_ROWS = 24
_SIGNS: tuple[tuple[Harm, str, str], ...] = (
    (Harm.FREEZES, "X", "white on red"),
    (Harm.FAILS, "F", "white on red"),
    (Harm.LOSES | Harm.FALSE_TURN, "B", "black on magenta"),
    (Harm.LOSES, "L", "black on yellow"),
    (Harm.FALSE_TURN, "N", "black on cyan"),
    (Harm.UNTRIED, "?", "black on bright_black"),
    (Harm.UNKNOWN, "?", "black on bright_black"),
)
"""The first whose harms a cell has all of decides."""
GOOD = ("·", "black on green")
MAP_LEGEND = (
    "· nothing wrong   L an utterance is lost   N a turn begins while nobody speaks   B both   X freezes   "
    "F fails otherwise   ? unknown"
)


def sign(harm: Harm) -> tuple[str, str]:
    """The letter of a cell, and its style."""
    for wanted, letter, style in _SIGNS:
        if harm & wanted == wanted:
            return letter, style
    return GOOD


def maps(table: SweepTable, width: int, *, fold: bool | None = None) -> RenderableType:
    """The maps of a sweep, at most ``width`` columns wide; of each ground, or of all together (``fold``).

    Of samples there are no maps: what goes wrong is counted.
    """
    is_folded = len(table.rows) > MOST_MAPS if fold is None else fold
    parts: list[RenderableType] = []
    if table.shape is None:
        return Text(_counted(table))
    drawn = _Drawing(table, width)
    if is_folded or len(table.rows) == 1:
        title = _title(table.rows[0][0]) if len(table.rows) == 1 else f"all {len(table.rows)} together"
        parts += drawn.map(title, table.folded())
    else:
        for rows in table.rows:
            parts += drawn.map(_title(rows[0]), [each.harm for each in rows])
        parts += drawn.map("all of them together", table.folded())
    return Group(*parts, Text(MAP_LEGEND, "bright_black"))


def _title(swept: SweptCell) -> str:
    return plain(f"{swept.ground.told}, detector {swept.ground.detector}")


def _counted(table: SweepTable) -> str:
    harms = table.folded()
    counts = [(letter, sum(sign(each)[0] == letter for each in harms)) for _, letter, _ in _SIGNS]
    good = sum(not each for each in harms)
    shown = ", ".join(f"{letter} {count}" for letter, count in [(GOOD[0], good), *counts] if count)
    return f"{len(harms)} cells: {shown}\n{MAP_LEGEND}"


class _Drawing:
    """Draws maps of one table."""

    def __init__(self, table: SweepTable, width: int) -> None:
        assert table.shape is not None
        self._table = table
        axes = table.plan.axes
        self._across = max(range(len(axes)), key=lambda at: (axes[at].is_ordered, len(axes[at].values), -at))
        others = [at for at in range(len(axes)) if at != self._across]
        self._down = max(others, key=lambda at: (axes[at].is_ordered, len(axes[at].values), -at), default=None)
        self._facets = [at for at in others if at != self._down]
        self._nearest = nearest(table)
        self._gutter = max((len(self._label(self._down, at)) for at in self._rows()), default=0) + 1
        self._columns = list(_bins(table.shape[self._across], max(10, width - self._gutter - 1)))

    def _rows(self) -> list[int]:
        assert self._table.shape is not None
        return [0] if self._down is None else [row[0] for row in _bins(self._table.shape[self._down], MOST_ROWS)]

    def _axis(self, at: int) -> Axis:
        return self._table.plan.axes[at]

    def _label(self, at: int | None, value: int) -> str:
        return "" if at is None else self._axis(at).knob.shown(self._axis(at).values[value])

    def map(self, title: str, harms: Sequence[Harm]) -> Iterator[Text]:
        """One map for each combination of the values of the axes that it does not show."""
        assert self._table.shape is not None
        shape = self._table.shape
        for facet in product(*(range(shape[at]) for at in self._facets)):
            where = ", ".join(
                f"{self._axis(at).name} {self._label(at, value)}" for at, value in zip(self._facets, facet, strict=True)
            )
            yield Text(f"{title}{f'; {where}' if where else ''}", "bold", overflow="fold")
            fixed = dict(zip(self._facets, facet, strict=True))
            if self._down is not None:
                yield Text(f"{self._axis(self._down).name} upward", "bright_black")
            for row in reversed(list(_bins(1 if self._down is None else shape[self._down], MOST_ROWS))):
                yield self._row(row, fixed, harms)
            yield self._scale()

    def _row(self, row: Sequence[int], fixed: dict[int, int], harms: Sequence[Harm]) -> Text:
        drawn = Text(f"{self._label(self._down, row[0]):>{self._gutter - 1}} ", no_wrap=True, overflow="crop")
        for column in self._columns:
            found = folded(harms[place] for place in self._places(row, column, fixed))
            drawn.append(*sign(found))
        return drawn

    def _places(self, row: Sequence[int], column: Sequence[int], fixed: dict[int, int]) -> Iterator[int]:
        for down in row:
            for across in column:
                index = [0] * len(self._table.plan.axes)
                index[self._across] = across
                if self._down is not None:
                    index[self._down] = down
                for at, value in fixed.items():
                    index[at] = value
                yield int(self._nearest[tuple(index)])

    def _scale(self) -> Text:
        """The name of the axis across, with its first and last value."""
        first, last = (self._label(self._across, at) for at in (self._columns[0][0], self._columns[-1][-1]))
        name = self._axis(self._across).name + (" (log)" if self._axis(self._across).is_log else "")
        room = max(1, len(self._columns) - len(first) - len(last))
        middle = f"{name:^{room}}" if len(name) + 2 <= room else f" … {name} … "
        return Text(f"{'':{self._gutter}}{first}{middle}{last}\n", "bright_black", overflow="fold")


def _bins(count: int, most: int) -> Iterator[range]:
    """``count`` places in at most ``most`` bins of nearly the same size."""
    bins = min(count, most)
    for at in range(bins):
        yield range(at * count // bins, (at + 1) * count // bins)
