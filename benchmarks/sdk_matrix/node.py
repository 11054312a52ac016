"""Plays the cells of the programs in Node, in real time: each on the wall clock, several beside each other."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.apps.real_time.play import play_program
from harness.apps.real_time.stage import lateness_s
from harness.journal import AppEnded, ClientLog, Journal
from harness.processes import Lost, outcomes
from harness.units import MS

from .cells import Cell, cell_of
from .configurations import NODE
from .faults import BY_NAME, NODE_FAULTS
from .results import Played, keep, save, today

ENVIRONMENT = Path(__file__).parents[2] / ".clients" / "node"
"""``make`` links the apps into it, as ``matrix``: Node finds packages from where a file is named."""
JOBS = 5
"""Each run takes little of a core."""
LATE_S = 0.05
"""A run whose world was later than this proves nothing."""
TRIES = 4
_TOLD = re.compile(r"^(\d+) ms: (.*)$", re.MULTILINE)
_UNCAUGHT = re.compile(r"^(?:\w*Error)\b.*$", re.MULTILINE)

Place = tuple[str, str]
"""A configuration and a fault, by their names."""


def play_node() -> Played:
    """Play all cells, and write the results. Raises :exc:`RuntimeError` for one that cannot be had."""
    wanted = [(each.name, fault) for each in NODE for fault in NODE_FAULTS]
    found: dict[Place, Cell] = {}
    missing = []
    for place, cell in outcomes(play_cell, wanted, JOBS, None, most_tasks=1):
        if isinstance(cell, Lost):
            missing.append(f"{place[0]} under {place[1]}: {cell.reason}")
        elif isinstance(cell, str):
            missing.append(f"{place[0]} under {place[1]}: {cell}")
        else:
            found[place] = cell
            print(*place, cell.answered_ms, cell.verdict, sep="; ", file=sys.stderr)
    if missing:
        raise RuntimeError(f"these cells were not played: {'; '.join(missing)}")
    cells = tuple(found[place] for place in wanted)
    played = Played("node", today(), node_version(), dict(versions()), 0.0, cells)
    save(played)
    return played


def play_cell(place: Place) -> Cell | str:
    """Play one of them, anew if the machine was too busy; why there is no cell, if it is so each time."""
    configuration = next(each for each in NODE if each.name == place[0])
    fault = BY_NAME[place[1]]
    links = ["--preserve-symlinks", "--preserve-symlinks-main"]
    script = ENVIRONMENT / "matrix" / Path(configuration.file).name
    command = [str(ENVIRONMENT / "bin/node"), *links, str(script), *configuration.arguments]
    late = []
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder, "output.txt")
            run = play_program(fault.scenario(), command, tls=configuration.tls, output=output)
            written = output.read_text(encoding="utf-8", errors="replace")
        if lateness_s(run.journal) <= LATE_S:
            journal = with_output(run.journal, written)
            keep(journal, configuration.name, fault.name)
            return cell_of(configuration.name, fault.name, journal, run.scenario)
        late.append(lateness_s(run.journal))
    return f"the world was late by {', '.join(map(str, late))} s; let less run beside it"


def with_output(journal: Journal, written: str) -> Journal:
    """The journal with what the program wrote: its own clock begins when it dials, as that of the journal."""
    lines = [(int(ms) * MS, text) for ms, text in _TOLD.findall(written)]
    ended = next(journal.select(AppEnded), None)
    uncaught = _UNCAUGHT.search(written)
    if ended is not None and uncaught is not None:
        lines.append((ended.t, f"uncaught {uncaught[0]}"))
    printed = [ClientLog(t=t, kind="prints", fields={"line": line}) for t, line in lines if t <= journal.end]
    found = Journal({name: value for name, value in journal.header.items() if name != "stillthere"})
    for entry in sorted([*journal.entries, *printed], key=lambda entry: entry.t):
        found.add(entry)
    return found


def node_version() -> str:
    """The interpreter, in words."""
    asked = subprocess.run([ENVIRONMENT / "bin/node", "--version"], capture_output=True, text=True, check=True)
    return f"Node {asked.stdout.strip().removeprefix('v')}"


def versions() -> Iterator[tuple[str, str]]:
    """The versions of the packages that are shown."""
    for name in dict.fromkeys(name for each in NODE for name in each.packages):
        text = (ENVIRONMENT / "node_modules" / name / "package.json").read_text(encoding="utf-8")
        yield name, json.loads(text)["version"]
