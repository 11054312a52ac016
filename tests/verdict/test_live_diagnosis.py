"""Journals of a live server, made by hand: the user speaks from 5 to 8 s, and what became of it on the way back."""

import pytest

from harness.journal import (
    AudioDelivered,
    ConnectionClosed,
    ConnectionDialFailed,
    ConnectionOpened,
    EventDelivered,
    EventHeldBack,
    Journal,
    ResponseForItem,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    StillOpen,
    TurnUnanswered,
    UplinkAudio,
    UplinkHeldBack,
)
from harness.protocol.events import (
    ConversationItemAdded,
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    ResponseCreated,
    ResponseDone,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputAudioDone,
    SessionUpdated,
)
from harness.verdict.diagnosis import diagnose
from tests.journal.testing import by_server, entry


class LiveTale:
    """A live journal in the making; audio of a quiet room arrives on connection 1 all the time."""

    def __init__(self, ends_s=20, arrives_until_s=None):
        self.entries = [entry(0, ConnectionOpened, connection=1)]
        self.ends_s = ends_s
        self.numbers = 0
        for half in range(2 * (ends_s if arrives_until_s is None else arrives_until_s)):
            self.add(half / 2, UplinkAudio, connection=1, chunks=25, samples=12_000, rms=20.0, peak=60, zeros=0)

    def add(self, at_s, cls, **fields):
        self.entries.append(entry(at_s, cls, **{"connection": 1, **fields}))
        return self

    def server(self, at_s, event, *, delivered=True, late_s=None, **fields):
        """An event, which is delivered at once, later, or never."""
        self.entries.append(by_server(at_s, event, **fields))
        self.numbers += 1
        kind = event.__struct_config__.tag
        if not delivered:
            self.add(at_s, EventHeldBack, number=self.numbers, event=kind, response_id=fields.get("response_id"))
        if late_s is not None:
            late = {"number": self.numbers, "event": kind, "late_ms": round(1000 * late_s), "damaged": False}
            self.add(at_s + late_s, EventDelivered, **late)
        return self

    def speaks(self, at_s=5, *, item_id="u", ends=True, delivered=True):
        """Three seconds, and the turn that the server makes of them."""
        self.add(at_s + 0.4, ShadowSpeechStarted, audio_start_ms=round(1000 * at_s))
        self.server(at_s + 0.4, InputAudioBufferSpeechStarted, delivered=delivered, item_id=item_id)
        if ends:
            self.add(at_s + 3.5, ShadowSpeechStopped, audio_end_ms=round(1000 * at_s) + 3_000)
            self.server(at_s + 3.5, InputAudioBufferSpeechStopped, delivered=delivered, item_id=item_id)
            self.server(at_s + 3.5, InputAudioBufferCommitted, delivered=delivered, item_id=item_id)
        return self

    def response(self, at_s=8.6, *, to="u", response_id="r", delivered=True, done=True, status="completed", **audio):
        """A response with two seconds of audio."""
        self.add(at_s, ResponseForItem, response_id=response_id, item_id=to)
        self.server(at_s, ResponseCreated, delivered=delivered, response_id=response_id)
        self.audio(at_s + 1, response_id=response_id, **audio)
        if done:
            self.server(at_s + 1, ResponseOutputAudioDone, delivered=delivered, response_id=response_id)
            self.server(at_s + 1, ResponseDone, delivered=delivered, response_id=response_id, status=status)
        return self

    def audio(self, at_s, *, response_id="r", sent=2_000, got=2_000, audible=1_800):
        return self.add(
            at_s,
            AudioDelivered,
            response_id=response_id,
            item_id="a",
            sent_ms=sent,
            delivered_ms=got,
            audible_ms=audible,
        )

    def closed(self, at_s, by, code=1000):
        return self.add(at_s, ConnectionClosed, code=code, reason="", by=by)

    @property
    def journal(self):
        made = Journal({"stage": "live"})
        for each in sorted(self.entries, key=lambda each: each.t):
            made.add(each)
        return made

    @property
    def found(self):
        return diagnose(self.journal)

    @property
    def cause(self):
        return self.found.cause or self.found.state


