"""Whose fault a silence is, as far as a log shows: the tell-tales of each cause, and what a log must not claim.

The expected causes are those of ``FIELD`` reports and of the runs that the files in ``fixtures/logs/chromium`` record.
"""

from dataclasses import replace

import numpy as np
import pytest

from harness.logs.diagnosis import diagnose_log
from harness.logs.logged import LoggedClose, LoggedTelephone
from harness.logs.read import read_log

from .sessions import Log
from .testing import FIXTURES

CHROMIUM = {
    "mute": "server_mute",
    "half_open": "half_open",
    "held_active": "vad_held",
    "held_idle": "vad_deaf",
    "dropped_response": "turn_lost",
    "stalled_reply": "response_stuck",
    "silent_reply": "reply_inaudible",
    "failed_response": "response_failed",
    "capture_dead": "capture_dead",
    "gate_closed": "gate_closed",
    "clock_frozen": "clock_frozen",
}


def found(log):
    return diagnose_log(log.session())


def zeros(count):
    return np.zeros(count)


@pytest.mark.parametrize(("name", "cause"), CHROMIUM.items())
def test_a_har_of_chromium_is_diagnosed_as_a_set_of_at_most_three_that_holds_the_cause(name, cause):
    diagnosis = diagnose_log(read_log(FIXTURES / "chromium" / f"{name}.har.gz"))
    assert cause in diagnosis.causes
    assert len(diagnosis.causes) <= 3
    assert diagnosis.state != "answered"


def test_a_har_of_chromium_without_a_fault_is_no_silence():
    assert diagnose_log(read_log(FIXTURES / "chromium" / "none.har.gz")).state in ("answered", "unknown")


def test_an_answered_conversation_with_a_live_microphone():
    diagnosis = found(Log().conversation().stream(10, voices=[2.0], room=60))
    assert diagnosis.state == "answered"
    assert {each.cause for each in diagnosis.unseen} >= {"playback_suspended"}, "no log of events shows what was played"


def test_nobody_spoke():
    assert found(Log().stream(8, room=60)).state == "quiet"


def test_without_the_appends_a_quiet_user_is_not_told_from_a_freeze():
    diagnosis = found(Log().conversation())
    assert diagnosis.state == "unknown"
    assert "it cannot tell a freeze from a quiet user" in diagnosis.evidence[-1]
    assert any("append" in each for each in diagnosis.log_next)


def test_without_the_sound_of_the_answer_nothing_is_answered():
    log = Log().heard(1, 2.4, 5.5).answered(1, 5.6, audio=False).stream(10, voices=[2.0], room=60)
    diagnosis = found(log)
    assert diagnosis.state == "unknown"
    assert "reply_inaudible" in diagnosis.causes


def test_a_voice_without_any_event_after_it_is_one_of_three():
    diagnosis = found(Log().conversation().stream(16, voices=[2.0, 9.0], room=60))
    assert (diagnosis.state, set(diagnosis.causes)) == ("silent", {"vad_deaf", "server_mute", "half_open"})
    assert diagnosis.since_us is not None and abs(diagnosis.since_us - 9_200_000) < 400_000
    assert "capture_dead" in {each.cause for each in diagnosis.excluded}, "a voice is in the audio"


def test_a_later_event_rules_out_a_mute_server_and_a_dead_connection():
    log = Log().conversation().stream(16, voices=[2.0, 9.0], room=60).at(13, "rate_limits.updated")
    diagnosis = found(log)
    assert diagnosis.causes[0] == "vad_deaf"
    assert {"server_mute", "half_open"} <= {each.cause for each in diagnosis.excluded}


def test_a_close_without_a_close_frame_speaks_for_a_dead_connection():
    log = Log().conversation().stream(16, voices=[2.0, 9.0], room=60).closed(16.1, 1006)
    assert "half_open" in found(log).causes


def test_speech_started_without_stopped():
    log = Log().conversation().heard(2, 9.4).stream(20, voices=[2.0, 9.0], room=60)
    diagnosis = found(log)
    assert (diagnosis.state, diagnosis.causes[0]) == ("silent", "vad_held")
    assert "endless_sound" in {each.cause for each in diagnosis.excluded}, "the audio after the speech is silent"


def test_speech_started_and_the_appends_stop():
    log = Log().conversation().heard(2, 9.4).stream(11, voices=[2.0, 9.0], room=60).at(20, "rate_limits.updated")
    assert found(log).causes == ("clock_frozen",)


def test_a_streaming_client_that_stops_appending():
    log = Log().conversation().stream(9, voices=[2.0], room=60).at(20, "rate_limits.updated")
    assert found(log).causes[0] == "clock_frozen"


def test_committed_and_no_response():
    diagnosis = found(Log().conversation().heard(2, 9.4, 12.5).stream(20, voices=[2.0, 9.0], room=60))
    assert (diagnosis.state, diagnosis.causes[0]) == ("silent", "turn_lost")


def test_committed_and_the_client_is_to_ask():
    settings = {"audio": {"input": {"turn_detection": {"type": "server_vad", "create_response": False}}}}
    log = Log(settings).heard(1, 2.4, 5.5).stream(12, voices=[2.0], room=60)
    assert [(each.cause, each.certainty) for each in found(log).suspects] == [("client_waiting", "certain")]


