"""Plays the rows in Chromium, one after the other: each run needs the machine for itself."""

import sys
import time
from collections.abc import Iterator, Sequence

from harness.apps.browser.play import play_page
from harness.errors import InputError, StillthereError
from harness.scenario import load
from harness.scenario.model import Scenario
from harness.units import MS
from harness.verdict.lateness import MOST_LATE_US

from ..hypotheses import CLIENTS, SCENARIOS
from .cells import BrowserCell, cell_of, keep, kept
from .rows import FAULTS, PAGE, TRANSPORTS

_CLIENT = "reported"
"""The page of the table of faults: it does nothing about them by itself."""
_DEVICE = "pulse"
Place = tuple[str, str, str]


def plan() -> Iterator[tuple[Place, Scenario]]:
    """All runs: scenario, page and transport, and what is played."""
    for row in FAULTS:
        for transport in TRANSPORTS:
            if (scenario := row.scenario(transport)) is not None:
                yield (row.name, _CLIENT, transport), scenario
    for name in SCENARIOS.values():
        for client in CLIENTS:
            yield (name, client, "websocket"), load(name)


def play_rows(names: Sequence[str], *, missing: bool) -> None:
    """Play these rows, or all; each is kept as soon as it is played."""
    cells = kept()
    for place, scenario in plan():
        if (names and place[0] not in names) or (missing and place in cells):
            continue
        begun = time.monotonic()
        try:
            cell = _cell(place, scenario)
            if cell.late_ms * MS > MOST_LATE_US:  # void: once more
                cell = _cell(place, scenario)
        except InputError as error:
            print(f"{' '.join(place)}: not played: {error}", file=sys.stderr, flush=True)
            continue
        except StillthereError as error:
            print(f"{' '.join(place)}: failed: {error}", file=sys.stderr, flush=True)
            continue
        cells[place] = cell
        keep(cells.values())
        print(f"{' '.join(place)}: {cells[place].verdict} ({time.monotonic() - begun:.0f} s)", flush=True)


def _cell(place: Place, scenario: Scenario) -> BrowserCell:
    name, client, transport = place
    source = "&source=local" if name.startswith("source_collected") and client == "reported" else ""
    run = play_page(scenario, f"{PAGE}?client={client}&transport={transport}{source}", device=_DEVICE)
    return cell_of(name, client, transport, run.journal, run.scenario)
