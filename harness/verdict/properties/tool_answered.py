"""A tool call gets its result, and a response is asked for after it: else the user waits for an answer in vain.

The results of parallel calls need one response together. A result is an item of the conversation, or part of the
``input`` of a response, in the conversation or out of band.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...journal import EventAtClient, EventByServer, EventEntry, ResponseForItem, TurnTaken
from ...protocol.events import (
    ConversationItemCreate,
    ErrorEvent,
    ResponseCreate,
    ResponseDone,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputItemDone,
)
from ...units import SECOND, format_duration
from ..findings import Finding
from ..record import RunRecord, SessionSpan
from . import Property

_RESULT_US = 30 * SECOND
"""A result that takes longer is late."""
_ASKED_US = 10 * SECOND
"""A session that lasts less after the result is not judged: the client may be about to ask."""
_SHORTEST_US = 5 * SECOND
"""A session that lasts less after a call shows nothing of the client's tools."""
_MOST_LEFT = 2
"""So many calls without any result are no accident."""
_AFTER_RESULT_US = 3 * SECOND
"""A turn that is taken so soon after the result gets a response of its own, which can use the result."""
_REFUSED = "conversation_already_has_active_response"


@dataclass(slots=True)
class _Calls:
    """The calls of one response, as the client received them."""

    connection: int
    received: dict[str, int] = field(default_factory=dict)
    """When each call was complete, in microseconds, by its id."""
    completed: bool = False
    """Whether the client received that the response is completed."""

    @property
    def ids(self) -> str:
        """The calls in words."""
        return f"call{'s' if len(self.received) > 1 else ''} {', '.join(self.received)}"


def _find(record: RunRecord) -> Iterator[Finding]:
    found = list(_of_each(record))
    yield from found or _never(record)


def _never(record: RunRecord) -> Iterator[Finding]:
    """A client that leaves each session soon after a call, and never gave a result or never asked for a response."""
    results = _results(record)
    sessions = {session.connection: session for session in record.sessions}
    lasted = [
        calls
        for calls in _calls(record).values()
        if calls.completed
        and calls.connection in sessions
        and sessions[calls.connection].end_us - min(calls.received.values()) >= _SHORTEST_US
    ]
    if len(lasted) < _MOST_LEFT:
        return
    given = [all((calls.connection, call_id) in results for call_id in calls.received) for calls in lasted]
    asked = [_asked_after(record, calls.connection, list(calls.received)) > 0 for calls in lasted]
    why = "sent no result of any of them" if not any(given) else "asked for no response after any of their results"
    if not any(given) or not any(asked):
        reason = f"the client received tool calls in {len(lasted)} responses and {why}"
        yield Finding(PROPERTY.name, record.end_us, reason)


def _of_each(record: RunRecord) -> Iterator[Finding]:
    results = _results(record)
    sessions = {session.connection: session for session in record.sessions}
    for response_id, calls in _calls(record).items():
        session = sessions.get(calls.connection)
        if session is None or not calls.completed:
            continue
        at = {call_id: results.get((calls.connection, call_id)) for call_id in calls.received}
        missing = [call_id for call_id, found in at.items() if found is None]
        if missing:
            yield from _missing(session, calls, missing)
            continue
        given = {call_id: found for call_id, found in at.items() if found is not None}
        yield from _late(record, calls, given)
        yield from _not_asked(record, session, calls, response_id, max(given.values()))


def _calls(record: RunRecord) -> dict[str, _Calls]:
    """The calls that the client received, by their response; without those of which an event was lost on the way."""
    sent = [_call_of(entry) for entry in record.journal.select(EventByServer)]
    received = [_call_of(entry) for entry in record.journal.select(EventAtClient)]
    lost = {each[1] for each in set(filter(None, sent)) - set(filter(None, received))}
    found: dict[str, _Calls] = {}
    for entry in record.journal.select(EventAtClient):
        response_id = str(entry.response_id)
        if entry.is_a(ResponseDone):
            if response_id in found:
                found[response_id].completed = entry.status == "completed"
        elif _call_of(entry) is not None and response_id not in lost:
            calls = found.setdefault(response_id, _Calls(entry.connection))
            calls.received.setdefault(str(entry.call_id), entry.t)
    return found


