"""What the values of the founding report cost: each alone, with the other two off, at three levels of the voice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ...clients.reference import REFERENCE_CLIENTS
from ...units import SECOND
from .goals import Harm, harm
from .plan import Ground, SweepPlan, grounds
from .rows import CellRow
from .run import Crash
from .table import Compute
from .variants import Variant

REPORTED: dict[str, Any] = {"gate_threshold": 0.03, "interruption_threshold": 0.1, "watchdog_ms": 30 * SECOND // 1_000}
"""The values of the report: community.openai.com topic 1374520."""
_OFF: dict[str, Any] = {"gate_threshold": 0.0, "interruption_threshold": 0.0, "watchdog_ms": None}
LEVELS_DBFS = (-42.0, -36.0, -30.0)
"""A quiet speaker, one between, and a usual one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one value costs at one level, on all scenarios of the sweep."""

    name: str
    value: Any
    level_dbfs: float
    said: int
    lost: int
    """Utterances that are lost with the value and not without it."""
    missed: int
    """Barge-ins that are missed with it and not without it."""
    freezes: tuple[str, ...]
    """Where the client freezes with it and not without it: the scenario and the cause."""
    unknown: int
    """On how many grounds it proves nothing."""


def reported_names(plan: SweepPlan) -> tuple[str, ...]:
    """The values of the report, if the sweep varies one of them; none if the client is the user's own."""
    if plan.client not in REFERENCE_CLIENTS or not any(axis.name in REPORTED for axis in plan.axes):
        return ()
    return tuple(REPORTED)


def standings(plan: SweepPlan, compute: Compute) -> list[Standing]:
    """What the reported values cost; each cell is computed as those of the sweep are."""
    names = reported_names(plan)
    if not names:
        return []
    found: list[Standing] = []
    settings = [dict(_OFF), *({**_OFF, name: REPORTED[name]} for name in names)]
    for level_dbfs in LEVELS_DBFS:
        places = [*_grounds(plan, level_dbfs)]
        rows: dict[int, CellRow | None] = {}
        base = replace(plan, settings={name: value for name, value in plan.settings.items() if name not in _OFF})
        parts = []
        for number, ground in enumerate(places):
            for case, _ in base.parts(ground, [{}]):
                parts.append((case, [number * len(settings) + at for at in range(len(settings))], settings))
        for outcome in compute(parts):
            rows[outcome.index] = None if isinstance(outcome.value, Crash) else outcome.value
        for at, name in enumerate(names, 1):
            pairs = [(ground, rows[n * len(settings)], rows[n * len(settings) + at]) for n, ground in enumerate(places)]
            found.append(_standing(name, level_dbfs, pairs))
    return found


def _grounds(plan: SweepPlan, level_dbfs: float) -> Iterator[Ground]:
    """Each scenario and detector of the sweep, everything said at this level; other variants as they are."""
    seen = set()
    for ground in plan.grounds:
        variant = replace(ground.variant, level_dbfs=level_dbfs)
        key = ground.name, variant, ground.detector
        if key in seen:
            continue
        seen.add(key)
        put = Variant(level_dbfs=level_dbfs)
        (made,) = grounds([(ground.name, ground.scenario)], [put], [ground.detector])
        yield replace(made, variant=variant)


def _standing(name: str, level_dbfs: float, pairs: list[tuple[Ground, CellRow | None, CellRow | None]]) -> Standing:
    said = lost = missed = unknown = 0
    freezes: dict[str, None] = {}
    for ground, without, row in pairs:
        if row is None or without is None or Harm.UNKNOWN in harm(row) | harm(without):
            unknown += 1
            continue
        said += row.utterances_said
        lost += max(0, row.utterances_lost - without.utterances_lost)
        missed += max(0, row.barge_ins_missed - without.barge_ins_missed)
        if Harm.FREEZES in harm(row) and row.cause != without.cause:
            freezes[f"{ground.name} ({row.cause})"] = None
    return Standing(name, REPORTED[name], level_dbfs, said, lost, missed, tuple(freezes), unknown)
