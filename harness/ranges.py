"""Ranges: a number of a scenario that is only known to lie between two ends.

A range is itself a number, the middle of its ends, so that code that reads a scenario can treat it as any number. A
plain run takes the middles (:func:`settled`); a search draws within the ends (:func:`drawn`).
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar, cast

Number = int | float
Choose = Callable[[str, Number, Number], Number]
"""Gives a number from the second to the third argument, both included; a whole number if they are whole. The first
argument names the range, such as ``loud/at_us``: seed a generator with it, so that a range added to the scenario
changes no other draw."""
_T = TypeVar("_T")
_PLAIN = frozenset({int, float, str, bool, type(None)})
"""The types whose values have no ranges; those of a range are classes of its own."""


class Between:
    """A number from ``low`` to ``high``. It equals only a range with the same ends."""

    low: Number
    high: Number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Between) and (self.low, self.high) == (other.low, other.high)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def __bool__(self) -> bool:
        return True  # so that ``given or default`` keeps a range whose middle is 0

    def __repr__(self) -> str:
        return f"between({self.low!r}, {self.high!r})"

    def __reduce__(self) -> tuple[Callable[[Number, Number], Number], tuple[Number, Number]]:
        return between, (self.low, self.high)


class WholeBetween(Between, int):
    """A range of whole numbers; its middle is rounded down."""

    def __new__(cls, low: int, high: int) -> "WholeBetween":
        """The range, as its middle."""
        made = int.__new__(cls, (low + high) // 2)
        made.low, made.high = low, high
        return made


class RealBetween(Between, float):
    """A range of real numbers."""

    def __new__(cls, low: float, high: float) -> "RealBetween":
        """The range, as its middle."""
        made = float.__new__(cls, (low + high) / 2)
        made.low, made.high = low, high
        return made


def between(low: Number, high: Number) -> Any:
    """The range from ``low`` to ``high``, or the number itself if both are the same. Raises :exc:`ValueError`."""
    if low > high:
        raise ValueError(f"a range goes from low to high (got {low}..{high})")
    if low == high:
        return low
    if isinstance(low, int) and isinstance(high, int):
        return WholeBetween(low, high)
    return RealBetween(float(low), float(high))


def ends(value: Number) -> tuple[Number, Number]:
    """The ends of a range; both are the number itself if it is not a range."""
    return (value.low, value.high) if isinstance(value, Between) else (value, value)


def settled(value: _T) -> _T:
    """``value`` with every range at its middle; the object itself if it has no ranges."""
    return drawn(value, _middle)


def drawn(value: _T, choose: Choose, name: str = "") -> _T:
    """``value`` with every range replaced by what ``choose`` gives; the object itself if it has no ranges.

    Searches dataclasses, tuples and maps. The name of a range is the path of fields and keys to it; an entry of a tuple
    is named by its ``label``, or by its type and its number among the entries of that type.
    """
    return cast(_T, _drawn(value, choose, name))


def _drawn(value: Any, choose: Choose, name: str) -> Any:
    if type(value) in _PLAIN:  # most values of a long scenario
        return value
    if isinstance(value, Between):
        return choose(name, value.low, value.high)
    if isinstance(value, tuple):
        parts = tuple(_drawn(part, choose, _join(name, key)) for key, part in _named(value))
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    if isinstance(value, Mapping):
        changed = {key: new for key, old in value.items() if (new := _drawn(old, choose, _join(name, key))) is not old}
        return {**value, **changed} if changed else value
    if is_dataclass(value) and not isinstance(value, type):
        named = [(key, old) for key in _fields_of(type(value)) if type(old := getattr(value, key)) not in _PLAIN]
        changed = {key: new for key, old in named if (new := _drawn(old, choose, _join(name, key))) is not old}
        return replace(value, **changed) if changed else value
    return value


@cache
def _fields_of(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a dataclass that its constructor takes."""
    return tuple(field.name for field in fields(kind) if field.init)


def _named(parts: tuple[Any, ...]) -> list[tuple[str, Any]]:
    count: dict[str, int] = {}
    named = []
    for part in parts:
        kind = type(getattr(part, "action", part)).__name__
        count[kind] = count.get(kind, 0) + 1
        named.append((getattr(part, "label", None) or f"{kind} {count[kind]}", part))
    return named


def _join(name: str, key: str) -> str:
    return f"{name}/{key}" if name else key


def _middle(_: str, low: Number, high: Number) -> Number:
    return float(RealBetween(low, high)) if isinstance(low, float) else int(WholeBetween(int(low), int(high)))
