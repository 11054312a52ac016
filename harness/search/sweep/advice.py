"""The advice of a sweep, in words: where nothing goes wrong, how far that is from where something does, and why not.

A sentence never says more than what was played: what is unknown is no good cell, and a range that ends before the
border is called that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log10
from typing import Any

import numpy as np

from .axes import Axis
from .conflicts import Conditions, Want
from .goals import Harm
from .knobs import find_knob
from .lattice import nearest
from .region import GoodCells, Margin, Region, find_region
from .samples import SweepCell
from .standing import Standing
from .table import SweepTable

GOALS: dict[Harm, str] = {
    Harm.LOSES: "no utterance is lost",
    Harm.FALSE_TURN: "no noise begins a turn",
    Harm.FREEZES: "nothing freezes",
    Harm.FAILS: "no run fails otherwise",
}
_CONFLICTS = 2
"""So many are told."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a sweep advises."""

    sentences: tuple[str, ...]
    best: SweepCell | None
    """The best point; None if there is no region."""
    box: dict[str, tuple[Any, Any]] | None
    """The first and the last value of each axis, of a box around the best point in which nothing goes wrong."""
    is_unconditional: bool
    """Whether nothing at all goes wrong there; else only what no setting of the sweep prevents."""


def advise(table: SweepTable, standings: Sequence[Standing] = ()) -> Advice:
    """The advice of a table of a grid or of samples."""
    conditions = Conditions(table)
    clean = conditions.clean
    goods = clean if clean.any() else conditions.relative
    sentences = list(_always(conditions)) if not clean.any() else []
    is_apart = not clean.any() and bool(conditions.always)
    region = None
    if goods.any():
        if table.shape is None:
            best = _best_sample(table, goods)
            sentences += _of_samples(table, goods, best, apart=is_apart)
        else:
            good = goods[nearest(table)]
            region = find_region(good)
            assert region is not None
            sentences += _of_region(table, conditions, good, region, apart=is_apart)
            best = _cell(table, region.best)
    else:
        best = None
        sentences += _of_conflict(table, conditions)
    sentences += _of_unknown(table, conditions)
    sentences += _of_standings(table, standings, goods)
    box = None
    if region is not None:
        box = {
            axis.name: (axis.values[low], axis.values[high])
            for axis, (low, high) in zip(table.plan.axes, region.box, strict=True)
        }
    return Advice(tuple(sentences), best, box, bool(clean.any()))


def _cell(table: SweepTable, index: tuple[int, ...]) -> SweepCell:
    return {axis.name: axis.values[at] for axis, at in zip(table.plan.axes, index, strict=True)}


def told_cell(table: SweepTable, cell: SweepCell) -> str:
    """A cell in words, such as ``gate_threshold 0.01, gate_hold_ms 200 ms``."""
    return ", ".join(f"{axis.name} {axis.knob.shown(cell[axis.name])}" for axis in table.plan.axes)


# --- what no setting prevents ---------------------------------------------------------------------------------------


def _always(conditions: Conditions) -> Iterator[str]:
    grouped: dict[str, list[int]] = {}
    for want, told in conditions.always.items():
        grouped.setdefault(told, []).append(want.ground)
    by_place: dict[str, list[str]] = {}
    for told, grounds in grouped.items():
        by_place.setdefault(conditions.places(grounds), []).append(told)
    for where, told_there in by_place.items():
        yield f"In {where} {' and '.join(told_there)} at every setting; nothing that was varied prevents it."


# --- the region -----------------------------------------------------------------------------------------------------


def _of_region(
    table: SweepTable, conditions: Conditions, good: GoodCells, region: Region, *, apart: bool
) -> Iterator[str]:
    goals = ", ".join(GOALS[each] for each in (Harm.LOSES, Harm.FALSE_TURN))
    share = f"{region.cells} of {good.size} cells"
    if table.shape is not None and len(table.cells) < good.size:
        share += f" ({len(table.cells)} were computed; between them what their neighbours show is taken)"
    begin = "Apart from that, in" if apart else "In"
    yield f"{begin} {share} {goals} and {GOALS[Harm.FREEZES]}."
    if region.cells == good.size:
        yield "That is everywhere in these ranges, so the border is beyond them; the middle is the best point known."
    yield f"Best point: {told_cell(table, _cell(table, region.best))}."
    for at, axis in enumerate(table.plan.axes):
        if len(axis.values) > 1 and axis.is_ordered:
            yield _of_margins(table, conditions, region, at)
    ranges = [
        f"{axis.name} {axis.knob.shown(axis.values[low])} to {axis.knob.shown(axis.values[high])}"
        for axis, (low, high) in zip(table.plan.axes, region.box, strict=True)
        if high > low
    ]
    if len(ranges) > 1:
        yield f"A box in which every cell is good: {', '.join(ranges)}."


