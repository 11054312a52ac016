"""The diagnosis of a log, as lines for a terminal and as a document."""

from collections.abc import Sequence
from typing import Any

from ..causes import CAUSES
from ..logs.answer import LogDiagnosis, Suspect
from ..logs.logged import SessionLog
from ..picture.words import plain
from ..units import SECOND

_CLOCKS = {
    "recorded": "",
    "ids": "; times are read from the ids, to the second",
    "none": "; no times: lengths of appended audio or the order of the events stand in for them",
}
_STATES = {
    "answered": "answered, as far as this log goes: an audible answer to what was said last arrived",
    "quiet": "quiet: nobody spoke, as far as this log shows",
    "unknown": "unknown: this log cannot tell a silence from a user who says nothing",
}


def lines_of(log: SessionLog, found: LogDiagnosis) -> list[str]:
    """For a terminal."""
    lines = [_head(found), f"  {log.form}{_CLOCKS[log.clock]}{f'; session {found.session}' if found.session else ''}"]
    if found.since_us is not None or found.since_place is not None:
        at = "" if found.since_us is None else f"{found.since_us / SECOND:.3f} s"
        lines.append("  since " + ", ".join(each for each in (found.since_place, at) if each))
    lines += [f"  - {plain(line)}" for line in found.evidence]
    if found.state == "unknown" and found.suspects:
        lines.append("if the user did speak, or no answer came later:")
    elif len(found.suspects) > 1:
        lines.append("any of these, which this log cannot tell apart:")
    for each in found.suspects:
        lines.append(f"  {each.cause} ({each.certainty}): {CAUSES[each.cause]}")
        if each.why not in found.evidence:
            lines.append(f"    {plain(each.why)}")
    if found.also:
        lines.append(f"not excluded, and rarer: {_names(found.also)}")
    if found.excluded:
        lines.append("excluded:")
        lines += [f"  {each.cause}: {plain(each.why)}" for each in found.excluded]
    if found.unseen:
        lines.append(f"if the user heard nothing all the same: {_names(found.unseen)}")
        lines.append(f"  {plain(found.unseen[0].why)}")
    if found.log_next:
        lines.append("to know more next time:")
        lines += [f"  - {each}" for each in found.log_next]
    return lines


def _head(found: LogDiagnosis) -> str:
    if found.state == "unknown" and found.since_place is not None:
        return "unknown: the log ends before an answer was due, or leaves it open"
    if found.state == "silent":
        return f"silent: {_names(found.suspects)}" if found.suspects else "silent"
    return _STATES[found.state]


def _names(suspects: Sequence[Suspect]) -> str:
    names = [each.cause for each in suspects]
    return " or ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} or {names[-1]}"


def document_of(found: LogDiagnosis) -> dict[str, Any]:
    """For a program."""
    return {
        "state": found.state,
        "session": found.session or None,
        "since_s": None if found.since_us is None else found.since_us / SECOND,
        "since": found.since_place,
        "causes": [_suspect(each) for each in found.suspects],
        "not_excluded": [_suspect(each) for each in found.also],
        "excluded": [{"cause": each.cause, "why": each.why} for each in found.excluded],
        "unseen": [_suspect(each) for each in found.unseen],
        "evidence": list(found.evidence),
        "log_next_time": list(found.log_next),
    }


def _suspect(each: Suspect) -> dict[str, str]:
    return {"cause": each.cause, "confidence": each.certainty, "words": CAUSES[each.cause], "why": each.why}
