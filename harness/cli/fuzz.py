"""``stillthere fuzz``: play the fault schedules of many seeds, and list those that fail."""

import math
import shlex
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, nullcontext, suppress
from itertools import islice, takewhile
from pathlib import Path
from typing import Annotated

import typer

from ..clients.registry import find_client
from ..errors import ClientError, SettingError
from ..processes import MOST_JOBS
from ..search.campaign import CampaignTally, SeedResult, campaign
from ..search.kept import CampaignFolder, plan_of
from ..units import SECOND
from .guard import ends_on_signals
from .output import FAILED, HELD, PROPERTY_HELP, VACUOUS, check_folder, find_own_modules, property_choices
from .time_limit import LONGEST_S

FAILURES_LISTED = 20


def fuzz(
    client: Annotated[
        str,
        typer.Option(help="reported, development, resilient, push_to_talk, telephone, or your own as module:Class."),
    ] = ("resilient"),
    seeds: Annotated[str, typer.Option(metavar="A..B", help="Seeds from A to B, without B.")] = "0..1000",
    budget_s: Annotated[
        float | None,
        typer.Option("--budget", min=0, help="Start no more seeds after this many seconds; one is always played."),
    ] = (None),
    timeout_s: Annotated[
        float,
        typer.Option(
            "--timeout",
            min=0.001,
            max=LONGEST_S,
            help="A seed that takes more seconds than this has crashed, and is ended.",
        ),
    ] = 60.0,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one for each core.")
    ] = None,
    properties: Annotated[
        list[str] | None, typer.Option("--property", metavar="NAME=CHOICE", help=PROPERTY_HELP)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results, and for the scenarios of the seeds that failed, as they are found."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the campaign in --out, if one is there.")
    ] = False,
) -> None:
    """Play conversations with one to six random faults each, and list those that fail; exit 1 if any.

    A run fails if the client is silent for ever, or by any other property that is set to fail. A seed at which the
    client raises, ends its process or does not return has crashed; exit 4 if seeds crashed and none failed.
    """
    find_own_modules()
    find_client(client)
    choices = property_choices(properties)
    check_folder(out)
    if resume and out is None:
        raise SettingError("--resume needs the folder of the campaign; add --out")
    chosen = _range(seeds)
    began, tally = time.monotonic(), CampaignTally()
    kept = CampaignFolder(out, plan_of(client, chosen, choices), resume=resume) if out is not None else nullcontext()
    with kept as folder, ends_on_signals():
        for earlier in folder.results if folder is not None else ():
            tally.add(earlier)
        waiting = _within(budget_s, _without(chosen, folder))
        results = campaign(client, waiting, choices=choices, jobs=jobs, limit_s=timeout_s)
        try:
            _collect(results, tally, folder, len(chosen))
        except BaseException as ended:
            if tally.runs:
                with suppress(OSError):  # the terminal may be gone
                    _show(tally, client, choices, folder, time.monotonic() - began)
                    if not isinstance(ended, Exception):  # what went wrong has a sentence of its own
                        cure = "; go on with --resume" if folder is not None else ""
                        print(f"ended after {tally.runs} of {len(chosen)} seeds{cure}", file=sys.stderr)
            raise
    _show(tally, client, choices, folder, time.monotonic() - began)
    if tally.is_hopeless:
        raise ClientError(
            f"the client crashed at each of the first {tally.runs} seeds, so no more were played; mend it"
        )
    raise typer.Exit(_exit_code(tally))


def _collect(
    results: Generator[SeedResult, None, None], tally: CampaignTally, folder: CampaignFolder | None, seeds: int
) -> None:
    """Tally what is played; what is told of is on disk before."""
    began = time.monotonic()
    with closing(results):
        for result in results:
            if folder is not None:
                folder.add(result)
            tally.add(result)
            _progress(tally, seeds, time.monotonic() - began)
            if tally.is_hopeless:
                break
    if folder is not None:
        folder.end()


def _without(seeds: range, folder: CampaignFolder | None) -> Iterator[int]:
    """The seeds that have not been played."""
    played = {result.seed for result in folder.results} if folder is not None else set()
    return (seed for seed in seeds if seed not in played)


def _within(budget_s: float | None, seeds: Iterator[int]) -> Iterator[int]:
    """The first seed, and those that are asked for within the budget."""
    until = math.inf if budget_s is None else time.monotonic() + budget_s
    yield from islice(seeds, 1)
    yield from takewhile(lambda _: time.monotonic() < until, seeds)


def _exit_code(tally: CampaignTally) -> int:
    if tally.failures:
        return FAILED
    if tally.crashes:
        return ClientError.exit_code
    return VACUOUS if tally.runs and tally.vacuous == tally.runs else HELD


def _range(text: str) -> range:
    low, dots, high = text.partition("..")
    if not (low.isdecimal() and dots and high.isdecimal() and int(low) < int(high) <= sys.maxsize):
        raise SettingError(f"--seeds {text!r}: write a first seed and the one after the last, such as 0..1000")
    return range(int(low), int(high))


def _progress(tally: CampaignTally, seeds: int, wall_s: float) -> None:
    if sys.stderr.isatty():
        crashed = f", {len(tally.crashes)} crashed" if tally.crashes else ""
        shown = f"\r{tally.runs} of {seeds}, {len(tally.failures)} failed{crashed}, {wall_s:.0f} s"
        print(shown, end="", file=sys.stderr)


def _show(
    tally: CampaignTally, client: str, choices: Mapping[str, str], folder: CampaignFolder | None, wall_s: float
) -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for found in (tally.failures, tally.crashes):
        for failure in found[:FAILURES_LISTED]:
            print(failure)
        if len(found) > FAILURES_LISTED:
            print(f"and {len(found) - FAILURES_LISTED} more")
    crashed = f", {len(tally.crashes)} crashed" if tally.crashes else ""
    print(
        f"{client}: {tally.runs} schedules, {tally.held} held, {len(tally.failures)} failed, {tally.vacuous} vacuous"
        f"{crashed}; {tally.virtual_us / SECOND / 3600:.1f} h of conversation in {wall_s:.0f} s"
    )
    recovered = sorted(tally.recovery_us)
    if recovered:
        median, worst = recovered[len(recovered) // 2], recovered[-1]
        print(f"answered after the heal: median {median / SECOND:.1f} s, worst {worst / SECOND:.1f} s")
    for name, count in sorted(tally.warnings.items()):
        print(f"warning: {name} in {count} of {tally.runs} runs")
    _show_replay(tally, client, choices, folder)


def _show_replay(tally: CampaignTally, client: str, choices: Mapping[str, str], folder: CampaignFolder | None) -> None:
    """Print where the scenarios are, and how to play the first again; or how to save it."""
    bad = [*tally.failures, *tally.crashes]
    if not bad:
        return
    seed = bad[0].seed
    if folder is not None:
        command = ["stillthere", "run", str(folder.schedule(seed)), "--client", client, "--seed", str(seed)]
        print(f"saved: {len(bad)} in {folder.path}; play the first with: {shlex.join(command)}")
        return
    command = ["stillthere", "fuzz", "--client", client, "--seeds", f"{seed}..{seed + 1}"]
    for name, choice in choices.items():
        command += ["--property", f"{name}={choice}"]
    print(f"save the scenario of the first with: {shlex.join(command)} --out FOLDER")
