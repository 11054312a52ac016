"""A slice of ``make abuse``: some thousand broken messages; and that what it looks for would be found."""

import asyncio
import json

import pytest

from harness.errors import ProtocolError
from harness.protocol.codec import decode_client_event, event_id_of
from harness.server.session import Session
from tests.abuse import campaign
from tests.abuse.ledger import Broken
from tests.abuse.mutations import EITHER, Wired
from tests.abuse.sockets import abuse_sockets

SESSIONS = 40


def test_some_thousand_broken_messages():
    tally = campaign.abuse(range(SESSIONS))
    assert [campaign.program(found) for found in tally.found] == []
    assert sum(tally.mutations.values()) == SESSIONS * campaign.MUTATED_A_SESSION
    assert len(tally.mutations) > 20 and len(+tally.refused) > 10


def test_some_hundred_over_sockets():
    tally = asyncio.run(abuse_sockets(400, seed=0))
    assert (tally.messages, tally.missing, tally.hangs, tally.crashes) == (400, 0, 0, 0)
    assert tally.errors > 100


def sent(event, **fields):
    return Wired(json.dumps({"type": event, **fields}).encode(), "by hand", EITHER), 0


CLEAR, COMMIT = sent("input_audio_buffer.clear"), sent("input_audio_buffer.commit", event_id="mine")


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (lambda self, event, now: 1 / 0, "crash"),
        (lambda self, event, now: [], "missing"),
        (lambda self, event, now: self.open(now), "missing"),
    ],
)
def test_what_goes_wrong_is_found_and_shortened(monkeypatch, answers, kind):
    honest = Session.receive
    broken = {"InputAudioBufferClear": answers}
    monkeypatch.setattr(
        Session, "receive", lambda self, event, now: broken.get(type(event).__name__, honest)(self, event, now)
    )
    with pytest.raises(Broken) as found:
        campaign.play({}, [COMMIT, COMMIT, CLEAR, COMMIT])
    assert found.value.kind == kind
    assert len(campaign.minimised({}, [COMMIT, COMMIT, CLEAR, COMMIT], kind)) <= 1


def test_a_script_depends_on_its_seed_alone():
    assert campaign.script(7) == campaign.script(7) != campaign.script(8)


def test_a_session_that_never_rests_is_found(monkeypatch):
    monkeypatch.setattr(Session, "next_wake", property(lambda self: 0))
    with pytest.raises(Broken, match="due at once"):
        campaign.play({}, [(CLEAR[0], 1000)])


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe"])
def test_text_behind_a_byte_order_mark_is_no_event_and_has_no_id(mark):
    """Found by the search: the error echoed the ``event_id`` of a text that it says is no JSON."""
    text = mark + COMMIT[0].data
    assert event_id_of(text) is None
    with pytest.raises(ProtocolError, match="failed to parse JSON"):
        decode_client_event(text)
