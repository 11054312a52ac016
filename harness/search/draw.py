"""Faults with random parameters: each kind of parameter has its distribution."""

import math
from dataclasses import fields
from typing import Any

import numpy as np

from ..faults import Fault
from ..faults.parameters import CLOSE_CODE, DECIBELS, DURATION, EVENT_TYPE, PEAKS, Kind
from ..units import MS, SECOND

USUAL_CODES = (1000, 1001, 1007, 1009, 1011, 3000, 4000)
"""Close codes that servers use."""
_KEEPS_DEFAULT = 0.5
"""The probability that a parameter keeps its default."""
SELECTABLE_EVENTS = (
    "*",
    "session.created",
    "session.updated",
    "input_audio_buffer.*",
    "input_audio_buffer.append",
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.*",
    "response.*",
    "response.created",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.done",
)
"""Selections for faults of single events."""


def drawn(fault: type[Fault], rng: np.random.Generator) -> Fault:
    """A fault of this class; each parameter is random with a probability of one half, or else its default."""
    values: dict[str, Any] = {}
    for each in fields(fault):
        if rng.random() >= _KEEPS_DEFAULT:
            values[each.name] = _value(each.metadata["kind"], each.default, rng)
    return fault(**values)


def duration(low_us: int, high_us: int, rng: np.random.Generator) -> int:
    """A random duration of whole milliseconds, in microseconds; its logarithm is uniformly distributed."""
    exponent = rng.uniform(math.log(low_us), math.log(high_us))
    return max(MS, round(math.exp(exponent) / MS) * MS)


def _value(kind: Kind, default: Any, rng: np.random.Generator) -> Any:
    if kind is DURATION:
        usual = default or SECOND
        return min(10 * SECOND, duration(usual // 8, 8 * usual, rng))
    if kind is DECIBELS:
        return round(float(default + rng.uniform(-12, 12)), 1)
    if kind is PEAKS:
        low, high = sorted(int(peak) for peak in rng.integers(1, 129, size=2))  # louder noise would not be near-silence
        return low, high
    if kind is CLOSE_CODE:
        return USUAL_CODES[int(rng.integers(len(USUAL_CODES)))]
    if kind is EVENT_TYPE:
        return SELECTABLE_EVENTS[int(rng.integers(len(SELECTABLE_EVENTS)))]
    return _of_schema(kind, default, rng)


def _of_schema(kind: Kind, default: Any, rng: np.random.Generator) -> Any:
    schema = kind.schema
    if "enum" in schema:
        return schema["enum"][int(rng.integers(len(schema["enum"])))]
    if schema.get("type") == "integer":
        whole = round((default or 1) * math.exp(rng.uniform(-1.5, 1.5)))
        return min(max(whole, int(schema["minimum"])), int(schema["maximum"]))
    if schema.get("type") == "number":
        drawn_number = float(default * math.exp(rng.uniform(-1, 1)))
        return round(min(max(drawn_number, float(schema["minimum"])), float(schema["maximum"])), 4)
    return default
