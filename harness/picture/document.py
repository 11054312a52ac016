"""The picture of a run as one JSON document, which ``assets/picture.js`` draws.

A report puts it into a page; the page of a live server gets it again and again while the run goes on. It is made from
the journal alone. All times are milliseconds since the start, except in the entries, which are as in the journal.
"""

from typing import Any

from ..causes import CAUSES
from ..journal import AudioLevels, Entry, Journal, MediaPackets
from ..units import MS
from ..verdict.diagnosis import diagnose, is_live
from ..verdict.findings import Finding
from ..verdict.judge import Verdict
from ..verdict.links import Diagnosis
from . import chain, sounds
from .lanes import Lane, Mark, Picture, lanes
from .tape import RunTape
from .words import plain

PICTURE_FORMAT = 1
"""The number of the document's format."""
_DRAWN_AS_LEVELS = (AudioLevels, MediaPackets)


def document(
    journal: Journal,
    verdict: Verdict | None = None,
    *,
    title: str = "",
    about: str = "",
    again: str = "",
    tape: RunTape | None = None,
    found: Diagnosis | None = None,
    since: int = 0,
) -> dict[str, Any]:
    """The picture of a journal: virtual, live, of an app or of a page; ``verdict`` is the one on it, if it was judged.

    ``title`` and ``about`` are the words above the picture, ``again`` is the command that plays the run again. With the
    ``tape`` of the run the picture has sound; without one it has the levels of the journal. ``found`` is the diagnosis,
    if it is known already. Of the entries those from index ``since`` on are in it.
    """
    seen = lanes(journal)
    return {
        "picture": PICTURE_FORMAT,
        "title": plain(title) or "A run",
        "about": plain(about),
        "stage": plain(journal.header.get("stage", "")),
        "length": seen.length_us // MS,
        "heal": None if seen.heal_us is None else seen.heal_us // MS,
        "answered": None if seen.answered_us is None else seen.answered_us // MS,
        "verdict": None if verdict is None else {"name": verdict.name, "text": str(verdict)},
        "findings": _findings(verdict),
        "diagnosis": _diagnosis(journal, seen, found),
        "lanes": _lanes(journal, seen, tape),
        "marks": [_mark(mark) for mark in seen.marks],
        "entries": [entry.document() for entry in journal.entries[since:] if _is_event(entry)],
        "again": again,
        "audio": None if tape is None else sounds.audio(tape),
        "notes": list(map(plain, journal.notes)),
    }


def _diagnosis(journal: Journal, seen: Picture, found: Diagnosis | None) -> dict[str, Any] | None:
    """None if the journal cannot be diagnosed: an entry that it needs has other fields.

    ``silence`` is the last span in which the user heard nothing, and its words; null if the journal does not tell.
    """
    try:
        made = chain.diagnosis(found or diagnose(journal), heard_by_user=not is_live(journal))
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    spans = () if is_live(journal) else seen["assistant"].spans
    silent = [span for span in spans if span.style == "silence"]
    return {**made, "silence": {"at": silent[-1].start_us // MS, "label": silent[-1].label} if silent else None}


def _findings(verdict: Verdict | None) -> list[dict[str, Any]]:
    if verdict is None:
        return []
    return [finding_document(each) for each in (*verdict.findings, *verdict.warnings)]


def finding_document(found: Finding) -> dict[str, Any]:
    """A finding; ``at`` is the moment to look at: the earliest that its words name, or else when it was certain."""
    lines = chain.evidence(found.evidence)
    certain = found.at_us // MS
    named = [at for at in (chain.moment(found.reason), *(line["at"] for line in lines)) if at is not None]
    return {
        "name": plain(found.name),
        "severity": found.severity,
        "at": min((at for at in named if at <= certain), default=certain),
        "certain": certain,
        "reason": plain(found.reason),
        "cause": found.cause,
        "words": CAUSES[found.cause] if found.cause is not None else None,
        "evidence": lines,
        "line": found.line,
    }


def _lanes(journal: Journal, seen: Picture, tape: RunTape | None) -> list[dict[str, Any]]:
    """The lanes with something in them."""
    waves = {} if tape is None else sounds.waves(tape)
    found = []
    for lane in seen.lanes:
        drawn = _lane(lane)
        if lane.name in waves:
            drawn["wave"] = waves[lane.name]
        if lane.name == "server hears" and tape is not None:
            drawn["curve"] = sounds.curve(tape)
        if len(drawn) > 1:
            found.append(drawn)
    packets = list(journal.select(MediaPackets))
    return [*found, _media(packets)] if packets else found


def _lane(lane: Lane) -> dict[str, Any]:
    drawn: dict[str, Any] = {"name": lane.name}
    if lane.levels:
        drawn["levels"] = [[each.start_us // MS, each.end_us // MS, each.dbfs] for each in lane.levels]
    if lane.spans:
        drawn["spans"] = [
            [each.start_us // MS, each.end_us // MS, each.style, each.label, each.short or each.label]
            for each in lane.spans
        ]
    return drawn


def _media(packets: list[MediaPackets]) -> dict[str, Any]:
    """Each second of a call: its end, and sent, lost and made up packets, up and down."""
    rows = [
        [
            each.t // MS, each.up_sent, each.up_lost, each.up_made_up,
            each.down_sent, each.down_lost, each.down_made_up,
        ]
        for each in packets
    ]  # fmt: skip
    return {"name": "packets lost", "packets": rows}


def _mark(mark: Mark) -> list[Any]:
    return [mark.t // MS, mark.symbol, mark.text]


def _is_event(entry: Entry) -> bool:
    return not isinstance(entry, _DRAWN_AS_LEVELS)
