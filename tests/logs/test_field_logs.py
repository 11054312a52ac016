"""Logs as people have them: tools, typed words, telephones, transcription, doubled and shortened lines, wall clocks.

Expected is what the one who wrote the log down knows of the session; a log must not make it look better.
"""

import base64
import gzip
import json

import pytest

from harness.logs.diagnosis import diagnose_log
from harness.logs.read import read_log

from .sessions import VOICE, Log

CALL = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "{}"}
BEGAN = 1_795_000_000


def records(log):
    """The events of a log with their audio, as a logger of JSON lines writes them."""
    for number, each in enumerate(log.session().sessions[0].events):
        event = dict(each.event)
        if not each.by_client:
            event["event_id"] = f"event_{number}"
        if each.audio is not None:
            event["audio" if each.by_client else "delta"] = base64.b64encode(each.audio).decode()
        yield each.t / 1e6, event


def read(tmp_path, lines, name="log.jsonl"):
    (tmp_path / name).write_text("\n".join(lines))
    return read_log(tmp_path / name)


def json_lines(log):
    return [json.dumps({"ts": BEGAN + t, "event": event}) for t, event in records(log)]


def called(log, at, *, words=True, item=CALL):
    """A response that says some words first, if ``words``, and calls a tool."""
    log.answered(9, at, status="completed" if words else "called", done=False)
    return log.at(at + 0.8, "response.done", response={"id": "resp_9", "status": "completed", "output": [item]})


def diagnosis(log):
    return diagnose_log(log.session())


# --- tools ----------------------------------------------------------------------------------------------------------


def test_words_before_a_tool_call_are_no_answer():
    found = diagnosis(called(Log().heard(1, 2.4, 5.5), 5.6).stream(20, voices=[2.0], room=60))
    assert (found.state, found.causes) == ("silent", ("client_waiting",))


def test_words_before_a_tool_call_whose_result_was_sent_and_never_answered():
    log = called(Log().heard(1, 2.4, 5.5), 5.6).stream(20, voices=[2.0], room=60)
    log.at(8, "conversation.item.create", client=True, item=OUTPUT).at(8.1, "response.create", client=True)
    found = diagnosis(log)
    assert found.state == "silent"
    assert "turn_lost" in found.causes
    assert "client_waiting" not in found.causes


def test_a_tool_call_that_was_answered_after_words_is_answered():
    log = called(Log().heard(1, 2.4, 5.5), 5.6).stream(20, voices=[2.0], room=60)
    log.at(8, "conversation.item.create", client=True, item=OUTPUT).at(8.1, "response.create", client=True)
    assert diagnosis(log.answered(3, 8.3)).state == "answered"


def test_a_result_of_a_tool_is_not_due_as_soon_as_it_is_asked_for():
    log = Log().at(0.2, "session.update", client=True, session={}).heard(1, 2.4, 5.5)
    found = diagnosis(called(log, 5.6, words=False))
    assert (found.state, found.causes) == ("unknown", ("client_waiting",))


@pytest.mark.parametrize("kind", ["mcp_call", "mcp_approval_request"])
def test_a_tool_of_the_service_after_which_nothing_comes(kind):
    log = called(Log().heard(1, 2.4, 5.5), 5.6, words=False, item={"type": kind, "name": "x"})
    found = diagnosis(log.stream(20, voices=[2.0], room=60))
    assert found.state == "silent"
    assert "client_waiting" in found.causes


# --- requests -------------------------------------------------------------------------------------------------------


def test_typed_words_that_got_no_response():
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    log = Log().at(2, "conversation.item.create", client=True, item=message).at(2.1, "response.create", client=True)
    found = diagnosis(log.at(15, "session.updated", session={}))
    assert found.state == "silent"
    assert "turn_lost" in found.causes
    assert not {"server_mute", "capture_dead"} & set(found.causes)


def test_typed_words_for_which_the_client_asks_no_response():
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    found = diagnosis(Log().at(2, "conversation.item.create", client=True, item=message))
    assert (found.state, found.causes) == ("unknown", ("client_waiting",))


def test_a_response_beside_the_conversation_is_no_answer():
    log = Log().heard(1, 2.4, 5.5).stream(20, voices=[2.0], room=60)
    log.at(6, "response.create", client=True, response={"conversation": "none"})
    log.at(6.1, "response.created", response={"id": "resp_5", "conversation_id": None})
    found = diagnosis(log.answered(5, 6.2))
    assert found.state == "silent"
    assert "turn_lost" in found.causes


