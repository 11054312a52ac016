"""Hypothesis strategies for faults: a strategy for each kind of parameter, so that a new fault needs none."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from harness.faults import Fault, faults_over, parameters
from harness.faults.parameters import Kind
from harness.quantities import LARGEST_PEAK_LSB, LONGEST_DURATION_US
from harness.ranges import between


def or_ranges(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """These numbers, and ranges between two of them."""
    return numbers | st.tuples(numbers, numbers).map(lambda two: between(*sorted(two)))


durations = or_ranges(st.integers(0, LONGEST_DURATION_US))
texts = st.one_of(
    st.sampled_from(("off", "on", "1:00", "null", "~", "3", "1e3", "a: b", "- x", "# y", "two\nlines", "it's", '"')),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
).map(str.strip)
names = texts.filter(bool)
_peaks = st.integers(0, LARGEST_PEAK_LSB)
_KINDS: list[tuple[Kind, st.SearchStrategy[Any]]] = [
    (parameters.DURATION, durations),
    (parameters.PEAKS, st.tuples(_peaks, _peaks).map(lambda ends: (min(ends), max(ends)))),
    (parameters.DECIBELS, or_ranges(st.floats(-120, 120))),
    (parameters.EVENT_TYPE, st.sampled_from(("*", "response.*", "*.done", *parameters.EVENT_TYPES))),
    (parameters.CLOSE_CODE, st.sampled_from((1000, 1001, 1011)) | st.integers(3000, 4999)),
    (parameters.REASON, names.filter(lambda text: len(text.encode()) <= parameters.REASON.schema["maxLength"])),
    (parameters.TEXT, names),
]


def _of_schema(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """What a schema allows, as the file holds it."""
    match schema:
        case {"enum": words}:
            return st.sampled_from(words)
        case {"anyOf": [{"minimum": low, "maximum": high}, {"pattern": _}]}:
            numbers = st.floats(low, high)
            return or_ranges(numbers).map(parameters.number(low, high).write)
        case {"anyOf": parts}:
            return st.one_of(*map(_of_schema, parts))
        case {"type": "number", "minimum": low, "maximum": high}:
            return st.floats(low, high)
        case {"minimum": low, "maximum": high}:
            return st.integers(low, high)
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "array", "items": items}:
            return st.lists(_of_schema(items), min_size=schema.get("minItems", 0), max_size=5)
        case {"examples": examples}:
            return st.sampled_from(examples)
        case {"type": "string", "maxLength": longest}:
            fitting = longest // 4  # bytes of UTF-8 of one character, if the length is meant in bytes
            return names.map(lambda text: text[:fitting].strip()).filter(bool)
        case {"type": "string"}:
            return names
    raise AssertionError(f"draw values of this schema here: {schema}")


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Values of a kind of parameter; of a kind that is not known here, what its schema allows."""
    for known, strategy in _KINDS:
        if kind is known:
            return strategy
    plain = _of_schema(kind.schema).map(kind.read)
    return plain if kind.span is None else or_ranges(plain)


def drawn(fault: type[Fault]) -> st.SearchStrategy[Fault]:
    """A fault with some of its parameters changed."""
    chosen = {each.name: st.just(each.default) | values(each.metadata["kind"]) for each in fields(fault)}
    return st.builds(fault, **chosen)


faults = st.sampled_from(list(faults_over("websocket").values())).flatmap(drawn)
"""Any fault that a WebSocket can have, with any parameters."""
