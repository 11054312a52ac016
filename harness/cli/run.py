"""``stillthere run``: play scenarios against clients and judge them."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from harness.cli.output import check_file, check_folder, picture_width, write_text
from harness.cli.played import Broken, JournalFolder, Played
from harness.clients.registry import ClientFactory, find_client
from harness.errors import ClientError, InputError
from harness.report import junit
from harness.report.terminal import picture
from harness.scenario import Scenario, load
from harness.vad.detector import make_detector
from harness.verdict.judge import judge
from harness.world.play import play

EXIT = {"held": 0, "failed": 1, "vacuous": 3, "error": 4}
WORST_FIRST = ("error", "failed", "vacuous")


def run(
    scenarios: Annotated[
        list[str], typer.Argument(help="Scenario files, or names of shipped ones.", metavar="SCENARIO…")
    ],
    client: Annotated[
        list[str] | None, typer.Option(help="reported, development, resilient, or your own as module:Class.")
    ] = None,
    detector: Annotated[str | None, typer.Option(help="Detector in place of the scenario's own.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the journals.")] = None,
    junit_file: Annotated[Path | None, typer.Option("--junit", help="Write a JUnit file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Play scenarios against clients in virtual time, and judge them. Client: `reported` unless told."""
    sys.path.insert(0, os.getcwd())  # so that module:Class finds the user's own module
    check_folder(out)
    check_file(junit_file)
    if detector is not None:
        make_detector(detector)
    loaded = _load(scenarios)
    console = Console(stderr=as_json)
    journals = JournalFolder(out)
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        clients = [(name, find_client(name)) for name in client or ["reported"]]
        played = [
            _play(name, scenario, chosen, seed, detector, journals, None if as_json else console)
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
    raise typer.Exit(EXIT[overall])


def overall_verdict(played: Sequence[Played | Broken]) -> str:
    """The worst of them: a broken client, then failed, then vacuous, then held."""
    names = {one.verdict.name if isinstance(one, Played) else "error" for one in played}
    return next((name for name in WORST_FIRST if name in names), "held")


def _load(names: Sequence[str]) -> list[tuple[str, Scenario]]:
    """All scenarios; if any is wrong, the mistakes of all of them are told."""
    loaded: list[tuple[str, Scenario]] = []
    mistakes: list[InputError] = []
    for name in names:
        try:
            loaded.append((name, load(name)))
        except InputError as error:
            mistakes.append(error)
    if len(mistakes) == 1:
        raise mistakes[0]
    if mistakes:
        raise InputError("\n".join(map(str, mistakes)))
    return loaded


def _play(
    name: str,
    scenario: Scenario,
    client: tuple[str, ClientFactory],
    seed: int,
    detector: str | None,
    journals: JournalFolder,
    console: Console | None,
) -> Played | Broken:
    """Play and judge one; a client that breaks is told at once and does not stop the others."""
    began = time.perf_counter()
    try:
        result = play(scenario, *client, seed=seed, detector=detector)
    except ClientError as error:
        print(f"stillthere: {name}, client {client[0]}: {error}", file=sys.stderr)
        chosen = detector or scenario.server.detector
        return Broken(name, client[0], chosen, seed, str(error), time.perf_counter() - began)
    wall_s = time.perf_counter() - began
    one = Played(name, client[0], result, judge(result.journal, scenario), wall_s, journals.save(result))
    if console is not None:
        path = str(one.journal) if one.journal else None
        console.print(picture(one.run, one.verdict, width=picture_width(console), journal_path=path))
    return one


def _case(one: Played | Broken) -> junit.Case:
    if isinstance(one, Broken):
        return junit.Case(one.scenario, one.client, broken=one.reason)
    return junit.Case(one.run.scenario.name, one.client, one.run.virtual_us, one.verdict)


def _summary(played: Sequence[Played | Broken]) -> str:
    widths = [
        max(len(text) for text in column) for column in zip(*((p.scenario, p.client) for p in played), strict=True)
    ]
    return "\n".join(f"{one.scenario:{widths[0]}}  {one.client:{widths[1]}}  {one.outcome}" for one in played)
