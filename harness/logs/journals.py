"""Our own journals as logs: of a run in virtual time, and of a live server, which has the server's side only."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from ..journal import Journal
from ..journal.entries import (
    ConnectionClosed,
    ConnectionOpened,
    EventAtClient,
    EventByServer,
    EventEntry,
    RunEnded,
    StillOpen,
    UplinkAudio,
)
from ..journal.journal import LIVE
from .frames import AnyFrame, CloseFrame, EventFrame, LevelFrame, SpanFrame
from .times import Stamp

_BYTES_OF_SAMPLE = 2


def is_journal(head: str) -> bool:
    """Whether a text begins like a journal of ours."""
    return head[:40].replace(" ", "").startswith('{"stillthere":')


def form_of(journal: Journal) -> str:
    """What kind of journal it is, in words."""
    return f"journal of stillthere ({journal.header.get('stage', 'virtual')})"


def frames_of(journal: Journal) -> Iterator[AnyFrame]:
    """What the client could have logged; of a live journal, what the server sent and received."""
    live = journal.header.get("stage") == LIVE
    opened: set[int] = set()
    received = EventByServer if live else EventAtClient
    for number, entry in enumerate(journal.entries, start=2):
        place = f"line {number}"
        if isinstance(entry, EventAtClient) or type(entry) is received:
            assert isinstance(entry, EventEntry)
            yield EventFrame(place, event_of(entry), _stamp(entry.t), str(entry.connection))
        elif isinstance(entry, UplinkAudio):
            size = entry.samples * _BYTES_OF_SAMPLE
            all_zeros = entry.zeros == entry.chunks
            yield LevelFrame(place, _stamp(entry.t), size, entry.rms, entry.peak, all_zeros, str(entry.connection))
        elif isinstance(entry, ConnectionOpened):
            opened.add(entry.connection)
            yield SpanFrame(_stamp(entry.t), opens=True, socket=str(entry.connection))
        elif isinstance(entry, ConnectionClosed):
            reason = "" if entry.reason is UNSET else str(entry.reason)
            by_client = None if entry.by is UNSET else entry.by == "client"
            yield CloseFrame(_stamp(entry.t), entry.code, reason, str(entry.connection), by_client)
            opened.discard(entry.connection)
        elif isinstance(entry, RunEnded | StillOpen):
            for connection in sorted(opened):
                yield SpanFrame(_stamp(entry.t), opens=False, socket=str(connection))


def _stamp(t: int) -> Stamp:
    return Stamp("elapsed", t)


def event_of(entry: EventEntry) -> dict[str, Any]:
    """The event that an entry is about, in the shape that it has on the wire."""
    fields = dict(entry.fields)
    event: dict[str, Any] = {"type": entry.kind}
    if entry.kind in ("response.created", "response.done"):
        response = {name: fields.pop(name) for name in ("status",) if name in fields}
        if "response_id" in fields:
            response["id"] = fields.pop("response_id")
        if "reason" in fields:
            response["status_details"] = {"type": response.get("status"), "reason": fields.pop("reason")}
        event["response"] = response
    elif entry.kind in ("session.created", "session.updated", "session.update") and "turn_detection" in fields:
        event["session"] = {"type": "realtime", "audio": {"input": {"turn_detection": fields.pop("turn_detection")}}}
    elif entry.kind == "error":
        event["error"] = {name: fields.pop(name) for name in ("code", "message", "param") if name in fields}
    elif "item_type" in fields or "role" in fields:
        names = {"item_type": "type", "role": "role", "item_id": "id", "call_id": "call_id", "status": "status"}
        event["item"] = {new: fields.pop(old) for old, new in names.items() if old in fields}
    return {**event, **fields}
