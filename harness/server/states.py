"""What a turn is to the client, and how far a response is: two tables of states.

Turn detection (:mod:`harness.vad.turn`) decides from audio when the user speaks. What the client knows of that is a
state of its own, since a turn can be committed, dropped or hidden from the client while detection is still in it.

A cause that a table does not have for a state raises and changes nothing. The values of the enumerations say what they
mean, and docs/session-states.md shows them with both tables.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TypeVar

from ..errors import StillthereError


class TurnStage(Enum):
    """What a turn is to the client."""

    NO_TURN = "detection is in no turn that the client knows of"
    ANNOUNCED = "`input_audio_buffer.speech_started` was sent; the turn has an item id"
    COMMITTED = "the client committed the turn itself, and detection still waits for its end"
    STALE = "`input_audio_buffer.speech_started` was sent and its turn dropped, but it still counts (`onset: sticky`)"
    HIDDEN = "detection is in a turn of which the client gets no event, because an earlier start still counts"
    HIDDEN_COMMITTED = "the same, after a commit by the client"


class TurnCause(Enum):
    """What can happen to it."""

    START = "detection begins a turn, and the client gets `input_audio_buffer.speech_started`"
    HIDDEN_START = "detection begins a turn, and the client gets nothing"
    STOP = "detection ends the turn"
    DROP = "the turn ends without an event: cleared, committed, updated or discarded"
    STICKY_DROP = "the same under the policy `onset: sticky`"
    COMMIT = "the client commits the buffer"
    OFF = "the client switches turn detection off; an open turn was dropped before, unless detection is wedged"


class ResponseStage(Enum):
    """How far a response is."""

    REQUESTED = "`response.created` is still to be sent"
    CREATED = "between its output items, or before the first"
    IN_OUTPUT = "within an output item"
    CANCELLED = "the client cancelled it between its output items; it sends nothing until `response.done`"
    CANCELLED_IN_OUTPUT = "the client cancelled it within an output item, which is still to be closed"
    DONE = "`response.done` was sent"


class ResponseCause(Enum):
    """What can happen to it."""

    CREATE = "`response.created` is sent"
    OPEN_ITEM = "`response.output_item.added` is sent"
    CLOSE_ITEM = "the item gets no further pieces"
    CANCEL = "`response.cancel` is taken, and `response.done` is to follow (`create_during_cancel: refused`)"
    FINISH = "`response.done` is sent"


NO_TURN, ANNOUNCED, COMMITTED, STALE, HIDDEN, HIDDEN_COMMITTED = TurnStage
START, HIDDEN_START, STOP, DROP, STICKY_DROP, COMMIT, OFF = TurnCause
REQUESTED, CREATED, IN_OUTPUT, CANCELLED, CANCELLED_IN_OUTPUT, DONE = ResponseStage
CREATE, OPEN_ITEM, CLOSE_ITEM, CANCEL, FINISH = ResponseCause

TURN_STAGES: Mapping[TurnStage, Mapping[TurnCause, TurnStage]] = MappingProxyType(
    {
        NO_TURN: {START: ANNOUNCED, COMMIT: NO_TURN, OFF: NO_TURN},
        ANNOUNCED: {STOP: NO_TURN, DROP: NO_TURN, STICKY_DROP: STALE, COMMIT: COMMITTED, OFF: NO_TURN},
        COMMITTED: {STOP: NO_TURN, DROP: NO_TURN, STICKY_DROP: NO_TURN, COMMIT: COMMITTED, OFF: NO_TURN},
        STALE: {START: ANNOUNCED, HIDDEN_START: HIDDEN, COMMIT: NO_TURN, OFF: NO_TURN},
        HIDDEN: {STOP: STALE, DROP: STALE, STICKY_DROP: STALE, COMMIT: HIDDEN_COMMITTED, OFF: NO_TURN},
        HIDDEN_COMMITTED: {
            STOP: NO_TURN, DROP: NO_TURN, STICKY_DROP: NO_TURN, COMMIT: HIDDEN_COMMITTED, OFF: NO_TURN,
        },
    }
)  # fmt: skip
RESPONSE_STAGES: Mapping[ResponseStage, Mapping[ResponseCause, ResponseStage]] = MappingProxyType(
    {
        REQUESTED: {CREATE: CREATED},
        CREATED: {OPEN_ITEM: IN_OUTPUT, CANCEL: CANCELLED, FINISH: DONE},
        IN_OUTPUT: {CLOSE_ITEM: CREATED, CANCEL: CANCELLED_IN_OUTPUT},
        CANCELLED: {FINISH: DONE},
        CANCELLED_IN_OUTPUT: {CLOSE_ITEM: CANCELLED},
        DONE: {},
    }
)

_Stage = TypeVar("_Stage", bound=Enum)
_Cause = TypeVar("_Cause", bound=Enum)


def follow(table: Mapping[_Stage, Mapping[_Cause, _Stage]], stage: _Stage, cause: _Cause) -> _Stage:
    """The stage after a cause. Raises :exc:`StillthereError` for a cause that the table does not have there."""
    after = table[stage].get(cause)
    if after is None:
        possible = ", ".join(each.name for each in table[stage]) or "nothing"
        raise StillthereError(f"{cause.name} is not possible in state {stage.name}; possible: {possible}")
    return after
