"""What of a live session is shown while it goes on: the verdict so far, and the picture.

It is asked for again and again. A journal is read once, line by line as it grows, and is judged at most once a second,
and only if something has changed. With the most lines that are kept in memory (half an hour of talk) a verdict takes
about 10 ms of the loop and a picture 15 ms; with those of two minutes, a tenth of that.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from ..causes import CAUSES
from ..journal import EntriesMissing, Entry, Journal, StillOpen
from ..journal.files import entry_of
from ..picture.document import document
from ..units import SECOND
from ..verdict.links import Diagnosis
from ..verdict.live_diagnosis import diagnose_live
from .control.views import VerdictView
from .journal_lines import JournalLines

JUDGES_FOR_S = 0.008
"""So long verdicts are made for one request about many sessions; the others get theirs with a later one."""
_JUDGED_EVERY_S = 1.0
_SETTLED_US = 20 * SECOND
"""A journal that has had no entry for so long has one verdict: no rule of the diagnosis waits longer."""
_MOST_READ = 20_000
"""So many entries are kept as they were read; those of the journal that was asked for longest ago are dropped."""


class GrowingJournal:
    """The entries that lines hold in memory, each read once. :meth:`read` gives the journal as it is now."""

    def __init__(self, lines: JournalLines) -> None:
        self._lines = lines
        self._entries: deque[Entry] = deque()
        self._read = 0
        """So many lines were read, or were forgotten before that."""

    def __len__(self) -> int:
        return len(self._entries)

    def read(self, last: StillOpen | None) -> Journal:
        """The journal as a file has it; ``last`` ends it."""
        lines = self._lines
        self._entries.extend(map(entry_of, lines.entries(self._read)))
        self._read = lines.count
        while len(self._entries) > lines.count - lines.forgotten:
            self._entries.popleft()
        journal = Journal(lines.header)
        if lines.forgotten:
            until_us = self._entries[0].t if self._entries else 0
            journal.add(EntriesMissing(t=0, entries=lines.forgotten, until_us=until_us))
        journal.entries.extend(self._entries)
        if last is not None:
            journal.add(last)
        return journal


@dataclass(frozen=True, slots=True)
class _Judged:
    found: Diagnosis
    end_us: int
    at_s: float
    count: int
    settled: bool

    @property
    def view(self) -> VerdictView:
        return _view(self.found, self.end_us)


class Watching:
    """The verdicts and pictures of one server's sessions. ``last`` ends a journal that goes on; None: it is closed."""

    def __init__(self) -> None:
        self._judged: WeakKeyDictionary[JournalLines, _Judged] = WeakKeyDictionary()
        self._read: OrderedDict[JournalLines, GrowingJournal] = OrderedDict()

    def verdict(self, lines: JournalLines, last: StillOpen | None) -> VerdictView:
        """The verdict so far, at most a second old."""
        return self._judge(lines, last).view

    def verdicts(self, asked: Iterable[tuple[int, JournalLines, StillOpen | None]]) -> dict[int, VerdictView]:
        """The verdicts of several sessions, by number, as far as there is time: the oldest are made anew."""
        began_s = time.perf_counter()
        oldest = sorted(asked, key=lambda each: self._judged[each[1]].at_s if each[1] in self._judged else 0.0)
        for _, lines, last in oldest:
            if time.perf_counter() - began_s > JUDGES_FOR_S:
                break
            self._judge(lines, last)
        return {number: self._judged[lines].view for number, lines, _ in oldest if lines in self._judged}

    def picture(self, lines: JournalLines, last: StillOpen | None, since: int) -> dict[str, Any]:
        """The picture as it is now, with the entries from index ``since`` on."""
        judged = self._judge(lines, last)
        journal = self._journal(lines, last)
        left_out = max(0, min(since, lines.count) - lines.forgotten)
        if lines.forgotten and since:
            left_out += 1  # the entry that says that others are missing
        found = document(journal, found=judged.found, since=left_out)
        if last is not None:
            found["entries"].pop()
        return found

    def _judge(self, lines: JournalLines, last: StillOpen | None) -> _Judged:
        known = self._judged.get(lines)
        now_s = time.monotonic()
        if known is not None and not _is_stale(known, lines, now_s):
            return known
        journal = self._journal(lines, last)
        before = journal.entries[-2].t if last is not None and len(journal.entries) > 1 else 0
        settled = last is None or journal.end - before > _SETTLED_US
        found = diagnose_live(journal)
        judged = self._judged[lines] = _Judged(found, journal.end, now_s, lines.count, settled)
        return judged

    def _journal(self, lines: JournalLines, last: StillOpen | None) -> Journal:
        growing = self._read.pop(lines, None) or GrowingJournal(lines)
        self._read[lines] = growing
        found = growing.read(last)
        while len(self._read) > 1 and sum(map(len, self._read.values())) > _MOST_READ:
            self._read.popitem(last=False)
        return found


def _is_stale(judged: _Judged, lines: JournalLines, now_s: float) -> bool:
    if judged.settled and judged.count == lines.count:
        return False
    return now_s - judged.at_s >= _JUDGED_EVERY_S


def _view(found: Diagnosis, end_us: int) -> VerdictView:
    return VerdictView(
        state=found.state,
        cause=found.cause,
        says=None if found.cause is None else CAUSES[found.cause],
        since_s=None if found.since_us is None else found.since_us / SECOND,
        at_s=end_us / SECOND,
        confidence=found.confidence,
        evidence=found.evidence,
    )
