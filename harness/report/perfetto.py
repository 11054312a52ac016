"""A run as a trace for ui.perfetto.dev and chrome://tracing: the JSON of Chrome's trace events.

The lanes of the picture are threads with slices, levels are counters, and every other entry of the journal is an
instant with its JSON as arguments, on a thread of its journal lane. Times are microseconds, as in the journal.

A viewer nests the slices of a thread by their times, and drops one that begins in another and ends behind it. So a lane
whose spans overlap has several threads.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from ..journal import AudioLevels, Journal, MediaPackets
from ..picture.lanes import Level, Picture, lanes
from ..picture.spans import Span, packed

_PROCESS = 1
_Event = dict[str, Any]
_JOURNAL_LANES = (
    "user", "room", "world", "fault", "connection", "delivery", "server", "shadow", "client", "page", "speaker",
    "journal",
)  # fmt: skip
"""The order of the threads of entries; lanes that are not known here come last."""


def trace(journal: Journal, *, title: str) -> bytes:
    """The trace as JSON, an event a line; the same journal gives the same bytes."""
    seen = lanes(journal)
    named: list[_Event] = [_meta("process_name", 0, {"name": title})]
    timed: list[_Event] = []
    for number, (name, events) in enumerate(_threads(journal, seen), start=1):
        named.append(_meta("thread_name", number, {"name": name}))
        named.append(_meta("thread_sort_index", number, {"sort_index": number}))
        timed += [{"ph": each.pop("ph"), "pid": _PROCESS, "tid": number, **each} for each in events]
    timed += _counters(journal, seen)
    timed.sort(key=lambda event: (event["ts"], -event.get("dur", 0)))
    lines = b",\n".join(map(msgspec.json.encode, [*named, *timed]))
    about = msgspec.json.encode(journal.header)
    return b'{"displayTimeUnit":"ms","otherData":' + about + b',"traceEvents":[\n' + lines + b"\n]}\n"


def _meta(name: str, thread: int, arguments: _Event) -> _Event:
    return {"ph": "M", "pid": _PROCESS, "tid": thread, "ts": 0, "name": name, "args": arguments}


def _threads(journal: Journal, seen: Picture) -> Iterator[tuple[str, list[_Event]]]:
    """Each thread's name and events: the lanes from top to bottom, what they tell, then the entries of the journal."""
    for lane in seen.lanes:
        for number, row in enumerate(packed(lane.spans), start=1):
            yield lane.name if number == 1 else f"{lane.name} ({number})", [_slice(span) for span in row]
    if seen.marks:
        yield "events", [_instant(mark.t, f"{mark.symbol} {mark.text}") for mark in seen.marks]
    entries: dict[str, list[_Event]] = {name: [] for name in _JOURNAL_LANES}
    for entry in journal.entries:
        if not isinstance(entry, AudioLevels | MediaPackets):
            document = entry.document()
            entries.setdefault(entry.lane, []).append(_instant(document.pop("t"), document["kind"], document))
    for name, found in entries.items():
        if found:
            yield f"journal: {name}", found


def _slice(span: Span) -> _Event:
    return {
        "ph": "X",
        "ts": span.start_us,
        "dur": span.end_us - span.start_us,
        "name": span.label,
        "cat": span.style,
    }


def _instant(t: int, name: str, arguments: _Event | None = None) -> _Event:
    return {"ph": "i", "s": "t", "ts": t, "name": name, **({"args": arguments} if arguments else {})}


def _counters(journal: Journal, seen: Picture) -> Iterator[_Event]:
    for lane in seen.lanes:
        if lane.levels:
            yield from _level_counter(f"{lane.name} dBFS", lane.levels)
    for entry in journal.select(MediaPackets):
        counts = {"up": entry.up_lost, "down": entry.down_lost}
        yield {"ph": "C", "pid": _PROCESS, "ts": entry.t, "name": "packets lost in a second", "args": counts}


def _level_counter(name: str, levels: Sequence[Level]) -> Iterable[_Event]:
    """The level, and where audio stops the lowest one: a counter cannot be absent."""
    for level, after in zip(levels, [*levels[1:], None], strict=True):
        yield _count(level.start_us, name, level.dbfs)
        if after is None or after.start_us > level.end_us + _GAP_US:
            yield _count(level.end_us, name, _NOTHING_DBFS)


_GAP_US = 100_000
"""Audio that comes again within this time goes on."""
_NOTHING_DBFS = -130.0
"""Below digital zero, which is -120 dBFS here."""


def _count(t: int, name: str, dbfs: float) -> _Event:
    return {"ph": "C", "pid": _PROCESS, "ts": t, "name": name, "args": {"dBFS": dbfs}}
