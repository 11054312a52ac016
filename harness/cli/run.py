"""``stillthere run``: play scenarios with clients, and judge them."""

import contextlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..clients.registry import NamedClient, find_client
from ..errors import ClientError, InputError
from ..report import junit
from ..report.terminal import picture
from ..scenario import Scenario, load
from ..vad.detector import DETECTORS, make_detector
from ..verdict.judge import judge
from ..world.play import play
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

_EXIT_CODES = {"held": HELD, "failed": FAILED, "vacuous": VACUOUS, "error": ClientError.exit_code}
_WORST_FIRST = ("error", "failed", "vacuous")


def run(
    scenarios: Annotated[
        list[str], typer.Argument(help="Scenario files, or names of shipped ones.", metavar="SCENARIO…")
    ],
    client: Annotated[
        list[str] | None,
        typer.Option(help="reported, development, resilient, push_to_talk, or your own as module:Class."),
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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Play scenarios with clients in virtual time, and judge them. The default client is `reported`."""
    find_own_modules()
    import_modules(imports or ())
    choices = property_choices(properties)
    check_folder(out)
    check_file(junit_file)
    if detector is not None:
        make_detector(detector)
    console = Console(stderr=as_json)
    journals = JournalFolder(out)
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        clients = [find_client(name) for name in client or ["reported"]]  # first: its module may register faults
        loaded = _load(scenarios)
        played = [
            _play(name, scenario, chosen, seed, detector, choices, journals, None if as_json else console)
            for name, scenario in loaded
            for chosen in clients
        ]
    if junit_file is not None:
        write_text(junit_file, junit.render(list(map(_case, played))))
    overall = overall_verdict(played)
    if as_json:
        print(json.dumps({"verdict": overall, "runs": [one.document() for one in played]}, indent=2))
    elif len(played) > 1:
        console.print(_summary(played), highlight=False, markup=False)
    raise typer.Exit(_EXIT_CODES[overall])


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
    if len(mistakes) == 1:
        raise mistakes[0]
    if mistakes:
        raise InputError("\n".join(map(str, mistakes)))
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
) -> Played | Broken:
    """Play and judge one; if the client raises, print that at once and go on with the other runs."""
    began = time.perf_counter()
    try:
        result = play(scenario, client, seed=seed, detector=detector)
    except ClientError as error:
        print(f"stillthere: {name}, client {client.name}: {error}", file=sys.stderr)
        chosen = detector or scenario.server.detector
        return Broken(name, client.name, chosen, seed, str(error), time.perf_counter() - began)
    wall_s = time.perf_counter() - began
    verdict = judge(result.journal, scenario, choices)
    one = Played(name, client.name, result, verdict, wall_s, journals.save(result))
    if console is not None:
        path = str(one.journal) if one.journal else None
        width = picture_width(console)
        console.print(picture(one.run, verdict, width=width, journal_path=path, choices=choices))
    return one


def _case(one: Played | Broken) -> junit.JunitCase:
    if isinstance(one, Broken):
        return junit.JunitCase(one.scenario, one.client, broken=one.reason)
    return junit.JunitCase(one.run.scenario.name, one.client, one.run.virtual_us, one.verdict)


def _summary(played: Sequence[Played | Broken]) -> str:
    widths = [
        max(len(text) for text in column) for column in zip(*((p.scenario, p.client) for p in played), strict=True)
    ]
    return "\n".join(f"{one.scenario:{widths[0]}}  {one.client:{widths[1]}}  {one.outcome}" for one in played)
