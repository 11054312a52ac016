"""Whether a page has lost its microphone between its track and its gate, as its browser and the page itself tell it."""

from collections.abc import Callable
from typing import TypeVar

from ..journal import Entry, Journal, PageContext, PageNodeCreated, PageNote, PageTrack
from ..units import SECOND

_LEVELS = "levels"
"""What a page notes of its gate: ``before`` and ``behind``, RMS relative to full scale (docs/browser.md)."""
_NOTHING = 0.0002
"""A level that no voice is below, as near-silence in 16 bits is (6 LSB)."""
_LEAST_NOTES = 3
_OF_A_CALL = "remote audio"
"""Chromium's name of the track that a call receives."""
EntryT = TypeVar("EntryT", bound=Entry)


def lost_in_page(journal: Journal, begin: int, end: int) -> tuple[str, int] | None:
    """Why nothing was captured from ``begin`` to ``end`` (microseconds), in words, and since when; None: not known."""
    source = _last(journal, PageNodeCreated, end, lambda entry: entry.is_source)
    since_source = source.t if source is not None else -1
    ended = _last(journal, PageTrack, begin, lambda entry: entry.event == "ended" and entry.label != _OF_A_CALL)
    if ended is not None and ended.t >= since_source:
        return "the browser told the page that its track has ended, and the page has opened no other", ended.t
    state = None if source is None else _last(journal, PageContext, begin, lambda e: e.context == source.context)
    if state is not None and state.state != "running" and not _runs_again(journal, state, end):
        return f"the AudioContext that captures is {state.state}, and the page has not resumed it", state.t
    levels = [
        entry.values.get("before")
        for entry in journal.select(PageNote)
        if entry.name == _LEVELS and begin + SECOND // 2 <= entry.t <= end
    ]
    heard = [level for level in levels if isinstance(level, int | float)]
    if len(heard) >= _LEAST_NOTES and max(heard) < _NOTHING:
        return f"the page notes a level of {max(heard):g} before its gate", begin
    return None


def _runs_again(journal: Journal, suspended: PageContext, end: int) -> bool:
    return any(
        suspended.t < entry.t <= end and entry.context == suspended.context and entry.state == "running"
        for entry in journal.select(PageContext)
    )


def _last(journal: Journal, kind: type[EntryT], until: int, wanted: Callable[[EntryT], bool]) -> EntryT | None:
    return next((entry for entry in reversed(list(journal.select(kind))) if entry.t <= until and wanted(entry)), None)
