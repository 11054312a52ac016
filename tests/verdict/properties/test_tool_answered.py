from harness.journal import ConnectionClosed, ResponseForItem, TurnTaken
from harness.protocol.events import (
    ConversationItemCreate,
    ErrorEvent,
    ResponseCreate,
    ResponseDone,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputItemDone,
)
from harness.protocol.objects import Item
from harness.scenario.model import Call, Reply, ReplyRule, ServerSetup
from harness.units import SECOND
from tests.verdict.journals import DONE, Tale
from tests.verdict.properties.testing import Talker, found
from tests.world.testing import MAN, run, say, story


def called(*call_ids, tale=None, status="completed", at_s=10):
    tale = tale or Tale()
    for call_id in call_ids:
        tale.server(at_s, ResponseFunctionCallArgumentsDone, response_id="r1", item_id="i1", call_id=call_id)
    return tale.server(at_s + 0.1, DONE, response_id="r1", status=status)


def result(tale, at_s, call_id="c1"):
    return tale.client(at_s, ConversationItemCreate, item_type="function_call_output", call_id=call_id)


def asks(tale, at_s):
    return tale.client(at_s, ResponseCreate)


def turn(tale, at_s):
    return tale.add(at_s, TurnTaken, connection=1, item_id=f"u{at_s}", from_ms=0, to_ms=1000)


def reasons(tale, at_s=60):
    return [finding.reason for finding in found("tool_answered", tale.end(at_s))]


def test_a_result_and_one_response_after_it():
    assert not reasons(asks(result(called("c1"), 12), 12))


def test_a_call_without_a_result():
    (reason,) = reasons(called("c1"))
    assert reason == "the client received call c1 at 10.040 s and sent no result until the session ended at 60.000 s"


def test_no_response_is_asked_for_after_the_result():
    (reason,) = reasons(result(called("c1"), 12))
    assert reason == "the client sent the result of call c1 of r1 at 12.000 s and asked for no response after it"
    assert reasons(result(asks(called("c1"), 12), 12.1)), "asked before the result"
    assert not reasons(result(called("c1"), 12), 21), "the session ends within 10 s"


def test_a_response_that_the_server_begins_by_itself_needs_no_asking():
    tale = result(called("c1"), 12).add(13, ResponseForItem, connection=1, response_id="r2", item_id="o1")
    assert not reasons(tale)


def test_a_request_that_was_refused_must_be_repeated():
    def refused():
        code = "conversation_already_has_active_response"
        return asks(result(called("c1"), 10.06), 10.06).server(10.1, ErrorEvent, code=code)

    (reason,) = reasons(refused())
    assert reason.endswith("asked for a response only while another one was active, which the server refused")
    assert not reasons(asks(refused(), 11))


def test_parallel_calls_need_all_their_results_and_one_response():
    tale = asks(result(called("c1", "c2"), 12), 12)
    (reason,) = reasons(tale)
    assert "call c2 " in reason
    (reason,) = reasons(result(tale, 13, "c2"))
    assert "asked for no response after it" in reason
    assert not reasons(asks(tale, 13))


def test_results_out_of_band():
    assert not reasons(called("c1", "c2").client(12, ResponseCreate, conversation="none", outputs=["c1", "c2"]))


def test_a_result_after_more_than_30_s_is_a_warning():
    (finding,) = found("tool_answered", asks(result(called("c1"), 50), 50).end(80))
    assert finding.severity == "warn"
    assert finding.reason.endswith("sent its result only after 39.96s; 30s is allowed")
    assert not reasons(asks(result(called("c1"), 39), 39))


def test_a_call_that_is_not_judged():
    assert not reasons(called("c1"), 39), "the session ends within 30 s"
    assert not reasons(called("c1").add(20, ConnectionClosed, connection=1, code=1006))
    assert not reasons(called("c1", status="cancelled"))
    lost = Tale().server(10, ResponseOutputItemDone, item_type="function_call", call_id="c1", response_id="r1")
    lost.server(10, ResponseFunctionCallArgumentsDone, response_id="r1", call_id="c1", received=False)
    assert not reasons(lost.server(10.1, ResponseDone, response_id="r1", status="completed"))


def test_a_user_who_speaks_meanwhile_does_not_close_a_call():
    for at_s in (13, 20):
        (reason,) = reasons(turn(called("c1"), at_s))
        assert "sent no result" in reason


class Tooled(Talker):
    """Answers each tool call as its fields say."""

    gives = asks_after = True

    def told(self, event):
        if isinstance(event, ResponseFunctionCallArgumentsDone) and self.gives:
            return [ConversationItemCreate(item=Item(type="function_call_output", call_id=event.call_id, output="5"))]
        calls = isinstance(event, ResponseDone) and any(item.type != "message" for item in event.response.output)
        return [ResponseCreate()] if calls and self.asks_after else []


class NoTools(Tooled):
    gives = asks_after = False


class NeverAsks(Tooled):
    asks_after = False


WEATHER = story(
    say(1, MAN),
    server=ServerSetup(replies=(ReplyRule(Reply(calls=(Call("get_weather"), Call("get_time"))), turn=1),)),
    lasts_us=40 * SECOND,
)


def played(client):
    return [finding.reason for finding in found("tool_answered", run(WEATHER, client).journal)]


def test_clients_with_and_without_tools():
    assert not played(Tooled())
    (reason,) = played(NoTools())
    assert "received calls" in reason
    (reason,) = played(NeverAsks())
    assert "asked for no response after it" in reason
