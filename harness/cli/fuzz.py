"""``stillthere fuzz``: play the fault schedules of many seeds, and tell each distinct failure by its smallest story."""

import json
import math
import sys
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..clients.registry import find_client
from ..clients.worklet.names import behind_worklet
from ..errors import ClientError, SettingError, visible
from ..processes import MOST_JOBS
from ..report import found as words
from ..scenario import load
from ..search.campaign import CampaignTally, FailureIdentity, SeedPlayer, SeedResult
from ..search.executors import executor_at
from ..search.findings import DistinctFailure, distinct, told
from ..search.found_file import FOUND, FoundFile, command_of, found_files
from ..search.kept import CampaignFolder, plan_of
from ..search.schedules import ScheduleKind, how_many
from ..search.spreading import campaign
from ..units import SECOND, parse_duration
from .client_jobs import ClientTask, show_trace
from .guard import ends_on_signals
from .output import (
    FAILED,
    HELD,
    PROPERTY_HELP,
    VACUOUS,
    check_folder,
    find_own_modules,
    make_private_folder,
    picture_width,
    property_choices,
    write_private_text,
)
from .progress import Progress
from .run_options import TracebackOption, WorkletOption
from .time_limit import LONGEST_S

DISTINCT = 20
"""So many distinct failures are found before a campaign stops by itself."""


def _seconds(text: str) -> float:
    """Seconds of ``60``, ``60s`` or ``2min``."""
    try:
        return float(text) if text.replace(".", "", 1).isdecimal() else parse_duration(text) / SECOND
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"write seconds or a duration, such as 60, 60s or 2min (got {text!r:.40})") from None


_ClientOption = Annotated[
    str, typer.Option(help="reported, development, resilient, push_to_talk, telephone, or your own as module:Class.")
]
_TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout",
        min=0.001,
        max=LONGEST_S,
        help="A seed that takes more seconds than this has crashed, and is ended.",
    ),
]


class ScheduleOption(StrEnum):
    """What a seed makes."""

    swarm = "swarm"
    lives = "lives"
    singles = "singles"
    pairs = "pairs"


_SchedulesOption = Annotated[
    ScheduleOption,
    typer.Option(
        help="swarm: short conversations, each with other faults; lives: an hour each; singles: each fault in each "
        "phase for each of three lengths; pairs: any two faults. The last two are spaces, which end."
    ),
]


_SeedsOption = Annotated[
    str | None,
    typer.Option(metavar="A..B", help="Seeds from A to B, without B; by default 0..1000, or a whole space."),
]
_BudgetOption = Annotated[
    float | None,
    typer.Option(
        "--budget", metavar="TIME", parser=_seconds, help="Start no more seeds after 60, 60s or 2min; 0: play none."
    ),
]
_DistinctOption = Annotated[
    int, typer.Option("--distinct", min=1, help="Start no more seeds after so many distinct failures.")
]


