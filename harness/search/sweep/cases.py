"""What a sweep computes: cases, the cells of each, and how the outcome of a cell was obtained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar

from ...journal import Journal
from ...scenario.model import Scenario

T = TypeVar("T")
Reader: TypeAlias = Callable[[Scenario, Journal], T]
"""Reads the value of a cell from its run. It is called once for each distinct journal, so it must depend on nothing but
the scenario and the entries; not on the settings in the header. To reach other processes it must be picklable."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is the same for all cells of one grid."""

    scenario: Scenario
    """With the speaker, the level and the noise that the sweep puts in; each range at its middle."""
    client: str
    """A reference client, or ``module:Class``."""
    detector: str
    """The server's ear."""
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Client settings that all cells have, besides those of the scenario."""


class How(StrEnum):
    """How the outcome of a cell was obtained."""

    PLAYED = "played"
    """The cell itself was played."""
    COMPUTED = "computed"
    """The journal follows from that of a cell that was played."""


@dataclass(frozen=True, slots=True)
class CellOutcome(Generic[T]):
    """The outcome of one cell."""

    index: int
    """Its place in the cells that were asked for."""
    value: T
    """What the reader read from its journal."""
    how: How
