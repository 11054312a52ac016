"""The plan of a sweep: the cases, and the cells of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...scenario.model import Scenario
from .axes import Axis
from .cases import Case
from .samples import SweepCell
from .variants import Variant


@dataclass(frozen=True, slots=True)
class Ground:
    """One scenario, one variant of it and one detector: all cells of the axes are computed on it."""

    name: str
    """The scenario as the user named it."""
    scenario: Scenario
    """With the variant in it."""
    variant: Variant
    detector: str

    @property
    def told(self) -> str:
        """In a few words."""
        return f"{self.name} {self.variant.told}".strip()


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """Everything that a sweep is asked to compute."""

    grounds: tuple[Ground, ...]
    axes: tuple[Axis, ...]
    client: str
    """A reference client, ``module:Class``, or the name of an app."""
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Those that do not vary."""

    def parts(self, ground: Ground, cells: Sequence[SweepCell]) -> Iterator[tuple[Case, list[int]]]:
        """The cells of one ground by their cases, as places in ``cells``: those whose scenario is the same."""
        others = [axis for axis in self.axes if not axis.knob.is_of_client]
        groups: dict[tuple[Any, ...], list[int]] = {}
        for place, cell in enumerate(cells):
            groups.setdefault(tuple(cell.get(axis.name) for axis in others), []).append(place)
        for values, places in groups.items():
            scenario = ground.scenario
            for axis, value in zip(others, values, strict=True):
                if axis.name in cells[places[0]]:
                    scenario = axis.knob.put(scenario, value)
            yield Case(scenario, self.client, ground.detector, self.seed, self.settings), places

    def settings_of(self, cell: SweepCell) -> dict[str, Any]:
        """The client settings of a cell."""
        return {axis.name: cell[axis.name] for axis in self.axes if axis.knob.is_of_client and axis.name in cell}


def grounds(
    scenarios: Iterable[tuple[str, Scenario]], variants: Sequence[Variant], detectors: Sequence[str]
) -> tuple[Ground, ...]:
    """All combinations; without detectors, each scenario has its own. Ranges are at their middles."""
    found = []
    for name, scenario in scenarios:
        for variant in variants:
            put = variant.put(scenario.settled())
            for detector in detectors or [scenario.server.detector]:
                found.append(Ground(name, replace(put, path=scenario.path), variant, detector))
    return tuple(found)
