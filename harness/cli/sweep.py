"""``stillthere sweep``: play scenarios with many settings, and say which are safe."""

import json
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import typer
from rich.console import Console

from ..clients.worklet.names import behind_worklet
from ..errors import ClientError, SettingError, visible
from ..picture.words import plain
from ..report import sweep_csv, sweep_map
from ..scenario import Scenario
from ..search.sweep.advice import Advice, advise
from ..search.sweep.axes import read_axes
from ..search.sweep.cases import How
from ..search.sweep.knobs import read_settings
from ..search.sweep.plan import SweepPlan, grounds
from ..search.sweep.refine import run_plan
from ..search.sweep.samples import Way, read_sample
from ..search.sweep.standing import standings
from ..search.sweep.table import Compute, SweepTable
from ..search.sweep.variants import check_variants, read_variants
from ..vad.detector import make_detector
from .chosen import load_chosen
from .guard import ends_on_signals, surroundings_kept
from .output import (
    HELD,
    VACUOUS,
    check_folder,
    find_own_modules,
    import_modules,
    pairs,
)
from .progress import Progress
from .run_options import (
    AsJsonOption,
    HostsOption,
    ImportsOption,
    KeywordOption,
    ScenariosArgument,
    SettingsOption,
    TracebackOption,
    WorkletOption,
)
from .sweep_compute import SweepWork, estimate
from .sweep_options import (
    CellTimeoutOption,
    EarsOption,
    OverOption,
    RefineOption,
    SampleOption,
    SweepJobsOption,
    SweepOutOption,
    SweepSeedOption,
    SweptAppOption,
    SweptClientOption,
    VaryOption,
)
from .sweep_out import SweepFolder

_WIDEST, _NARROWEST = 200, 40
_TRACES = 3


def sweep(
    vary: VaryOption,
    scenarios: ScenariosArgument = None,
    keyword: KeywordOption = None,
    client: SweptClientOption = None,
    app: SweptAppOption = None,
    worklet: WorkletOption = None,
    detector: EarsOption = None,
    over: OverOption = None,
    sample: SampleOption = None,
    refine: RefineOption = 0,
    settings: SettingsOption = None,
    seed: SweepSeedOption = 0,
    jobs: SweepJobsOption = None,
    timeout: CellTimeoutOption = 60.0,
    out: SweepOutOption = None,
    imports: ImportsOption = None,
    host: HostsOption = None,
    show_traceback: TracebackOption = False,
    as_json: AsJsonOption = False,
) -> None:
    """Play scenarios with many settings of client and server: a table, maps, and which settings are safe.

    A cell is one combination of values. Exit 0 if something is known of a cell, 3 if all are vacuous, 4 if the client
    raised in all of them.
    """
    find_own_modules()
    check_folder(out)
    client = _behind(worklet, client, app)
    with surroundings_kept():
        import_modules(imports or ())
        work = SweepWork.of(client, app, jobs, timeout, imports or (), host or ())
    way, number = read_sample(sample)
    if way != "grid" and refine:
        raise SettingError("--refine goes with a grid; leave out --sample, or --refine")
    with surroundings_kept():
        plan = _plan(scenarios or [], keyword, over or (), detector, vary, settings or (), work, seed)
    began = time.monotonic()
    asked = _Asked(way, number, refine)
    with ends_on_signals(), surroundings_kept():
        _show_merged(plan)
        compute = work.compute(asked.cells(plan))
        for line in estimate(plan, work, asked.cells(plan)):
            print(line, file=sys.stderr)
        table = _run(plan, asked, compute, Progress("cells", is_wanted=not as_json))
        advice = advise(table, standings(plan, compute))
    command = shlex.join(["stillthere", *sys.argv[1:]])
    if out is not None:
        with ends_on_signals(), surroundings_kept():
            for note in SweepFolder(out.resolve(), table, advice, command, work).write():
                print(note, file=sys.stderr)
    if as_json:
        print(json.dumps(_document(table, advice, command), indent=2, ensure_ascii=False))
    else:
        console = Console()
        width = max(_NARROWEST, min(_WIDEST, console.width))
        console.print(sweep_map.maps(table, width), highlight=False, markup=False, width=width)
        for sentence in advice.sentences:
            console.print(f"• {plain(sentence)}", highlight=False, markup=False, width=width)
        console.print(_told(table, time.monotonic() - began), highlight=False, markup=False, width=width)
    if show_traceback:
        _show_traces(table, work)
    raise typer.Exit(_exit_code(table))


