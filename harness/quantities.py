"""Reads and writes numbers with a unit, and ranges of them: durations, levels, peaks and decibels.

A reader returns the value, or raises :exc:`ValueError` with one sentence that holds the value and the cure.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from .ranges import Number, between, ends
from .units import SECOND, SILENCE_DBFS, format_duration, parse_duration

LONGEST_DURATION_US = 3600 * SECOND
"""The longest duration that a scenario may have."""
LARGEST_PEAK_LSB = 32_767
"""The largest peak that int16 samples of both signs can have."""

DURATION_PATTERN = r"\d+(\.\d+)?\s*(us|ms|s|min)"
_LEVEL_TEXT = r"([+-]?\d{1,4}(?:\.\d+)?)\s*dBFS"
PEAK_PATTERN = r"(\d{1,6})(?:\s*\.\.\s*(\d{1,6}))?\s*LSB"
_GAIN_TEXT = r"([+-]?\d{1,3}(?:\.\d+)?)\s*dB"
LEVEL_RANGE_PATTERN = rf"[+-]?\d{{1,4}}(\.\d+)?\s*(dBFS)?\s*\.\.\s*{_LEVEL_TEXT}|{_LEVEL_TEXT}"
GAIN_RANGE_PATTERN = rf"[+-]?\d{{1,3}}(\.\d+)?\s*(dB)?\s*\.\.\s*{_GAIN_TEXT}|{_GAIN_TEXT}"
DURATION_RANGE_PATTERN = rf"{DURATION_PATTERN}(\s*\.\.\s*{DURATION_PATTERN})?"

_N = TypeVar("_N", int, float)
_LEVEL, _PEAK, _GAIN = re.compile(_LEVEL_TEXT), re.compile(PEAK_PATTERN), re.compile(_GAIN_TEXT)


def shown(value: object) -> str:
    """A value as error sentences quote it: shortened, and of a container only its kind."""
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
        raise ValueError(f"this must be one duration, such as 500ms, not a range (got {shown(value)})")
    try:
        us = parse_duration(value)
    except OverflowError:
        us = LONGEST_DURATION_US + 1
    if us > LONGEST_DURATION_US:
        raise ValueError(f"a duration is at most an hour, 60min (got {shown(value)})")
    return us


def bound(value: object) -> int:
    """Microseconds of a duration in which something must happen, so it is not 0."""
    us = duration(value)
    if not us:
        raise ValueError(f"nothing can happen in no time; write a longer time, such as 10s (got {shown(value)})")
    return us


def durations(value: object) -> int:
    """Microseconds of a duration, or of a range such as ``40s..44s``."""
    return _range(value, duration) if _is_range(value) else duration(value)


def level(value: object) -> float:
    """dBFS of ``-20 dBFS``; from the level of silence to 0."""
    match = _LEVEL.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"write a level with its unit, such as -20 dBFS (got {shown(value)})")
    dbfs = float(match[1])
    if not SILENCE_DBFS <= dbfs <= 0:
        raise ValueError(f"a level is between {SILENCE_DBFS:g} and 0 dBFS (got {shown(value)})")
    return dbfs


def levels(value: object) -> float:
    """dBFS of a level, or of a range such as ``-30..-6 dBFS``; both ends may have the unit."""
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
    """A gain or a loss such as ``-34 dB``, or a range such as ``-40..-20 dB``; both ends may have the unit."""
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


def _range(value: object, read: Callable[[object], _N], unit: str = "") -> _N:
    low, high = (end.strip() for end in str(value).split(".."))
    first, last = read(low if low.endswith(unit) else f"{low} {unit}"), read(high)
    if first > last:
        raise ValueError(f"a range goes from low to high (got {shown(value)})")
    found: _N = between(first, last)
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
    """A number written without an exponent; :class:`float` reads back the same number."""
    return format(Decimal(repr(float(number))), "f").removesuffix(".0")
