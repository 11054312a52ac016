"""The picture of a scenario that is not played: its lanes, its steps, and what it expects."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from ..picture.spans import Span
from ..picture.words import plain
from ..quantities import format_durations
from ..scenario.model import AllOf, AnyOf, Expect, Expectation, Never, Scenario
from . import plan, rows
from .terminal import GUTTER, NARROWEST

STEPS_SHOWN = 200
"""Of each group; the file has the others."""
_LANES = {"user speaks": False, "noise": True, "faults": True, "server says": True}
"""The lanes, and whether a label that does not fit in its bar is drawn beside it."""


def picture(scenario: Scenario, *, width: int = 100) -> RenderableType:
    """One scenario, ``width`` cells wide (at least :data:`harness.report.terminal.NARROWEST`)."""
    found = plan.groups(scenario)
    columns = max(NARROWEST, width) - GUTTER
    length = max(group.end_us - group.begin_us for group in found)
    parts: list[RenderableType] = [_title(scenario), Text()]
    for group in found:
        own = group.end_us - group.begin_us
        scale = rows.Scale(own, max(1, round(columns * own / length)))
        parts += [*_drawing(group, scale, columns), Text(), _steps(group), Text()]
    for heading, expectations in (("premises", scenario.premises), ("expects", scenario.expect)):
        if expectations:
            parts += [Text(f"  {heading}", "bright_black"), *(Text(f"  • {expected(one)}") for one in expectations)]
            parts.append(Text())
    return Constrain(Group(*parts), max(NARROWEST, width))


def _title(scenario: Scenario) -> Text:
    lasts, within = scenario.lasts_us, format_durations(scenario.recover_within_us)
    heal = "2 s after the last step" if lasts is None else f"at {format_durations(lasts)}"
    facts = f"faults end {heal}; then the user must be answered within {within}; ranges are drawn at their middle"
    return Text.assemble((f"{plain(scenario.name)}\n", "bold"), (facts, "bright_black"))


def _drawing(group: plan.StepGroup, scale: rows.Scale, columns: int) -> list[Text]:
    if group.anchor == plan.START:
        drawn = [_row("", rows.axis(scale))]
    else:
        column = scale.at(-group.begin_us)
        name = f"╷ {group.anchor}"
        if column + len(name) > columns:
            name = f"{group.anchor} ╷"
            column = max(0, column + 1 - len(name))
        drawn = [_row("", Text(" " * column + name, "bright_black"))]
    for lane, aside in _LANES.items():
        spans = [_shifted(span, group.begin_us) for span in group.lanes.get(lane, ())]
        if spans:
            wide = rows.Scale(scale.length_us * columns // scale.columns, columns) if aside else scale
            bars = rows.bars(spans, wide, aside=aside)
            drawn += [_row("" if index else lane, bar) for index, bar in enumerate(bars)]
    return drawn


def _shifted(span: Span, begin_us: int) -> Span:
    return Span(span.start_us - begin_us, span.end_us - begin_us, span.label, span.style, span.short)


def _row(name: str, cells: Text) -> Text:
    return Text.assemble((f"{name:>{GUTTER - 2}}  ", "bright_black"), cells, no_wrap=True, overflow="crop")


def _steps(group: plan.StepGroup) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        grid.add_column()
    for step, _ in group.steps[:STEPS_SHOWN]:
        label = f" [{plain(step.label)}]" if step.label else ""
        grid.add_row(
            Text(f"  {plan.when(step)}", "bright_black"),
            Text(plan.what(step.action) + label),
            Text(plan.details(step), "bright_black"),
        )
    if len(group.steps) > STEPS_SHOWN:
        grid.add_row(Text("  …", "bright_black"), Text(f"and {len(group.steps) - STEPS_SHOWN} more steps"))
    return grid


def expected(expectation: Expectation) -> str:
    """An expectation in words."""
    match expectation:
        case Expect(what, after, within_us, at_least):
            count = "" if at_least == 1 else f"{at_least} × "
            within = "" if within_us is None else f" within {format_durations(within_us)}"
            where = f" after {plain(after)}" if after is not None else " of the start" if within else ""
            return f"{count}{what}{within}{where}"
        case AnyOf(parts):
            return f"any of ({_joined(parts)})"
        case AllOf(parts):
            return f"all of ({_joined(parts)})"
        case Never(part):
            return f"never {expected(part)}"


def _joined(parts: Iterable[Expectation]) -> str:
    return "; ".join(map(expected, parts))
