"""docs/hypotheses.md: each suspected way from an app switch to silence as a scenario, here and in a browser.

``python -m benchmarks.hypotheses`` writes the page. The verdicts in virtual time are the outcomes that the scenarios
declare, which tests hold. What a real browser showed is read from ``browser_verdicts.jsonl``, which
``make browser-tables`` writes: a line for each run, with the fields of :class:`BrowserVerdict`.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from harness.report.app_switching import HYPOTHESES
from harness.report.tables import table
from harness.scenario import load

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "hypotheses.md"
BROWSER = ROOT / "benchmarks" / "browser_verdicts.jsonl"
CLIENTS = ("reported", "resilient")
NOT_PLAYED = "not played"
H11 = (
    "The page keeps no reference to its source of audio, and the garbage collector takes it while the context is "
    "suspended."
)
SCENARIOS: dict[str, str] = {
    "H1": "playback_suspended_mid_reply",
    "H2": "gain_lost_after_app_switch",
    "H3": "second_microphone",
    "H4": "capture_unit_dead",
    "H5": "interrupted_context",
    "H6": "page_frozen_loses_socket",
    "H7": "renderer_stopped",
    "H8": "noise_suppression_dip",
    "H9": "chrome_tab_in_background",
    "H10": "quiet_first_chunk",
    "H11": "source_collected_after_app_switch",
}
"""The scenario of each hypothesis. H11 was found when the others were tried."""
CLAIMS = {**{each.number: each.claim for each in HYPOTHESES}, "H11": H11}
WHY: dict[str, str] = {}
"""Why the browser's verdict is another one, by hypothesis; to be written when it is known."""
_HEAD = ("", "suspected", "scenario", *(f"{of}`{client}`" for of in ("", "page ") for client in CLIENTS))


class BrowserVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one run in a real browser showed; other fields of its line are ignored."""

    scenario: str
    page: str
    """The reference page: ``reported`` or ``resilient``."""
    transport: str
    verdict: str
    """Such as ``held``, or ``failed: gate_closed``."""


def render(browser: Iterable[BrowserVerdict]) -> str:
    """The page."""
    seen = {(each.scenario, each.page): each.verdict for each in browser if each.transport == "websocket"}
    rows, differ = [], []
    for number, scenario in SCENARIOS.items():
        outcomes = load(scenario).outcomes
        mine = [outcomes[client] for client in CLIENTS]
        theirs = [seen.get((scenario, client), NOT_PLAYED) for client in CLIENTS]
        rows.append((number, CLAIMS[number], f"`{scenario}`", *mine, *theirs))
        if any(their not in (NOT_PLAYED, my) for my, their in zip(mine, theirs, strict=True)):
            differ.append(f"* **{number}**: {WHY.get(number, 'not explained')}.")
    parts = [_PREFACE, table(_HEAD, rows)]
    if differ:
        parts.append("\n".join(["## Where they differ", "", *differ]))
    return "\n\n".join(parts) + "\n"


_PREFACE = """\
# From an app switch to silence: what was suspected

A report described a client for which everything was near-silent after an app switch. Each of these causes was
suspected. Each is a scenario of the pack: `stillthere run SCENARIO --client reported --client resilient` plays it in
virtual time. The columns behind are the reference pages with the same logic in a real Chromium, over a WebSocket
(`make browser-tables`). [app-switching.md](app-switching.md) says of each hypothesis what was measured, and what its
journal shows.

Two of them silence nobody by themselves: H7 cannot last, and H10 means nothing. H8 is a short dip. H9 is a bug that
only a client of its own kind has, so neither client shows it. `python -m benchmarks.hypotheses` makes this page."""


def browser_verdicts() -> list[BrowserVerdict]:
    """What is kept of runs in a browser; empty if none was played."""
    if not BROWSER.exists():
        return []
    return [msgspec.json.decode(line, type=BrowserVerdict) for line in BROWSER.read_bytes().splitlines()]


if __name__ == "__main__":
    PAGE.write_text(render(browser_verdicts()), encoding="utf-8")
