"""What `run` shows of its runs, as they end and when all are over."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from rich.console import Console
from rich.text import Text

from ..errors import SettingError, visible
from ..report.terminal import picture
from .output import picture_width
from .played import Broken, Played
from .totals import PICTURES, RunRows, totals, verdict_name, worst_first


class HowMuch(Enum):
    """How much is shown."""

    QUIET = "quiet"
    """A row for each run that did not hold, and the totals."""
    USUAL = "usual"
    """The pictures of few runs; of many a row each, and the pictures of the first that failed."""
    VERBOSE = "verbose"
    """All pictures."""
    JSON = "json"
    """Nothing but what goes wrong."""

    @classmethod
    def of(cls, *, quiet: bool, verbose: bool, as_json: bool) -> "HowMuch":
        """What the options ask for. Raises :exc:`SettingError` for two that contradict each other."""
        if quiet and verbose:
            raise SettingError("--quiet and --verbose contradict each other; leave one out")
        return cls.JSON if as_json else cls.QUIET if quiet else cls.VERBOSE if verbose else cls.USUAL


@dataclass(slots=True)
class Shown:
    """Shows the runs of one command on standard output, and errors on standard error."""

    style: HowMuch
    choices: Mapping[str, str]
    """Those of ``--property``, for the command that plays a run again."""
    traceback: bool
    """Whether tracebacks of what clients raise are shown."""
    console: Console = field(default_factory=Console)
    _rows: RunRows = field(init=False)
    _wanted: int = 0

    def __post_init__(self) -> None:
        self._rows = RunRows((), self.console)

    def expect(self, names: Sequence[tuple[str, str]]) -> None:
        """So many runs will follow, each of a scenario with a client."""
        self._rows, self._wanted = RunRows(names, self.console), len(names)

    def one(self, one: Played | Broken) -> None:
        """A run is over."""
        if isinstance(one, Broken):
            self._err(f"stillthere: {one.scenario}, client {one.client}: {one.reason}")
        if self.traceback and one.trace:
            self._err(one.trace.rstrip("\n"))
        if self.style is HowMuch.VERBOSE or (self.style is HowMuch.USUAL and self._wanted <= PICTURES):
            self._picture(one)
        elif self.style is HowMuch.USUAL:
            self._line(self._rows.row(one))

    def end(self, played: Sequence[Played | Broken], wall_s: float) -> None:
        """All runs are over."""
        bad = [one for one in worst_first(played) if verdict_name(one) != "held"]
        if self.style is HowMuch.QUIET:
            rows = bad
        elif len(played) < 2:
            return
        elif self.style is HowMuch.USUAL and self._wanted > PICTURES:
            self._pictures_of(bad)
            rows = bad
        else:
            rows = worst_first(played)
        for one in rows:
            self._line(self._rows.row(one))
        self._line(totals(played, wall_s))

    def _pictures_of(self, bad: Sequence[Played | Broken]) -> None:
        failed = [one for one in bad if isinstance(one, Played)]
        if bad:
            self._line(Text())
        for one in failed[:PICTURES]:
            self._picture(one)
        if len(failed) > PICTURES:
            self._line(Text(f"{PICTURES} of {len(failed)} pictures; -v shows all."))
            self._line(Text())

    def _picture(self, one: Played | Broken) -> None:
        if isinstance(one, Played):
            path = str(one.journal) if one.journal else None
            width = picture_width(self.console)
            self.console.print(picture(one.run, one.verdict, width=width, journal_path=path, choices=self.choices))

    def _line(self, line: Text) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _err(self, text: str) -> None:
        print(visible(text, keep="\n"), file=sys.stderr)
