"""A cell: what the journal of one run in a browser says, and nothing else."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from harness.journal import (
    AudioNodeCollected,
    ClientTellsUser,
    Entry,
    Journal,
    PageConsole,
    PageContext,
    PageLifecycle,
    PageNote,
    PageTrack,
    StepPlayed,
    WorldLate,
)
from harness.scenario.model import Scenario
from harness.units import MS
from harness.verdict.judge import judge
from harness.verdict.record import RunRecord

from .rows import LABEL

FILE = Path(__file__).parent.parent / "browser_verdicts.jsonl"
"""A line for each run; the page of the hypotheses reads it too."""
_OF_ITSELF = ("levels", "recovery", "gate")
"""What the reference pages note that no browser told them."""
_MOST_SIGNS = 4


class Sign(msgspec.Struct, frozen=True):
    """Something that the page could know, and how long after the fault."""

    after_ms: int
    text: str


class BrowserCell(msgspec.Struct, frozen=True, kw_only=True):
    """One run. ``scenario`` is the name of a row, or of a shipped scenario."""

    scenario: str
    page: str
    """The reference page: ``reported`` or ``resilient``."""
    transport: str
    verdict: str
    answered_ms: int | None
    """How long after the fault the first answer was heard to something said after it; None: never."""
    signs: tuple[Sign, ...]
    """What the page was told after the fault, at first, by its browser."""
    device: str
    browser: str
    late_ms: int
    """How late the world was at worst: in a run that was late, times mean less."""


def cell_of(name: str, page: str, transport: str, journal: Journal, scenario: Scenario) -> BrowserCell:
    """The cell of a run."""
    record, verdict = RunRecord(journal), judge(journal, scenario)
    began = fault_at(journal)
    answered = None
    if began is not None and record.first_answer is not None:
        answered = next((each.at_us for each in record.answers.heard if _is_after(each, began)), None)
    return BrowserCell(
        scenario=name,
        page=page,
        transport=transport,
        verdict=str(verdict),
        answered_ms=None if answered is None or began is None else (answered - began) // MS,
        signs=() if began is None else tuple(signs_after(journal, began)),
        device=str(journal.header.get("device", "")),
        browser=str(journal.header.get("browser", "")),
        late_ms=max((entry.worst_us for entry in journal.select(WorldLate)), default=0) // MS,
    )


def fault_at(journal: Journal) -> int | None:
    """When the labelled step was played, in microseconds; None: the scenario has none."""
    return next((step.t for step in journal.select(StepPlayed) if step.label == LABEL), None)


def _is_after(answer, began: int) -> bool:
    return answer.turn is not None and any(said.t >= began for said in answer.turn.utterances)


def signs_after(journal: Journal, began: int) -> Iterator[Sign]:
    """The first of each kind that comes after the fault."""
    seen: set[str] = set()
    kinds = PageTrack, PageContext, PageLifecycle, PageConsole, PageNote, AudioNodeCollected, ClientTellsUser
    for entry in journal.select(*kinds):
        text = _text(entry)
        if entry.t >= began and text and text not in seen and len(seen) < _MOST_SIGNS:
            seen.add(text)
            yield Sign((entry.t - began) // MS, text)


def _text(entry: Entry) -> str:
    """What it says in a few words; nothing for what the page only tells of itself."""
    if isinstance(entry, PageTrack):
        return f"track {entry.event}"
    if isinstance(entry, PageContext):
        return f"a context {entry.state}"
    if isinstance(entry, PageLifecycle):
        return entry.event
    if isinstance(entry, PageConsole):
        first = re.sub(r"https?://\S+", "", entry.text.splitlines()[0])[:60] if entry.text else ""
        return f"console: {first}" if entry.level in ("error", "uncaught") else ""
    if isinstance(entry, PageNote):
        shown = {"peer_connection": "state", "socket_closed": "code", "call_over": "reason"}.get(entry.name)
        return "" if shown is None else f"{entry.name.replace('_', ' ')}: {entry.values.get(shown)}"
    return ""


def kept() -> dict[tuple[str, str, str], BrowserCell]:
    """What was played before, by scenario, page and transport."""
    if not FILE.exists():
        return {}
    cells = (msgspec.json.decode(line, type=BrowserCell) for line in FILE.read_bytes().splitlines())
    return {(each.scenario, each.page, each.transport): each for each in cells}


def keep(cells: Iterable[BrowserCell]) -> None:
    """Write all, in order."""
    ordered = sorted(cells, key=lambda each: (each.scenario, each.page, each.transport))
    FILE.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in ordered))
