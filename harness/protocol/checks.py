"""Checks of what a client sent, each of one field: it gives the value to store, or raises :exc:`ProtocolError`.

Of the codes, ``unknown_parameter`` and ``invalid_value`` are captured, ``missing_required_parameter`` and
``integer_below_min_value`` reported, with their texts but for the last one's; the other codes and texts are ours.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ProtocolError

Check = Callable[[Any, str], Any]
"""Takes a value and its path, such as ``session.audio.output.speed``."""
LONGEST_SHOWN = 100
"""Characters of a value that an error repeats."""


def shown(value: Any) -> str:
    """A value as an error may repeat it: what is deep or long is only named."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    text = json.dumps(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def wrong_type(path: str, value: Any, wanted: str) -> ProtocolError:
    """The error for a value of another type than ``wanted``."""
    return ProtocolError(
        "invalid_type", f"Invalid type for '{path}': expected {wanted}, but got {shown(value)} instead.", param=path
    )


def unknown(path: str) -> ProtocolError:
    """The error for a field that there is not (captured)."""
    return ProtocolError("unknown_parameter", f"Unknown parameter: '{path}'.", param=path)


def missing(path: str) -> ProtocolError:
    """The error for a field that must be there (reported)."""
    return ProtocolError("missing_required_parameter", f"Missing required parameter: '{path}'.", param=path)


def kind(wanted: str, *kinds: type) -> Check:
    """A value of one of these types, no subtype."""

    def check(value: Any, path: str) -> Any:
        if type(value) not in kinds:
            raise wrong_type(path, value, wanted)
        return value

    return check


boolean = kind("a boolean", bool)
string = kind("a string", str)


def one_of(*known: Any) -> Check:
    """One of these values (captured text)."""

    def check(value: Any, path: str) -> Any:
        if value not in known:
            supported = ", ".join(f"'{name}'" for name in known)
            given = shown(value).strip('"')
            message = f"Invalid value: '{given}'. Supported values are: {supported}."
            raise ProtocolError("invalid_value", message, param=path)
        return value

    return check


def number(low: float, high: float, *, whole: bool = False) -> Check:
    """A number from ``low`` to ``high``."""

    def check(value: Any, path: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise wrong_type(path, value, "an integer" if whole else "a number")
        name = "integer" if whole else "decimal"
        if not low <= value:
            message = f"Invalid '{path}': {name} below minimum value. Expected a value >= {low}, but got {value}."
            raise ProtocolError(f"{name}_below_min_value", message, param=path)
        if not value <= high:
            message = f"Invalid '{path}': {name} above maximum value. Expected a value <= {high}, but got {value}."
            raise ProtocolError(f"{name}_above_max_value", message, param=path)
        return value

    return check


def fields(known: Mapping[str, Check]) -> Check:
    """An object of which every field is known and right."""

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise wrong_type(path, value, "an object")
        for key in value:
            if key not in known:
                raise unknown(f"{path}.{key}")
        return {key: known[key](given, f"{path}.{key}") for key, given in value.items()}

    return check


def nullable(check: Check) -> Check:
    """``null``, or what ``check`` takes."""

    def either(value: Any, path: str) -> Any:
        return None if value is None else check(value, path)

    return either


def array(item: Check) -> Check:
    """An array of what ``item`` takes."""

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise wrong_type(path, value, "an array")
        return [item(each, f"{path}[{index}]") for index, each in enumerate(value)]

    return check
