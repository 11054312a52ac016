"""Rows of terminal cells: a time axis, levels as block characters, spans as bars, marks.

Every row has as many cells as its scale has columns. Rows must be readable without colour: kinds of spans differ in
their fill characters, and a solid bar ends in half a block.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from ..picture.lanes import Level, Mark
from ..picture.spans import Span, packed
from ..units import SECOND, SILENCE_DBFS

BLOCKS = "▁▂▃▄▅▆▇█"
FLOOR_DBFS = -70.0
ZEROS = "·"
"""Shows audio that is all zeros; a blank shows that there is no audio."""

FILLS: dict[str, str] = {
    "story": "─", "healed": "═", "user": "█", "probe": "▓", "later": "█", "noise": "▒", "app": "▒", "capture": "█",
    "network": "█", "server": "█", "hears": "█", "response": "▒", "answer": "█", "interrupted": "▒", "suspended": "░",
    "silence": "·", "open": "━", "dialling": "┄", "refused": "┄",
}  # fmt: skip
COLORS: dict[str, str] = {
    "story": "bright_black", "healed": "bright_black", "user": "cyan", "probe": "bright_cyan", "later": "bright_cyan",
    "noise": "yellow", "app": "yellow", "capture": "red", "network": "red", "server": "red", "hears": "blue",
    "response": "bright_black", "answer": "green", "interrupted": "yellow", "suspended": "yellow", "silence": "red",
    "open": "bright_black", "dialling": "yellow", "refused": "red",
}  # fmt: skip
SYMBOLS: dict[str, str] = {
    "▼": "red", "▲": "bold magenta", "◆": "magenta", "•": "bright_black", "!": "bold yellow", "○": "bright_black",
    "✔": "bold green", "✖": "bold red", "■": "bright_black",
}  # fmt: skip
STEPS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)

Cell = tuple[str, str]
"""A character one column wide, and its style."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A time axis: ``length_us`` microseconds on ``columns`` cells."""

    length_us: int
    columns: int

    def at(self, t: int) -> int:
        """The column that holds a time."""
        return min(self.columns - 1, t * self.columns // max(1, self.length_us))

    def cells(self, start_us: int, end_us: int) -> range:
        """The columns of a span, at least one."""
        first = self.at(start_us)
        last = round(end_us * self.columns / max(1, self.length_us))
        return range(first, min(self.columns, max(first + 1, last)))

    def time(self, column: int) -> int:
        """When a column begins, in microseconds."""
        return column * self.length_us // self.columns


def axis(scale: Scale) -> Text:
    """Ticks in seconds, as many as there is room for their numbers."""
    step = next(
        (s for s in STEPS_S if scale.columns * s * SECOND >= 8 * scale.length_us), scale.length_us // SECOND + 1
    )
    row = [" "] * scale.columns
    for second in range(0, scale.length_us // SECOND + 1, step):
        column = scale.at(second * SECOND)
        label = f"╷{second}" if second else "╷0 s"
        text = label if column + len(label) <= scale.columns else "╷"
        row[column : column + len(text)] = text
    return Text("".join(row), "bright_black", no_wrap=True)


def levels(found: Sequence[Level], scale: Scale, dead: Sequence[Span] = ()) -> Text:
    """One row with the loudest level in each column, red during the spans of ``dead``."""
    cells: list[Cell] = [(" ", "")] * scale.columns
    for column in range(scale.columns):
        begin, end = scale.time(column), scale.time(column + 1)
        heard = [level.dbfs for level in found if level.start_us < end and level.end_us > begin]
        if heard:
            is_dead = any(span.start_us < end <= span.end_us for span in dead)
            cells[column] = (_block(max(heard)), "bold red" if is_dead else "bright_blue")
    return _text(cells)


def bars(spans: Sequence[Span], scale: Scale, *, aside: bool = False) -> list[Text]:
    """Rows of bars, so many that no bar covers another; with ``aside``, short bars have their labels beside them."""
    return [_bar_row(row, scale, aside) for row in packed(spans)] or [_text([(" ", "")] * scale.columns)]


def marks(found: Sequence[Mark], scale: Scale) -> Text:
    """One row of symbols. In a shared column the later one is shown; ``•`` and ``○`` never cover another symbol."""
    cells: list[Cell] = [(" ", "")] * scale.columns
    for mark in sorted(found, key=lambda mark: mark.symbol not in "•○"):
        cells[scale.at(mark.t)] = (mark.symbol, SYMBOLS[mark.symbol])
    return _text(cells)


def _bar_row(spans: Sequence[Span], scale: Scale, aside: bool) -> Text:
    cells: list[Cell] = [(" ", "")] * scale.columns
    starts = [scale.at(span.start_us) for span in spans[1:]] + [scale.columns]
    for span, following in zip(spans, starts, strict=True):
        columns = scale.cells(span.start_us, span.end_us)
        _bar(cells, FILLS[span.style], COLORS[span.style], columns)
        _label(cells, span, columns, following, aside)
    return _text(cells)


def _bar(cells: list[Cell], fill: str, color: str, columns: range) -> None:
    cells[columns.start : columns.stop] = [(fill, color)] * len(columns)
    if fill == "━":
        cells[columns.start] = ("┣", color)
    elif fill == "█" and len(columns) > 1:
        cells[columns[-1]] = ("▌", color)


def _label(cells: list[Cell], span: Span, columns: range, following: int, aside: bool) -> None:
    """The label or its short form inside the bar; if ``aside`` and there is no room, beside it."""
    for text in (span.label, span.short):
        if not text or cell_len(text) != len(text):
            continue
        if len(text) + 4 <= len(columns):
            color = COLORS[span.style]
            style = f"bold {color} reverse" if FILLS[span.style] in "█▓▒" else color
            _write(cells, columns.start + 1, f" {text} ", style)
            return
        if aside and columns.stop + len(text) + 1 < following:
            _write(cells, columns.stop + 1, text, COLORS[span.style])
            return


def _write(cells: list[Cell], column: int, text: str, style: str) -> None:
    cells[column : column + len(text)] = [(character, style) for character in text]


def _block(dbfs: float) -> str:
    if dbfs <= SILENCE_DBFS:
        return ZEROS
    step = int((dbfs - FLOOR_DBFS) / -FLOOR_DBFS * len(BLOCKS))
    return BLOCKS[min(len(BLOCKS) - 1, max(0, step))]


def _text(cells: Iterable[Cell]) -> Text:
    return Text.assemble(*cells, no_wrap=True, overflow="crop")