def _behind(worklet: str | None, client: str | None, app: str | None) -> str | None:
    """The client that is asked for, behind the worklet if there is one."""
    if worklet is None:
        return client
    if app is not None:
        raise SettingError(f"--worklet {worklet}: the app {app} has a gate of its own; leave one out")
    return behind_worklet(client or "reported", worklet)


def _plan(
    names: Sequence[str],
    keyword: str | None,
    over: Sequence[str],
    detector: str | None,
    vary: Sequence[str],
    settings: Sequence[str],
    work: SweepWork,
    seed: int,
) -> SweepPlan:
    """What the options ask for. Raises :exc:`SettingError` and :exc:`InputError`."""
    variants = read_variants(over)
    detectors = [each.strip() for each in detector.split(",")] if detector is not None else []
    for each in detectors:
        make_detector(each)
    fixed = read_settings(
        pairs("--set", "NAME=VALUE", "gate_threshold=0.03", settings), work.name, is_class=work.app is None
    )
    axes = read_axes(vary, work.name, is_class=work.app is None)
    for axis in axes:
        if axis.name in fixed:
            raise SettingError(f"--set {axis.name}: it is varied; leave one out")
    loaded = _load(names, keyword)
    check_variants(variants, [scenario for _, scenario in loaded])
    return SweepPlan(grounds(loaded, variants, detectors), axes, work.name, seed, fixed)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which cells are asked for."""

    way: Way
    number: int
    rounds: int

    def cells(self, plan: SweepPlan) -> int:
        """How many rows that is at least."""
        number = self.number if self.way != "grid" else prod(len(axis.values) for axis in plan.axes)
        return number * len(plan.grounds)


def _run(plan: SweepPlan, asked: _Asked, compute: Compute, progress: Progress) -> SweepTable:
    try:
        return run_plan(plan, compute, way=asked.way, number=asked.number, rounds=asked.rounds, told=progress.show)
    finally:
        progress.clear()


def _load(names: Sequence[str], keyword: str | None) -> list[tuple[str, Scenario]]:
    """All scenarios, by their names. Raises :exc:`InputError` with the mistakes of all of them."""
    loaded = load_chosen(names, keyword)
    stems = [Path(name).stem if name.endswith((".yaml", ".yml")) else name for name, _ in loaded]
    alike = {stem for stem in stems if stems.count(stem) > 1}  # of several folders
    return [(name if stem in alike else stem, scenario) for stem, (name, scenario) in zip(stems, loaded, strict=True)]


def _show_merged(plan: SweepPlan) -> None:
    for axis in plan.axes:
        if axis.merged:
            left = f"{axis.merged} values equal another after rounding; {len(axis.values)} are left"
            print(f"--vary {axis.name}: {left}", file=sys.stderr)


def _show_traces(table: SweepTable, work: SweepWork) -> None:
    """The traceback of the first cell of each distinct crash, on standard error; of the first :data:`_TRACES`."""
    reasons = {each.reason: each for each in reversed(list(table)) if each.row is None}
    for reason, each in list(reversed(reasons.items()))[:_TRACES]:
        print(visible(reason), file=sys.stderr)
        ((case, _),) = table.plan.parts(each.ground, [each.cell])
        trace = work.trace(case, table.plan.settings_of(each.cell))
        print(visible(trace.rstrip("\n"), keep="\n"), file=sys.stderr)


def _told(table: SweepTable, wall_s: float) -> str:
    """How many cells came which way."""
    played, computed = table.ways[How.PLAYED], table.ways[How.COMPUTED]
    crashed = sum(each.row is None for each in table)
    more = f"; the client raised in {crashed}" if crashed else ""
    of = f" ({len(table.cells)} cells on each of {len(table.rows)} grounds)" if len(table.rows) > 1 else ""
    return f"{len(table)} rows{of}: {played} played, {computed} computed{more}; {wall_s:.1f} s"


def _exit_code(table: SweepTable) -> int:
    if all(each.row is None for each in table):
        return ClientError.exit_code
    return VACUOUS if all(each.row is None or each.row.verdict == "vacuous" for each in table) else HELD


def _document(table: SweepTable, advice: Advice, command: str) -> dict[str, object]:
    return {
        "command": command,
        "client": table.plan.client,
        "seed": table.plan.seed,
        "ways": {how.value: count for how, count in sorted(table.ways.items())},
        "advice": {
            "sentences": advice.sentences,
            "best": advice.best,
            "box": advice.box,
            "unconditional": advice.is_unconditional,
        },
        "rows": list(sweep_csv.documents(table)),
    }
