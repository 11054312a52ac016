"""After a barge-in the server knows how much of the answer was heard: the client truncates the item there.

The service sends audio faster than it plays, and over a WebSocket it does not know what was played. Without
``conversation.item.truncate`` an interrupted item holds all that was sent, and the model believes it was said.
An item of which nothing was played is not judged: that is a silence, and no barge-in. Nor is one while the output was
suspended: no client is told how much was played then.
"""

from collections.abc import Iterator

from msgspec import UNSET

from ...journal import (
    EventByServer,
    ResponseAudio,
    SpeakerEnded,
    SpeakerPlaying,
    SpeakerStopped,
    SpeakerSuspended,
)
from ...protocol.events import ConversationItemDeleted, ConversationItemTruncated
from ...units import SECOND
from ..findings import Finding
from ..record import RunRecord
from . import Property

_WITHIN_US = 3 * SECOND
"""How long the client may take after the stop."""
_TOLERANCE_MS = 500


def _find(record: RunRecord) -> Iterator[Finding]:
    stops = {str(entry.item_id): entry for entry in record.journal.select(SpeakerStopped) if entry.item_id is not UNSET}
    sent = {entry.item_id: entry for entry in record.journal.select(ResponseAudio)}
    for item_id, stop in stops.items():
        end = stop.t + _WITHIN_US
        if item_id not in sent or not _session_has_it(record, sent[item_id].connection, stop.t, end):
            continue
        played_ms = _played_ms(record, item_id)
        held_ms, told = _held_ms(record, sent[item_id], end)
        if (
            not played_ms
            or held_ms is None
            or _was_suspended(record, item_id)
            or abs(held_ms - played_ms) <= _TOLERANCE_MS
        ):
            continue
        reason = (
            f"{item_id} was stopped at {stop.t / SECOND:.3f} s after {played_ms / 1000:.3f} s were heard, and the "
            f"server holds {held_ms / 1000:.3f} s of it: {told}"
        )
        yield Finding(PROPERTY.name, end, reason)


def _session_has_it(record: RunRecord, connection: int, begin: int, end: int) -> bool:
    """Whether the session of the item goes on, without a fault, between two times (microseconds)."""
    for session in record.sessions:
        if session.connection == connection and session.begin_us <= begin and end <= session.end_us:
            return not any(first <= end and last >= begin for first, last in record.session_faults(session))
    return False


def _played_ms(record: RunRecord, item_id: str) -> int | None:
    """How much of an item was heard; None if it was not played as it was sent, so that lengths cannot be compared."""
    parts = [entry for entry in record.journal.select(SpeakerEnded, SpeakerStopped) if entry.item_id == item_id]
    if any(entry.garbled_ms is not UNSET for entry in parts):
        return None
    return sum(entry.played_ms for entry in parts)


def _was_suspended(record: RunRecord, item_id: str) -> bool:
    """Whether the output was suspended while an item was played."""
    plays: str | None = None
    for entry in record.journal.select(SpeakerPlaying, SpeakerSuspended):
        if isinstance(entry, SpeakerPlaying):
            plays = entry.item_id
        elif plays == item_id:
            return True
    return False


def _held_ms(record: RunRecord, sent: ResponseAudio, end: int) -> tuple[int | None, str]:
    """How much of an item the server holds, None if the item was deleted; and why, in words."""
    held_ms, why = sent.audio_ms, "the client did not truncate it"
    for entry in record.journal.events(EventByServer, ConversationItemTruncated, ConversationItemDeleted):
        if entry.item_id != sent.item_id or entry.t > end:
            continue
        if entry.is_a(ConversationItemDeleted):
            return None, why
        held_ms, why = int(entry.fields["audio_end_ms"]), "the client truncated it there"
    return held_ms, why


PROPERTY = Property(
    name="truncates_right",
    broken_when="after a barge-in the server's transcript of the answer holds over 500 ms more or less than was heard",
    default="warn",
    because="the user is answered, by a model that believes the user heard more, or less, than the user did",
    find=_find,
)
