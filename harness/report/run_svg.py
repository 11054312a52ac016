"""Runs as an SVG file for READMEs: self-contained, light and dark by the reader's theme, with a description in words.

It draws the lanes of the picture by itself, with the fonts of the reader's system. Runs stand below each other on one
scale of time. Lengths are in pixels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

from rich.cells import cell_len

from ..causes import CAUSES
from ..journal import Journal
from ..picture import words
from ..picture.lanes import Lane, Level, Mark, Picture, lanes
from ..picture.spans import Span, packed
from ..picture.words import plain, seconds
from ..units import SECOND, SILENCE_DBFS
from ..verdict.diagnosis import diagnose, is_live
from ..verdict.judge import Verdict
from ..world.play import Run
from .cases import OUTCOME_SYMBOLS
from .fitting import fitted
from .rows import FLOOR_DBFS, STEPS_S
from .svg_style import MARK_CLASSES, SPAN_CLASSES, STYLE

WIDTH = 960
MOST_MARKS = 12
"""So many different events of a run are listed below its lanes."""
_LEFT, _RIGHT = 116, 16
_ROW, _BAR, _LEVELS = 22, 16, 34
_LINE = 18
_CHARACTER = 6.6
"""The width of a character of a text at 12 px, in the widest of the usual fonts."""
_BOLD, _CODE, _TITLE = 1.17, 1.12, 1.47
"""How much wider a bold one is, one of code, and one of a title."""
_STUCK_US = 10 * SECOND
"""Responses are shown only if one lasts longer; otherwise they look like the lane of the assistant."""
_LEGEND = "levels: -70 to 0 dBFS; dotted: all zeros; blank: no audio"
_BADGES = {**OUTCOME_SYMBOLS, "silent": "✖", "answered": "✔"}
_ALWAYS = ("user speaks", "microphone", "sent", "server hears", "assistant", "connection")
"""Lanes of a run that are shown even if they are empty: that nothing was there is what there is to see."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One run: its heading, its picture, and what is said below it."""

    outcome: str
    """``held``, ``failed``, ``vacuous``; of a journal alone ``answered``, ``silent``, ``quiet``, ``unknown``."""
    title: str
    facts: str
    picture: Picture
    said: str
    again: str | None = None
    is_live: bool = False


def panel_of_run(run: Run, verdict: Verdict, again: str | None = None) -> Panel:
    """A run with its verdict; ``again`` is the command that plays it again, shown unless it held."""
    facts = f"client {run.client}, detector {run.detector}, seed {run.seed}, {words.elapsed(run)}"
    said = words.explanation([(run, verdict)])
    again = None if verdict.name == "held" else again
    return Panel(verdict.name, run.scenario.name, facts, lanes(run.journal), said, again)


def panel_of_journal(journal: Journal) -> Panel:
    """A journal alone, with its diagnosis in the place of a verdict."""
    found = diagnose(journal)
    header = journal.header
    known = [f"{key} {header[key]}" for key in ("client", "detector", "seed", "model") if header.get(key) is not None]
    said = f"{found.cause}: {CAUSES[found.cause]}" if found.cause is not None else ""
    title = str(header.get("scenario") or "A session")
    return Panel(found.state, title, ", ".join(known), lanes(journal), said, is_live=is_live(journal))


def draw(panels: Sequence[Panel]) -> str:
    """The file's text; the same runs give the same bytes."""
    scale = _Scale(max((panel.picture.length_us for panel in panels), default=0))
    page = _Page([], 12)
    for panel in panels:
        _panel(page, panel, scale)
    page.write(_RIGHT, page.y, _LEGEND, "tick")
    page.y += 12
    told = "; ".join(f"{panel.title}: {panel.outcome}" for panel in panels)
    described = " ".join(f"{panel.title} ({panel.facts}): {panel.said or panel.outcome}" for panel in panels)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {page.y}" width="{WIDTH}" height="{page.y}" '
        'role="img" aria-labelledby="run-title run-described">'
    )
    about = f'<title id="run-title">{_text(told)}</title>\n<desc id="run-described">{_text(described)}</desc>'
    ground = f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{page.y - 1}" rx="8"/>'
    return "\n".join([head, about, f"<style>{STYLE}</style>", ground, *page.parts, "</svg>"]) + "\n"


@dataclass(frozen=True, slots=True)
class _Scale:
    length_us: int

    def x(self, t: int) -> float:
        return round(_LEFT + t * (WIDTH - _LEFT - _RIGHT) / max(1, self.length_us), 1)


@dataclass(slots=True)
class _Page:
    parts: list[str]
    y: int
    """How far down it is filled."""

    def write(self, x: float, y: float, text: str, kind: str = "", anchor: str = "") -> None:
        at = f' text-anchor="{anchor}"' if anchor else ""
        of = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text x="{x:g}" y="{y:g}"{of}{at}>{_text(text)}</text>')

    def paragraph(self, text: str, kind: str, size: float = 1.0) -> None:
        for line in _lines(text, WIDTH - 2 * _RIGHT, size):
            self.y += _LINE
            self.write(_RIGHT, self.y - 5, line, kind)


