"""The parameters of faults: their kinds, and how each is written in a scenario or on the command line.

A fault is a frozen dataclass whose fields are made by :func:`parameter`. All code that reads, writes, lists or checks
faults uses these fields.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from .. import quantities
from ..errors import SettingError, did_you_mean
from ..protocol.codec import CLIENT_EVENT_TYPES, SERVER_EVENT_TYPES
from ..quantities import decibels, digits, durations, format_decibels, format_durations, format_peak, peak
from ..ranges import Between, between
from .seams import Fault

EVENT_TYPES = tuple(dict.fromkeys((*CLIENT_EVENT_TYPES, *SERVER_EVENT_TYPES)))
"""The types that a pattern of events can match: those of clients and servers."""
_MOST_REASON_BYTES = 123
"""The longest reason of a Close frame (RFC 6455)."""

NO_CODE = 1005
"""The code that both sides see of a Close frame without one (RFC 6455, section 7.1.5)."""
_CLOSE_CODES = [1000, 1001, 1002, 1003, NO_CODE, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
_OWN_CODES = {"type": "integer", "minimum": 3000, "maximum": 4999}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of parameter. ``read`` raises :exc:`ValueError` with a sentence; it reads back what ``write`` gives."""

    read: Callable[[object], Any]
    write: Callable[[Any], object]
    schema: Mapping[str, Any]
    """How one value is written, as JSON Schema."""
    span: Mapping[str, Any] | None = None
    """How a range of values is written, if ``schema`` does not cover it; None: there are no ranges."""

    @property
    def written(self) -> Mapping[str, Any]:
        """How one value or a range of values is written, as JSON Schema."""
        return self.schema if self.span is None else {"anyOf": [self.schema, self.span]}


def parameter(default: Any, kind: Kind, doc: str) -> Any:
    """A field of a fault; ``doc`` is its sentence in the catalogue."""
    return field(default=default, metadata={"kind": kind, "doc": doc})


def kinds(fault: type[Fault]) -> dict[str, Kind]:
    """The kind of each parameter, by its written name: without its unit, and with blanks."""
    return {spelt(each.name): each.metadata["kind"] for each in fields(fault)}


def description(fault: type[Fault]) -> str:
    """What a fault does: its docstring on one line, without markup."""
    return _on_one_line(inspect.getdoc(fault))


def background(fault: type[Fault]) -> str:
    """What is seen when a fault happens: the docstring of its module on one line, without markup."""
    return _on_one_line(inspect.getdoc(inspect.getmodule(fault)))


def _on_one_line(docstring: str | None) -> str:
    return " ".join((docstring or "").replace("``", "").split())


def documentation(fault: type[Fault]) -> dict[str, str]:
    """The sentence about each parameter, by its written name."""
    return {spelt(each.name): each.metadata["doc"] for each in fields(fault)}


def defaults(fault: type[Fault]) -> dict[str, object]:
    """The default of each parameter as it is written, by its written name; None: there is none."""
    return {
        spelt(each.name): None if each.default is None else each.metadata["kind"].write(each.default)
        for each in fields(fault)
    }


