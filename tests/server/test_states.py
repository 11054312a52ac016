"""The tables of a turn's and a response's states."""

import pytest

from harness.errors import StillthereError
from harness.server.asked import Asked
from harness.server.request import request_of
from harness.server.response import LiveResponse
from harness.server.states import (
    CANCELLED,
    CANCELLED_IN_OUTPUT,
    CLOSE_ITEM,
    CREATED,
    DONE,
    FINISH,
    NO_TURN,
    OPEN_ITEM,
    REQUESTED,
    RESPONSE_STAGES,
    STOP,
    TURN_STAGES,
    ResponseCause,
    ResponseStage,
    TurnCause,
    TurnStage,
    follow,
)
from tests.server.playbook import Playbook

TABLES = {
    "turn": (TURN_STAGES, NO_TURN, TurnStage, TurnCause),
    "response": (RESPONSE_STAGES, REQUESTED, ResponseStage, ResponseCause),
}


@pytest.mark.parametrize(("table", "start", "stages", "causes"), TABLES.values(), ids=TABLES)
def test_every_stage_has_a_row_and_is_reached(table, start, stages, causes):
    assert set(table) == set(stages)
    reached, waiting = {start}, [start]
    while waiting:
        for after in table[waiting.pop()].values():
            if after not in reached:
                reached.add(after)
                waiting.append(after)
    assert reached == set(stages)
    assert {cause for row in table.values() for cause in row} == set(causes)


def test_a_response_is_created_first_and_done_last_with_no_item_open():
    """The GA order (§3.1)."""
    assert set(RESPONSE_STAGES[REQUESTED].values()) == {CREATED}
    assert [stage for stage, row in RESPONSE_STAGES.items() if FINISH in row] == [CREATED, CANCELLED]
    assert not RESPONSE_STAGES[DONE]
    assert set(RESPONSE_STAGES[CANCELLED_IN_OUTPUT]) == {CLOSE_ITEM} and OPEN_ITEM not in RESPONSE_STAGES[CANCELLED]


def test_what_is_not_in_the_table_raises():
    with pytest.raises(StillthereError, match="STOP is not possible in state NO_TURN; possible: START, COMMIT, OFF"):
        follow(TURN_STAGES, NO_TURN, STOP)


def test_an_illegal_event_changes_nothing():
    """A response that is done cannot be cancelled: no event, and it is as before."""
    shared = Playbook().session._shared
    response = LiveResponse(shared, request_of(shared.config, None), shared.voice.answer(Asked(1)))
    response.begin(0, shared.conversation.tokens)
    response.cancel("client_cancelled")
    assert response.finished
    with pytest.raises(StillthereError, match="FINISH is not possible in state DONE; possible: nothing"):
        response.cancel("client_cancelled")
    assert response.finished and response.next_wake is None