def fuzz(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="[SCENARIO]", help="Throw faults into this scenario; else each seed makes its own."),
    ] = None,
    client: _ClientOption = "resilient",
    worklet: WorkletOption = None,
    seeds: _SeedsOption = None,
    schedules: _SchedulesOption = ScheduleOption.swarm,
    budget_s: _BudgetOption = None,
    most: _DistinctOption = DISTINCT,
    slow_s: Annotated[
        float | None,
        typer.Option("--slow", metavar="TIME", parser=_seconds, help="An answer later than this is a failure: 20s."),
    ] = None,
    timeout_s: _TimeoutOption = 60.0,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
    ] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="dask://HOST:PORT", help="Play the seeds on the workers of a Dask scheduler.")
    ] = None,
    properties: Annotated[
        list[str] | None, typer.Option("--property", metavar="NAME=CHOICE", help=PROPERTY_HELP)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help=f"Folder for each result as it is found, and for what was found; else {FOUND.as_posix()}."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the campaign in --out, if one is there.")
    ] = False,
    show_traceback: TracebackOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Play conversations with random faults, and tell each distinct failure by its smallest story; exit 1 if any.

    A run fails if the client is silent for ever, or by any other property that is set to fail. A seed at which the
    client raises, ends its process or does not return has crashed; exit 4 if seeds crashed and none failed. Each
    distinct failure is made as small as it goes, and written as a scenario that `stillthere run` plays.
    """
    find_own_modules()
    client = client if worklet is None else behind_worklet(client, worklet)
    find_client(client)
    choices = property_choices(properties)
    check_folder(out)
    if resume and out is None:
        raise SettingError("--resume needs the folder of the campaign; add --out")
    kind: ScheduleKind = schedules.value
    if scenario is not None and kind != "swarm":
        raise SettingError(f"--schedules {kind} makes scenarios of its own; leave it out, or the scenario {scenario}")
    chosen = _seeds(seeds, kind)
    base = None if scenario is None else load(scenario)
    player = SeedPlayer(client, choices=choices, slow_us=_us(slow_s), limit_s=timeout_s, base=base, schedules=kind)
    command = command_of(client, chosen, choices, slow_s, scenario, kind)
    asked = _Asked(player, chosen, budget_s, most, jobs, executor, as_json, command, show_traceback)
    plan = plan_of(client, chosen, choices, slow_s=slow_s, base=base, schedules=kind)
    with (
        CampaignFolder(out, plan, resume=resume) if out is not None else nullcontext() as folder,
        ends_on_signals(),
    ):
        _Campaign(asked, folder, out or FOUND).run()


def _us(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * SECOND)


def _seeds(text: str | None, kind: ScheduleKind) -> range:
    """The seeds of ``--seeds``, by default the first thousand, or all of a space."""
    there = how_many(kind)
    if text is None:
        return range(there or 1_000)
    chosen = _range(text)
    if there is not None and chosen.stop > there:
        raise SettingError(f"--seeds {text!r}: there are {there} {kind}; give at most 0..{there}")
    return chosen


def _range(text: str) -> range:
    low, dots, high = text.partition("..")
    if not (low.isdecimal() and dots and high.isdecimal() and int(low) < int(high) <= sys.maxsize):
        raise SettingError(f"--seeds {text!r}: write a first seed and the one after the last, such as 0..1000")
    return range(int(low), int(high))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line asks for."""

    player: SeedPlayer
    seeds: range
    budget_s: float | None
    most: int
    jobs: int | None
    executor: str | None
    as_json: bool
    command: str
    traceback: bool


