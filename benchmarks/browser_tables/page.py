"""docs/browser-tables.md, from the cells that were kept."""

from collections.abc import Iterator
from pathlib import Path

from harness.report.tables import table

from .cells import BrowserCell, kept
from .rows import FAULTS, TRANSPORTS, BrowserFault

PAGE = Path(__file__).parents[2] / "docs" / "browser-tables.md"
_NAMES = {"websocket": "WebSocket", "webrtc": "WebRTC"}
_INTRODUCTION = """\
# What a real browser does under faults

Each fault below was done to the reference page `reported` of [js/](../js/README.md) in a real Chromium, once over a
WebSocket and once over WebRTC: one answered turn, the fault, one more utterance 2 s later, and then a user who speaks
again and again for 15 s. The microphone and the speaker are those of a PulseAudio of its own. `make browser-tables`
plays it anew; figures vary from run to run by some tenths of a second.
"""
_HOW_TO_READ = """\
* **the page was told**: what the browser let the page know after the fault, the first four of them: events of its
  tracks and contexts, of its own life, of its connection, and errors. *nothing*: no event at all.
* **the user**: how long after the fault the first answer was heard to something that was said after it, and the
  verdict of the run. The user speaks 2 s after the fault for some 4 s, so 7 to 9 s are an undisturbed conversation.
"""


def write_page() -> None:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page."""
    cells = kept()
    rows = [row for fault in FAULTS for row in _rows(fault, cells)]
    played = [cell for cell in cells.values() if any(cell.scenario == fault.name for fault in FAULTS)]
    parts = [
        _INTRODUCTION,
        _HOW_TO_READ,
        table(("fault", "over", "the page was told", "the user", "verdict"), rows),
        "",
        *(f"Browser: {each}." for each in sorted({cell.browser for cell in played})),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _rows(fault: BrowserFault, cells: dict[tuple[str, str, str], BrowserCell]) -> Iterator[tuple[str, ...]]:
    for transport in TRANSPORTS:
        title = f"{fault.title}." if transport == TRANSPORTS[0] else ""
        if fault.scenario(transport) is None:
            yield title, _NAMES[transport], "–", "–", "there is no such fault"
            continue
        cell = cells.get((fault.name, "reported", transport))
        if cell is None:
            yield title, _NAMES[transport], "", "", "not played"
            continue
        told = "; ".join(f"{sign.text} ({sign.after_ms / 1000:.1f} s)" for sign in cell.signs) or "nothing"
        answered = "never answered" if cell.answered_ms is None else f"answered after {cell.answered_ms / 1000:.1f} s"
        yield title, _NAMES[transport], told, answered, cell.verdict