def test_an_answer_that_was_written_to_the_socket_is_one_and_more_is_not_claimed():
    found = LiveTale().speaks().response().found
    assert found.state == "answered"
    assert found.evidence[0].startswith("2000 of 2000 ms of audio were written to the client's socket")
    assert "neither the user nor what the client captured, received and played" in found.evidence[-1]


class TestNotDelivered:
    def test_nothing_is_delivered_from_the_turn_on(self):
        tale = LiveTale().speaks(delivered=False).response(delivered=False, got=0, audible=0)
        assert tale.cause == "server_mute"
        assert "6 events of the server were not delivered" in tale.found.evidence[0]

    def test_from_the_middle_of_the_answer_on(self):
        tale = LiveTale().speaks().response(done=False, got=900, audible=800)
        tale.server(9.6, ResponseDone, delivered=False, response_id="r", status="completed")
        assert tale.cause == "server_mute"

    def test_only_its_audio_is_lost(self):
        assert LiveTale().speaks().response(got=0, audible=0).cause == "events_lost"

    def test_the_answer_arrives_late(self):
        tale = LiveTale().speaks().response(done=False, got=0, audible=0)
        tale.server(9.6, ResponseDone, delivered=False, late_s=4, response_id="r", status="completed")
        assert tale.audio(13.6).cause == "answered"

    def test_a_client_that_cannot_know_that_it_is_to_ask(self):
        tale = LiveTale().server(1, SessionUpdated, turn_detection=None)
        tale.server(8, InputAudioBufferCommitted, delivered=False, item_id="u")
        assert tale.cause == "server_mute"

    def test_nothing_of_the_client_arrives(self):
        tale = LiveTale(arrives_until_s=12).speaks().response()
        for second in range(13, 20):
            tale.add(second, UplinkHeldBack, size_bytes=64_000 * (second - 12), audio_ms=0, late_ms=0)
        assert tale.cause == "half_open"

    def test_nothing_of_the_client_arrives_and_the_server_is_still_received(self):
        tale = LiveTale(arrives_until_s=12).speaks().response()
        for second in range(13, 20):
            tale.add(second, UplinkHeldBack, size_bytes=64_000, audio_ms=1_000 * (second - 12), late_ms=0)
        assert tale.server(15, SessionUpdated).cause == "events_lost"

    def test_a_stall_that_is_over_has_done_no_harm(self):
        tale = LiveTale().speaks().response()
        tale.add(12, UplinkHeldBack, size_bytes=64_000, audio_ms=1_000, late_ms=0)
        assert tale.add(13, UplinkHeldBack, size_bytes=0, audio_ms=0, late_ms=1_000).cause == "answered"

    def test_audio_that_waits_longer_and_longer(self):
        tale = LiveTale().speaks()
        assert tale.add(19, UplinkHeldBack, size_bytes=1, audio_ms=4_000, late_ms=3_900).cause == "uplink_late"


class TestResponse:
    def test_digital_silence_is_inaudible(self):
        assert LiveTale().speaks().response(audible=0).cause == "reply_inaudible"

    def test_a_reply_that_stops_in_the_middle_is_stuck(self):
        assert LiveTale().speaks().response(done=False, sent=1_000, got=1_000, audible=900).cause == "response_stuck"

    def test_also_if_the_client_gives_up_later(self):
        tale = LiveTale().speaks().response(done=False, sent=1_000, got=1_000, audible=900)
        assert tale.closed(20, "client").cause == "response_stuck"

    def test_silence_without_an_end_is_stuck(self):
        tale = LiveTale().speaks().response(done=False, sent=100, got=100, audible=100)
        for second in range(10, 20):
            tale.audio(second, sent=1_000 * second, got=1_000 * second, audible=100)
        assert tale.cause == "response_stuck"

    def test_a_turn_in_the_way_of_which_another_response_stands(self):
        tale = LiveTale().add(1, ResponseForItem, response_id="old", item_id="before")
        tale.server(1, ResponseCreated, response_id="old").speaks()
        assert tale.add(8.5, TurnUnanswered, item_id="u", active="old").cause == "response_stuck"

    def test_one_that_the_client_asks_for_counts(self):
        tale = LiveTale().server(1, SessionUpdated, turn_detection=None)
        tale.server(8, InputAudioBufferCommitted, item_id="u")
        assert tale.cause == "client_waiting"
        assert tale.response(11).cause == "answered"

    def test_one_to_another_turn_does_not(self):
        assert LiveTale().speaks().response(to="before").cause != "answered"