@dataclass(slots=True)
class _Campaign:
    """A campaign, and what it tells."""

    asked: _Asked
    folder: CampaignFolder | None
    found_in: Path
    tally: CampaignTally = field(default_factory=CampaignTally)
    identities: set[FailureIdentity] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)
    played: int = 0
    """Seeds that this command played, and no earlier one."""
    progress: Progress = field(init=False)
    shrinking: Progress | None = None

    def __post_init__(self) -> None:
        self.progress = Progress("seeds", is_wanted=not self.asked.as_json, until_s=self.asked.budget_s)

    def run(self) -> None:
        """Play, look for the smallest stories, tell, and exit."""
        asked = self.asked
        for earlier in self.folder.results if self.folder is not None else ():
            self._count(earlier)
        try:
            self._play()
        except BaseException as ended:
            if self.tally.runs:
                with suppress(OSError):  # the terminal may be gone
                    self._tell(distinct(self.tally), {})
                    if not isinstance(ended, Exception):  # what went wrong has a sentence of its own
                        cure = "; go on with --resume" if self.folder is not None else ""
                        print(f"ended after {self.tally.runs} of {len(asked.seeds)} seeds{cure}", file=sys.stderr)
            raise
        failures = told(asked.player, self.tally, asked.jobs, self._shrinking)
        self._tell(failures, self._write(failures))
        if asked.traceback:
            self._show_traces(failures)
        if not self.tally.runs:
            print("nothing was played, so nothing is proved; give more than --budget 0", file=sys.stderr)
        if self.tally.is_hopeless:
            raise ClientError(
                f"the client crashed at each of the first {self.tally.runs} seeds, so no more were played; mend it"
            )
        raise typer.Exit(_exit_code(self.tally))

    def _play(self) -> None:
        """Tally what is played; what is told of is on disk before."""
        asked = self.asked
        with executor_at(asked.executor) as executor:
            results = campaign(asked.player, self._wanted(), jobs=asked.jobs, executor=executor)
            with closing(results):
                for result in results:
                    if self.folder is not None:
                        self.folder.add(result)
                    self.played += 1
                    self._count(result)
                    self._show_progress()
                    if self.tally.is_hopeless or len(self.identities) >= asked.most:
                        break
        if self.folder is not None:
            self.folder.end()

    def _count(self, result: SeedResult) -> None:
        self.tally.add(result)
        if result.failure is not None:
            self.identities.add(result.failure.identity)

    def _wanted(self) -> Iterator[int]:
        """The seeds that have not been played, as long as there is time, and not enough was found."""
        done = {result.seed for result in self.folder.results} if self.folder is not None else set()
        left = (seed for seed in self.asked.seeds if seed not in done)
        until = math.inf if self.asked.budget_s is None else self.began + self.asked.budget_s
        return takewhile(lambda _: time.monotonic() < until and len(self.identities) < self.asked.most, left)

    # --- what is told ---

    def _show_progress(self) -> None:
        found = f"{len(self.identities)} distinct failures"
        earlier = self.tally.runs - self.played
        self.progress.show(self.tally.runs, len(self.asked.seeds), found, before=earlier)

    def _shrinking(self, known: int, of: int) -> None:
        if self.shrinking is None:
            self.progress.clear()
            self.shrinking = Progress("smallest stories", is_wanted=not self.asked.as_json)
        self.shrinking.show(known, of)

    def _show_traces(self, failures: list[DistinctFailure]) -> None:
        """The traceback of each distinct crash, from its smallest story."""
        for number, failure in enumerate(failures, 1):
            if failure.kind != "crash" or failure.story is None:
                continue
            print(f"{number}. {visible(failure.identity.title)}", file=sys.stderr)
            player, scenario = self.asked.player, failure.story.scenario
            name, seed, limit_s = f"failure {number}", failure.story.seed, player.limit_s or 0.0
            show_trace(ClientTask(name, scenario, player.client, seed, None, None, {}, (), limit_s, traceback=True))

    def _write(self, failures: list[DistinctFailure]) -> dict[int, FoundFile]:
        """Write the file of each failure; by its number."""
        files = {}
        if failures:
            make_private_folder(self.found_in)
        for number, file in found_files(
            self.asked.player, failures, self.found_in, self.asked.command, self.asked.jobs
        ):
            write_private_text(file.path, file.text)
            files[number] = file
        return files

    def _tell(self, failures: list[DistinctFailure], files: dict[int, FoundFile]) -> None:
        self.progress.clear()
        if self.shrinking is not None:
            self.shrinking.clear()
        wall_s = time.monotonic() - self.began
        if self.asked.as_json:
            print(json.dumps(words.document(self.asked.player.client, self.tally, failures, files, wall_s), indent=2))
            return
        width = picture_width(Console())
        for number, failure in enumerate(failures, 1):
            print(words.block(number, failure, files.get(number), self.tally.runs, width), end="\n\n")
        print("\n".join(words.summary(self.asked.player.client, self.tally, failures, wall_s)))
        if files:
            print(f"{len(files)} scenario{'s' if len(files) > 1 else ''} written to {self.found_in.as_posix()}")


def _exit_code(tally: CampaignTally) -> int:
    if tally.failures:
        return FAILED
    if tally.crashes:
        return ClientError.exit_code
    return VACUOUS if tally.vacuous == tally.runs else HELD
