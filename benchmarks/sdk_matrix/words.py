"""A cell in words. Whatever stands here, the journal of the run shows it."""

import re

from .cells import Cell, Told

MOST_TOLD = 3
"""So many different things that the app's code was told are shown."""
LONGEST = 120
AT_ONCE_MS = 500
_LOST = {
    "settings_kept": ("settings", re.compile(r"had set before: (.*)$")),
    "history_kept": ("history", re.compile(r"does not know (.*?) of the sessions before")),
    "words_lost": ("words", re.compile(r"^(\d+ utterances?)")),
}


def answered(cell: Cell) -> str:
    """Whether the user was answered again, and when."""
    return "never" if cell.answered_ms is None else f"{_seconds(cell.answered_ms)}"


def told(cell: Cell) -> str:
    """What the app's code was told."""
    if not cell.told:
        return "nothing"
    shown = "<br>".join(_one(each) for each in cell.told[:MOST_TOLD])
    more = len(cell.told) - MOST_TOLD
    return f"{shown}<br>and {more} more" if more > 0 else shown


def lost(cell: Cell) -> str:
    """What was lost, of a conversation that went on."""
    if cell.answered_ms is None:
        return ""
    found = []
    for name, (what, pattern) in _LOST.items():
        reason = cell.lost.get(name)
        if reason is not None:
            match = pattern.search(reason)
            found.append(f"{what}: {match[1]}" if match else what)
    if cell.audio_lost_s:
        found.append(f"audio: {cell.audio_lost_s} s of the microphone")
    return "<br>".join(found) or "nothing"


def cause(cell: Cell) -> str:
    """The verdict on the run."""
    name = cell.verdict.removeprefix("failed: ")
    return cell.verdict if name == cell.verdict else f"`{name}`"


def brief(cell: Cell) -> str:
    """The cell in the overview: the end of the story, and whether anybody was told."""
    if cell.answered_ms is not None:
        return answered(cell) if cell.verdict == "held" else f"{answered(cell)}, {cause(cell)}"
    first = min((each.after_ms for each in cell.told), default=None)
    if first is None:
        return "**never**, nothing told"
    return f"**never**, told {'at once' if first < AT_ONCE_MS else f'after {_seconds(first)}'}"


def _one(each: Told) -> str:
    text = each.text.strip() if len(each.text) <= LONGEST else f"{each.text[: LONGEST - 1]}…"
    times = f" ({each.times} times)" if each.times > 1 else ""
    return f"{_seconds(each.after_ms)}: {_escaped(text)}{times}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f} s"
