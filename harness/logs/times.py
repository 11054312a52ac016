"""Times as logs write them: seconds, milliseconds, dates, times of day, clocks that began anywhere."""

import calendar
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
_CLOCK_STEP_US = 60_000_000
"""Two messages around a clock change are not further apart."""

StampKind = Literal["epoch", "local", "day", "elapsed", "count"]
"""Since 1970; a date without its zone; a time of day without its date; since whenever; a number of an unknown unit."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as a log writes it: in microseconds, but for a ``count``, which is a number of what is not known yet."""

    kind: StampKind
    value: float
    tick_us: int = 1


_DATE = re.compile(
    r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)[T _,]+(\d\d?):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d\b)?"
)
_TIME_OF_DAY = re.compile(
    r"(?<![\d:])(\d\d?):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:[\s\u202f\u00a0]?([AaPp])\.?[Mm])?(?![\d:])"
)
_NUMBER = re.compile(r"\s*[-+]?\d+(\.\d+)?\s*")


def stamp_of(value: Any, key: str = "") -> Stamp | None:
    """The time that a field holds; ``key`` is its name, which may tell the unit. None: it holds none."""
    if isinstance(value, str):
        if _NUMBER.fullmatch(value) and len(value) < 40:
            return stamp_of(float(value), key)
        return stamp_in(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e20:
        return None
    if value >= 1e9:
        scale: float = 1e-3 if value > 1e17 else 1 if value > 1e14 else 1e3 if value > 1e11 else 1e6
        tick = 1 if value != int(value) else max(1, int(scale))
        return Stamp("epoch", round(value * scale) if isinstance(value, float) else int(value * scale), tick)
    unit = _unit_of(key)
    if unit is None:
        return Stamp("count", value)
    return Stamp("elapsed", round(value * unit), 1 if value != int(value) else int(unit))


def _unit_of(key: str) -> float | None:
    name = key.lower()
    for ending, scale in (("_us", 1.0), ("micros", 1.0), ("_ms", 1e3), ("millis", 1e3), ("_s", 1e6), ("seconds", 1e6)):
        if name.endswith(ending):
            return scale
    return 1e3 if key.endswith("Ms") else None


def stamp_in(text: str) -> Stamp | None:
    """The first time that a text names."""
    text = text[:200]
    if found := _DATE.search(text):
        year, month, day, hour, minute, second = map(int, found.groups()[:6])
        if 1970 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= 31:
            seconds = calendar.timegm((year, month, day, hour, minute, second))
            zone = found[8]
            if zone and zone[0] in "+-":
                offset = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
                seconds -= offset if zone[0] == "+" else -offset
            fraction, tick = _fraction(found[7])
            return Stamp("epoch" if zone else "local", seconds * 1_000_000 + fraction, tick)
    if found := _TIME_OF_DAY.search(text):
        hour, minute, second = map(int, found.groups()[:3])
        if found[5]:
            hour = hour % 12 + (12 if found[5] in "Pp" else 0)
        if hour < 24 and minute < 60 and second < 61:
            fraction, tick = _fraction(found[4])
            return Stamp("day", (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction, tick)
    return None


def _fraction(digits: str | None) -> tuple[int, int]:
    """The part of a second in microseconds, and the step of the last digit."""
    if not digits:
        return 0, 1_000_000
    return int(digits[:6].ljust(6, "0")), max(1, 10 ** (6 - len(digits)))


@dataclass(frozen=True, slots=True)
class LogTimes:
    """The times of a log on one axis. ``times`` has one for each stamp; None: the log has none there."""

    times: list[int | None]
    """In microseconds since the first."""
    began_us: int | None
    """What time 0 is since 1970, if the log says."""
    tick_us: int
    newest_first: bool


def timeline(stamps: Sequence[Stamp | None]) -> LogTimes:
    """Put the times of a log on one axis, in whatever they were written. The few of another kind are left out."""
    kinds = [each.kind for each in stamps if each is not None]
    if not kinds:
        return LogTimes([None] * len(stamps), None, 1, newest_first=False)
    kind = max(sorted(set(kinds)), key=kinds.count)
    chosen = [each if each is not None and each.kind == kind else None for each in stamps]
    known = [each for each in chosen if each is not None]
    values = [each.value for each in known]
    backwards = sum(one > other for one, other in itertools.pairwise(values))
    forwards = sum(one < other for one, other in itertools.pairwise(values))
    newest_first = backwards > forwards
    scale = _scale(values) if kind == "count" else 1.0
    ordered: list[int] = [round(value * scale) for value in (reversed(values) if newest_first else values)]
    if kind == "day":
        ordered = _over_midnight(ordered)
    if kind in ("day", "local"):
        ordered = _over_clock_change(ordered)
    first = min(ordered)
    taken = iter(reversed(ordered) if newest_first else ordered)
    times = [None if each is None else next(taken) - first for each in chosen]
    ticks = [each.tick_us for each in known]
    return LogTimes(times, first if kind == "epoch" else None, min(ticks, default=1), newest_first)


def _scale(values: Sequence[float]) -> float:
    """The unit of a clock that does not tell it. A session has 100 events in a second or one in ten, not fewer."""
    step = (max(values) - min(values)) / max(1, len(values) - 1)
    return 1e6 if step < 10 else 1e3 if step < 10_000 else 1.0


def _over_clock_change(times: Sequence[int]) -> list[int]:
    """Times of a wall clock, going on where it was put back by an hour."""
    moved: list[int] = []
    back = 0
    for before, now in zip([times[0], *times], times, strict=False):
        if HOUR_US - _CLOCK_STEP_US <= before - now <= HOUR_US:
            back += HOUR_US
        moved.append(now + back)
    return moved


def _over_midnight(times: Sequence[int]) -> list[int]:
    """Times of day, going on after midnight."""
    moved: list[int] = []
    days = 0
    for before, now in zip([times[0], *times], times, strict=False):
        if before - now > DAY_US // 2:
            days += DAY_US
        elif now - before > DAY_US // 2 and days:
            days -= DAY_US
        moved.append(now + days)
    return moved