def _of_margins(table: SweepTable, conditions: Conditions, region: Region, at: int) -> str:
    axis = table.plan.axes[at]
    parts = []
    for direction, margin in zip(("down", "up"), region.margins[at], strict=True):
        value = axis.values[margin.last]
        far = _distance(axis, axis.values[region.best[at]], value)
        steps = abs(margin.last - region.best[at])
        reach = f"{direction} to {axis.knob.shown(value)} ({far}, {steps} step{'s' if steps != 1 else ''})"
        if not steps:
            reach = f"{direction} no step"
        parts.append(f"{reach}, {_beyond(table, conditions, region, at, margin)}")
    return f"Margin of {axis.name}: {'; '.join(parts)}."


def _beyond(table: SweepTable, conditions: Conditions, region: Region, at: int, margin: Margin) -> str:
    if margin.border is None:
        return "where the range ends before any border"
    axis = table.plan.axes[at]
    index = (*region.best[:at], margin.border, *region.best[at + 1 :])
    place = int(nearest(table)[index])
    return f"and at {axis.knob.shown(axis.values[margin.border])} {conditions.wrong_at(place)}"


def _distance(axis: Axis, one: Any, other: Any) -> str:
    """How far one value is from another: in dB for what is relative to full scale, else in its unit."""
    if axis.knob.is_ratio and one > 0 and other > 0:
        return f"{20 * log10(other / one):+.1f} dB"
    difference = other - one
    sign = "+" if difference >= 0 else "−"
    return f"{sign}{axis.knob.shown(abs(difference))}"


def _of_samples(table: SweepTable, goods: GoodCells, best: SweepCell, *, apart: bool) -> Iterator[str]:
    begin = "Apart from that, in" if apart else "In"
    goals = f"{GOALS[Harm.LOSES]}, {GOALS[Harm.FALSE_TURN]} and {GOALS[Harm.FREEZES]}"
    yield f"{begin} {int(goods.sum())} of {len(goods)} samples {goals}."
    yield f"Farthest from all other samples: {told_cell(table, best)}."
    for axis in table.plan.axes:
        values = [cell[axis.name] for cell, is_good in zip(table.cells, goods, strict=True) if is_good]
        if axis.scale != "list":
            low, high = axis.knob.shown(min(values)), axis.knob.shown(max(values))
            yield f"Good samples have {axis.name} from {low} to {high}; the border between samples is not known."


def _best_sample(table: SweepTable, goods: GoodCells) -> SweepCell:
    """The good sample that is farthest from all that are not."""
    axes = [axis for axis in table.plan.axes if axis.scale != "list"] or list(table.plan.axes)
    places = np.array([[axis.place(cell[axis.name]) for axis in axes] for cell in table.cells])
    good, bad = places[goods], places[~goods]
    numbers = np.flatnonzero(goods)
    if not len(bad):
        far = -np.abs(good - 0.5).max(axis=1)
    else:
        far = np.array([np.abs(bad - each).max(axis=1).min() for each in good])
    return table.cells[int(numbers[int(np.argmax(far))])]


# --- no region ------------------------------------------------------------------------------------------------------


def _of_conflict(table: SweepTable, conditions: Conditions) -> Iterator[str]:
    if not conditions.known.any():
        yield "Nothing is known of any cell, so there is no advice."
        return
    yield "There is no cell in which no utterance is lost, no noise begins a turn and nothing freezes."
    told: set[tuple[int, int]] = set()
    for one, other in _pairs(conditions):
        if (one.ground, other.ground) in told or (conditions.met(one) & conditions.met(other)).any():
            continue
        first, second = (_where(table, conditions, want) for want in (one, other))
        yield f"Two goals conflict: {first}, and {second}."
        told.add((one.ground, other.ground))
        if len(told) == _CONFLICTS:
            break
    if not told:
        yield "No two goals exclude each other; all of them together leave no cell."
    least = conditions.least_harm()
    yield f"Least goes wrong at {told_cell(table, table.cells[least])}: {conditions.wrong_at(least)}."


