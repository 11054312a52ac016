"""The conditions of a sweep: which goals hold in which cells, which hold nowhere, and which exclude each other.

A goal is about one ground. Where it holds in no cell, as nothing that is varied revives a dead capture, the cells that
do no worse than the best are those that meet it; and it is said that the harm is always there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .goals import Harm
from .region import GoodCells
from .rows import CellRow
from .table import SweepTable

_HARMS = (Harm.FREEZES, Harm.FAILS, Harm.LOSES, Harm.FALSE_TURN)


@dataclass(frozen=True, slots=True)
class Want:
    """A goal: that this harm is not done on this ground."""

    ground: int
    harm: Harm


class Conditions:
    """Which goals hold where."""

    def __init__(self, table: SweepTable) -> None:
        self._table = table
        self._harms = np.array([[int(each.harm) for each in rows] for rows in table.rows], np.int64)
        is_known: GoodCells = self._harms & int(Harm.UNKNOWN) == 0
        seeing: GoodCells = np.asarray(is_known.any(axis=1))
        self.blind = tuple(rows[0].ground for rows, sees in zip(table.rows, seeing, strict=True) if not sees)
        """The grounds on which nothing is known of any cell; they are left out."""
        any_sees = bool(seeing.any())
        self.known: GoodCells = np.asarray(is_known[seeing].all(axis=0) & any_sees)
        """Of each cell whether something is known of it on each ground."""
        self.clean: GoodCells = np.asarray((self._harms[seeing] == 0).all(axis=0) & any_sees)
        """Of each cell whether nothing goes wrong in it."""
        self.wants = tuple(
            Want(ground, harm)
            for ground in range(len(table.rows))
            for harm in _HARMS
            if seeing[ground] and (self._harms[ground] & int(harm)).any()
        )
        """The goals that are missed in some cell; all others hold everywhere."""

    def met(self, want: Want) -> GoodCells:
        """Of each cell whether it meets a goal, or does no worse than the best cell where none meets it."""
        known = self._known(want)
        if want not in self.always:
            found: GoodCells = known & (self._harms[want.ground] & int(want.harm) == 0)
            return found
        amounts = np.array([_amount(each.row, want.harm) for each in self._table.rows[want.ground]])
        least: GoodCells = known & (amounts <= amounts[known].min())
        return least

    def _known(self, want: Want) -> GoodCells:
        """Of each cell whether it is known if it meets a goal."""
        unknown = Harm.UNKNOWN | (Harm.UNTRIED if want.harm is Harm.FALSE_TURN else Harm(0))
        found: GoodCells = self._harms[want.ground] & int(unknown) == 0
        return found

    @cached_property
    def relative(self) -> GoodCells:
        """Of each cell whether it meets all goals, as far as they can be met."""
        found: GoodCells = self.known.copy()
        for want in self.wants:
            found &= self.met(want)
        for ground in range(len(self._harms)):
            if ground not in self.untried:
                found &= self._harms[ground] & int(Harm.UNTRIED) == 0
        return found

    @cached_property
    def untried(self) -> tuple[int, ...]:
        """The grounds on which a noise of the scenario is played in no cell."""
        return tuple(int(ground) for ground in np.flatnonzero((self._harms & int(Harm.UNTRIED) != 0).all(axis=1)))

    @cached_property
    def always(self) -> dict[Want, str]:
        """The goals that hold in no cell, with what always happens, in words."""
        found = {}
        for want in self.wants:
            known = self._known(want)
            if known.any() and (self._harms[want.ground][known] & int(want.harm)).all():
                found[want] = self._told_always(want)
        return found

    def _told_always(self, want: Want) -> str:
        known = self._known(want)
        swept = self._table.rows[want.ground]
        rows = [each.row for each, is_known in zip(swept, known, strict=True) if is_known and each.row is not None]
        if want.harm in (Harm.FREEZES, Harm.FAILS):
            causes = ", ".join(dict.fromkeys(row.cause for row in rows if row.cause))
            does = "the client freezes" if want.harm is Harm.FREEZES else "the run fails"
            return f"{does} ({causes})"
        amounts = [_amount(row, want.harm) for row in rows]
        least = min(amounts)
        if want.harm is Harm.LOSES:
            return f"at least {least} utterance{'s are' if least > 1 else ' is'} lost"
        is_tried = bool(known[self._harms[want.ground] & int(Harm.UNKNOWN) == 0].all())
        played = "" if is_tried else ", where its noise is played at all,"
        return f"at least {least} turn{'s begin' if least > 1 else ' begins'} while nobody speaks{played}"

    def places(self, grounds: list[int]) -> str:
        """Grounds in words: only the scenario, if all of its grounds are meant."""
        of_name: dict[str, list[int]] = {}
        for number, rows in enumerate(self._table.rows):
            of_name.setdefault(rows[0].ground.name, []).append(number)
        found = []
        for name, numbers in of_name.items():
            meant = [number for number in numbers if number in grounds]
            found += [name] if meant == numbers else [self._table.rows[number][0].ground.told for number in meant]
        return _some(found)

    def told(self, want: Want) -> str:
        """A goal in words."""
        where = self._table.rows[want.ground][0].ground.told
        if want in self.always:
            return f"in {where} {_FEWEST[want.harm]}"
        return f"in {where} {_HOLDS[want.harm]}"

    def least_harm(self) -> int:
        """The cell in which the fewest goals are missed; of several, the one that loses least."""
        missed = np.zeros(len(self._table.cells), np.int64)
        for want in self.wants:
            missed += ~self.met(want)
        missed[~self.known] += len(self.wants)
        amounts = np.array(
            [
                sum(_amount(rows[place].row, harm) for rows in self._table.rows for harm in _HARMS)
                for place in range(len(self._table.cells))
            ]
        )
        return int(np.lexsort((amounts, missed))[0])

    def wrong_at(self, place: int) -> str:
        """What goes wrong in a cell, in words, beyond what always does."""
        found: dict[str, list[int]] = {}
        for number, rows in enumerate(self._table.rows):
            swept = rows[place]
            told = [_told(swept.row, want.harm) for want in self._missed(number, place) if swept.row is not None]
            if swept.harm & Harm.UNKNOWN:
                told = ["nothing is known"] if swept.row is not None else ["the client raises"]
            for each in told:
                found.setdefault(each, []).append(number)
        return "; ".join(f"{what} in {self.places(grounds)}" for what, grounds in found.items()) or "nothing goes wrong"

    def _missed(self, ground: int, place: int) -> Iterator[Want]:
        yield from (want for want in self.wants if want.ground == ground and self._misses(want, place))

    def _misses(self, want: Want, place: int) -> bool:
        return not self.met(want)[place] and bool(self._harms[want.ground][place] & int(want.harm))


def _amount(row: CellRow | None, harm: Harm) -> int:
    """How much of a harm is done in a cell."""
    if row is None:
        return 0
    if harm is Harm.LOSES:
        return row.utterances_lost
    if harm is Harm.FALSE_TURN:
        return row.false_turns
    return int(row.verdict == "failed")


def _told(row: CellRow, harm: Harm) -> str:
    match harm:
        case Harm.LOSES:
            is_one = row.utterances_lost == 1
            return f"{row.utterances_lost} of {row.utterances_said} utterances {'is' if is_one else 'are'} lost"
        case Harm.FALSE_TURN:
            count = f"{row.false_turns} turn{'s' if row.false_turns > 1 else ''}"
            return f"{count} begin{'' if row.false_turns > 1 else 's'} while nobody speaks"
        case Harm.FREEZES:
            return f"the client freezes ({row.cause})"
        case _:
            return f"the run fails ({row.cause})"


def _some(names: list[str]) -> str:
    """Some names of many."""
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


_NAMED = 2
_HOLDS = {
    Harm.LOSES: "no utterance is lost",
    Harm.FALSE_TURN: "no noise begins a turn",
    Harm.FREEZES: "the client does not freeze",
    Harm.FAILS: "the run does not fail",
}
_FEWEST = {
    Harm.LOSES: "the fewest utterances are lost",
    Harm.FALSE_TURN: "the fewest turns begin while nobody speaks",
    Harm.FREEZES: "the client freezes",
    Harm.FAILS: "the run fails",
}
