"""What ``sweep --out`` writes: the table, the advice, the page with its pictures and scenarios, and the plots."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import ClientError, InputError
from ..report import html, sweep_csv, sweep_html, sweep_plot
from ..report.html_files import run_document
from ..report.terminal import picture
from ..scenario import load
from ..scenario.dump import dump
from ..search.sweep.advice import Advice
from ..search.sweep.border import border
from ..search.sweep.cases import Case
from ..search.sweep.knobs import find_knob
from ..search.sweep.samples import SweepCell
from ..search.sweep.table import SweepTable
from ..search.sweep.variants import Variant, standalone
from ..verdict.judge import judge
from ..world.play import Run
from ..writing import file_name, write_plain
from .output import write_private_text, write_text
from .sweep_compute import SweepWork

MOST_SCENARIOS = 200
"""So many files of changed scenarios are written at most."""
MOST_REPORTS = 12
"""So many failing cells at the border have a report: each is played again, and holds its sound."""
MOST_APP_REPORTS = 3
_MOST_APP_PICTURES = 6
"""An app takes seconds for each."""


@dataclass(slots=True)
class SweepFolder:
    """The folder of a sweep."""

    folder: Path
    table: SweepTable
    advice: Advice
    command: str
    work: SweepWork
    _files: dict[tuple[int, tuple[Any, ...]], str | None] = field(default_factory=dict)
    """The word for each changed scenario on the command line."""

    def write(self) -> Iterator[str]:
        """Write everything; what is missing, in a sentence each. Raises :exc:`InputError` if that fails."""
        table = self.table
        write_text(self.folder / "sweep.csv", sweep_csv.render(table))
        write_text(self.folder / "sweep.json", sweep_csv.sidecar(table, self.command))
        write_text(self.folder / "advice.txt", "\n".join(self.advice.sentences) + "\n")
        most = sweep_html.MOST_PICTURES if self.work.app is None else _MOST_APP_PICTURES
        chosen, outcomes = sweep_html.representatives(table, most)
        pictures = {}
        for ground, place in chosen:
            svg = self._picture(ground, place)
            if svg is not None:
                pictures[ground, place] = sweep_html.CellPicture(place, svg)
        reported, failing = border(table, MOST_REPORTS if self.work.app is None else MOST_APP_REPORTS)
        reports = {at: name for at in reported if (name := self._report(*at)) is not None}
        page = sweep_html.page(table, self.advice, self.command, self._word, pictures, outcomes, reports)
        write_text(self.folder / "sweep.html", page)
        if len(reports) < failing:
            yield f"{len(reports)} of {failing} failing cells at the border have a report; each has its command"
        if len(chosen) < outcomes:
            yield f"sweep.html has pictures of {len(chosen)} of {outcomes} different outcomes"
        yield from self._plots()

    def _plots(self) -> Iterator[str]:
        if not sweep_plot.has_matplotlib():
            yield f"no SVG and PNG: {sweep_plot.NEEDS_MATPLOTLIB}"
            return
        forms: tuple[sweep_plot.Format, ...] = ("svg", "png")
        for form in forms:
            if self.table.shape is not None:
                self._bytes(f"map.{form}", sweep_plot.heat_map(self.table, self.advice, form))
            self._bytes(f"tradeoff.{form}", sweep_plot.trade_off(self.table, self.advice, form))

    def _bytes(self, name: str, data: bytes) -> None:
        try:
            write_plain(self.folder / name, data)
        except OSError as error:
            raise InputError(f"{self.folder / name} cannot be written: {error.strerror}; give another path") from None

    def _played(self, ground: int, place: int) -> tuple[Run, str | None] | None:
        """A cell, played again, and the command that does so; None if the client raises, which it did not before."""
        cell = self.table.cells[place]
        settings = self.table.plan.settings_of(cell)
        word = self._word(ground, cell)
        try:
            run = self.work.play(self._case(ground, cell), settings)
        except ClientError:
            return None
        return run, None if word is None else word + "".join(f" --set {self._set(*each)}" for each in settings.items())

    def _report(self, ground: int, place: int) -> str | None:
        """Write the report of a cell; its path beside the page."""
        played = self._played(ground, place)
        if played is None:
            return None
        run, again = played
        name = f"reports/{file_name(self.table.plan.grounds[ground].told, 60)}-{ground}-{place}.html"
        drawn = run_document(run, judge(run.journal, run.scenario), again=again)
        write_private_text(self.folder / name, html.page(drawn))
        return name

    def _picture(self, ground: int, place: int) -> str | None:
        played = self._played(ground, place)
        if played is None:
            return None
        run, again = played
        drawn = picture(run, judge(run.journal, run.scenario), width=110, again=again)
        return sweep_html.as_svg(drawn, f"{self.table.plan.grounds[ground].told} {place}")

    def _case(self, ground: int, cell: SweepCell) -> Case:
        ((case, _),) = self.table.plan.parts(self.table.plan.grounds[ground], [cell])
        return case

    def _word(self, ground: int, cell: SweepCell) -> str | None:
        """The start of the command that plays a cell: all but its own settings."""
        plan = self.table.plan
        of_scenario = [axis for axis in plan.axes if not axis.knob.is_of_client]
        key = ground, tuple(cell[axis.name] for axis in of_scenario)
        if key not in self._files:
            self._files[key] = self._scenario(ground, cell, is_changed=bool(of_scenario))
        name = self._files[key]
        if name is None:
            return None
        detector, own = plan.grounds[ground].detector, plan.grounds[ground].scenario.server.detector
        words = ["stillthere", "run", name, "--app" if self.work.app else "--client", plan.client]
        words += ["--seed", str(plan.seed)]
        words += ["--detector", detector] if detector != own else []
        return shlex.join(words) + "".join(f" --set {self._set(*each)}" for each in plan.settings.items())

    def _set(self, name: str, value: Any) -> str:
        return shlex.quote(f"{name}={find_knob(name, self.table.plan.client, '--set').written(value)}")

    def _scenario(self, ground: int, cell: SweepCell, *, is_changed: bool) -> str | None:
        """What names the scenario on the command line; a changed one is written to a file."""
        at = self.table.plan.grounds[ground]
        if at.variant == Variant() and not is_changed:
            return at.name if at.scenario.path is None or _is_named(at.name) else str(at.scenario.path)
        if len(self._files) >= MOST_SCENARIOS:
            return None
        scenario = standalone(self._case(ground, cell).scenario)
        path = self.folder / "scenarios" / f"{file_name(at.told, 80)}-{len(self._files) + 1}.yaml"
        write_text(path, dump(replace(scenario, outcomes={})))
        return str(path)


def _is_named(name: str) -> bool:
    """Whether a scenario is found by its name alone, as shipped ones are."""
    try:
        load(name)
    except InputError:
        return False
    return True
