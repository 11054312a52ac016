"""The axes of a sweep: what ``--vary`` says about one thing that is varied, and its values.

``NAME=LO..HI:N`` gives N values from LO to HI, ``NAME=log:LO..HI:N`` as many with a constant ratio, and
``NAME=A|B|C`` these.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from ...errors import SettingError
from .knobs import Knob, check_takes, check_value, find_knob, read_value

AxisScale = Literal["linear", "log", "list"]
MOST_AXIS_VALUES = 100_000
_EXAMPLE = "gate_threshold=0.001..0.1:20"


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that is varied."""

    knob: Knob
    values: tuple[Any, ...]
    """In the order in which they are shown, each once."""
    scale: AxisScale
    merged: int = 0
    """How many values were left out, because rounding made them equal to another."""

    @property
    def name(self) -> str:
        """The name of what is varied."""
        return self.knob.name

    @property
    def is_ordered(self) -> bool:
        """Whether the values go from low to high, so that there is something between two of them."""
        return self.scale != "list" or _is_rising(self.values)

    @property
    def is_log(self) -> bool:
        """Whether steps are ratios."""
        return self.scale == "log"

    def between(self, share: float) -> Any:
        """The value at a share of the way from the first to the last one; of a list, one of its values."""
        if self.scale == "list":
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        return _at(self.knob, self.values[0], self.values[-1], share, self.scale)

    def place(self, value: Any) -> float:
        """The inverse of :meth:`between`: the share of the way at which a value is."""
        low, high = self.values[0], self.values[-1]
        if self.scale == "list" or low == high:
            return self.values.index(value) / max(1, len(self.values) - 1) if value in self.values else math.nan
        if self.scale == "log":
            return math.log(value / low) / math.log(high / low) if value > 0 else -math.inf
        return float((value - low) / (high - low))

    def split(self, times: int) -> "Axis":
        """The axis with ``times`` further halvings of each step; a list stays as it is."""
        if self.scale == "list":
            return self
        parts = 2**times
        values = list(self.values[:1])
        for low, high in pairwise(self.values):
            values += [_at(self.knob, low, high, part / parts, self.scale) for part in range(1, parts)] + [high]
        return replace(self, values=tuple(values))


def read_axes(texts: Sequence[str], client: str, *, is_class: bool = True) -> tuple[Axis, ...]:
    """The axes of ``--vary``; ``is_class``: for no app. Raises :exc:`SettingError` for the first one that is wrong."""
    axes = [_read(text, client) for text in texts]
    names = [axis.name for axis in axes]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(f"--vary {name} occurs twice; leave one out")
    if is_class and any(axis.knob.is_of_client for axis in axes):
        check_takes(client, "--vary")
    return tuple(axes)


def _read(text: str, client: str) -> Axis:
    name, equals, values = text.partition("=")
    scale: AxisScale = "linear"
    if name.startswith("log:"):
        scale, name = "log", name.removeprefix("log:")
    if values.startswith("log:"):
        scale, values = "log", values.removeprefix("log:")
    if not equals or not values.strip():
        raise SettingError(f"--vary {text!r} is not NAME=LO..HI:N, such as {_EXAMPLE}, or NAME=A|B|C")
    knob = find_knob(name.strip(), client, "--vary")
    if ".." not in values:
        return Axis(knob, *_unique(read_value(knob, each, "--vary", client) for each in values.split("|")))
    return _range(knob, values, scale, client)


def _range(knob: Knob, text: str, scale: AxisScale, client: str) -> Axis:
    option = f"--vary {knob.name}"
    ends, colon, count = text.rpartition(":")
    low_text, _, high_text = ends.partition("..")
    if not colon or not count.strip().isdecimal() or not low_text or not high_text:
        raise SettingError(f"{option}: {text!r} is not LO..HI:N; say how many values, such as {_EXAMPLE}")
    if knob.kind == "word":
        raise SettingError(f"{option}: there is nothing between words; write a list such as {knob.name}=A|B")
    number = int(count)
    if not 2 <= number <= MOST_AXIS_VALUES:
        raise SettingError(f"{option}: {number} values; give from 2 to {MOST_AXIS_VALUES}, or one value alone")
    is_level = high_text.strip().lower().endswith("dbfs")
    if is_level and not low_text.strip().lower().endswith("dbfs"):
        low_text += "dBFS"
    low, high = (read_value(knob, each, "--vary", client) for each in (low_text, high_text))
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high)):
        raise SettingError(f"{option}: {text!r} needs a number at each end")
    if low >= high:
        raise SettingError(f"{option}: a range goes from low to high (got {ends})")
    if is_level and knob.is_ratio:
        scale = "log"
    if scale == "log" and low <= 0:
        raise SettingError(f"{option}: a logarithmic range cannot begin at {knob.shown(low)}; begin above 0")
    values, merged = _distinct(_at(knob, low, high, at / (number - 1), scale) for at in range(number))
    for value in values:
        check_value(knob, value, "--vary", client)
    return Axis(knob, values, scale, merged)


def _at(knob: Knob, low: Any, high: Any, share: float, scale: AxisScale) -> Any:
    """A value between two, as written with nine digits; a whole number if the knob is one."""
    if share <= 0 or share >= 1:
        value = low if share <= 0 else high
    else:
        value = low * (high / low) ** share if scale == "log" else low + (high - low) * share
    return round(value) if knob.kind == "whole" else float(f"{value:.9g}")


def _unique(values: Iterable[Any]) -> tuple[tuple[Any, ...], AxisScale, int]:
    found, merged = _distinct(values)
    return found, "list", merged


def _distinct(values: Iterable[Any]) -> tuple[tuple[Any, ...], int]:
    given = list(values)
    found = tuple(dict.fromkeys((type(value) is bool, value) for value in given))
    return tuple(value for _, value in found), len(given) - len(found)


def _is_rising(values: Sequence[Any]) -> bool:
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return are_numbers and all(low < high for low, high in pairwise(values))
