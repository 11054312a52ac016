"""Faults with random parameters: each kind of parameter has its distribution."""

import math
from dataclasses import fields
from typing import Any

from ..faults import Fault
from ..faults.parameters import CLOSE_CODE, DECIBELS, DURATION, EVENT_TYPE, PEAKS, Kind
from ..units import SECOND
from .tape import Source

USUAL_CODES = (1000, 1001, 1007, 1009, 1011, 3000, 4000)
"""Close codes that servers use."""
_CHANGES_PERCENT = 50
"""How often a parameter has another value than its default."""
_PARTS = 100
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


def drawn(fault: type[Fault], source: Source) -> Fault:
    """A fault of this class; each parameter is random in half of the cases, or else its default."""
    values: dict[str, Any] = {}
    for each in fields(fault):
        if source.chance(_CHANGES_PERCENT):
            values[each.name] = _value(each.metadata["kind"], each.default, source)
    return fault(**values)


def _value(kind: Kind, default: Any, source: Source) -> Any:
    """A value of a parameter, in its unit: microseconds, dB, LSB."""
    if kind is DURATION:
        usual = default or SECOND
        return min(10 * SECOND, source.duration(max(1, usual // 8), 8 * usual))
    if kind is DECIBELS:
        return float(default + source.between(-12, 12))
    if kind is PEAKS:
        low, high = sorted((source.between(1, 128), source.between(1, 128)))  # louder would not be near-silence
        return low, high
    if kind is CLOSE_CODE:
        return source.one_of(USUAL_CODES)
    if kind is EVENT_TYPE:
        return source.one_of(SELECTABLE_EVENTS)
    return _of_schema(kind.schema, default, source)


def _of_schema(schema: Any, default: Any, source: Source) -> Any:
    if "enum" in schema:
        return source.one_of(schema["enum"])
    if schema.get("type") == "integer":
        return min(max(round(_around(default or 1, source)), int(schema["minimum"])), int(schema["maximum"]))
    if schema.get("type") == "number":
        return round(min(max(_around(default, source), float(schema["minimum"])), float(schema["maximum"])), 4)
    return default


def _around(number: float, source: Source) -> float:
    """A number from a quarter of this one to four times it; its logarithm is uniformly distributed."""
    return float(number * math.pow(4, (2 * source.below(_PARTS + 1) - _PARTS) / _PARTS))