class TestTools:
    def called(self):
        tale = LiveTale().speaks().server(8.5, ConversationItemAdded, item_id="u", previous_item_id=None, role="user")
        tale.add(8.6, ResponseForItem, response_id="call", item_id="u")
        tale.server(8.6, ResponseCreated, response_id="call")
        tale.server(9, ConversationItemAdded, item_id="f", previous_item_id="u")
        tale.server(9, ResponseFunctionCallArgumentsDone, response_id="call", item_id="f", call_id="c")
        return tale.server(9, ResponseDone, response_id="call", status="completed")

    def test_the_answer_after_a_result_is_an_answer(self):
        tale = self.called().server(10, ConversationItemAdded, item_id="o", previous_item_id="f")
        assert tale.response(10, to="o").cause == "answered"

    def test_a_preamble_is_no_answer(self):
        tale = self.called().audio(8.9, response_id="call")
        assert tale.cause == "client_waiting"
        tale.server(10, ConversationItemAdded, item_id="o", previous_item_id="f")
        assert tale.response(10, to="o", audible=0).cause == "reply_inaudible"

    def test_a_second_answer_that_is_not_finished_takes_nothing_from_the_first(self):
        tale = LiveTale().speaks().response().response(12, response_id="s", done=False, sent=100, got=100, audible=0)
        assert tale.cause == "answered"

    def test_no_response_after_it(self):
        assert self.called().cause == "client_waiting"


class TestTheClientGoes:
    def test_in_the_middle_of_a_sentence(self):
        tale = LiveTale(ends_s=7).speaks(ends=False).closed(7, "client")
        assert tale.cause == "client_left"

    def test_before_its_answer(self):
        tale = LiveTale(ends_s=9).speaks().response(done=False, sent=100, got=100, audible=100)
        assert tale.closed(9.7, "client").cause == "client_left"

    @pytest.mark.parametrize("by", ["client", "stop"])
    def test_after_its_answer(self, by):
        assert LiveTale().speaks().response().closed(20, by).cause == "answered"

    def test_the_server_goes_and_the_client_does_not_come_back(self):
        assert LiveTale().speaks().response().closed(20, "server", 1011).cause == "client_waiting"

    def test_the_client_cannot_come_back(self):
        tale = LiveTale().speaks().response().closed(20, "server", 1006)
        assert tale.add(20.5, ConnectionDialFailed, connection=2).cause == "unreachable"

    def test_it_comes_back_and_is_answered(self):
        tale = LiveTale().speaks(delivered=False).closed(10, "client")
        tale.entries.append(entry(11, ConnectionOpened, connection=2))
        tale.entries += [
            entry(12, ShadowSpeechStarted, connection=2, audio_start_ms=500),
            by_server(12, InputAudioBufferSpeechStarted, connection=2, item_id="v"),
            entry(14, ShadowSpeechStopped, connection=2, audio_end_ms=2_500),
            by_server(14, InputAudioBufferCommitted, connection=2, item_id="v"),
            entry(14, ResponseForItem, connection=2, response_id="s", item_id="v"),
            by_server(14, ResponseCreated, connection=2, response_id="s"),
        ]
        assert tale.cause == "response_stuck"
        tale.add(15, AudioDelivered, connection=2, response_id="s", item_id="b", sent_ms=900, delivered_ms=900,
                 audible_ms=800)  # fmt: skip
        tale.entries.append(by_server(15, ResponseDone, connection=2, response_id="s", status="completed"))
        assert tale.cause == "answered"


def test_a_client_that_stops_sending_in_the_middle_of_a_sentence():
    tale = LiveTale(arrives_until_s=7).speaks(ends=False)
    assert tale.add(19, StillOpen).cause == "clock_frozen"


def test_a_user_who_is_still_speaking_waits_for_nothing():
    assert LiveTale(ends_s=9).speaks(ends=False).add(9, StillOpen).cause == "quiet"
