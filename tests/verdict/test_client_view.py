"""What a client alone can know of a silence (§6.4: telling the freezes apart)."""

import pytest

from harness.verdict.client_view import NO_AUDIO, NO_DONE, NO_END, NO_RESPONSE, NOTHING_HEARD, suspects
from tests.verdict.journals import Tale, utterance

STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
COMMITTED = "input_audio_buffer.committed"


def seen(tale):
    journal = tale.end()
    return suspects(journal, utterance(journal))


def spoken(**sent):
    """A voice that is captured and sent, and silence after it."""
    tale = Tale().speaks().audio("microphone").audio("microphone", rms=30, begin_s=33, end_s=36)
    return tale.sent(**sent).audio("uplink", rms=30, begin_s=33, end_s=36, connection=1)


def told(tale, at_s, kind, **fields):
    return tale.add(at_s, "client", kind, connection=1, **fields)


def taken(tale):
    told(tale, 30.4, STARTED, item_id="u")
    told(tale, 33.2, STOPPED, item_id="u")
    return told(tale, 33.2, COMMITTED, item_id="u")


def test_its_own_end_it_sees_clearly():
    assert seen(Tale().speaks()).causes == ("clock_frozen",)
    assert seen(Tale().speaks().audio("microphone", rms=40, peak=96).sent(rms=40)).causes == ("capture_dead",)
    assert seen(spoken(rms=0, zeros=25)).causes == ("gate_closed",)


def test_no_connection():
    lost = Tale().add(20, "connection", "closed", connection=1, code=1006).speaks().audio("microphone")
    assert seen(lost).causes == ("client_waiting",)
    assert seen(lost.add(21, "connection", "dial_failed", connection=2)).causes == ("unreachable",)


def test_pings_tell_a_dead_connection_from_a_silent_one():
    assert seen(spoken()).causes == ("half_open", *NOTHING_HEARD)
    assert seen(told(spoken(), 20, "pong")).causes == ("half_open",)
    assert seen(told(spoken(), 32, "pong")).causes == NOTHING_HEARD


def test_speech_without_an_end():
    assert seen(told(spoken(), 30.4, STARTED, item_id="u")).causes == NO_END


def test_speech_without_an_end_while_next_to_nothing_is_sent():
    tale = Tale().speaks().audio("microphone", end_s=36).sent()
    assert seen(told(tale, 30.4, STARTED, item_id="u")).causes == ("clock_frozen",)


def test_speech_without_an_end_while_it_is_loud():
    tale = Tale().speaks().audio("microphone", end_s=36).sent(end_s=36)
    assert seen(told(tale, 30.4, STARTED, item_id="u")).causes == ("endless_sound", "vad_held")


def test_a_turn_without_a_response():
    assert seen(taken(spoken())).causes == NO_RESPONSE


def test_a_response_without_an_end():
    assert seen(told(taken(spoken()), 33.3, "response.created", response_id="r")).causes == NO_DONE


@pytest.mark.parametrize(("status", "causes"), [("failed", ("response_failed",)), ("completed", NO_AUDIO)])
def test_a_response_without_audio(status, causes):
    tale = told(taken(spoken()), 33.3, "response.created", response_id="r")
    assert seen(told(tale, 34, "response.done", response_id="r", status=status)).causes == causes


def test_an_answer_that_is_not_played():
    tale = told(taken(spoken()), 33.3, "response.created", response_id="r")
    told(tale, 34, "response.output_audio.done", response_id="r", item_id="a")
    told(tale, 34, "response.done", response_id="r", status="completed")
    assert seen(tale).causes == ("client_waiting",)
    assert seen(tale.add(34.1, "speaker", "suspended")).causes == ("playback_suspended",)


def test_no_silence_no_suspects():
    assert seen(spoken().add(35, "speaker", "heard", response_id="r")).state == "answered"
    quiet = Tale()
    assert suspects(quiet.end()).state == "quiet"


def test_an_older_answer_that_is_heard_while_the_user_speaks_is_none_to_what_he_says():
    tale = told(spoken(), 29, "response.created", response_id="r0")
    assert seen(tale.add(30.1, "speaker", "heard", response_id="r0")).state == "silent"


def test_a_failure_to_connect_before_the_last_connection_is_over():
    tale = Tale().add(5, "connection", "dial_failed", connection=1).add(20, "connection", "closed", connection=1)
    assert seen(tale.speaks().audio("microphone")).causes == ("client_waiting",)


def test_a_turn_cut_in_two_is_judged_by_its_second_half():
    tale = told(told(spoken(), 30.4, STARTED, item_id="u"), 31, STOPPED, item_id="u")
    told(told(tale, 31, "response.created", response_id="r"), 31.5, STARTED, item_id="v")
    told(tale, 31.5, "response.done", response_id="r", status="cancelled")
    assert seen(told(tale, 33.2, STOPPED, item_id="v")).causes == NO_RESPONSE


def test_what_a_client_has_to_do_by_itself():
    """Turn detection off: commit, ask for the response, answer the tool."""
    tale = told(spoken(), 1, "session.updated", turn_detection=None)
    assert seen(told(tale, 31, "pong")).evidence == "turn detection is off, and nothing was committed"
    tale = told(told(spoken(), 1, "session.updated", turn_detection=None), 33.2, COMMITTED, item_id="u")
    assert seen(tale).causes == ("client_waiting",)
    tale = told(taken(spoken()), 33.3, "response.created", response_id="r")
    told(tale, 34, "response.function_call_arguments.done", response_id="r")
    found = seen(told(tale, 34, "response.done", response_id="r", status="completed"))
    assert (found.causes, found.evidence) == (("client_waiting",), "the response asks for a tool")
