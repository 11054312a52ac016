"""What a client alone can know of a silence (§6.4: telling the freezes apart)."""

import pytest

from harness.journal import ClientPong, ConnectionClosed, ConnectionDialFailed, SpeakerHeard, SpeakerSuspended
from harness.protocol.events import (
    ResponseFunctionCallArgumentsDone,
    SessionUpdated,
)
from harness.verdict.client_view import NO_AUDIO, NO_DONE, NO_END, NO_RESPONSE, NOTHING_HEARD, suspects
from tests.verdict.journals import AUDIO_DONE, COMMITTED, CREATED, DONE, STARTED, STOPPED, Tale, utterance


def seen(tale):
    journal = tale.end()
    return suspects(journal, utterance(journal))


def spoken(**sent):
    """A voice that is captured and sent, and silence after it."""
    tale = Tale().speaks().captured().captured(rms=30, begin_s=33, end_s=36)
    return tale.sent(**sent).sent(rms=30, begin_s=33, end_s=36)


def received(tale, at_s, event, **fields):
    return tale.client(at_s, event, **fields)


def taken(tale):
    received(tale, 30.4, STARTED, item_id="u")
    received(tale, 33.2, STOPPED, item_id="u")
    return received(tale, 33.2, COMMITTED, item_id="u")


def test_its_own_end_it_sees_clearly():
    assert seen(Tale().speaks()).causes == ("clock_frozen", "capture_graph_collected")
    assert seen(Tale().speaks().captured(rms=40, peak=96).sent(rms=40)).causes == (
        "capture_dead",
        "capture_graph_collected",
    )
    assert seen(spoken(rms=0, zeros=25)).causes == ("gate_closed",)


def test_no_connection():
    lost = Tale().add(20, ConnectionClosed, connection=1, code=1006).speaks().captured()
    assert seen(lost).causes == ("client_waiting",)
    assert seen(lost.add(21, ConnectionDialFailed, connection=2)).causes == ("unreachable",)


def test_pings_tell_a_dead_connection_from_a_silent_one():
    assert seen(spoken()).causes == ("half_open", *NOTHING_HEARD)
    assert seen(spoken().add(20, ClientPong, connection=1)).causes == ("half_open",)
    assert seen(spoken().add(32, ClientPong, connection=1)).causes == NOTHING_HEARD


def test_speech_without_an_end():
    assert seen(received(spoken(), 30.4, STARTED, item_id="u")).causes == NO_END


def test_speech_without_an_end_while_next_to_nothing_is_sent():
    tale = Tale().speaks().captured(end_s=36).sent()
    assert seen(received(tale, 30.4, STARTED, item_id="u")).causes == ("clock_frozen",)


def test_speech_without_an_end_while_it_is_loud():
    tale = Tale().speaks().captured(end_s=36).sent(end_s=36)
    assert seen(received(tale, 30.4, STARTED, item_id="u")).causes == ("endless_sound", "vad_held")


def test_a_turn_without_a_response():
    assert seen(taken(spoken())).causes == NO_RESPONSE


def test_a_response_without_an_end():
    assert seen(received(taken(spoken()), 33.3, CREATED, response_id="r")).causes == NO_DONE


@pytest.mark.parametrize(("status", "causes"), [("failed", ("response_failed",)), ("completed", NO_AUDIO)])
def test_a_response_without_audio(status, causes):
    tale = received(taken(spoken()), 33.3, CREATED, response_id="r")
    assert seen(received(tale, 34, DONE, response_id="r", status=status)).causes == causes


def test_an_answer_that_is_not_played():
    tale = received(taken(spoken()), 33.3, CREATED, response_id="r")
    received(tale, 34, AUDIO_DONE, response_id="r", item_id="a")
    received(tale, 34, DONE, response_id="r", status="completed")
    assert seen(tale).causes == ("client_waiting",)
    assert seen(tale.add(34.1, SpeakerSuspended)).causes == ("playback_suspended",)


def test_no_silence_no_suspects():
    assert seen(spoken().add(35, SpeakerHeard, response_id="r")).state == "answered"
    quiet = Tale()
    assert suspects(quiet.end()).state == "quiet"


def test_an_older_answer_that_is_heard_while_the_user_speaks_is_none_to_what_he_says():
    tale = received(spoken(), 29, CREATED, response_id="r0")
    assert seen(tale.add(30.1, SpeakerHeard, response_id="r0")).state == "silent"


def test_a_failure_to_connect_before_the_last_connection_is_over():
    tale = Tale().add(5, ConnectionDialFailed, connection=1).add(20, ConnectionClosed, connection=1, code=1006)
    assert seen(tale.speaks().captured()).causes == ("client_waiting",)


def test_a_turn_cut_in_two_is_judged_by_its_second_half():
    tale = received(received(spoken(), 30.4, STARTED, item_id="u"), 31, STOPPED, item_id="u")
    received(received(tale, 31, CREATED, response_id="r"), 31.5, STARTED, item_id="v")
    received(tale, 31.5, DONE, response_id="r", status="cancelled")
    assert seen(received(tale, 33.2, STOPPED, item_id="v")).causes == NO_RESPONSE


def test_what_a_client_has_to_do_by_itself():
    """Turn detection off: commit, ask for the response, answer the tool."""
    tale = received(spoken(), 1, SessionUpdated, turn_detection=None)
    assert seen(tale.add(31, ClientPong, connection=1)).evidence == "turn detection is off, and nothing was committed"
    tale = received(received(spoken(), 1, SessionUpdated, turn_detection=None), 33.2, COMMITTED, item_id="u")
    assert seen(tale).causes == ("client_waiting",)
    tale = received(taken(spoken()), 33.3, CREATED, response_id="r")
    received(tale, 34, ResponseFunctionCallArgumentsDone, response_id="r")
    found = seen(received(tale, 34, DONE, response_id="r", status="completed"))
    assert (found.causes, found.evidence) == (("client_waiting",), "the response asks for a tool")
