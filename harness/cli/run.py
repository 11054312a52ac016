"""``stillthere run``: play scenarios against clients and judge them."""

import json
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType

from harness.cli.output import picture_width, write_text
from harness.clients.registry import find_client
from harness.report import junit
from harness.report.terminal import picture
from harness.scenario import Scenario, load
from harness.units import SECOND
from harness.vad.detector import make_detector
from harness.verdict.judge import Verdict, judge
from harness.world.play import Run, play

EXIT = {"held": 0, "failed": 1, "vacuous": 3}


@dataclass(frozen=True, slots=True)
class Played:
    """A run with its verdict, and where its journal was saved."""

    run: Run
    verdict: Verdict
    scenario: str
    wall_s: float
    journal: Path | None

    def picture(self, width: int) -> RenderableType:
        """The run for a person."""
        path = str(self.journal) if self.journal else None
        return picture(self.run, self.verdict, width=width, journal_path=path)

    def document(self) -> dict[str, Any]:
        """The run in the JSON of ``--json``."""
        findings = [
            {"property": found.name, "at_s": found.at_us / SECOND, "reason": found.reason, "cause": found.cause}
            for found in self.verdict.findings
        ]
        return {
            "scenario": self.scenario,
            "client": self.run.client,
            "detector": self.run.detector,
            "seed": self.run.seed,
            "verdict": self.verdict.name,
            "findings": findings,
            "journal_sha256": self.run.journal.sha256(),
            "virtual_s": self.run.virtual_us / SECOND,
            "wall_s": round(self.wall_s, 3),
            "journal": str(self.journal) if self.journal else None,
        }


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
    if detector is not None:
        make_detector(detector)
    loaded = [(name, load(name)) for name in scenarios]
    console = Console(stderr=as_json)
    played = []
    for name, scenario in loaded:
        for chosen in client or ["reported"]:
            one = _play(name, scenario, chosen, seed, detector, out)
            played.append(one)
            if not as_json:
                console.print(one.picture(picture_width(console)))
    if junit_file is not None:
        write_text(junit_file, junit.render([(one.run, one.verdict) for one in played]))
    overall = overall_verdict([one.verdict for one in played])
    if as_json:
        print(json.dumps({"verdict": overall, "runs": [one.document() for one in played]}, indent=2))
    elif len(played) > 1:
        console.print(_summary(played), highlight=False, markup=False)
    raise typer.Exit(EXIT[overall])


def _play(name: str, scenario: Scenario, client: str, seed: int, detector: str | None, out: Path | None) -> Played:
    began = time.perf_counter()
    result = play(scenario, client, find_client(client), seed=seed, detector=detector)
    wall_s = time.perf_counter() - began
    return Played(result, judge(result.journal, scenario), name, wall_s, _save(result, out))


def overall_verdict(verdicts: list[Verdict]) -> str:
    """The worst of them: failed, then vacuous, then held."""
    names = {verdict.name for verdict in verdicts}
    return next((name for name in ("failed", "vacuous") if name in names), "held")


def _summary(played: list[Played]) -> str:
    rows = [(one.scenario, one.run.client, str(one.verdict)) for one in played]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}" for row in rows)


def _save(result: Run, out: Path | None) -> Path | None:
    if out is None:
        return None
    name = result.scenario.path.stem if result.scenario.path else result.scenario.name
    words = f"{name}-{result.client}-{result.detector}-{result.seed}"
    path = out / (re.sub(r"[^A-Za-z0-9_.-]+", "_", words) + ".jsonl")
    write_text(path, b"".join(result.journal.lines()).decode())
    return path
