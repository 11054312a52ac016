"""A day of conversation in one run of virtual time: what grows by the hour, and how long it takes to judge it.

A user speaks three times a minute to the client `reported`, whose session expires every hour and is dialled again. A
run keeps its journal in memory, so memory grows with the journal, by the same amount every hour; nothing else may grow,
but for the ids and lengths of what was said. So the entries are measured as objects too, beside the whole process.
``python -m harness.bench.soak`` measures it; with ``--trace``, it shows which lines of the code hold what has grown.
"""

import argparse
import gc
import sys
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..audio.chunk import Chunk
from ..clients.interface import Command
from ..clients.reference import Reported
from ..journal import ConnectionOpened, Journal, UserSpeaks
from ..scenario.model import At, Reply, Say, Scenario, ServerSetup, Step
from ..units import SECOND
from ..verdict.judge import judge
from ..world.answers import Answers
from ..world.play import play

HOURS = 24
_HOUR = 3600 * SECOND
_EVERY_US = 20 * SECOND
_PAGE_BYTES = 4096
_LINES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SoakHour:
    """One hour of the run."""

    entries: int
    """What the journal got."""
    journal_bytes: int
    """The same as it is in a file."""
    memory_bytes: int
    """The same as objects in memory, without what the allocator adds."""
    resident_mib: float
    """The memory of the process at its end, in MiB; 0 if unknown."""


@dataclass(frozen=True, slots=True)
class Soak:
    """The figures of a run; times are of one core."""

    hours: tuple[SoakHour, ...]
    said: int
    answered: int
    sessions: int
    played_s: float
    judged_s: float
    verdict: str


def soak_scenario(hours: int) -> Scenario:
    """A user who speaks every 20 s for so many hours."""
    say = Say("speech_en_f_arctic_a0009")
    turns = Step(At(SECOND), say, repeat=hours * _HOUR // _EVERY_US, every_us=_EVERY_US)
    server = ServerSetup(detector="energy", reply=Reply(lasts_us=4 * SECOND))
    return Scenario("a day", (turns,), server=server, lasts_us=hours * _HOUR + 10 * SECOND)


def soak(hours: int, *, trace: bool = False) -> Soak:
    """Play and judge so many hours. ``trace`` also prints what has grown between the second hour and the last."""
    resident: list[float] = []
    snapshots: list[tracemalloc.Snapshot] = []

    class Watched(Reported):
        """The client, which notes memory at every full hour."""

        def hear(self, chunk: Chunk, now: int) -> list[Command]:
            if now // _HOUR > len(resident):
                resident.append(_resident_mib())
                if trace and len(resident) in (2, hours):
                    gc.collect()
                    snapshots.append(tracemalloc.take_snapshot())
            return super().hear(chunk, now)

    scenario = soak_scenario(hours)
    if trace:
        tracemalloc.start()
    began = time.process_time()
    journal = play(scenario, Watched).journal
    played = time.process_time()
    verdict = judge(journal, scenario)
    judged = time.process_time()
    if len(snapshots) == 2:
        for line in snapshots[1].compare_to(snapshots[0], "lineno")[:_LINES_SHOWN]:
            print(line, file=sys.stderr)
    answers, said = Answers(journal), list(journal.select(UserSpeaks))
    return Soak(
        hours=tuple(_hours(journal, resident)),
        said=len(said),
        answered=sum(answers.to(utterance) is not None for utterance in said),
        sessions=sum(1 for _ in journal.select(ConnectionOpened)),
        played_s=played - began,
        judged_s=judged - played,
        verdict=str(verdict),
    )


def _hours(journal: Journal, resident: Sequence[float]) -> list[SoakHour]:
    entries, sizes, objects = ([0] * len(resident) for _ in range(3))
    counted: set[int] = set()
    lines = journal.lines()
    next(lines)
    for entry, line in zip(journal.entries, lines, strict=True):
        hour = entry.t // _HOUR
        if hour < len(resident):
            entries[hour] += 1
            sizes[hour] += len(line)
            objects[hour] += _in_memory(entry, counted)
    return [SoakHour(*each) for each in zip(entries, sizes, objects, resident, strict=True)]


def _in_memory(thing: Any, counted: set[int]) -> int:
    """Bytes of an object and of what it holds, without what is ``counted`` already."""
    if id(thing) in counted:
        return 0
    counted.add(id(thing))
    held: Iterable[Any] = ()
    if isinstance(thing, Struct):
        held = (getattr(thing, name) for name in thing.__struct_fields__)
    elif isinstance(thing, dict):
        held = (*thing, *thing.values())
    elif isinstance(thing, list):
        held = thing
    return sys.getsizeof(thing) + sum(_in_memory(each, counted) for each in held)


def _resident_mib() -> float:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES / 2**20
    except (OSError, ValueError, IndexError):
        return 0.0


def page(measured: Soak) -> str:
    """The figures as a page of the documentation."""
    hours = measured.hours
    grown = [later.resident_mib - before.resident_mib for before, later in pairwise(hours)]
    in_memory = sum(hour.memory_bytes for hour in hours)
    rows = [
        f"| {number} | {hour.entries} | {hour.journal_bytes / 2**10:.0f} | {hour.memory_bytes / 2**10:.0f} "
        f"| {hour.resident_mib:.0f} |"
        for number, hour in enumerate(hours, start=1)
    ]
    return "\n".join(
        [
            f"# {len(hours)} hours of conversation",
            "",
            "Measured by `make soak`: one run in virtual time, with the energy detector. A user speaks three times a "
            "minute to the client `reported`; its session expires every hour, and it dials again.",
            "",
            f"* {measured.said} utterances, {measured.answered} answered; {measured.sessions} sessions; "
            f"verdict: {measured.verdict}.",
            f"* Played in {measured.played_s:.0f} s and judged in {measured.judged_s:.0f} s of one core.",
            f"* The process grew by {sum(grown) / max(1, len(grown)):.1f} MiB an hour from the end of the first hour "
            f"on ({min(grown, default=0):.1f} to {max(grown, default=0):.1f}). The entries of its journal, which a run "
            f"keeps in memory, are {in_memory / max(1, len(hours)) / 2**20:.1f} MiB an hour of it; the rest is what "
            "the allocator adds, and the ids and lengths of the answers.",
            "* All else is bounded: ten minutes of the assistant's audio, two minutes of the microphone's, and the "
            "conversation of a session, which ends with it.",
            "",
            "| hour | entries of the journal | as a file, KiB | in memory, KiB | memory of the process, MiB |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            "A live server keeps no journal in memory beyond what its control API shows; `stillthere bench live` "
            "measures what one of its sessions grows by in an hour.",
        ]
    )


def main() -> None:
    """Measure, and print the page."""
    parser = argparse.ArgumentParser(prog="make soak", description="A day of conversation: what grows by the hour.")
    parser.add_argument("--hours", type=int, default=HOURS)
    parser.add_argument("--trace", action="store_true", help="which lines of the code hold what has grown; slow")
    chosen = parser.parse_args()
    print(page(soak(chosen.hours, trace=chosen.trace)))


if __name__ == "__main__":
    main()
