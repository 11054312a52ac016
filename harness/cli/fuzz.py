"""``stillthere fuzz``: play the fault schedules of many seeds, and list those that fail."""

import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ..clients.registry import find_client
from ..errors import SettingError
from ..scenario import dump
from ..search.campaign import CampaignTally, campaign, scenario_for
from ..search.processes import MOST_JOBS, processes
from ..units import SECOND
from .output import FAILED, HELD, PROPERTY_HELP, check_folder, find_own_modules, property_choices, write_text

FAILURES_LISTED = 20


def fuzz(
    client: Annotated[
        str, typer.Option(help="reported, development, resilient, push_to_talk, or your own as module:Class.")
    ] = ("resilient"),
    seeds: Annotated[str, typer.Option(metavar="A..B", help="Seeds from A to B, without B.")] = "0..1000",
    budget_s: Annotated[
        float | None, typer.Option("--budget", min=0, help="Start no more seeds after this many seconds.")
    ] = (None),
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
    ] = None,
    properties: Annotated[
        list[str] | None, typer.Option("--property", metavar="NAME=CHOICE", help=PROPERTY_HELP)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the scenarios of the seeds that failed.")] = None,
) -> None:
    """Play conversations with one to six random faults each, and list those that fail; exit 1 if any.

    A run fails if the client is silent for ever, or by any other property that is set to fail.
    """
    find_own_modules()
    find_client(client)
    choices = property_choices(properties)
    check_folder(out)
    chosen, began, total = _range(seeds), time.monotonic(), CampaignTally()
    try:
        with processes(jobs) as executor:
            for total in campaign(client, chosen, choices=choices, executor=executor):
                _progress(total, len(chosen), time.monotonic() - began)
                if budget_s is not None and time.monotonic() - began > budget_s:
                    break
    except KeyboardInterrupt:
        _show(total, client, time.monotonic() - began)
        raise
    _show(total, client, time.monotonic() - began)
    if out is not None and total.failures:
        _save_failures(total, client, choices, out)
    raise typer.Exit(FAILED if total.failures else HELD)


def _save_failures(total: CampaignTally, client: str, choices: dict[str, str], out: Path) -> None:
    """Write the scenarios of the seeds that failed, and print how to play the first again."""
    paths = [out / f"schedule_{failure.seed}.yaml" for failure in total.failures]
    for path, failure in zip(paths, total.failures, strict=True):
        write_text(path, dump(scenario_for(client, failure.seed, choices)))
    command = ["stillthere", "run", str(paths[0]), "--client", client, "--seed", str(total.failures[0].seed)]
    print(f"saved: {len(paths)} in {out}; play the first with: {shlex.join(command)}")


def _range(text: str) -> range:
    low, dots, high = text.partition("..")
    if not (low.isdecimal() and dots and high.isdecimal() and int(low) < int(high) <= sys.maxsize):
        raise SettingError(f"--seeds {text!r}: write a first seed and the one after the last, such as 0..1000")
    return range(int(low), int(high))


def _progress(total: CampaignTally, seeds: int, wall_s: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{total.runs} of {seeds}, {len(total.failures)} failed, {wall_s:.0f} s", end="", file=sys.stderr)


def _show(total: CampaignTally, client: str, wall_s: float) -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for failure in total.failures[:FAILURES_LISTED]:
        print(failure)
    if len(total.failures) > FAILURES_LISTED:
        print(f"and {len(total.failures) - FAILURES_LISTED} more")
    recovered = sorted(total.recovery_us)
    held = total.runs - len(total.failures) - total.vacuous
    print(
        f"{client}: {total.runs} schedules, {held} held, {len(total.failures)} failed, {total.vacuous} vacuous; "
        f"{total.virtual_us / SECOND / 3600:.1f} h of conversation in {wall_s:.0f} s"
    )
    if recovered:
        median, worst = recovered[len(recovered) // 2], recovered[-1]
        print(f"answered after the heal: median {median / SECOND:.1f} s, worst {worst / SECOND:.1f} s")
    for name, count in sorted(total.warnings.items()):
        print(f"warning: {name} in {count} of {total.runs} runs")