def _call_of(entry: EventEntry) -> tuple[str, str, str] | None:
    """The event that completes a call, its response and the call; None for any other event."""
    item_done = entry.is_a(ResponseOutputItemDone) and entry.item_type == "function_call"
    if not (item_done or entry.is_a(ResponseFunctionCallArgumentsDone)):
        return None
    return entry.kind, str(entry.response_id), str(entry.call_id)


def _results(record: RunRecord) -> dict[tuple[int, str], int]:
    """When the client sent the result of a call first, in microseconds, by connection and call."""
    found: dict[tuple[int, str], int] = {}
    for entry in record.journal.events(EventAtClient, ConversationItemCreate, ResponseCreate):
        given = entry.fields.get("outputs", ())
        if entry.is_a(ConversationItemCreate):
            given = [entry.call_id] if entry.item_type == "function_call_output" else ()
        for call_id in given:
            found.setdefault((entry.connection, call_id), entry.t)
    return found


def _missing(session: SessionSpan, calls: _Calls, missing: list[str]) -> Iterator[Finding]:
    """A call that stays open: a user who speaks meanwhile does not close it."""
    begin = min(calls.received[call_id] for call_id in missing)
    if session.end_us - begin < _RESULT_US:
        return
    which = f"call{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    reason = (
        f"the client received {which} at {begin / SECOND:.3f} s and sent no result until the session ended at "
        f"{session.end_us / SECOND:.3f} s"
    )
    yield Finding(PROPERTY.name, session.end_us, reason)


def _late(record: RunRecord, calls: _Calls, given: dict[str, int]) -> Iterator[Finding]:
    slowest = max(given, key=lambda call_id: given[call_id] - calls.received[call_id])
    begin, end = calls.received[slowest], given[slowest]
    if end - begin > _RESULT_US and not _turn_between(record, calls.connection, begin, end):
        reason = (
            f"the client received call {slowest} at {begin / SECOND:.3f} s and sent its result only after "
            f"{format_duration(end - begin)}; {format_duration(_RESULT_US)} is allowed"
        )
        yield Finding(PROPERTY.name, end, reason, severity="warn")


def _not_asked(
    record: RunRecord, session: SessionSpan, calls: _Calls, response_id: str, given: int
) -> Iterator[Finding]:
    number, begin = session.connection, min(calls.received.values())
    if session.end_us - given < _ASKED_US or _turn_between(record, number, begin, given + _AFTER_RESULT_US):
        return
    turns = [entry.t for entry in record.journal.select(TurnTaken) if entry.connection == number and entry.t > given]
    limit = min(turns, default=session.end_us)
    if any(entry.connection == number and given <= entry.t < limit for entry in record.journal.select(ResponseForItem)):
        return
    asked = _asked_after(record, number, list(calls.received))
    refused = [
        entry
        for entry in record.journal.events(EventByServer, ErrorEvent)
        if entry.connection == number and entry.t >= given and entry.fields.get("code") == _REFUSED
    ]
    if asked > len(refused):
        return
    why = "asked for no response after it"
    if asked:
        why = "asked for a response only while another one was active, which the server refused"
    reason = f"the client sent the result of {calls.ids} of {response_id} at {given / SECOND:.3f} s and {why}"
    yield Finding(PROPERTY.name, session.end_us, reason)


def _asked_after(record: RunRecord, connection: int, call_ids: list[str]) -> int:
    """How often the client asked for a response once all these results were sent."""
    waiting, asked = set(call_ids), 0
    for entry in record.journal.events(EventAtClient, ConversationItemCreate, ResponseCreate):
        if entry.connection != connection:
            continue
        waiting -= {entry.call_id, *entry.fields.get("outputs", ())}
        asked += entry.is_a(ResponseCreate) and not waiting
    return asked


def _turn_between(record: RunRecord, connection: int, begin: int, end: int) -> bool:
    return any(entry.connection == connection and begin < entry.t <= end for entry in record.journal.select(TurnTaken))


PROPERTY = Property(
    name="tool_answered",
    broken_when="a tool call gets no result, or no response is asked for after the result; a result that takes over "
    "30 s is always a warning",
    default="fail",
    because="the model waits for the result, and the user for an answer that depends on it",
    find=_find,
)
