"""A new session knows the conversation so far: the client tells it the turns that it had been told of.

A client may create the old items anew, put a summary into the instructions or into one message, or give the history
with its ``response.create``. What the items say is not compared, only how many of each role the server took.
"""

from collections.abc import Iterator
from typing import Any

from ...journal import EventAtClient, EventByServer, ResponseForItem, TurnTaken
from ...protocol.events import (
    ConversationItemAdded,
    ConversationItemCreate,
    InputAudioBufferCommitted,
    InputAudioBufferTimeoutTriggered,
    ResponseCreate,
    ResponseDone,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputItemAdded,
    SessionCreated,
    SessionUpdated,
)
from ...units import SECOND
from ..findings import Finding
from ..record import RunRecord, SessionSpan
from . import Property

_MOST_TURNS = 20
"""A client may leave out older turns."""
_SHARE = 0.75
"""If the session knows fewer of the turns than this, the conversation is lost."""
_AFTER_A_FAULT_US = 15 * SECOND
"""How long after a fault of a session a client may need to set it up."""


def _find(record: RunRecord) -> Iterator[Finding]:
    finished = _finished_turns(record)
    instructions: Any = None
    told = 0
    for session in record.sessions:
        number = session.connection
        first = _first_response(record, session) if told else None
        if first is not None and not _restores(record, session, first.t, instructions):
            known = _known_turns(record, session, first.t)
            wanted = min(told, _MOST_TURNS)
            if known < _SHARE * wanted:
                turns = f"{wanted - known} of {told} finished turn{'s' if told > 1 else ''}"
                reason = (
                    f"session {number}, opened at {session.begin_us / SECOND:.3f} s, does not know {turns} of the "
                    f"sessions before, and {first.response_id} answers a new turn at {first.t / SECOND:.3f} s"
                )
                yield Finding(PROPERTY.name, first.t, reason)
        told += finished.get(number, 0)
        instructions = _instructions(record, number, session.end_us) or instructions


def _finished_turns(record: RunRecord) -> dict[int, int]:
    """How many turns the client was told of, each with an answer that was finished, by connection.

    A response that calls a tool finishes nothing.
    """
    calling = {entry.response_id for entry in record.journal.events(EventByServer, ResponseFunctionCallArgumentsDone)}
    idle = {entry.item_id for entry in record.journal.events(EventByServer, InputAudioBufferTimeoutTriggered)}
    committed: set[str | None] = set()
    finished: dict[int, set[str]] = {}
    for entry in record.journal.events(EventAtClient, InputAudioBufferCommitted, ResponseDone):
        if entry.is_a(InputAudioBufferCommitted):
            committed.add(entry.item_id)
        elif entry.status == "completed" and entry.response_id not in calling:
            turn = record.answers.turn_of(entry.response_id)
            if turn is not None and turn.item_id in committed - idle:
                finished.setdefault(entry.connection, set()).add(turn.item_id)
    return {number: len(turns) for number, turns in finished.items()}


def _first_response(record: RunRecord, session: SessionSpan) -> ResponseForItem | None:
    """The first response of a session to a turn that was spoken, while the session is not faulty."""
    spoken = {entry.item_id for entry in record.journal.select(TurnTaken)}
    faults = record.session_faults(session)
    for entry in record.journal.select(ResponseForItem):
        turn = record.answers.turn_of(entry.response_id) if entry.connection == session.connection else None
        if turn is None or turn.connection != session.connection or turn.item_id not in spoken:
            continue
        if not any(begin <= entry.t <= end + _AFTER_A_FAULT_US for begin, end in faults):
            return entry
    return None


def _restores(record: RunRecord, session: SessionSpan, at: int, instructions: Any) -> bool:
    """Whether the client gave the history otherwise than by its turns before a time (microseconds)."""
    for entry in record.journal.events(EventAtClient, ConversationItemCreate, ResponseCreate):
        if entry.connection != session.connection or entry.t > at:
            continue
        if entry.role == "system" or entry.fields.get("given") or "instructions" in entry.settings:
            return True
    return bool(_instructions(record, session.connection, at) != instructions)


def _known_turns(record: RunRecord, session: SessionSpan, at: int) -> int:
    """How many turns the server knows of by a time: items that it took from the client, of the role with fewer.

    A single message of the user, without another item, may be a summary of them all.
    """
    number = session.connection
    outputs = record.journal.events(EventByServer, ResponseOutputItemAdded)
    made = {entry.item_id for entry in outputs if entry.connection == number}
    made |= {entry.item_id for entry in record.journal.select(TurnTaken) if entry.connection == number}
    roles: list[str | None] = []
    for entry in record.journal.events(EventByServer, ConversationItemAdded):
        if entry.connection == session.connection and entry.t <= at and entry.item_id not in made:
            roles.append(entry.role)
    created = record.journal.events(EventAtClient, ConversationItemCreate)
    if roles == ["user"] and sum(entry.connection == session.connection and entry.t <= at for entry in created) == 1:
        return _MOST_TURNS
    return min(roles.count("user"), roles.count("assistant"))


def _instructions(record: RunRecord, connection: int, at: int) -> Any:
    """The instructions of a session at a time (microseconds), as the server confirms them; None if unknown."""
    found = None
    for entry in record.journal.events(EventByServer, SessionCreated, SessionUpdated):
        if entry.connection == connection and entry.t <= at:
            found = entry.settings.get("instructions", found)
    return found


PROPERTY = Property(
    name="history_kept",
    broken_when="a new session answers a turn, and does not know a quarter or more of the finished turns before",
    default="warn",
    because="the user is answered, by an assistant that has forgotten the conversation; some apps want a fresh start",
    find=_find,
)
