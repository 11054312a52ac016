"""Time is integer microseconds everywhere; levels are dBFS or int16 steps (LSB).

A full-scale int16 sample is 32768 LSB; 0 dBFS is the RMS of a full-scale square wave, so a signal's level in
dBFS is ``20 log10(rms / 32768)``.
"""

import math
import re

MS = 1_000
"""Microseconds in a millisecond."""
SECOND = 1_000_000
"""Microseconds in a second."""
FULL_SCALE = 32_768
"""LSB of a full-scale int16 sample."""
SILENCE_DBFS = -120.0
"""The level that means digital zero."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(us|ms|s|min)")
_UNKNOWN_UNIT = re.compile(r"\d+(?:\.\d+)?\s*([^\W\d_]{1,20})")
_UNITS = {"us": 1, "ms": MS, "s": SECOND, "min": 60 * SECOND}


def parse_duration(text: object) -> int:
    """Microseconds of a duration written with its unit: ``500ms``, ``1.2s``, ``2min``.

    Raises :exc:`ValueError` with a sentence that names the value and the cure.
    """
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        if isinstance(text, str) and text.strip().startswith("-") and _DURATION.fullmatch(text.strip()[1:]):
            raise ValueError(f"a duration is not negative (got {text!r:.80})")
        unit = _UNKNOWN_UNIT.fullmatch(text.strip()) if isinstance(text, str) else None
        if unit is not None and unit[1] not in _UNITS:
            units = f"write a duration in us, ms, s or min, such as 500ms or 1.2s; {unit[1]!r} is none of them"
            raise ValueError(f"{units} (got {text!r:.80})")
        raise ValueError(f"write a duration with its unit, such as 500ms or 1.2s (got {text!r:.80})")
    return round(float(match[1]) * _UNITS[match[2]])


def format_duration(us: int) -> str:
    """The shortest text that :func:`parse_duration` reads back to the same microseconds."""
    texts = (f"{us / size:.6f}".rstrip("0").rstrip(".") + unit for unit, size in _UNITS.items() if unit != "min")
    return min((text for text in texts if parse_duration(text) == us), key=len)


def dbfs(rms_lsb: float) -> float:
    """Level in dBFS of an RMS in LSB; digital zero gives :data:`SILENCE_DBFS`."""
    return max(SILENCE_DBFS, 20 * math.log10(rms_lsb / FULL_SCALE)) if rms_lsb > 0 else SILENCE_DBFS


def amplitude(level_dbfs: float) -> float:
    """Amplitude relative to full scale of a level in dBFS."""
    return float(10 ** (level_dbfs / 20))
