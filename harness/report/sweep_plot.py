"""A sweep in plots: a heat map of each ground, and what is lost against what begins false turns. Needs matplotlib."""

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from ..errors import SettingError
from ..picture.words import plain
from ..search.sweep.advice import Advice
from ..search.sweep.axes import Axis
from ..search.sweep.goals import Harm
from ..search.sweep.lattice import nearest
from ..search.sweep.standing import REPORTED
from ..search.sweep.table import SweepTable
from .sweep_map import MAP_LEGEND, sign

MOST_PANELS = 12
NEEDS_MATPLOTLIB = "plots need matplotlib; install it beside stillthere: pip install matplotlib"
_COLOURS = {
    "·": "#7fc8a0", "L": "#f0c23c", "N": "#6cb7e8", "B": "#b58ad6", "X": "#d1493f", "F": "#7f2f2a", "?": "#b8bec5",
}  # fmt: skip
_ORDER = "·LNBXF?"
Shares: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Format = Literal["svg", "png"]


def has_matplotlib() -> bool:
    """Whether plots can be made."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def heat_map(table: SweepTable, advice: Advice, form: Format) -> bytes:
    """The maps of all grounds and of all together, as SVG or PNG. Raises :exc:`SettingError` without matplotlib."""
    plt = _pyplot()
    shape = table.shape
    assert shape is not None
    across, up = _two(table)
    panels = [
        (f"{rows[0].ground.told}\n{rows[0].ground.detector}", [each.harm for each in rows]) for rows in table.rows
    ]
    panels = panels if len(panels) <= MOST_PANELS else []
    if len(panels) != 1:
        panels.append(("all of them together", table.folded()))
    columns = min(3, math.ceil(math.sqrt(len(panels))))
    rows = math.ceil(len(panels) / columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.6 * columns, 3.6 * rows + 0.7), squeeze=False)
    for number, axis in enumerate(axes.flat):
        if number >= len(panels):
            axis.set_axis_off()
            continue
        _panel(table, advice, axis, across, up, *panels[number])
    handles = [plt.Rectangle((0, 0), 1, 1, color=_COLOURS[part[0]]) for part in MAP_LEGEND.split("   ")]
    words = [part[2:].strip() for part in MAP_LEGEND.split("   ")]
    figure.legend(handles, words, loc="lower center", ncols=4, frameon=False, fontsize=8)
    figure.tight_layout(rect=(0, 0.7 / (3.6 * rows + 0.7), 1, 1))
    return _saved(plt, figure, form)


def trade_off(table: SweepTable, advice: Advice, form: Format) -> bytes:
    """What is lost and what begins false turns along one axis, and against each other. Raises :exc:`SettingError`."""
    plt = _pyplot()
    figure, (along, against) = plt.subplots(1, 2, figsize=(10.5, 4.6))
    lost, false, missed = _shares(table)
    _along(table, advice, along, {"utterances lost, %": lost, "barge-ins missed, %": missed}, false)
    known = ~np.isnan(lost)
    against.scatter(false[known], lost[known], s=14, alpha=0.6, color="#555555", label="a cell")
    front = _front(false, lost)
    steps = {"color": "#d1493f", "marker": "o", "markersize": 5, "drawstyle": "steps-post"}
    against.plot(false[front], lost[front], label="no cell is better in both", **steps)
    against.set_xlabel("false turns a run")
    against.set_ylabel("utterances lost, %")
    against.legend(fontsize=8, frameon=False)
    figure.tight_layout()
    return _saved(plt, figure, form)


def _along(table: SweepTable, advice: Advice, plot: Any, shares: Mapping[str, Shares], false: Shares) -> None:
    """Curves along the longest axis, the others as at the best point, or at their first values."""
    axis = table.plan.axes[_two(table)[0]]
    line = _line(table, advice, axis)
    if not line:
        plot.set_axis_off()
        return
    values = [table.cells[place][axis.name] for place in line]
    styles = {"utterances lost, %": ("#d1493f", "o"), "barge-ins missed, %": ("#b07d12", "s")}
    for name, share in shares.items():
        colour, marker = styles[name]
        if not np.isnan(share[line]).all():
            plot.plot(values, share[line], color=colour, marker=marker, markersize=3, label=name)
    turns = plot.twinx()
    turns.plot(values, false[line], color="#1f6fb2", linestyle="--", label="false turns a run (right)")
    turns.set_ylim(bottom=min(0, -0.02 * float(np.nanmax(false[line], initial=1))))
    plot.set_ylim(-2, 102)
    if axis.is_log:
        plot.set_xscale("log")
    if isinstance(REPORTED.get(axis.name), int | float):
        plot.axvline(REPORTED[axis.name], color="#666666", linewidth=1, linestyle=":", label="as reported")
    lines = [*plot.get_lines(), *turns.get_lines()]
    labels = [str(line.get_label()) for line in lines]
    plot.legend(lines, labels, fontsize=8, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    plot.set_xlabel(_label(axis))


def _line(table: SweepTable, advice: Advice, axis: Axis) -> list[int]:
    """The cells along an axis through the best point, in the order of their values; none of samples and words."""
    if table.shape is None or not all(isinstance(value, int | float) for value in axis.values):
        return []
    through = advice.best or table.cells[0]
    others = [each.name for each in table.plan.axes if each is not axis]
    places = [place for place, cell in enumerate(table.cells) if all(cell[name] == through[name] for name in others)]
    return sorted(places, key=lambda place: float(table.cells[place][axis.name]))


def _panel(
    table: SweepTable, advice: Advice, axis: Any, across: int, up: int | None, title: str, harms: Sequence[Harm]
) -> None:
    """One map: the plane through the best point, or through the first values."""
    codes = np.array([_ORDER.index(sign(each)[0]) for each in harms])[nearest(table)]
    best = _indexes(table, advice)
    slices: list[Any] = [best[at] if best else 0 for at in range(codes.ndim)]
    slices[across] = slice(None)
    if up is not None:
        slices[up] = slice(None)
    plane = codes[tuple(slices)]
    plane = plane[np.newaxis, :] if up is None else plane if up < across else plane.T
    colours = [[int(_COLOURS[letter][at : at + 2], 16) for at in (1, 3, 5)] for letter in _ORDER]
    axis.imshow(np.array(colours, np.uint8)[plane], origin="lower", aspect="auto", interpolation="nearest")
    axis.set_title(plain(title.replace("\n", ", ")), fontsize=8, wrap=True)
    _ticks(axis.set_xticks, table.plan.axes[across], 5)
    axis.set_xlabel(_label(table.plan.axes[across]), fontsize=8)
    if up is None:
        axis.set_yticks([])
    else:
        _ticks(axis.set_yticks, table.plan.axes[up], 6)
        axis.set_ylabel(_label(table.plan.axes[up]), fontsize=8)
    axis.tick_params(labelsize=7)
    if best:
        axis.plot(best[across], 0 if up is None else best[up], marker="*", color="black", markersize=9)


def _ticks(put: Any, axis: Axis, most: int) -> None:
    places = np.unique(np.linspace(0, len(axis.values) - 1, min(most, len(axis.values))).round().astype(int))
    put([int(at) for at in places], [axis.knob.shown(axis.values[at]) for at in places])


def _label(axis: Axis) -> str:
    return f"{axis.name} (log)" if axis.is_log else axis.name


def _two(table: SweepTable) -> tuple[int, int | None]:
    """The axes that a map shows: the two with the most values, ordered ones first."""
    axes = table.plan.axes
    order = sorted(range(len(axes)), key=lambda at: (not axes[at].is_ordered, -len(axes[at].values), at))
    return order[0], order[1] if len(order) > 1 else None


def _indexes(table: SweepTable, advice: Advice) -> list[int] | None:
    if advice.best is None:
        return None
    return [axis.values.index(advice.best[axis.name]) for axis in table.plan.axes]


def _shares(table: SweepTable) -> tuple[Shares, Shares, Shares]:
    """Of each cell, over all grounds: utterances lost in %, false turns a run, barge-ins missed in %."""
    found = []
    for place in range(len(table.cells)):
        rows = [rows[place].row for rows in table.rows]
        known = [row for row in rows if row is not None]
        said = sum(row.utterances_said for row in known)
        wanted = sum(row.barge_ins for row in known)
        found.append(
            (
                100 * sum(row.utterances_lost for row in known) / said if said else math.nan,
                sum(row.false_turns for row in known) / len(known) if known else math.nan,
                100 * sum(row.barge_ins_missed for row in known) / wanted if wanted else math.nan,
            )
        )
    lost, false, missed = (np.array(column, np.float64) for column in zip(*found, strict=True))
    return lost, false, missed


def _front(false: Shares, lost: Shares) -> list[int]:
    """The cells than which none is better in both, by rising false turns."""
    best, found = math.inf, []
    for place in np.lexsort((lost, false)).tolist():
        if lost[place] < best:
            best = float(lost[place])
            found.append(place)
    return found


def _pyplot() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise SettingError(NEEDS_MATPLOTLIB) from None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "stillthere", "svg.fonttype": "none"})
    return plt


def _saved(plt: Any, figure: Any, form: Format) -> bytes:
    out = io.BytesIO()
    metadata = {"Date": None} if form == "svg" else {"Software": None}
    figure.savefig(out, format=form, dpi=130, metadata=metadata)
    plt.close(figure)
    return out.getvalue()