def _lines(text: str, width: float, size: float = 1.0) -> list[str]:
    """The text in lines that fit a width in pixels; ``size``: how much wider its characters are than usual."""
    return fitted(plain(text), int(width / (_CHARACTER * size)))


def _width(text: str) -> float:
    return cell_len(text) * _CHARACTER


def _panel(page: _Page, panel: Panel, scale: _Scale) -> None:
    page.y += 14
    badge, tone = f"{_BADGES.get(panel.outcome, '○')} {panel.outcome}", _tone(panel.outcome)
    room = WIDTH - 2 * _RIGHT - 10 - _width(badge) * _TITLE
    title, *more = _lines(panel.title, room - 2 * _CHARACTER, _TITLE) or [""]
    page.parts.append(
        f'<text x="{_RIGHT}" y="{page.y + 4}" class="title"><tspan class="{tone}">{_text(badge)}</tspan>'
        f'<tspan dx="10">{_text(title + ("…" if more else ""))}</tspan></text>'
    )
    page.y += 9
    page.paragraph(panel.facts, "soft")
    page.y += 7
    dead = [span for span in panel.picture["faults"].spans if span.style == "capture"]
    top, behind = page.y + 14, len(page.parts)
    _axis(page, panel.picture, scale)
    for lane in panel.picture.lanes:
        if _is_shown(lane, panel):
            _lane(page, lane, scale, dead if lane.name == "microphone" else ())
    _symbols(page, panel.picture.marks, scale)
    if panel.picture.heal_us is not None:
        x = scale.x(panel.picture.heal_us)
        page.parts.insert(behind, f'<path class="heal" d="M{x:g} {top}V{page.y}"/>')
    page.y += 4
    _list(page, panel.picture.marks)
    page.y += 4
    page.paragraph(panel.said, "said", _BOLD)
    if panel.again is not None:
        page.paragraph(f"again: {panel.again}", "code", _CODE)
    page.y += 12


def _tone(outcome: str) -> str:
    return {"held": "good", "answered": "good", "failed": "bad", "silent": "bad"}.get(outcome, "warn")


def _is_shown(lane: Lane, panel: Panel) -> bool:
    """Lanes that repeat what another one shows are left out, unless something is wrong in them."""
    if lane.name == "phase" and panel.is_live:
        return False
    if lane.name == "response":
        return any(span.end_us - span.start_us > _STUCK_US for span in lane.spans)
    if lane.name == "shadow":
        return bool(lane.spans) and len(lane.spans) != len(panel.picture["server hears"].spans)
    if lane.name == "turns":
        return any(span.style != "answer" for span in lane.spans)
    return bool(lane.spans or lane.levels) or (lane.name in _ALWAYS and not panel.is_live)


