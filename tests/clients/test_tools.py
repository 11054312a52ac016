"""The Realtime guide on function calling: an output for each call, then one ``response.create``; nothing comes before.

Each test drives a whole client, so that it shows what is sent.
"""

import json

import pytest

from harness.clients.interface import Closed, Connect, Opened
from harness.clients.reference import Development, Reported, Resilient
from harness.journal import EventAtClient, SpeakerHeard
from harness.protocol import events
from harness.scenario.model import Call, Reply, ReplyRule, ServerSetup
from harness.units import SECOND
from tests.clients.testing import (
    DrivenClient,
    arguments_done,
    call,
    call_done,
    cleared,
    created,
    delta,
    done,
    idled,
    of_type,
    refused,
    response_created,
    started,
    stopped,
)  # fmt: skip
from tests.world.testing import run, say, story, times

Create, Output = events.ResponseCreate, events.ConversationItemCreate


class Sent:
    """What a client without recovery sends, step by step."""

    def __init__(self, client=None):
        self.client = client or Development()
        self.now = 0
        self.give(Opened(), created())

    def give(self, *messages):
        """The outputs' call ids and the names of other client events that are sent."""
        found = []
        for message in messages:
            self.now += 10_000
            found += self.client.receive(message, self.now)
        return [
            command.item.call_id if isinstance(command, Output) else "create"
            for command in found
            if isinstance(command, (Output, Create))
        ]


@pytest.mark.parametrize("client", [Reported, Development, Resilient])
def test_a_call_is_answered_after_the_end_of_its_response(client):
    sent = Sent(client())
    assert sent.give(response_created(), arguments_done(), call_done()) == []
    assert sent.give(done(output=[call()])) == ["call_1", "create"]


def test_the_output_is_json_of_that_call():
    client = Sent().client
    client.receive(arguments_done("call_7"), 0)
    (output,) = of_type(client.receive(done(output=[call("call_7")]), 1), Output)
    assert (output.item.type, output.item.call_id) == ("function_call_output", "call_7")
    json.loads(output.item.output)


def test_parallel_calls_get_an_output_each_and_one_response():
    sent = Sent()
    sent.give(response_created(), arguments_done("a"), arguments_done("b"))
    assert sent.give(done(output=[call("a"), call("b")])) == ["a", "b", "create"]


def test_a_call_is_known_from_any_of_the_events_that_name_it():
    assert Sent().give(response_created(), done(output=[call("a")])) == ["a", "create"]
    assert Sent().give(response_created(), call_done("a"), done()) == ["a", "create"]
    assert Sent().give(response_created(), arguments_done("a"), done()) == ["a", "create"]


def test_a_repeated_end_is_not_answered_twice():
    sent = Sent()
    sent.give(response_created(), done(output=[call()]))
    assert sent.give(done(output=[call()]), call_done(), done(output=[call()])) == []


def test_a_call_that_was_cut_off_is_not_answered():
    cut = call(status="incomplete")
    sent = Sent()
    sent.give(response_created(), arguments_done(), call_done(status="incomplete"))
    assert sent.give(done("cancelled", output=[cut])) == []


def test_a_complete_call_of_a_cancelled_response_gets_its_output_alone():
    """Who interrupted goes on: the user's turn is answered, with the output before it."""
    sent = Sent()
    sent.give(response_created(), call_done("a"), started())
    assert sent.give(done("cancelled", output=[call("a")])) == ["a"]
    assert sent.give(stopped(), response_created("resp_2"), done(response_id="resp_2")) == []


def test_a_call_of_an_earlier_session_is_forgotten():
    sent = Sent()
    sent.give(response_created(), call_done())
    sent.give(Closed(1006), Opened(), created())
    assert sent.give(response_created("resp_2"), done(response_id="resp_2")) == []


def test_what_is_owed_to_an_earlier_session_is_not_asked_of_the_next():
    sent = Sent()
    sent.give(response_created(), call_done(), response_created("resp_2"))
    sent.give(Closed(1006), Opened(), created())
    assert sent.give(response_created("resp_3"), done(response_id="resp_3")) == []


