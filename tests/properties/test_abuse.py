"""Ten thousand messages that no client should send, in any order, among some that it may.

Whatever comes: no exception, an end, a bounded answer, one ``error`` event for each illegal message and none for a
legal one, and every event as the vendor's own types have it (which :class:`Trial` checks).
"""

import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.errors import ProtocolError
from harness.protocol.codec import decode_client_event, event_id_of
from harness.protocol.events import ErrorEvent, Event, event_type
from harness.units import MS
from tests.properties.abuse import (
    EITHER,
    ILLEGAL,
    ILLEGAL_DOCUMENTS,
    ILLEGAL_TEXTS,
    LEGAL,
    LEGAL_DOCUMENTS,
    Message,
    encoded,
    messages,
    sent,
    updated,
)
from tests.properties.ledger import Ledger
from tests.properties.testing import LATEST, Trial, policies
from tests.server.playbook import speech

SESSIONS = 250
MESSAGES = 40
"""Of each session: ten thousand in all."""
MOST_EVENTS = 200
"""At once. A message of these holds less than a second of audio and the pauses are shorter than a second."""


class WideLedger(Ledger):
    """Lets out-of-band responses pass: they are in no conversation, and any number may be in progress."""

    def __init__(self):
        super().__init__()
        self.apart = set()

    def _response(self, event):
        response = event.get("response", {})
        if event["type"] == "response.created" and response["conversation_id"] is None:
            self.apart.add(response["id"])
        if event.get("response_id", response.get("id")) not in self.apart:
            super()._response(event)


class Victim(Trial):
    """A session that is sent whatever text, and keeps what it answered."""

    def __init__(self, policy):
        super().__init__(policy)
        before, self.ledger = self.ledger, WideLedger()
        self.ledger.session, self.ledger.prefix_in_start = before.session, before.prefix_in_start
        self.ledger.turns_end, self.ledger.shows_detection = before.turns_end, before.shows_detection

    def hear(self, outputs):
        self.answer = [output for output in outputs if isinstance(output, Event)]
        assert len(self.answer) <= MOST_EVENTS
        super().hear(outputs)

    def is_sent(self, message):
        text = message.text
        if isinstance(text, str):
            text = text.replace(json.dumps(LATEST), json.dumps(self.latest))
        self.ledger.sent("")
        try:
            event = decode_client_event(text)
        except ProtocolError as error:
            assert message.verdict != LEGAL, (error.message, text[:300])
            self.hear([self.session.refuse(error, event_id_of(text))])
            return
        self.ledger.sent(event_type(event))
        self.hear(self.session.receive(event, self.now))
        errors = [each for each in self.answer if isinstance(each, ErrorEvent)]
        assert not errors or len(self.answer) == 1, "an error comes alone"
        if message.verdict != EITHER:
            assert bool(errors) == (message.verdict == ILLEGAL), (message.verdict, text[:300], errors)
        for error in errors:
            assert error.error.event_id == event.event_id


MANY = settings(
    max_examples=SESSIONS,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
PAUSES_MS = st.sampled_from([0, 0, 0, 20, 150, 900])


def steps(of):
    return st.lists(st.tuples(of, PAUSES_MS), min_size=MESSAGES, max_size=MESSAGES)


@pytest.mark.slow
@MANY
@given(policies, steps(messages))
def test_ten_thousand_messages(policy, steps):
    victim = Victim(policy)
    for message, pause_ms in steps:
        victim.is_sent(message)
        victim.pass_time("on time", pause_ms * MS)
    victim.pass_time("on time", 10_000 * MS)
    victim.ledger.check_end()


@pytest.mark.slow
def test_what_makes_no_item_leaves_nothing_behind():
    """Twenty minutes of sound without a turn, with updates and refusals between: memory stays as it was.

    Items of the conversation do stay: that is what a conversation is.
    """
    victim = Victim({})
    listening = updated(audio={"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}})
    round_of = [
        listening, *[sent("input_audio_buffer.append", audio=encoded(speech(31)))] * 60, updated(instructions="Be"),
        sent("response.cancel"), sent("nope"), sent("conversation.item.delete"),
    ]  # fmt: skip
    kept = []
    tracemalloc.start()
    for _ in range(20):
        for document in round_of:
            victim.is_sent(Message(json.dumps(document), EITHER))
        victim.pass_time("on time", 100 * MS)
        kept.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert max(kept[10:]) - max(kept[2:10]) < 20_000


@pytest.mark.behaviour("idle-stops")
def test_the_idle_timer_rests_while_another_answer_is_made():
    """Found by the search (§3.7): a timer that was due during a response kept the session awake for nothing."""
    detection = {"type": "server_vad", "idle_timeout_ms": 5000}
    victim = Victim({"idle_clock": "wall"})
    for document in (updated(audio={"input": {"turn_detection": detection}}), sent("response.create")):
        victim.is_sent(Message(json.dumps(document), LEGAL))
    victim.pass_time("on time", 550 * MS)
    assert victim.ledger.active is None
    victim.is_sent(Message(json.dumps(sent("response.create")), LEGAL))
    victim.pass_time("on time", 2_000 * MS)
    assert victim.ledger.active is None


def briefly(document):
    return json.dumps(document)[:80]


@pytest.mark.parametrize("document", LEGAL_DOCUMENTS, ids=briefly)
def test_a_legal_message_gets_no_error(document):
    Victim({}).is_sent(Message(json.dumps(document), LEGAL))


@pytest.mark.parametrize("document", ILLEGAL_DOCUMENTS, ids=briefly)
def test_an_illegal_message_gets_an_error(document):
    """With a code, a sentence, and the ``event_id`` of the message if it has one."""
    victim = Victim({})
    victim.is_sent(Message(json.dumps({"event_id": "mine", **document}), ILLEGAL))
    (error,) = victim.answer
    assert error.error.type == "invalid_request_error" and error.error.code and error.error.message.endswith(".")
    wanted = document.get("event_id", "mine")
    assert error.error.event_id == (wanted if isinstance(wanted, str) else None)


@pytest.mark.parametrize("text", ILLEGAL_TEXTS, ids=lambda text: repr(text)[:40])
def test_text_that_is_no_event_gets_an_error(text):
    victim = Victim({})
    victim.is_sent(Message(text, ILLEGAL))
    (error,) = victim.answer
    assert error.error.code in (
        "invalid_json",
        "invalid_event",
        "missing_required_parameter",
        "invalid_value",
        "invalid_type",
    )
