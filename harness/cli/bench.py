"""``stillthere bench``: how fast it is, measured the same way on every machine."""

import asyncio
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from harness.live.capacity import MOST_SESSIONS, P99_LIMIT_MS, Step, most, target
from harness.live.longevity import Growth, growth
from harness.vad.detector import make_detector

FLOOR_SESSIONS, GOAL_SESSIONS = 200, 800
IDLE_LIMIT_KIB = 200
HOUR_LIMIT_KIB = 1024
"""An hour of conversation has 360 items; at 3 KiB each nothing else has grown."""
HELD, FAILED, VACUOUS = 0, 1, 3

app = typer.Typer(help="Measure how fast it is.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure how fast it is."""


@dataclass(frozen=True, slots=True)
class Result:
    """A figure, None if nothing was shown; the floor it must reach (``at_most``: not exceed), and the goal."""

    name: str
    value: float | None
    unit: str
    floor: float | None = None
    goal: float | None = None
    at_most: bool = False

    @property
    def code(self) -> int:
        """The exit code that this figure asks for."""
        if self.value is None:
            return VACUOUS
        if self.floor is None:
            return HELD
        return HELD if (self.value <= self.floor if self.at_most else self.value >= self.floor) else FAILED

    def document(self) -> dict[str, Any]:
        """As ``--json`` shows it."""
        return {"name": self.name, "value": self.value, "unit": self.unit, "floor": self.floor, "goal": self.goal}

    def line(self) -> str:
        """As a person reads it."""
        value = "not shown" if self.value is None else f"{self.value:g} {self.unit}"
        word = "at most" if self.at_most else "floor"
        floor = "" if self.floor is None else f"{word} {self.floor:g}"
        return f"{self.name:36} {value:>22}   {floor:12} {'' if self.goal is None else f'goal {self.goal:g}'}".rstrip()


@app.command("live")
def live(
    sessions: Annotated[
        int,
        typer.Option(min=2, max=MOST_SESSIONS, help="How many must be served in time; with --search, where it begins."),
    ] = FLOOR_SESSIONS,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="Time measured, for each load.")] = 20.0,
    detector: Annotated[str, typer.Option(help="The server's detector.")] = "energy",
    url: Annotated[
        str | None, typer.Option(metavar="WS", help="Measure this server in place of one of our own.")
    ] = None,
    search: Annotated[bool, typer.Option("--search", help="Find the largest number that is served in time.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """How many sessions the live server serves in time, each with 50 appends a second up and 10 deltas down.

    In time: 99 of 100 round trips take less than 20 ms. The server has one core, this generator another. Exit code 1:
    below a floor; 3: the generator, or other processes, were in the way, so nothing was shown.
    """
    make_detector(detector)
    steps = asyncio.run(_measure(detector, url, sessions, seconds, search))
    found = results(steps, sessions, growth(detector) if url is None else None, search=search)
    if as_json:
        print(json.dumps({"results": [result.document() for result in found]}, indent=2))
    else:
        print("\n".join(result.line() for result in found))
    codes = {result.code for result in found}
    raise typer.Exit(next(code for code in (FAILED, VACUOUS, HELD) if code in codes))


async def _measure(detector: str, url: str | None, sessions: int, seconds: float, search: bool) -> list[Step]:
    async with target(detector, url) as measured:
        if search:
            return await most(measured, sessions, seconds, _tell)
        step = await measured.step(sessions, seconds)
        _tell(step)
        return [step]


def results(steps: Sequence[Step], sessions: int, hour: Growth | None, *, search: bool) -> list[Result]:
    """The figures of the largest load that was served in time, or of the last one if none was.

    Memory is that of the first load: later ones find room that earlier ones have left.
    """
    best = max((step for step in steps if step.verdict == "met"), key=lambda step: step.outcome.sessions, default=None)
    shown = best or steps[-1]
    served = best.outcome.sessions if best else None if shown.verdict == "not shown" else 0
    floor = FLOOR_SESSIONS if search else min(FLOOR_SESSIONS, sessions)
    outcome = shown.outcome
    found = [
        Result(f"live sessions at p99 < {P99_LIMIT_MS:g} ms", served, "sessions", floor, GOAL_SESSIONS),
        Result(f"round trip, p50 at {outcome.sessions} sessions", _rounded(outcome.p50_ms), "ms"),
        Result(
            f"round trip, p99 at {outcome.sessions} sessions",
            _rounded(outcome.p99_ms),
            "ms",
            P99_LIMIT_MS,
            at_most=True,
        ),
    ]
    if shown.cpu_percent_per_session is not None:
        found.append(Result("server CPU per session", _rounded(shown.cpu_percent_per_session, 3), "% of a core"))
    if (idle := steps[0].idle_kib_per_session) is not None:
        idle_kib = _rounded(idle, 1)
        found.append(Result("memory per idle session", idle_kib, "KiB", IDLE_LIMIT_KIB, at_most=True))
    if hour is not None:
        name = "memory grown from minute 10 to 60"
        found.append(Result(name, _rounded(hour.kib, 1), "KiB", HOUR_LIMIT_KIB, at_most=True))
    return found


def _rounded(value: float, digits: int = 2) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def _tell(step: Step) -> None:
    """What one load showed, and why it shows no more, on standard error."""
    outcome = step.outcome
    share = "" if outcome.server_share is None else f", server {outcome.server_share:.0%} of a core"
    told = [
        f"{outcome.sessions} sessions for {outcome.seconds:g} s: {step.verdict}; p50 {outcome.p50_ms:.1f} ms,"
        f" p99 {outcome.p99_ms:.1f} ms of {outcome.asked} round trips{share}; generator {outcome.generator_share:.0%},"
        f" late by {outcome.lag_p99_ms:.1f} ms at p99"
    ]
    if outcome.generator_lagged:
        told.append("the generator was itself too slow: give it a core that nothing else uses")
    if outcome.server_crowded:
        told.append(
            f"other processes had the server's core while it was ready, {outcome.server_kept_waiting:.0%} of the time"
        )
    if outcome.unanswered:
        told.append(f"{outcome.unanswered} questions had no answer at all")
    if outcome.appended_share < 1:
        told.append(f"{1 - outcome.appended_share:.1%} of the appends could not be sent: the server read too slowly")
    if outcome.deltas_share < 0.95:
        told.append(f"only {outcome.deltas_share:.0%} of the audio came down that should have")
    if outcome.turns:
        told.append(f"the server took the quiet room for speech {outcome.turns} times, which cut responses short")
    if outcome.closed:
        told.append(f"the server closed {outcome.closed} connections")
    told.extend(f"the server says: {message}" for message in outcome.errors)
    print("\n  ".join(told), file=sys.stderr, flush=True)