def test_push_to_talk_and_nobody_committed():
    log = Log({"audio": {"input": {"turn_detection": None}}}).stream(10, voices=[2.0], room=60)
    assert [(each.cause, each.certainty) for each in found(log).suspects] == [("client_waiting", "certain")]


def test_a_response_that_does_not_end():
    log = Log().conversation().heard(2, 9.4, 12.5).answered(2, 12.6, done=False, status="none")
    diagnosis = found(log.stream(20, voices=[2.0, 9.0], room=60))
    assert (diagnosis.state, diagnosis.causes[0]) == ("silent", "response_stuck")


def test_a_response_that_fails_is_certain_in_any_log():
    log = Log().conversation().heard(2, 9.4, 12.5).answered(2, 12.6, status="failed")
    diagnosis = found(log)
    assert [(each.cause, each.certainty) for each in diagnosis.suspects] == [("response_failed", "certain")]
    assert "server_error" in diagnosis.suspects[0].why


def test_an_answer_of_zeros():
    log = Log().conversation().heard(2, 9.4, 12.5).answered(2, 12.6, silent=True)
    assert [(each.cause, each.certainty) for each in found(log).suspects] == [("reply_inaudible", "certain")]


def test_exact_zeros_where_there_was_a_room():
    log = Log().conversation().stream(8, voices=[2.0], room=60).stream(20, begin=8, sound=zeros)
    diagnosis = found(log)
    assert diagnosis.state == "silent"
    assert set(diagnosis.causes) == {"gate_closed", "capture_dead"}


def test_a_room_that_is_suddenly_far_quieter():
    log = Log().conversation().stream(8, voices=[2.0], room=300).stream(20, begin=8, room=8)
    diagnosis = found(log)
    assert (diagnosis.state, diagnosis.causes[0]) == ("silent", "capture_dead")


def test_a_microphone_that_never_peaks_above_100_is_not_told_from_a_quiet_room():
    log = Log().conversation().stream(20, voices=[2.0], room=12)
    diagnosis = found(log)
    assert (diagnosis.state, diagnosis.causes[0]) == ("unknown", "capture_dead")


def test_the_server_notices_speech_seconds_late():
    log = Log().conversation().stream(16, voices=[2.0, 9.0], room=60)
    log.at(14, "input_audio_buffer.speech_started", item_id="item_2", audio_start_ms=8_900)
    assert "uplink_late" in found(log).causes


def test_the_appends_change_their_length():
    log = Log().conversation().heard(2, 9.4).stream(9.5, voices=[2.0, 9.0], room=60)
    for number in range(80):
        log.at(9.6 + number / 10, "input_audio_buffer.append", client=True, audio=b"\x01\x02" * 400)
    assert found(log).causes[0] == "audio_garbled"


def test_what_was_said_at_the_very_end_is_not_judged():
    diagnosis = found(Log().conversation().heard(2, 9.4).stream(9.8, voices=[2.0, 9.0], room=60))
    assert diagnosis.state == "unknown"
    assert "what follows it is not known" in diagnosis.evidence[-1]


def test_a_connection_that_ends_and_is_not_dialled_again():
    log = Log().conversation().stream(8, voices=[2.0], room=60).closed(8.1, 1011)
    diagnosis = found(log)
    assert (diagnosis.state, diagnosis.causes[0]) == ("silent", "client_waiting")
    assert "1011" in diagnosis.evidence[-1]


@pytest.mark.parametrize(("returned", "unseen"), [(True, set()), (False, {"playback_suspended"})])
def test_marks_of_twilio_say_what_was_played(returned, unseen):
    log = Log().conversation().stream(10, voices=[2.0], room=60).session()
    marks = [LoggedTelephone("line 7", 6_900_000, "mark", False, "end")]
    if returned:
        marks.append(LoggedTelephone("line 9", 7_500_000, "mark", True, "end"))
    session = replace(log.sessions[0], telephone=tuple(marks), close=LoggedClose(10_000_000, 1000, "", True))
    diagnosis = diagnose_log(replace(log, sessions=(session,)))
    assert diagnosis.state == "answered"
    assert {each.cause for each in diagnosis.unseen} == unseen


def test_lengths_of_base64_do_not_make_the_uplink_late():
    log = Log().conversation().heard(2, 9.4, 12.5)
    for number in range(150):
        log.at(0.1 + number / 10, "input_audio_buffer.append", client=True, audio_bytes=6_400)
    assert "uplink_late" not in found(log).causes


def test_the_first_signs_of_each_piece_are_no_silent_answer():
    """A logger that cuts long texts leaves some samples of each delta; they say nothing about the sound."""
    log = Log().conversation()
    cut = Log().conversation().heard(2, 9.4, 12.5).answered(2, 12.6, kept=15)
    cut.at(13.2, "response.output_audio_transcript.done", response_id="resp_2", transcript="Yes.")
    diagnosis = found(cut)
    assert diagnosis.state == found(log).state == "unknown"
    assert "reply_inaudible" in {each.cause for each in (*diagnosis.suspects, *diagnosis.also)}
