"""``stillthere run``: play scenarios with clients, and judge them."""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console

from ..clients.registry import NamedClient, find_client
from ..errors import ClientError, InputError, SeveralErrors, StillthereError, visible
from ..report import junit
from ..report.terminal import picture
from ..scenario import Scenario, load
from ..vad.detector import DETECTORS, make_detector
from ..verdict.judge import judge
from ..world.play import play
from .guard import surroundings_kept
from .output import (
    FAILED,
    HELD,
    IMPORT_HELP,
    PROPERTY_HELP,
    VACUOUS,
    check_file,
    check_folder,
    find_own_modules,
    import_modules,
    picture_width,
    property_choices,
    show_notes,
    write_text,
)
from .played import Broken, JournalFolder, Played
from .time_limit import LONGEST_S, TimeLimit

_EXIT_CODES = {"held": HELD, "failed": FAILED, "vacuous": VACUOUS, "error": ClientError.exit_code}
_WORST_FIRST = ("error", "failed", "vacuous")


def run(
    scenarios: Annotated[
        list[str], typer.Argument(help="Scenario files, or names of shipped ones.", metavar="SCENARIO…")
    ],
    client: Annotated[
        list[str] | None,
        typer.Option(help="reported, development, resilient, push_to_talk, telephone, or your own as module:Class."),
    ] = None,
    detector: Annotated[
        str | None, typer.Option(help=f"The server's ear instead of the scenario's: {', '.join(DETECTORS)}.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the journals.")] = None,
    properties: Annotated[
        list[str] | None, typer.Option("--property", metavar="NAME=CHOICE", help=PROPERTY_HELP)
    ] = None,
    imports: Annotated[list[str] | None, typer.Option("--import", metavar="MODULE", help=IMPORT_HELP)] = None,
    junit_file: Annotated[Path | None, typer.Option("--junit", help="Write a JUnit file.")] = None,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0,
            max=LONGEST_S,
            help="End a run that takes longer, in seconds of real time; 0: never.",
        ),
    ] = 120.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Play scenarios with clients in virtual time, and judge them. The default client is `reported`."""
    find_own_modules()
    with surroundings_kept():
        import_modules(imports or ())
    choices = property_choices(properties)
    check_folder(out)
    check_file(junit_file)
    if detector is not None:
        make_detector(detector)
    console = Console(stderr=as_json)
    journals = JournalFolder(out)
    results = _Results(sys.stdout if as_json else None, junit_file, console)
    limit = TimeLimit(timeout, results.give_up)
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        clients = []  # first: a client's module may register faults
        for name in client or ["reported"]:
            with surroundings_kept(), limit.watch(f"client {name}"):
                clients.append(find_client(name))
        for name, scenario in _load(scenarios):
            for chosen in clients:
                results.begin(name, scenario, chosen, detector, seed)
                shown = None if as_json else console
                try:
                    one = _play(name, scenario, chosen, seed, detector, choices, journals, shown, limit)
                except InputError as error:  # such as a fault of the user's own that raises
                    results.stop(error)
                    raise
                results.add(one)
    raise typer.Exit(results.finish())


@dataclass(slots=True)
class _Results:
    """The runs of one command so far, and what is written when they are over."""

    json: TextIO | None
    """Where the JSON document goes; None: text is wanted."""
    junit_file: Path | None
    console: Console
    played: list[Played | Broken] = field(default_factory=list)
    begun: Callable[[str], Broken] | None = None
    """The run that is being played, if it does not end."""

    def begin(self, name: str, scenario: Scenario, client: NamedClient, detector: str | None, seed: int) -> None:
        """A run begins."""
        began, ear = time.perf_counter(), detector or scenario.server.detector
        self.begun = lambda why: Broken(name, client.name, ear, seed, why, time.perf_counter() - began, scenario.name)

    def add(self, one: Played | Broken) -> None:
        """A run is over."""
        self.played.append(one)
        self.begun = None

    def give_up(self, what: str, error: ClientError) -> None:
        """A run, or the loading of a client, does not end, and the process is about to: finish with what there is."""
        print(f"stillthere: {what}: {error}; nothing further is played", file=sys.stderr)
        if self.begun is not None:
            self.stop(error)

    def stop(self, error: StillthereError) -> None:
        """A run cannot be played: finish with what there is."""
        if self.begun is not None:
            self.add(self.begun(str(error)))
        self.finish()

    def finish(self) -> int:
        """Write what was asked for; the exit code."""
        overall = overall_verdict(self.played)
        if self.json is not None:
            document = {"verdict": overall, "runs": [one.document() for one in self.played]}
            print(json.dumps(document, indent=2), file=self.json)
        elif len(self.played) > 1:
            self.console.print(_summary(self.played), highlight=False, markup=False)
        if self.junit_file is not None:
            write_text(self.junit_file, junit.render(list(map(_case, self.played))))
        return _EXIT_CODES[overall]


def overall_verdict(played: Sequence[Played | Broken]) -> str:
    """The worst of them, in this order: error (the client raised), failed, vacuous, held."""
    names = {one.verdict.name if isinstance(one, Played) else "error" for one in played}
    return next((name for name in _WORST_FIRST if name in names), "held")


def _load(names: Sequence[str]) -> list[tuple[str, Scenario]]:
    """All scenarios. Raises :exc:`InputError` with the mistakes of all of them."""
    loaded: list[tuple[str, Scenario]] = []
    mistakes: list[InputError] = []
    for name in names:
        try:
            scenario = load(name)
        except InputError as error:
            mistakes.append(error)
        else:
            show_notes(scenario)
            loaded.append((name, scenario))
    if mistakes:
        raise SeveralErrors(mistakes)
    return loaded


def _play(
    name: str,
    scenario: Scenario,
    client: NamedClient,
    seed: int,
    detector: str | None,
    choices: Mapping[str, str],
    journals: JournalFolder,
    console: Console | None,
    limit: TimeLimit,
) -> Played | Broken:
    """Play and judge one; if the client raises or hangs, print that at once and go on with the other runs."""
    began = time.perf_counter()
    try:
        with surroundings_kept(), limit.watch(f"{name}, client {client.name}"):
            result = play(scenario, client, seed=seed, detector=detector)
            verdict = judge(result.journal, scenario, choices)
    except ClientError as error:
        print(visible(f"stillthere: {name}, client {client.name}: {error}", keep="\n"), file=sys.stderr)
        chosen = detector or scenario.server.detector
        return Broken(name, client.name, chosen, seed, str(error), time.perf_counter() - began, scenario.name)
    wall_s = time.perf_counter() - began
    one = Played(name, client.name, result, verdict, wall_s, journals.save(result))
    if console is not None:
        path = str(one.journal) if one.journal else None
        width = picture_width(console)
        console.print(picture(one.run, verdict, width=width, journal_path=path, choices=choices))
    return one


def _case(one: Played | Broken) -> junit.JunitCase:
    if isinstance(one, Broken):
        return junit.JunitCase(one.title, one.client, broken=one.reason)
    return junit.JunitCase(one.run.scenario.name, one.client, one.run.virtual_us, one.verdict)


def _summary(played: Sequence[Played | Broken]) -> str:
    widths = [
        max(len(text) for text in column) for column in zip(*((p.scenario, p.client) for p in played), strict=True)
    ]
    rows = (f"{one.scenario:{widths[0]}}  {one.client:{widths[1]}}  {one.outcome}" for one in played)
    return "\n".join(map(visible, rows))