def _pairs(conditions: Conditions) -> Iterator[tuple[Want, Want]]:
    """Pairs of goals, those of different kinds first, then those that can be met, then those that many cells meet."""
    pairs = combinations(conditions.wants, 2)
    yield from sorted(
        pairs,
        key=lambda pair: (
            pair[0].harm == pair[1].harm,
            sum(want in conditions.always for want in pair),
            -int(min(conditions.met(pair[0]).sum(), conditions.met(pair[1]).sum())),
        ),
    )


def _where(table: SweepTable, conditions: Conditions, want: Want) -> str:
    """A goal and the values at which it holds."""
    met = conditions.met(want)
    cells = [cell for cell, is_met in zip(table.cells, met, strict=True) if is_met]
    ranges = []
    for axis in table.plan.axes:
        values = [cell[axis.name] for cell in cells]
        if len(set(map(repr, values))) == len(axis.values):
            continue
        if axis.is_ordered and len(set(values)) > 1:
            ranges.append(f"{axis.name} from {axis.knob.shown(min(values))} to {axis.knob.shown(max(values))}")
        else:
            ranges.append(f"{axis.name} {' or '.join(dict.fromkeys(map(axis.knob.shown, values)))}")
    where = f"only with {' and '.join(ranges)}" if ranges else "only with some combinations of the values"
    return f"{conditions.told(want)} {where}"


# --- what is not known, and the reported values ---------------------------------------------------------------------


def _of_unknown(table: SweepTable, conditions: Conditions) -> Iterator[str]:
    for ground in conditions.blind:
        yield f"Nothing is known of any cell in {ground.told}, so it is left out."
    if conditions.untried:
        where = conditions.places(list(conditions.untried))
        yield f"In {where} a noise of the scenario is played at no setting, so nothing is said about it."
    rows = [each for each in table if each.harm & Harm.UNKNOWN]
    if rows:
        crashed = sum(each.row is None for each in rows)
        what = [f"{len(rows) - crashed} prove nothing"] if len(rows) > crashed else []
        what += [f"in {crashed} the client raised"] if crashed else []
        yield f"Of {len(table)} rows {' and '.join(what)}; their cells do not count as good."
    names = {each.ground.told for each in table if each.row is not None and each.row.utterances_inaudible}
    if names:
        yield f"Some of what is said is too quiet for any detector, and is not judged: {', '.join(sorted(names))}."


def _of_standings(table: SweepTable, standings: Sequence[Standing], goods: GoodCells) -> Iterator[str]:
    axes = {axis.name: axis for axis in table.plan.axes}
    for name in dict.fromkeys(each.name for each in standings):
        of_name = [each for each in standings if each.name == name]
        value = of_name[0].value
        levels: dict[str, list[str]] = {}
        for each in of_name:
            levels.setdefault(_cost(each), []).append(f"{each.level_dbfs:g}")
        costs = "; ".join(f"at {_listed(these)} dBFS {cost}" for cost, these in levels.items())
        stands = _stands(table, axes[name], value, goods) if name in axes else ""
        knob = find_knob(name, table.plan.client, "--vary")
        yield f"The reported {name} {knob.shown(value)} alone costs: {costs}{stands}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _cost(standing: Standing) -> str:
    if not standing.said:
        return "what is not known"
    parts = [f"{standing.lost} of {standing.said} utterances"] if standing.lost else []
    parts += [f"{standing.missed} barge-in{'s' if standing.missed > 1 else ''}"] if standing.missed else []
    parts += [f"a freeze of {', '.join(standing.freezes)}"] if standing.freezes else []
    known = f" ({standing.unknown} unknown)" if standing.unknown else ""
    return (" and ".join(parts) or "nothing") + known


def _stands(table: SweepTable, axis: Axis, value: Any, goods: GoodCells) -> str:
    """Where a value stands to the good cells."""
    good = [cell[axis.name] for cell, is_good in zip(table.cells, goods, strict=True) if is_good]
    numbers = [each for each in good if isinstance(each, int | float) and not isinstance(each, bool)]
    if not numbers or not axis.is_ordered:
        return ""
    low, high = min(numbers), max(numbers)
    if value > high:
        return f". It stands {_distance(axis, high, value)} above the highest good value, {axis.knob.shown(high)}"
    if value < low:
        return f". It stands {_distance(axis, low, value)} below the lowest good value, {axis.knob.shown(low)}"
    return f". Good cells have it from {axis.knob.shown(low)} to {axis.knob.shown(high)}, so it can be kept"
