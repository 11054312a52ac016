"""Numbers with a unit, and ranges of them: durations, levels, peaks and decibels, how they are read and written.

A reader returns the value, or raises :exc:`ValueError` with one sentence that holds the value and the cure.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from harness.ranges import Number, between, ends
from harness.units import SECOND, SILENCE_DBFS, format_duration, parse_duration

LONGEST_US = 3600 * SECOND
"""The longest duration that a scenario may name."""
LARGEST_PEAK_LSB = 32_767
"""The largest peak of an int16 sample that both signs have."""

DURATION = r"\d+(\.\d+)?\s*(us|ms|s|min)"
LEVEL = r"([+-]?\d{1,4}(?:\.\d+)?)\s*dBFS"
PEAK = r"(\d{1,6})(?:\s*\.\.\s*(\d{1,6}))?\s*LSB"
GAIN = r"([+-]?\d{1,3}(?:\.\d+)?)\s*dB"
LEVELS = rf"[+-]?\d{{1,4}}(\.\d+)?\s*(dBFS)?\s*\.\.\s*{LEVEL}|{LEVEL}"
GAINS = rf"[+-]?\d{{1,3}}(\.\d+)?\s*(dB)?\s*\.\.\s*{GAIN}|{GAIN}"
DURATIONS = rf"{DURATION}(\s*\.\.\s*{DURATION})?"

N = TypeVar("N", int, float)
_LEVEL, _PEAK, _GAIN = re.compile(LEVEL), re.compile(PEAK), re.compile(GAIN)


def shown(value: object) -> str:
    """How an error sentence quotes a value: in short, and containers by their kind only."""
    if isinstance(value, dict | list):
        return "a map" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:76]}…{text[0]}"


# --- readers --------------------------------------------------------------------------------------------------------


def duration(value: object) -> int:
    """Microseconds of ``500ms``, ``1.2s`` or ``2min``; at most an hour."""
    if not isinstance(value, str):
        raise ValueError(f"write a duration with its unit, such as 500ms or 1.2s (got {shown(value)})")
    if ".." in value:
        raise ValueError(f"this is one duration, such as 500ms, and cannot be a range (got {shown(value)})")
    try:
        us = parse_duration(value)
    except OverflowError:
        us = LONGEST_US + 1
    if us > LONGEST_US:
        raise ValueError(f"a duration is at most an hour, 60min (got {shown(value)})")
    return us


def durations(value: object) -> int:
    """A duration, or a range such as ``40s..44s``."""
    return _range(value, duration) if _is_range(value) else duration(value)


def level(value: object) -> float:
    """dBFS of ``-20 dBFS``; from the level of silence to 0."""
    match = _LEVEL.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"write a level with its unit, such as -20 dBFS (got {shown(value)})")
    dbfs = float(match[1])
    if not SILENCE_DBFS <= dbfs <= 0:
        raise ValueError(f"a level lies between {SILENCE_DBFS:g} and 0 dBFS (got {shown(value)})")
    return dbfs


def levels(value: object) -> float:
    """A level, or a range such as ``-30..-6 dBFS``; the unit may stand at both ends."""
    return _range(value, level, "dBFS") if _is_range(value) else level(value)


def peak(value: object) -> tuple[int, int]:
    """Lowest and highest peak in LSB of ``41..96 LSB``; both are the same for ``12000 LSB``."""
    match = _PEAK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"write a peak with its unit, such as 12000 LSB or 41..96 LSB (got {shown(value)})")
    low, high = int(match[1]), int(match[2] or match[1])
    if not low <= high <= LARGEST_PEAK_LSB:
        raise ValueError(f"peaks go from low to high and up to {LARGEST_PEAK_LSB} LSB (got {shown(value)})")
    return low, high


def decibels(value: object) -> float:
    """A gain or a loss such as ``-34 dB``, or a range such as ``-40..-20 dB``; the unit may stand at both ends."""
    return _range(value, _gain, "dB") if _is_range(value) else _gain(value)


def _gain(value: object) -> float:
    match = _GAIN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"write decibels with their unit, such as -34 dB (got {shown(value)})")
    if not -120 <= float(match[1]) <= 120:
        raise ValueError(f"decibels go from -120 to 120 dB (got {shown(value)})")
    return float(match[1])


def _is_range(value: object) -> bool:
    return isinstance(value, str) and value.count("..") == 1


def _range(value: object, read: Callable[[object], N], unit: str = "") -> N:
    low, high = (end.strip() for end in str(value).split(".."))
    first, last = read(low if low.endswith(unit) else f"{low} {unit}"), read(high)
    if first > last:
        raise ValueError(f"a range goes from low to high (got {shown(value)})")
    found: N = between(first, last)
    return found


# --- writers --------------------------------------------------------------------------------------------------------


def format_durations(us: int) -> str:
    """The text that :func:`durations` reads back to the same duration or range."""
    low, high = ends(us)
    return format_duration(int(us)) if low == high else f"{format_duration(int(low))}..{format_duration(int(high))}"


def format_level(dbfs: float) -> str:
    """The text that :func:`levels` reads back to the same level or range."""
    low, high = ends(dbfs)
    return f"{digits(low)} dBFS" if low == high else f"{digits(low)}..{digits(high)} dBFS"


def format_decibels(db: float) -> str:
    """The text that :func:`decibels` reads back to the same gain or range."""
    low, high = ends(db)
    return f"{digits(low)} dB" if low == high else f"{digits(low)}..{digits(high)} dB"


def format_peak(low: int, high: int) -> str:
    """The text that :func:`peak` reads back to the same peaks."""
    return f"{low} LSB" if low == high else f"{low}..{high} LSB"


def digits(number: Number) -> str:
    """A number without an exponent, of which :class:`float` makes the same number."""
    return format(Decimal(repr(float(number))), "f").removesuffix(".0")