def test_a_written_answer_to_spoken_words_is_inaudible():
    log = Log().heard(1, 2.4, 5.5).stream(20, voices=[2.0], room=60)
    log.at(5.6, "response.created", response={"id": "resp_1"})
    log.at(6.0, "response.output_text.done", response_id="resp_1", text="hello")
    found = diagnosis(log.at(6.1, "response.done", response={"id": "resp_1", "status": "completed"}))
    assert found.state == "silent"
    assert found.causes[0] == "reply_inaudible"


# --- sessions -------------------------------------------------------------------------------------------------------


def test_a_session_that_only_transcribes_owes_no_answer():
    log = Log({"type": "transcription", "audio": {"input": {"turn_detection": {"type": "server_vad"}}}})
    log.heard(1, 2.4, 5.5).stream(20, voices=[2.0], room=60)
    done = "conversation.item.input_audio_transcription.completed"
    found = diagnosis(log.at(6, done, item_id="item_1", transcript="hello"))
    assert (found.state, found.suspects) == ("unknown", ())


@pytest.mark.parametrize(("until", "state"), [(9.5, "unknown"), (20, "silent")])
def test_semantic_turn_detection_may_wait_for_eight_seconds(until, state):
    log = Log({"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}})
    log.heard(1, 2.4).stream(until, voices=[2.0], room=60)
    found = diagnosis(log)
    assert found.state == state
    assert "vad_held" in found.causes


def test_a_session_that_expired_and_was_not_followed_by_another():
    log = Log().conversation().stream(10, voices=[2.0], room=60)
    log.at(10, "error", error={"code": "session_expired"}).closed(10.1, 1001)
    found = diagnosis(log)
    assert found.state == "silent"
    assert found.causes[0] == "client_waiting"


def test_an_orderly_end_of_a_log_without_appends_is_no_silence():
    assert diagnosis(Log().conversation().closed(8, 1000)).state == "unknown"


def test_only_an_error_came():
    log = Log()
    log._events.clear()
    found = diagnosis(log.at(0.1, "error", error={"code": "invalid_api_key"}))
    assert (found.state, found.causes) == ("silent", ("unreachable",))


# --- what loggers do ------------------------------------------------------------------------------------------------


def answered():
    return Log().conversation().stream(10, voices=[2.0], room=60)


def test_a_log_that_has_every_message_twice(tmp_path):
    log = read(tmp_path, [line for line in json_lines(answered()) for _ in range(2)])
    assert diagnose_log(log).state == "answered"
    assert len(log.sessions[0].events) == len(answered().session().sessions[0].events)
    assert "twice" in log.notes[0]


def test_a_log_that_has_the_messages_of_the_server_twice(tmp_path):
    lines = [line for line in json_lines(answered()) for _ in range(1 if "append" in line and '"audio"' in line else 2)]
    assert diagnose_log(read(tmp_path, lines)).state == "answered"


@pytest.mark.parametrize("length", [0, 100])
def test_a_log_that_has_a_fragment_of_each_audio(tmp_path, length):
    def cut(event):
        return {key: value[:length] if key in ("audio", "delta") else value for key, value in event.items()}

    log = read(tmp_path, [json.dumps({"ts": BEGAN + t, "event": cut(event)}) for t, event in records(answered())])
    found = diagnose_log(log)
    assert found.state == "unknown", "the log shows neither a dead microphone nor an answer without sound"
    assert {"capture_dead", "half_open"} <= {each.cause for each in (*found.suspects, *found.also)}


def test_a_wall_clock_that_is_put_back_by_an_hour(tmp_path):
    def local(t):
        whole = 1 * 3600 + 59 * 60 + 55 + t - (3600 if t > 4 else 0)
        return f"2026-10-25T{int(whole // 3600):02d}:{int(whole // 60) % 60:02d}:{whole % 60:06.3f}"

    lines = [json.dumps({"time": local(t), "event": event}) for t, event in records(answered())]
    assert diagnose_log(read(tmp_path, lines)).state == "answered"


def test_frames_that_the_library_websockets_shortened(tmp_path):
    def line(t, event):
        text = json.dumps(event, separators=(",", ":"))
        way = ">" if event["type"].endswith("append") else "<"
        shown = text if len(text) < 75 else f"{text[:48]}...{text[-24:]}"
        return f"2026-11-28 17:12:{t:06.3f} DEBUG websockets.client: {way} TEXT '{shown}' [{len(text)} bytes]"

    log = answered()
    log.at(9, "response.done", response={"id": "resp_8", "status": "completed", "usage": {"total_tokens": 5}})
    found = diagnose_log(read(tmp_path, [line(t, event) for t, event in records(log)], "app.log"))
    assert found.state == "unknown", "all came, and the log shows no audio"


def test_a_log_whose_end_is_missing_is_not_answered(tmp_path):
    whole = gzip.compress("\n".join(json_lines(answered())).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(whole[: len(whole) * 3 // 4])
    log = read_log(tmp_path / "a.jsonl.gz")
    assert log.is_cut
    assert diagnose_log(log).state not in ("answered", "quiet")


def test_newest_first_without_times_and_with_an_open_response(tmp_path):
    log = Log().conversation().heard(2, 10.0, 12.0)
    log.at(12.1, "response.created", response={"id": "resp_2", "status": "in_progress"})
    lines = [json.dumps(event) for _, event in records(log)]
    found = diagnose_log(read(tmp_path, reversed(lines)))
    assert "response_stuck" in found.causes


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-5", "1e300", '"soon"'])
def test_places_that_are_no_numbers(tmp_path, value):
    lines = [line.replace('"audio_start_ms": 1700', f'"audio_start_ms": {value}') for line in json_lines(answered())]
    assert diagnose_log(read(tmp_path, lines)).state in ("answered", "unknown", "silent")


def test_a_recording_that_is_appended_at_once(tmp_path):
    log = Log()
    audio = VOICE.astype("<i2").tobytes()
    for number in range(0, len(audio), 9600):
        log.at(0.5 + number / 1e9, "input_audio_buffer.append", client=True, audio=audio[number : number + 9600])
    log.heard(1, 0.8, 1.2).answered(1, 1.3).at(4, "rate_limits.updated", rate_limits=[])
    assert "clock_frozen" not in diagnosis(log).causes


def twilio_log(*, returned):
    """Two answers passed on to a telephone; Twilio returns the mark of the first, and of the second if ``returned``."""
    log = answered().heard(2, 12.4, 14.0).answered(2, 14.1).stream(24, begin=10.1, room=60)
    telephone = []
    for at, back in ((6.0, True), (14.5, returned)):
        telephone.append((at, {"event": "media", "streamSid": "MZ1", "media": {"payload": "/////w=="}}))
        telephone.append((at + 0.01, {"event": "mark", "streamSid": "MZ1", "mark": {"name": f"part {at}"}}))
        if back:
            mark = {"event": "mark", "sequenceNumber": "4", "streamSid": "MZ1", "mark": {"name": f"part {at}"}}
            telephone.append((at + 1, mark))
    both = sorted([*records(log), *telephone], key=lambda each: each[0])
    return [json.dumps({"ts": BEGAN + t, "event": event}) for t, event in both]


def test_an_answer_whose_mark_twilio_does_not_return_was_not_played(tmp_path):
    found = diagnose_log(read(tmp_path, twilio_log(returned=False)))
    assert (found.state, found.causes[0]) == ("silent", "playback_suspended")
    assert diagnose_log(read(tmp_path, twilio_log(returned=True))).state == "answered"


def test_an_answer_that_the_app_does_not_pass_on_to_the_telephone(tmp_path):
    lines = [line for line in twilio_log(returned=False) if "part 14.5" not in line]
    places = [place for place, line in enumerate(lines) if '"media"' in line]
    del lines[places[-1]]
    found = diagnose_log(read(tmp_path, lines))
    assert (found.state, found.causes[0]) == ("silent", "output_muted")


def test_a_telephone_that_goes_on_while_nothing_is_appended(tmp_path):
    lines = json_lines(answered())
    for number in range(200):
        media = {"track": "inbound", "chunk": str(number), "timestamp": str(number * 100), "payload": "/////w=="}
        message = {"event": "media", "sequenceNumber": "5", "streamSid": "MZ1", "media": media}
        lines.append(json.dumps({"ts": BEGAN + number / 10, "event": message}))
    found = diagnose_log(read(tmp_path, lines))
    assert (found.state, found.causes[0]) == ("silent", "clock_frozen")


def test_a_turn_without_a_voice_that_never_ends():
    found = diagnosis(Log().conversation().heard(2, 10.0).stream(25, voices=[2.0], room=30))
    assert found.causes[0] == "vad_held", "the appended audio is the sound of a room"
    assert "endless_sound" not in found.causes
