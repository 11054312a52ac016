"""The results of a sweep: a row for each cell on each ground."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .cases import Case, How
from .goals import Harm, folded, harm
from .plan import Ground, SweepPlan
from .region import Index
from .rows import CellRow
from .run import Crash, Done
from .samples import SweepCell

Compute = Callable[[Iterable[tuple[Case, Sequence[int], Sequence[Mapping[str, Any]]]]], Iterator[Done[CellRow]]]
"""Computes the rows of cells, as :func:`harness.search.sweep.run.run_cells` does."""


@dataclass(frozen=True, slots=True)
class SweptCell:
    """One row: a cell on a ground."""

    ground: Ground
    cell: SweepCell
    row: CellRow | None
    """None if the client raised, or did not return."""
    how: How
    reason: str = ""
    """Why there is no row."""

    @property
    def harm(self) -> Harm:
        """What goes wrong in it."""
        return harm(self.row)


@dataclass(slots=True)
class SweepTable:
    """All rows of a sweep, as far as they are computed."""

    plan: SweepPlan
    shape: Index | None = None
    """How many values each axis has; None for samples, which are nowhere in a lattice."""
    cells: list[SweepCell] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    """Of each cell its place in the lattice."""
    rows: list[list[SweptCell]] = field(default_factory=list)
    """By the number of the ground and the number of the cell."""
    ways: Counter[How] = field(default_factory=Counter)
    """How many rows came which way."""

    def extend(
        self,
        cells: Sequence[SweepCell],
        compute: Compute,
        indexes: Sequence[Index] = (),
        told: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Compute further cells on all grounds; ``told`` is called with the number of rows so far in this call."""
        grounds = self.plan.grounds
        if not self.rows:
            self.rows = [[] for _ in grounds]
        found: list[list[SweptCell | None]] = [[None] * len(cells) for _ in grounds]
        for count, outcome in enumerate(compute(self._parts(cells)), 1):
            ground, place = divmod(outcome.index, len(cells))
            value = outcome.value
            row, reason = (None, value.reason) if isinstance(value, Crash) else (value, "")
            found[ground][place] = SweptCell(grounds[ground], cells[place], row, outcome.how, reason)
            self.ways[outcome.how] += 1
            told(count)
        for rows, more in zip(self.rows, found, strict=True):
            rows += [each for each in more if each is not None]
        self.cells += cells
        self.indexes += indexes

    def _parts(self, cells: Sequence[SweepCell]) -> Iterator[tuple[Case, list[int], list[dict[str, Any]]]]:
        for number, ground in enumerate(self.plan.grounds):
            for case, places in self.plan.parts(ground, cells):
                settings = [self.plan.settings_of(cells[place]) for place in places]
                yield case, [number * len(cells) + place for place in places], settings

    def __len__(self) -> int:
        """The number of rows."""
        return sum(map(len, self.rows))

    def __iter__(self) -> Iterator[SweptCell]:
        """All rows, ground by ground."""
        for rows in self.rows:
            yield from rows

    def folded(self) -> list[Harm]:
        """Of each cell what goes wrong on any ground."""
        return [folded(rows[place].harm for rows in self.rows) for place in range(len(self.cells))]
