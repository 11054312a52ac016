from msgspec import UNSET

from harness.journal import ConnectionClosed, ConnectionOpened, FaultInjected, ResponseForItem, TurnTaken
from harness.protocol.events import (
    ConversationItemAdded,
    ConversationItemCreate,
    InputAudioBufferTimeoutTriggered,
    ResponseCreate,
    SessionCreated,
    SessionUpdated,
)
from harness.protocol.objects import Content, Item
from harness.units import SECOND
from tests.verdict.journals import COMMITTED, DONE, Tale
from tests.verdict.properties.testing import Talker, found
from tests.world.testing import MAN, at, inject, run, say, story


def turn(tale, at_s, number, *, connection=1, status="completed", received=True):
    """A turn is taken, and its response is begun and ends."""
    item_id, response_id = f"u{number}", f"r{number}"
    tale.add(at_s, TurnTaken, connection=connection, item_id=item_id, from_ms=0, to_ms=1000)
    tale.server(at_s, COMMITTED, connection=connection, item_id=item_id, received=received)
    tale.add(at_s + 0.1, ResponseForItem, connection=connection, response_id=response_id, item_id=item_id)
    return tale.server(at_s + 2, DONE, connection=connection, response_id=response_id, status=status, received=received)


def reconnects(tale, at_s=10, number=2):
    tale.add(at_s, ConnectionClosed, connection=number - 1, code=1006)
    return tale.add(at_s + 1, ConnectionOpened, connection=number)


def test_a_session_that_is_given_nothing_does_not_know_the_turns_before():
    tale = reconnects(turn(turn(Tale(), 2, 1), 6, 2))
    (finding,) = found("history_kept", turn(tale, 15, 3, connection=2).end())
    assert "session 2, opened at 11.000 s, does not know 2 of 2 finished turns" in finding.reason
    assert finding.at_us == 15_100_000


def test_one_finding_a_session():
    tale = turn(turn(reconnects(turn(Tale(), 2, 1)), 15, 2, connection=2), 18, 3, connection=2)
    tale = turn(reconnects(tale, 21, 3), 25, 4, connection=3)
    assert [finding.reason.partition(" of ")[0][-1] for finding in found("history_kept", tale.end())] == ["1", "3"]


def test_a_turn_that_the_client_was_not_told_of_is_not_known_to_it():
    for options in ({"received": False}, {"status": "failed"}):
        tale = reconnects(turn(Tale(), 2, 1, **options))
        assert not found("history_kept", turn(tale, 15, 2, connection=2).end())


def test_an_idle_prompt_is_no_turn_of_the_user():
    tale = Tale().server(1.9, InputAudioBufferTimeoutTriggered, item_id="u1")
    assert not found("history_kept", turn(reconnects(turn(tale, 2, 1)), 15, 2, connection=2).end())


def restored(*roles, told=4):
    """A second session, to which the client has given items of these roles, of which the server has taken all."""
    tale = Tale()
    for number in range(told):
        turn(tale, 2 + 2 * number, number + 1)
    reconnects(tale, 11)
    for number, role in enumerate(roles):
        tale.client(12.1, ConversationItemCreate, connection=2, role=role)
        tale.server(12.2, ConversationItemAdded, connection=2, role=role, item_id=f"old{number}")
    return found("history_kept", turn(tale, 15, 9, connection=2).end())


def test_a_session_that_is_given_all_turns_or_a_summary_knows_them():
    assert not restored(*["user", "assistant"] * 4)
    assert not restored("user")
    assert not restored("system")


def test_a_session_that_is_given_some_turns_or_one_side_does_not():
    for roles in (["user", "assistant"], ["user"] * 4, ["assistant"] * 4):
        assert restored(*roles)


def test_what_the_server_refuses_is_not_known():
    tale = reconnects(turn(Tale(), 2, 1)).client(11.2, ConversationItemCreate, connection=2, role="user")
    assert found("history_kept", turn(tale, 15, 2, connection=2).end())


def test_a_session_that_is_told_the_history():
    def told(event, **fields):
        tale = reconnects(turn(Tale(), 2, 1)).client(11.2, event, connection=2, **fields)
        return found("history_kept", turn(tale, 15, 2, connection=2).end())

    assert not told(ResponseCreate, given=3)
    assert not told(ResponseCreate, settings={"instructions": "b94d27b9934d"})
    assert told(ResponseCreate)


def test_a_summary_in_the_instructions_is_a_history():
    def with_instructions(before, after):
        tale = Tale().server(0.2, SessionCreated, settings={"instructions": before})
        tale = reconnects(turn(tale, 2, 1)).server(11.2, SessionCreated, connection=2, settings={"instructions": "0"})
        tale.server(11.3, SessionUpdated, connection=2, settings={"instructions": after})
        return found("history_kept", turn(tale, 15, 2, connection=2).end())

    assert not with_instructions("a", "b")
    assert with_instructions("a", "a")


def test_a_faulty_session_is_judged_by_its_first_response_after_the_fault():
    tale = reconnects(turn(Tale(), 2, 1)).add(11.1, FaultInjected, kind="mute", length_us=5 * SECOND)
    tale = turn(turn(tale, 15, 2, connection=2), 33, 3, connection=2)
    (finding,) = found("history_kept", tale.end(50))
    assert finding.at_us == 33_100_000


class Restoring(Talker):
    """Tells a new session what was said, in one item."""

    def begins(self):
        if self.session == 1:
            return []
        content = [Content(type="input_text", text="You were asked about the weather.")]
        return [ConversationItemCreate(item=Item(id=UNSET, type="message", role="system", content=content))]


RECONNECT = story(say(1), at(10, inject("reset")), say(14, MAN))


def test_a_client_that_tells_a_new_session_nothing():
    (finding,) = found("history_kept", run(RECONNECT, Talker()).journal)
    assert "session 2" in finding.reason
    assert "1 finished turn " in finding.reason
    assert not found("history_kept", run(RECONNECT, Restoring()).journal)
