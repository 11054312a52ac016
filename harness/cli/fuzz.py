"""``stillthere fuzz``: fault schedules by seed, until one leaves the client silent or the seeds are played."""

import os
import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.output import check_folder, write_text
from harness.clients.registry import find_client
from harness.errors import SettingError
from harness.scenario import dump
from harness.search.campaign import Tally, campaign, scenario_for
from harness.search.processes import MOST_JOBS, processes
from harness.units import SECOND

FAILED = 1
TOLD = 20
"""Failures that are told one by one."""


def fuzz(
    client: Annotated[str, typer.Option(help="reported, development, resilient, or your own as module:Class.")] = (
        "resilient"
    ),
    seeds: Annotated[str, typer.Option(metavar="A..B", help="Seeds, from A up to but without B.")] = "0..1000",
    budget_s: Annotated[float | None, typer.Option("--budget", min=0, help="Seconds after which no more begins.")] = (
        None
    ),
    jobs: Annotated[int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; one a core unless told.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the scenarios of the seeds that failed.")] = None,
) -> None:
    """Play seeded fault schedules, one to six faults each, and tell which leave the client silent; exit 1 if any."""
    sys.path.insert(0, os.getcwd())  # so that module:Class finds the user's own module
    find_client(client)
    check_folder(out)
    chosen, began, total = _range(seeds), time.monotonic(), Tally()
    try:
        with processes(jobs) as executor:
            for total in campaign(client, chosen, executor=executor):
                _progress(total, len(chosen), time.monotonic() - began)
                if budget_s is not None and time.monotonic() - began > budget_s:
                    break
    except KeyboardInterrupt:
        _tell(total, client, time.monotonic() - began)
        raise
    _tell(total, client, time.monotonic() - began)
    if out is not None and total.failures:
        _keep(total, client, out)
    raise typer.Exit(FAILED if total.failures else 0)


def _keep(total: Tally, client: str, out: Path) -> None:
    """Write the scenarios of the seeds that failed, and say how to see the first again."""
    paths = [out / f"schedule_{failure.seed}.yaml" for failure in total.failures]
    for path, failure in zip(paths, total.failures, strict=True):
        write_text(path, dump(scenario_for(client, failure.seed)))
    command = ["stillthere", "run", str(paths[0]), "--client", client, "--seed", str(total.failures[0].seed)]
    print(f"kept: {len(paths)} in {out}; play the first with: {shlex.join(command)}")


def _range(text: str) -> range:
    low, dots, high = text.partition("..")
    if not (low.isdecimal() and dots and high.isdecimal() and int(low) < int(high) <= sys.maxsize):
        raise SettingError(f"--seeds {text!r}: give a first seed and one beyond the last, such as 0..1000")
    return range(int(low), int(high))


def _progress(total: Tally, seeds: int, wall_s: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{total.runs} of {seeds}, {len(total.failures)} silent, {wall_s:.0f} s", end="", file=sys.stderr)


def _tell(total: Tally, client: str, wall_s: float) -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for failure in total.failures[:TOLD]:
        print(f"seed {failure.seed}: {failure.cause}: {failure.reason}")
    if len(total.failures) > TOLD:
        print(f"and {len(total.failures) - TOLD} more")
    recovered = sorted(total.recovery_us)
    held = len(recovered)
    print(
        f"{client}: {total.runs} schedules, {held} held, {len(total.failures)} failed, {total.vacuous} vacuous; "
        f"{total.virtual_us / SECOND / 3600:.1f} h of conversation in {wall_s:.0f} s"
    )
    if recovered:
        median, worst = recovered[held // 2], recovered[-1]
        print(f"answered after the heal: median {median / SECOND:.1f} s, worst {worst / SECOND:.1f} s")
