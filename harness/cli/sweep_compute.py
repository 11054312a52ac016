"""What a sweep tests: a reference client, a user's own class or an asyncio app; and how long its cells will take."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..apps.play import play_apps, run_of
from ..apps.target import AppTarget, find_app
from ..apps.virtual.child import AppTask
from ..apps.virtual.stage import Setting
from ..clients.reference import REFERENCE_CLIENTS
from ..clients.registry import find_client
from ..errors import ClientError, SettingError
from ..search.sweep.cases import Case, CellOutcome, How
from ..search.sweep.plain import play_cell
from ..search.sweep.plan import SweepPlan
from ..search.sweep.rows import CellRow, measure
from ..search.sweep.run import Crash, Done, run_cells
from ..search.sweep.table import Compute
from ..world.play import Run
from .apps import app_hosts, check_for_apps
from .client_jobs import ClientTask, play_clients

FEW_CELLS = 64
"""So few cells of a reference client are computed in this process: another one takes a second to start."""
_LONG_S = 60.0
"""What takes longer is said before."""


@dataclass(frozen=True, slots=True)
class SweepWork:
    """What is tested, and with what."""

    name: str
    """The client or the app."""
    app: AppTarget | None
    hosts: tuple[str, ...]
    jobs: int | None
    timeout_s: float
    modules: tuple[str, ...]

    @classmethod
    def of(
        cls,
        client: str | None,
        app: str | None,
        jobs: int | None,
        timeout_s: float,
        modules: Sequence[str],
        hosts: Sequence[str],
    ) -> "SweepWork":
        """What the options ask for. Raises :exc:`SettingError` and :exc:`ClientError`."""
        if client is not None and app is not None:
            raise SettingError(f"--client {client} and --app {app}: a sweep has one of them; leave one out")
        target = find_app(app) if app is not None else None
        check_for_apps([target] if target is not None else [], host=hosts)
        name = app or client or "reported"
        if target is None:
            find_client(name)
        return cls(name, target, app_hosts(hosts), jobs, timeout_s, (*modules,))

    def play(self, case: Case, cell: Mapping[str, Any]) -> Run:
        """Play one cell. Raises :exc:`ClientError`."""
        if self.app is None:
            return play_cell(case, cell)
        ((task, result),) = play_apps([self._task(case, cell)], jobs=1)
        return run_of(task, result)

    def trace(self, case: Case, cell: Mapping[str, Any]) -> str:
        """The traceback of what the client or the app raises in a cell; empty if it raises nothing."""
        if self.app is not None:
            ((_, result),) = play_apps([self._task(case, cell)], jobs=1)
            return result.trace
        settings = {**case.settings, **cell}
        task = ClientTask(
            "a cell", case.scenario, case.client, case.seed, case.detector, settings, {}, self.modules, self.timeout_s,
            traceback=True,
        )  # fmt: skip
        ((_, played),) = play_clients([task], 1)
        return played.trace

    def _task(self, case: Case, cell: Mapping[str, Any]) -> AppTask:
        assert self.app is not None
        setting = Setting(case.seed, case.detector, self.hosts, settings={**case.settings, **cell})
        return AppTask(case.scenario, self.app, setting, self.modules, self.timeout_s)

    def compute(self, rows: int) -> Compute:
        """How the rows are computed; ``rows`` is how many there will be."""
        if self.app is not None:
            return partial(_app_cells, self)
        jobs = self.jobs or (1 if rows <= FEW_CELLS else None)
        return partial(run_cells, read=measure, jobs=jobs, limit_s=self.timeout_s or None, modules=self.modules)


def _app_cells(
    work: SweepWork, parts: Iterable[tuple[Case, Sequence[int], Sequence[Mapping[str, Any]]]]
) -> Iterator[Done[CellRow]]:
    """Each cell of an app is played in a process of its own."""
    places: list[int] = []
    tasks: list[AppTask] = []
    for case, of_case, cells in parts:
        for place, cell in zip(of_case, cells, strict=True):
            tasks.append(work._task(case, cell))
            places.append(place)
    for place, (task, result) in zip(places, play_apps(tasks, work.jobs), strict=True):
        try:
            run = run_of(task, result)
        except ClientError as error:
            yield CellOutcome(place, Crash(str(error)), How.PLAYED)
        else:
            yield CellOutcome(place, measure(run.scenario, run.journal), How.PLAYED)


def estimate(plan: SweepPlan, work: SweepWork, rows: int) -> Iterator[str]:
    """What must be said before: that the cells are played one by one, and how long that takes, by playing one."""
    if work.name in REFERENCE_CLIENTS or rows <= FEW_CELLS:
        return
    (case, _), *_ = plan.parts(plan.grounds[0], [{axis.name: axis.values[0] for axis in plan.axes}])
    cell = plan.settings_of({axis.name: axis.values[0] for axis in plan.axes})
    began = time.monotonic()
    first = next(iter(work_once(work, case, cell)))
    each_s = time.monotonic() - began
    if isinstance(first.value, Crash):
        return
    jobs = work.jobs or os.cpu_count() or 1
    long_s = rows * each_s / jobs
    if long_s > _LONG_S:
        yield (
            f"{work.name} is yours, so each of {rows} cells is played: about {long_s / 60:.0f} min with {jobs} "
            f"processes; --sample lhs:100, or fewer values, takes less"
        )


def work_once(work: SweepWork, case: Case, cell: Mapping[str, Any]) -> Iterator[Done[CellRow]]:
    """One cell alone."""
    yield from replace(work, jobs=1).compute(FEW_CELLS + 1)([(case, [0], [cell])])
