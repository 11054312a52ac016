"""A run on the terminal: its picture, then the verdict.

All text is :class:`rich.text.Text`, never markup, so that the name of a scenario cannot change styles. The same run
gives the same characters on a terminal and in a log without colour.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..causes import CAUSES
from ..journal import Journal
from ..picture import words
from ..picture.lanes import Mark, Picture, lanes
from ..picture.words import plain, seconds
from ..units import SECOND
from ..verdict.findings import Finding
from ..verdict.judge import Verdict
from ..verdict.links import Diagnosis
from ..world.play import Run
from . import rows

GUTTER = 14
NARROWEST = 40
"""Cells of a picture at least."""
STUCK_RESPONSE_US = 10 * SECOND
"""The lane of responses is shown only if one lasts longer; otherwise it looks like the lane of the assistant."""
FINDINGS_SHOWN = 20
"""Of each property, and of the premises."""
WARNINGS_SHOWN = 3
"""Of each property."""
_LIVE_LANES = ("faults", "server hears", "response", "assistant", "connection")
"""What a server knows; it sees neither the user nor the microphone."""
_ONLY_IN_PAGES = ("shadow", "turns")
"""They repeat in detail what other lanes show."""
_NOT_IF_EMPTY = ("noise", "faults", "call", "page", "delivered")
BADGES: dict[str, tuple[str, str]] = {
    "held": ("✔ held", "bold green"),
    "failed": ("✖ failed", "bold red"),
    "vacuous": ("○ vacuous", "bold yellow"),
}
LEGEND = "▁▂▃▄▅▆▇█ -70 to 0 dBFS   · zeros   blank: none   ▓ asking again"


def picture(
    run: Run,
    verdict: Verdict,
    *,
    width: int = 100,
    journal_path: str | None = None,
    choices: Mapping[str, str] | None = None,
    again: str | None = None,
) -> RenderableType:
    """The picture of one run, ``width`` cells wide (at least :data:`NARROWEST`), with its verdict below.

    ``choices`` are those that were given with ``--property``, for the command that plays the run again; ``again`` is
    another such command.
    """
    seen = lanes(run.journal)
    scale = rows.Scale(seen.length_us, max(NARROWEST, width) - GUTTER)
    parts: list[RenderableType] = [_title(run, verdict), Text()]
    parts += [*_drawing(seen, scale), _legend(), Text(), _events(seen.marks), Text()]
    parts += _verdict(run, verdict)
    parts += _findings(run, verdict.warnings, WARNINGS_SHOWN)
    command = again or words.again(run, choices)
    repeat = None if verdict.name == "held" else _command(command, max(NARROWEST, width) - 11)
    parts.append(_facts([("again", repeat), ("journal", journal_path)]))
    return Constrain(Group(*parts, Text()), max(NARROWEST, width))


def live_picture(journal: Journal, found: Diagnosis, *, title: str, width: int = 100) -> RenderableType:
    """The picture of the journal of a live server, with its diagnosis below."""
    seen = lanes(journal)
    scale = rows.Scale(seen.length_us, max(NARROWEST, width) - GUTTER)
    state = f"silent: {found.cause}" if found.cause else found.state
    facts = [("why", CAUSES[found.cause] if found.cause else None), ("seen", "; ".join(map(plain, found.evidence)))]
    server_side = replace(seen, lanes=tuple(lane for lane in seen.lanes if lane.name in _LIVE_LANES))
    parts: list[RenderableType] = [Text(plain(title), "bold"), Text(), *_drawing(server_side, scale), Text()]
    parts += [_events(seen.marks), Text(), Text(state, "bold"), _facts(facts)]
    return Constrain(Group(*parts, Text()), max(NARROWEST, width))


def comparison(runs: Sequence[tuple[Run, Verdict]], *, width: int = 100) -> RenderableType:
    """Runs of one scenario, one below the other on the same time scale, and in words how they differ."""
    seen = [lanes(run.journal) for run, _ in runs]
    scale = rows.Scale(max((one.length_us for one in seen), default=0), max(NARROWEST, width) - GUTTER)
    parts: list[RenderableType] = []
    for (run, verdict), one in zip(runs, seen, strict=True):
        parts += [_title(run, verdict), Text(), *_drawing(one, scale), Text(), _events(one.marks), Text()]
    parts += [_legend(), Text(), Text(words.explanation(runs), "bold")]
    return Constrain(Group(*parts, Text()), max(NARROWEST, width))


def _title(run: Run, verdict: Verdict) -> Text:
    badge, style = BADGES[verdict.name]
    facts = f"client {plain(run.client)}, detector {plain(run.detector)}, seed {run.seed}"
    name = (f"  {plain(run.scenario.name)}\n", "bold")
    return Text.assemble((badge, style), name, (f"{facts}, {words.elapsed(run)}", "bright_black"))


def _legend() -> RenderableType:
    return Padding(Text(LEGEND, "bright_black"), (0, 0, 0, GUTTER), expand=False)


def _drawing(seen: Picture, scale: rows.Scale) -> list[Text]:
    dead = [span for span in seen["faults"].spans if span.style == "capture"]
    drawn = [_row("", rows.axis(scale))]
    for lane in seen.lanes:
        if lane.name in ("microphone", "sent"):
            drawn.append(_row(lane.name, rows.levels(lane.levels, scale, dead if lane.name == "microphone" else ())))
        elif _shown(seen, lane.name):
            found = rows.bars(lane.spans, scale, aside=lane.name in ("noise", "faults"))
            drawn += [_row("" if index else lane.name, bar) for index, bar in enumerate(found)]
    drawn.append(_row("events", rows.marks(seen.marks, scale)))
    return drawn


def _shown(seen: Picture, name: str) -> bool:
    found = seen[name].spans
    if name == "response":
        return any(span.end_us - span.start_us > STUCK_RESPONSE_US for span in found)
    return name not in _ONLY_IN_PAGES and (bool(found) or name not in _NOT_IF_EMPTY)


def _row(name: str, cells: Text) -> Text:
    return Text.assemble((f"{name:>{GUTTER - 2}}  ", "bright_black"), cells, no_wrap=True, overflow="crop")


def _events(found: Iterable[Mark]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    alike: dict[tuple[str, str], list[int]] = {}
    for mark in found:
        alike.setdefault((mark.symbol, mark.text), []).append(mark.t)
    for (symbol, text), times in alike.items():
        more = f" ({len(times)} times until {seconds(times[-1])})" if len(times) > 1 else ""
        grid.add_row(
            Text(f"  {symbol}", rows.SYMBOLS[symbol]), Text(seconds(times[0]), "bright_black"), Text(text + more)
        )
    return grid


def _verdict(run: Run, verdict: Verdict) -> list[RenderableType]:
    if verdict.name == "held":
        helped = words.remedies(run.journal)
        who = "app" if run.journal.is_of_app else "client"
        did = f"the {who} {helped}" if helped else words.no_remedy(run.journal)
        said = Text.assemble(("✔ held", "bold green"), f": {words.held(run.journal)}; {did}")
        return [said]
    parts: list[RenderableType] = []
    if verdict.name == "vacuous":
        parts.append(
            Text.assemble(("○ vacuous", "bold yellow"), ": a premise did not happen, so the run proves nothing")
        )
    return [*parts, *_findings(run, verdict.findings, FINDINGS_SHOWN)]


def _findings(run: Run, findings: Iterable[Finding], most: int) -> list[RenderableType]:
    """Findings; of many for one property, or of many premises, only the first ones, and how many more."""
    parts: list[RenderableType] = []
    for name, group in groupby(findings, key=lambda finding: finding.name):
        found = list(group)
        for finding in found[:most]:
            parts += _finding(run, finding)
        if len(found) > most:
            parts.append(_facts([("", f"and {len(found) - most} more of {name}")]))
    return parts


def _finding(run: Run, finding: Finding) -> list[RenderableType]:
    """A finding with its reason, its cause and its evidence."""
    if finding.name == "premise":
        return [_facts([("premise", _with_line(run, finding))])]
    symbol, style = ("!", "bold yellow") if finding.severity == "warn" else ("✖", "bold red")
    what = Text.assemble((f"{symbol} {plain(finding.name)}", style), f" at {seconds(finding.at_us)}")
    evidence = "; ".join(map(plain, finding.evidence)) or None
    because = ("cause", f"{finding.cause}: {evidence}" if evidence else finding.cause)
    return [what, _facts([("why", _with_line(run, finding)), because if finding.cause else ("seen", evidence)])]


def _with_line(run: Run, finding: Finding) -> str:
    place = f" ({plain(run.scenario.path or 'line')}:{finding.line})" if finding.line is not None else ""
    return plain(finding.reason) + place


def _facts(facts: Iterable[tuple[str, str | None]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in facts:
        if text is not None:
            grid.add_row(Text(f"  {name:<7}", "bright_black"), Text("\n".join(map(plain, text.splitlines()))))
    return grid


def _command(command: str, columns: int) -> str:
    """The command on several lines if it is long, so that it can be copied."""
    lines: list[str] = []
    for word in map(shlex.quote, shlex.split(command)):
        if lines and len(lines[-1]) + len(word) + 3 <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return " \\\n".join(lines)