def _axis(page: _Page, picture: Picture, scale: _Scale) -> None:
    whole = max(1, scale.length_us)
    step = next((s for s in STEPS_S if (WIDTH - _LEFT - _RIGHT) * s * SECOND >= 60 * whole), whole // SECOND + 1)
    page.y += 12
    for second in range(0, picture.length_us // SECOND + 1, step):
        page.write(scale.x(second * SECOND), page.y, f"{second}" if second else "0 s", "tick", "middle")
    page.y += 4


def _lane(page: _Page, lane: Lane, scale: _Scale, dead: Sequence[Span]) -> None:
    if lane.levels:
        _name(page, lane.name, _LEVELS)
        page.parts += _levels(lane.levels, scale, page.y + _LEVELS - 3, dead)
        page.y += _LEVELS
        return
    _name(page, lane.name, _ROW)
    rows = packed(lane.spans)
    for number, row in enumerate(_drawn(row, scale) for row in rows):
        starts = [scale.x(span.start_us) for span in row[1:]] + [WIDTH - 4.0]
        for span, following in zip(row, starts, strict=True):
            page.parts += _span(span, scale, page.y + number * _ROW + (_ROW - _BAR) / 2, following)
    page.y += max(1, len(rows)) * _ROW


def _drawn(row: Sequence[Span], scale: _Scale) -> list[Span]:
    """The spans that can be seen: in a long run many stand in one pixel."""
    drawn: list[Span] = []
    for span in row:
        hidden = drawn and span.style == drawn[-1].style and scale.x(span.end_us) - scale.x(drawn[-1].start_us) < 1
        if not hidden:
            drawn.append(span)
    return drawn


def _by_pixel(levels: Sequence[Level], scale: _Scale) -> Iterator[Level]:
    """The levels, and in a long run the loudest one of each pixel."""
    for _, group in groupby(levels, key=lambda level: int(scale.x(level.start_us))):
        of_it = list(group)
        if len(of_it) == 1:
            yield of_it[0]
        else:
            yield Level(of_it[0].start_us, of_it[-1].end_us, max(level.dbfs for level in of_it))


def _name(page: _Page, name: str, height: int) -> None:
    page.write(_LEFT - 10, page.y + height / 2 + 4, name, "soft", "end")
    page.parts.append(f'<path class="line" d="M{_LEFT} {page.y + height}H{WIDTH - _RIGHT}"/>')


def _span(span: Span, scale: _Scale, y: float, following: float) -> Iterator[str]:
    """A bar with its label in it, or its short label; a bar that is too narrow has it at its side, if there is room."""
    left, right = scale.x(span.start_us), scale.x(span.end_us)
    width = max(1.5, right - left)
    when = f"{span.label}, {seconds(span.start_us)} to {seconds(span.end_us)}"
    yield (
        f'<rect class="{SPAN_CLASSES[span.style]}" x="{left:g}" y="{y:g}" width="{width:g}" height="{_BAR}" rx="2">'
        f"<title>{_text(when)}</title></rect>"
    )
    for text in (span.label, span.short):
        if text and _width(text) + 6 <= width:
            yield f'<text x="{left + 4:g}" y="{y + 12:g}">{_text(text)}</text>'
            return
    if span.style in ("noise", "app", "capture", "network", "server"):
        for text in (span.label, span.short):
            if text and left + width + 4 + _width(text) <= following:
                yield f'<text x="{left + width + 4:g}" y="{y + 12:g}">{_text(text)}</text>'
                return


def _levels(levels: Sequence[Level], scale: _Scale, floor: float, dead: Sequence[Span]) -> Iterator[str]:
    """Bars from the lowest level up; digital zero is a dotted line, and where there is no audio, nothing.

    During the spans of ``dead`` they have the colour of what is wrong.
    """
    heard: dict[str, list[str]] = {"wave": [], "dead": []}
    zeros = []
    for level in _by_pixel(levels, scale):
        left, right = scale.x(level.start_us), scale.x(level.end_us)
        if level.dbfs <= SILENCE_DBFS:
            zeros.append(f"M{left:g} {floor:g}H{right:g}")
            continue
        share = min(1.0, max(0.0, (level.dbfs - FLOOR_DBFS) / -FLOOR_DBFS))
        height = max(1.0, round(share * (_LEVELS - 6), 1))
        is_dead = any(span.start_us <= level.start_us < span.end_us for span in dead)
        heard["dead" if is_dead else "wave"].append(f"M{left:g} {floor:g}v-{height:g}H{right:g}V{floor:g}z")
    for kind, bars in heard.items():
        if bars:
            yield f'<path class="{kind}" d="{"".join(bars)}"/>'
    if zeros:
        yield f'<path class="zeros" d="{"".join(zeros)}"/>'


def _symbols(page: _Page, marks: Sequence[Mark], scale: _Scale) -> None:
    """A row of symbols; one that another would cover is left out, and stands in the list only."""
    _name(page, "events", _ROW)
    taken: list[float] = []
    for mark in sorted(marks, key=lambda mark: (mark.symbol in "•○", mark.t)):
        x = scale.x(mark.t)
        if all(abs(x - other) >= 9 for other in taken):
            taken.append(x)
            at, kind = min(x, WIDTH - _RIGHT - 4), MARK_CLASSES[mark.symbol]
            page.parts.append(
                f'<text x="{at:g}" y="{page.y + 15}" class="{kind}" text-anchor="middle">{mark.symbol}'
                f"<title>{_text(f'{seconds(mark.t)} {mark.text}')}</title></text>"
            )
    page.y += _ROW


def _list(page: _Page, marks: Sequence[Mark]) -> None:
    """Each event once, with its times; of too many, those that the client logs are left out first."""
    alike: dict[tuple[str, str], list[int]] = {}
    for mark in marks:
        alike.setdefault((mark.symbol, mark.text), []).append(mark.t)
    chosen = set(sorted(alike, key=lambda each: each[0] == "•")[:MOST_MARKS])
    for (symbol, text), times in alike.items():
        if (symbol, text) not in chosen:
            continue
        more = f" ({len(times)} times until {seconds(times[-1])})" if len(times) > 1 else ""
        lines = _lines(text + more, WIDTH - _LEFT - _RIGHT) or [""]
        page.write(_LEFT - 28, page.y + 13, seconds(times[0]), "soft", "end")
        page.write(_LEFT - 14, page.y + 13, symbol, MARK_CLASSES[symbol], "middle")
        for line in lines:
            page.write(_LEFT, page.y + 13, line)
            page.y += _LINE
    if len(alike) > MOST_MARKS:
        page.write(_LEFT, page.y + 13, f"and {len(alike) - MOST_MARKS} more", "soft")
        page.y += _LINE


def _text(text: str) -> str:
    return escape(plain(text))
