"""``stillthere bench``: how fast it is, measured the same way on every machine."""

import asyncio
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from ..bench.bombs import (
    GROWTH_LIMIT_MIB,
    HONEST_P99_LIMIT_MS,
    HOSTILE,
    KINDS,
    LEFT_LIMIT_MIB,
    BombOutcome,
    BombSent,
    measure_bombs,
)
from ..bench.capacity import MOST_SESSIONS, P99_LIMIT_MS, LoadStep, find_capacity, measured_server
from ..bench.conversation import ROWS, Speed, measure
from ..bench.memory_growth import MemoryGrowth, memory_growth
from ..bench.sweep_cost import sweep_cost_s
from ..vad.detector import make_detector
from .output import FAILED, HELD, VACUOUS

_FLOOR_SESSIONS, _GOAL_SESSIONS = 200, 800
_IDLE_LIMIT_KIB = 200
_HOUR_LIMIT_KIB = 1024
"""An hour of conversation has 360 items of about 3 KiB; nothing else may grow."""

bench_commands = typer.Typer(help="Measure how fast it is.")


@bench_commands.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Measure how fast it is.

    Without a command: how often real time one core plays a conversation of 60 s, and how often the release before
    would on this machine; and what a sweep of 10 000 settings costs. Exit code 1: below a floor.
    """
    if context.invoked_subcommand is None:
        found = [speed_figure(measure(row)) for row in ROWS]
        found.append(BenchFigure("sweep of 10 000 cells", round(sweep_cost_s(), 1), "s", 60, 1, at_most=True))
        if as_json:
            print(json.dumps({"results": [result.document() for result in found]}, indent=2))
        else:
            print("\n".join(result.line() for result in found))
        raise typer.Exit(max(result.code for result in found))


@dataclass(frozen=True, slots=True)
class BenchFigure:
    """A measured value, None if it could not be measured; its floor (with ``at_most``: its limit), and its goal."""

    name: str
    value: float | None
    unit: str
    floor: float | None = None
    goal: float | None = None
    at_most: bool = False
    previous: float | None = None
    """The same figure of the release before, on this machine."""

    @property
    def code(self) -> int:
        """The exit code for this figure."""
        if self.value is None:
            return VACUOUS
        if self.floor is None:
            return HELD
        return HELD if (self.value <= self.floor if self.at_most else self.value >= self.floor) else FAILED

    def document(self) -> dict[str, Any]:
        """The figure in the JSON of ``--json``."""
        document = {"name": self.name, "value": self.value, "unit": self.unit, "floor": self.floor, "goal": self.goal}
        if self.previous is not None and self.value is not None:
            document |= {"previous": self.previous, "ratio": round(self.value / self.previous, 2)}
        return document

    def line(self) -> str:
        """The figure on one line of text."""
        value = "not shown" if self.value is None else f"{self.value:g} {self.unit}"
        word = "at most" if self.at_most else "floor"
        floor = "" if self.floor is None else f"{word} {self.floor:g}"
        goal = "" if self.goal is None else f"goal {self.goal:g}"
        before = ""
        if self.previous is not None and self.value is not None:
            before = f"before {self.previous:g}, now {self.value / self.previous:.2f} times that"
        return f"{self.name:45} {value:>22}   {floor:12} {goal:11} {before}".rstrip()


def speed_figure(speed: Speed) -> BenchFigure:
    """The figure of a conversation that was played."""
    row, before = speed.row, None if speed.before is None else round(speed.before)
    return BenchFigure(row.name, round(speed.now), "x real time", row.floor, row.goal, previous=before)


@bench_commands.command("live")
def live(
    sessions: Annotated[
        int,
        typer.Option(
            min=2, max=MOST_SESSIONS, help="How many must be served in time; with --search, the first number to try."
        ),
    ] = _FLOOR_SESSIONS,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="Measured time, for each load.")] = 20.0,
    detector: Annotated[str, typer.Option(help="The server's detector.")] = "energy",
    url: Annotated[str | None, typer.Option(metavar="WS", help="Measure this server instead of starting one.")] = None,
    search: Annotated[bool, typer.Option("--search", help="Find the largest number that is served in time.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Measure how many sessions the live server serves in time, each with 50 appends and 10 deltas a second.

    In time: 99 of 100 round trips take less than 20 ms. The server has one core, this load generator another. Exit
    code 1: below a floor; 3: the generator or other processes disturbed the measurement, so it proves nothing.
    """
    make_detector(detector)
    steps = asyncio.run(_measure(detector, url, sessions, seconds, search))
    found = results(steps, sessions, memory_growth(detector) if url is None else None, search=search)
    if as_json:
        print(json.dumps({"results": [result.document() for result in found]}, indent=2))
    else:
        print("\n".join(result.line() for result in found))
    codes = {result.code for result in found}
    raise typer.Exit(next(code for code in (FAILED, VACUOUS, HELD) if code in codes))