def test_a_lost_end_is_made_up_for_by_the_next_response():
    """Only one response is active, so the one before it has ended; its call is asked about after the next."""
    sent = Sent()
    sent.give(response_created(), call_done())
    assert sent.give(response_created("resp_2")) == ["call_1"]
    assert sent.give(done(response_id="resp_2")) == ["create"]


def test_while_the_user_speaks_no_response_is_asked_for():
    """It would be active at the end of the turn, which then gets none (documented of interrupt_response off)."""
    sent = Sent()
    sent.give(response_created(), call_done(), started())
    assert sent.give(done(output=[call()])) == ["call_1"]
    assert sent.give(stopped(), response_created("resp_2")) == []
    assert sent.give(done(response_id="resp_2")) == ["create"]


def test_speech_that_is_cleared_is_not_waited_for():
    sent = Sent()
    sent.give(response_created(), call_done(), started(), done(output=[call()]))
    assert sent.give(cleared()) == ["create"]


def test_a_request_that_met_an_active_response_is_sent_again_after_its_end():
    sent = Sent()
    sent.give(response_created(), call_done())
    (request,) = of_type(sent.client.receive(done(output=[call()]), sent.now), Create)
    assert sent.give(refused("conversation_already_has_active_response", request.event_id)) == []
    assert sent.give(response_created("resp_2"), done(response_id="resp_2")) == ["create"]
    assert sent.give(response_created("resp_3"), done(response_id="resp_3")) == []


def test_the_refusal_of_another_event_is_not_taken_for_that_of_the_request():
    sent = Sent()
    sent.give(response_created(), done(output=[call()]))
    sent.give(refused("conversation_already_has_active_response", "another"))
    assert sent.give(response_created("resp_2"), done(response_id="resp_2")) == []


# --- with recovery ---


def called(**settings):
    """A user's turn that is answered by a call, and the client's request after it."""
    driven = DrivenClient(renew_after_ms=60_000, **settings)
    driven.advance(1)
    driven.deliver(started(), stopped(), response_created(), call_done(), done(output=[call()]))
    assert len(driven.sent(Create)) == 1
    return driven


def test_a_request_that_is_lost_is_made_again():
    driven = called()
    driven.advance(5.5)
    assert driven.symptoms() == []
    driven.advance(1)
    assert driven.symptoms() == ["turn_unanswered"]
    assert len(driven.sent(Create)) == 2


def test_a_request_that_is_answered_is_left_alone():
    driven = called()
    driven.deliver(response_created("resp_2"), delta(500, response_id="resp_2"), done(response_id="resp_2"))
    driven.advance(20)
    assert driven.symptoms() == []
    assert len(driven.sent(Create)) == 1


def test_a_call_whose_response_never_ends_is_answered_once_the_server_says_that_none_is_active():
    driven = DrivenClient(renew_after_ms=60_000)
    driven.advance(1)
    driven.deliver(started(), stopped(), response_created(), call_done())
    driven.advance(9)
    assert driven.symptoms() == ["response_stuck"]
    driven.deliver(refused("response_cancel_not_active"))
    assert len(driven.sent(Output)) == len(driven.sent(Create)) == 1
    assert driven.times(Connect) == []


def test_an_idle_prompt_does_not_hide_a_lost_request():
    driven = called()
    driven.advance(2)
    driven.deliver(idled(), response_created("idle"), delta(500, response_id="idle"), done(response_id="idle"))
    driven.advance(5)
    assert driven.symptoms() == ["turn_unanswered"]


# --- with a server ---


@pytest.mark.parametrize("client", ["reported", "development", "resilient"])
def test_what_a_tool_was_needed_for_is_said_without_a_word_of_the_user(client):
    calls = ReplyRule(Reply(clip="none", calls=(Call("a"), Call("b"))), turn=1)
    scenario = story(say(1), server=ServerSetup(replies=(calls,), reply=Reply(lasts_us=SECOND)), recover_s=4)
    journal = run(scenario, client).journal
    (asked,) = times(journal, EventAtClient, Create)
    outputs = [entry for entry in journal.events(EventAtClient, Output) if entry.t <= asked]
    assert len(outputs) == 2
    assert min(times(journal, SpeakerHeard)) - asked < 2 * SECOND