def make(fault: type[Fault], given: Mapping[str, object]) -> Fault:
    """Make a fault from parameters as they are written. Raises :exc:`SettingError` with a sentence."""
    names = {spelt(each.name): each for each in fields(fault)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in names:
            known = did_you_mean(name, names) if names else "it has no parameters"
            raise SettingError(f"the fault {fault.name!r} has no parameter {name!r}; {known}")
        try:
            values[names[name].name] = names[name].metadata["kind"].read(value)
        except ValueError as error:
            raise SettingError(f"{name!r} of the fault {fault.name!r}: {error}") from None
    return fault(**values)


def given(fault: Fault) -> dict[str, object]:
    """The parameters that differ from their defaults, as they are written; :func:`make` reads them back."""
    values = {each: getattr(fault, each.name) for each in fields(fault)}
    return {spelt(each.name): each.metadata["kind"].write(v) for each, v in values.items() if v != each.default}


_UNITS = ("_us", "_ms", "_db", "_lsb", "_bps")


def spelt(name: str) -> str:
    """How a parameter is written: ``delay_us`` is ``delay``, ``wait_first`` is ``wait first``."""
    stem = next((name.removesuffix(unit) for unit in _UNITS if name.endswith(unit)), name)
    return stem.replace("_", " ")


# --- kinds ----------------------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"write some text (got {value!r})")
    return value.strip()


def _events(value: object) -> str:
    pattern = _text(value)
    if not any(map(matcher(pattern), EVENT_TYPES)):
        near = get_close_matches(pattern, EVENT_TYPES, n=1)
        advice = f"did you mean {near[0]!r}?" if near else "write one such as response.done, or a pattern as response.*"
        raise ValueError(f"no event has the type {pattern!r}; {advice}")
    return pattern


def _close_code(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not (value in _CLOSE_CODES or 3000 <= value <= 4999):
        known = ", ".join(map(str, _CLOSE_CODES))
        raise ValueError(f"a Close has one of the codes {known}, or one from 3000 to 4999 (got {value!r})")
    return value


def _reason(value: object) -> str:
    text = _text(value)
    if len(text.encode()) > _MOST_REASON_BYTES:
        raise ValueError(f"the reason of a Close has at most {_MOST_REASON_BYTES} bytes in UTF-8")
    return text


def matcher(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether an event's type matches a pattern with ``*``."""
    compiled = re.compile(re.escape(pattern).replace(r"\*", ".*"))
    return lambda kind: compiled.fullmatch(kind) is not None


def _plain(value: Any) -> object:
    return value


def _texts(pattern: str, *examples: str) -> Mapping[str, Any]:
    return {"type": "string", "pattern": f"^({pattern})$", "examples": list(examples)}


DURATION = Kind(durations, format_durations, _texts(quantities.DURATION_RANGE_PATTERN, "1.2s", "1s..3s"))
"""A duration, or a range of them."""
PEAKS = Kind(peak, lambda ends: format_peak(*ends), _texts(quantities.PEAK_PATTERN, "41..96 LSB"))
"""Two peaks; while it is active, the fault draws peaks between them."""
DECIBELS = Kind(decibels, format_decibels, _texts(quantities.GAIN_RANGE_PATTERN, "-34 dB", "-40..-20 dB"))
"""A gain or a loss in dB, or a range of them."""
EVENT_TYPE = Kind(_events, _plain, {"type": "string", "examples": ["response.*"]})
"""The type of an event, or a pattern of types with ``*``."""
TEXT = Kind(_text, _plain, {"type": "string"})
"""Any text."""
CLOSE_CODE = Kind(_close_code, _plain, {"anyOf": [{"enum": _CLOSE_CODES}, _OWN_CODES]})
"""The code of a Close frame, or 1005 for one without a code (RFC 6455)."""
REASON = Kind(_reason, _plain, {"type": "string", "maxLength": _MOST_REASON_BYTES})
"""The reason of a Close frame (RFC 6455)."""


_WHOLE = r"[+-]?\d{1,15}"
_NUMBER = r"[+-]?\d+(?:\.\d+)?"


def number(low: float, high: float) -> Kind:
    """The kind of a number from ``low`` to ``high``, or a range such as ``0.1..0.5``."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"give a number from {low:g} to {high:g} (got {value!r})")
        return float(value)

    schema = {"type": "number", "minimum": low, "maximum": high}
    return _ranged(Kind(read, _plain, schema), _NUMBER, float, f"{digits(low)}..{digits(high)}")


def whole(low: int, high: int) -> Kind:
    """The kind of a whole number from ``low`` to ``high``, or a range such as ``2..5``."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"give a whole number from {low} to {high} (got {value!r})")
        return value

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return _ranged(Kind(read, _plain, schema), _WHOLE, int, f"{low}..{high}")


def _ranged(one: Kind, pattern: str, number_of: Callable[[str], Any], example: str) -> Kind:
    """The kind of a number, or a range as text."""
    span = re.compile(rf"({pattern})\s*\.\.\s*({pattern})")

    def read(value: object) -> Any:
        match = span.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            return one.read(value)
        low, high = (one.read(number_of(end)) for end in match.groups())
        if low > high:
            raise ValueError(f"a range goes from low to high (got {value!r})")
        return between(low, high)

    def write(value: Any) -> object:
        return f"{digits(value.low)}..{digits(value.high)}" if isinstance(value, Between) else value

    return Kind(read, write, one.schema, _texts(span.pattern, example))


def one_of(names: Iterable[str]) -> Kind:
    """The kind of one of ``names``."""
    known = tuple(names)

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{value!r} is unknown; {did_you_mean(str(value), known)}")
        return value

    return Kind(read, _plain, {"enum": list(known)})


def numbers(low: float, high: float) -> Kind:
    """The kind of a list of numbers from ``low`` to ``high``, not empty; each may be a range."""
    one = number(low, high)

    def read(value: object) -> tuple[float, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError(f"write a list of numbers, such as [0.1, 0.9] (got {value!r})")
        return tuple(one.read(each) for each in value)

    def write(values: tuple[float, ...]) -> list[object]:
        return [one.write(each) for each in values]

    return Kind(read, write, {"type": "array", "items": one.written, "minItems": 1})