@bench_commands.command("bombs")
def bombs(
    kind: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help=f"What they inflate to: {', '.join(KINDS)}. Default: each.")
    ] = None,
    each: Annotated[int, typer.Option(min=1, max=100, help="Bombs from each hostile client.")] = 1,
    fragments: Annotated[bool, typer.Option("--fragments", help="In fragments of 64 bytes.")] = False,
    detector: Annotated[str, typer.Option(help="The server's detector.")] = "energy",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Measure what 40 clients with compressed bombs cost the live server, and 10 honest clients beside them.

    Each kind is sent whole, and then without its end, to a new server. Exit code 1: beyond a limit.
    """
    make_detector(detector)
    found = [
        figure
        for one in kind or KINDS
        for sent in ("whole", "half")
        for figure in bomb_figures(asyncio.run(_bombs(detector, one, sent, each, fragments)))
    ]
    if as_json:
        print(json.dumps({"results": [result.document() for result in found]}, indent=2))
    else:
        print("\n".join(result.line() for result in found))
    codes = {result.code for result in found}
    raise typer.Exit(next(code for code in (FAILED, VACUOUS, HELD) if code in codes))


async def _bombs(detector: str, kind: str, sent: BombSent, each: int, fragments: bool) -> BombOutcome:
    async with measured_server(detector, None) as measured:
        assert measured.process is not None
        outcome = await measure_bombs(measured.process, kind, sent=sent, each=each, fragments=fragments)
    print(
        f"{kind}, {sent}: {outcome.lasted_s:.1f} s, {outcome.answered} of {HOSTILE} answered; honest round trips p99"
        f" {outcome.quiet_p99_ms:.1f} ms before, {outcome.p99_ms:.1f} ms meanwhile",
        file=sys.stderr,
        flush=True,
    )
    return outcome


def bomb_figures(outcome: BombOutcome) -> list[BenchFigure]:
    """The figures of one kind of bomb, with their limits."""
    name = f"{outcome.kind}, {outcome.sent}"
    grown = None if outcome.grown_mib is None else _rounded(outcome.grown_mib, 1)
    left = None if outcome.left_mib is None else _rounded(outcome.left_mib, 1)
    return [
        BenchFigure(f"{name}: memory grown", grown, "MiB", GROWTH_LIMIT_MIB, at_most=True),
        BenchFigure(f"{name}: memory left", left, "MiB", LEFT_LIMIT_MIB, at_most=True),
        BenchFigure(f"{name}: honest p99", _rounded(outcome.p99_ms), "ms", HONEST_P99_LIMIT_MS, at_most=True),
    ]


async def _measure(detector: str, url: str | None, sessions: int, seconds: float, search: bool) -> list[LoadStep]:
    async with measured_server(detector, url) as measured:
        if search:
            return await find_capacity(measured, sessions, seconds, _show)
        step = await measured.step(sessions, seconds)
        _show(step)
        return [step]


def results(steps: Sequence[LoadStep], sessions: int, hour: MemoryGrowth | None, *, search: bool) -> list[BenchFigure]:
    """The figures of the largest load that was served in time, or of the last one if none was.

    Memory is that of the first load, because later loads reuse the memory that earlier ones freed.
    """
    best = max((step for step in steps if step.verdict == "met"), key=lambda step: step.outcome.sessions, default=None)
    shown = best or steps[-1]
    served = best.outcome.sessions if best else None if shown.verdict == "not shown" else 0
    floor = _FLOOR_SESSIONS if search else min(_FLOOR_SESSIONS, sessions)
    outcome = shown.outcome
    found = [
        BenchFigure(f"live sessions at p99 < {P99_LIMIT_MS:g} ms", served, "sessions", floor, _GOAL_SESSIONS),
        BenchFigure(f"round trip, p50 at {outcome.sessions} sessions", _rounded(outcome.p50_ms), "ms"),
        BenchFigure(
            f"round trip, p99 at {outcome.sessions} sessions",
            _rounded(outcome.p99_ms),
            "ms",
            P99_LIMIT_MS,
            at_most=True,
        ),
    ]
    if shown.cpu_percent_per_session is not None:
        found.append(BenchFigure("server CPU per session", _rounded(shown.cpu_percent_per_session, 3), "% of a core"))
    if (idle := steps[0].idle_kib_per_session) is not None:
        idle_kib = _rounded(idle, 1)
        found.append(BenchFigure("memory per idle session", idle_kib, "KiB", _IDLE_LIMIT_KIB, at_most=True))
    if hour is not None:
        name = "memory grown from minute 10 to 60"
        found.append(BenchFigure(name, _rounded(hour.kib, 1), "KiB", _HOUR_LIMIT_KIB, at_most=True))
    return found


def _rounded(value: float, digits: int = 2) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def _show(step: LoadStep) -> None:
    """Print the results of one load, and what disturbed it, to standard error."""
    outcome = step.outcome
    share = "" if outcome.server_share is None else f", server {outcome.server_share:.0%} of a core"
    lines = [
        f"{outcome.sessions} sessions for {outcome.seconds:g} s: {step.verdict}; p50 {outcome.p50_ms:.1f} ms,"
        f" p99 {outcome.p99_ms:.1f} ms of {outcome.asked} round trips{share}; generator {outcome.generator_share:.0%},"
        f" late by {outcome.lag_p99_ms:.1f} ms at p99"
    ]
    if outcome.generator_lagged:
        lines.append("the load generator was too slow: give it a core that nothing else uses")
    if outcome.server_crowded:
        lines.append(
            f"the server waited for its core {outcome.server_kept_waiting:.0%} of the time: other processes used it"
        )
    if outcome.unanswered:
        lines.append(f"{outcome.unanswered} requests were never answered")
    if outcome.appended_share < 1:
        lines.append(f"{1 - outcome.appended_share:.1%} of the appends could not be sent: the server read too slowly")
    if outcome.deltas_share < 0.95:
        lines.append(f"only {outcome.deltas_share:.0%} of the expected audio arrived")
    if outcome.turns:
        lines.append(f"the server detected speech in silence {outcome.turns} times, which cut responses short")
    if outcome.closed:
        lines.append(f"the server closed {outcome.closed} connections")
    lines.extend(f"error from the server: {message}" for message in outcome.errors)
    print("\n  ".join(lines), file=sys.stderr, flush=True)
