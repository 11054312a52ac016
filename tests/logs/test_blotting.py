"""What is written of a log holds nothing that was secret or personal, and is the same session."""

import base64
import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.logs.blotting import Blotter, blot
from harness.logs.read import read_log
from harness.logs.redacted import redacted

from .testing import BEGAN_S, CHUNK, EVENTS, FIXTURES, flow, har, json_lines, kinds, messages, times

ALL = [event["type"] for _, event in EVENTS]
SECRETS = [
    "sk-proj-Zq8Yh2Vx91LmNoPq",
    "ek_68af296e8e408191",
    "openai-insecure-api-key.ek_aaaabbbbcccc",
    "Bearer eyJhbGciOi.eyJzdWIi.c2ln",
    "Zanzibar Quillfeather",
    "quill@feather.example",
    "+49 170 1234567",
    "203.0.113.77",
    "4111111111111111",
    "CA0123456789abcdef0123456789abcdef",
    "a=ice-ufrag:Ab3d",
    "</script><b>zanzibar",
    "message-Zanzibar",
    "gpt-zanzibar",
    "event_zanzibarquillf",
    "response.zanzibar",
]
EVERYTHING = [
    {
        "type": "session.updated",
        "event_id": "event_1",
        "session": {
            "id": "sess_1",
            "model": "gpt-realtime",
            "voice": "marin",
            "instructions": "Be brief.",
            "prompt": {"id": "p", "variables": {"name": "x"}},
            "tools": [
                {"type": "function", "name": "look_up", "description": "d", "parameters": {"properties": {"a": {}}}},
                {"type": "mcp", "server_label": "l", "authorization": "x", "headers": {"h": "x"}},
            ],
            "tracing": {"workflow_name": "w", "metadata": {"k": "v"}},
            "audio": {"input": {"transcription": {"model": "whisper-1", "language": "en", "prompt": "words"}}},
        },
    },
    {
        "type": "response.create",
        "response": {"metadata": {"k": "v"}, "input": [], "instructions": "i", "conversation": "none"},
    },
    {
        "type": "conversation.item.create",
        "item": {"id": "i", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "t"}]},
    },
    {
        "type": "conversation.item.create",
        "item": {"type": "function_call_output", "call_id": "call_1", "output": "completed"},
    },
    {
        "type": "conversation.item.input_audio_transcription.completed",
        "item_id": "i",
        "transcript": "t",
        "logprobs": [{"token": "t"}],
    },
    {"type": "response.output_audio_transcript.delta", "delta": "t", "response_id": "r"},
    {"type": "response.function_call_arguments.done", "call_id": "call_1", "name": "look_up", "arguments": '{"a": 1}'},
    {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "code": "invalid_value",
            "message": "m",
            "param": "session.voice",
            "event_id": None,
        },
    },
    {
        "type": "response.done",
        "response": {
            "id": "r",
            "status": "completed",
            "output": [{"type": "message", "id": "m", "content": [{"type": "output_audio", "transcript": "t"}]}],
        },
    },
    {"type": "input_audio_buffer.dtmf_event_received", "event": "5"},
]


def places(value, path=()):
    """Every place in a value, as the way to it."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def planted(document, path, secret, how):
    """The document with a secret at a place: as the value, in a text, as a number, or as the name of a field."""
    document = copy.deepcopy(document)
    if not path:
        document["extra"] = secret
        return document
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    old = parent[path[-1]]
    if how == "key" and isinstance(old, dict):
        old[secret] = 1
    elif how == "key" and isinstance(parent, dict):
        parent[secret] = parent.pop(path[-1])
    elif how == "object":
        parent[path[-1]] = {"type": secret, "text": secret, "id": secret, "status": secret, "n": [secret]}
    elif how == "number" and secret.isdigit():
        parent[path[-1]] = int(secret)
    elif how == "inside" and isinstance(old, str):
        parent[path[-1]] = f"{old} {secret}"
    else:
        parent[path[-1]] = secret
    return document


EVENT_PLACES = [
    (number, path) for number, event in enumerate(EVERYTHING) for path in places(event) if path != ("type",)
]
HOWS = ["value", "inside", "number", "key", "object"]


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(EVENT_PLACES), secret=st.sampled_from(SECRETS), how=st.sampled_from(HOWS))
def test_no_secret_in_an_event_survives(place, secret, how):
    number, path = place
    event = planted(EVERYTHING[number], path, secret, how)
    assert secret not in json.dumps(Blotter().event(event), ensure_ascii=False)


def test_no_secret_survives_as_the_type_of_an_event():
    for secret in ("response.zanzibar", "zanzibar", "session.sk_abcdef"):
        assert "zanzibar" not in json.dumps(
            Blotter().event({"type": secret, "event_id": "e"})
        ) and secret not in json.dumps(Blotter().event({"type": secret}))


def har_of(events, secret):
    """A HAR with a secret wherever the recorders write what they know."""
    document = json.loads(har(messages(events)))
    page, socket = document["log"]["entries"]
    socket["request"] = {
        "url": f"wss://{secret}.openai.azure.com/realtime?api-key={secret}",
        "headers": [{"name": "Sec-WebSocket-Protocol", "value": f"realtime, openai-insecure-api-key.{secret}"}],
        "cookies": [{"name": "s", "value": secret}],
    }
    socket["_initiator"] = {"stack": {"callFrames": [{"url": secret}]}}
    socket["serverIPAddress"] = secret
    page["response"] = {"content": {"text": json.dumps({"client_secret": {"value": secret}})}}
    document["log"]["creator"]["comment"] = document["log"][secret] = secret
    return json.dumps(document)


def lines_of(events, secret):
    return json_lines(
        {"ts": BEGAN_S + t, "callSid": secret, "url": secret, "event": event, secret: secret} for t, event in events
    )


def text_of(events, secret):
    return "".join(f"2026-11-28T17:12:{t:06.3f}Z {secret} got {json.dumps(event)} {secret}\n" for t, event in events)


def twilio_of(events, secret):
    start = {
        "event": "start",
        "streamSid": secret,
        "sequenceNumber": "1",
        "start": {"callSid": secret, "customParameters": {"from": secret}},
    }
    mark = {"event": "mark", "streamSid": secret, "mark": {"name": secret}}
    dtmf = {"event": "dtmf", "streamSid": secret, "dtmf": {"digit": secret}}
    return json_lines(
        [
            *({"ts": BEGAN_S, "event": each} for each in (start, mark, dtmf)),
            *({"ts": BEGAN_S + t, "event": e} for t, e in events),
        ]
    )


def closed_of(events, secret):
    return lines_of(events, secret) + json_lines(
        [{"ts": BEGAN_S + 99, "event": "closed", "code": 1011, "reason": secret}]
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.sampled_from(EVENT_PLACES),
    secret=st.sampled_from([secret for secret in SECRETS if not secret.startswith("response.")]),
    how=st.sampled_from(HOWS),
    form=st.sampled_from([har_of, lines_of, text_of, twilio_of, closed_of]),
)
def test_no_secret_in_a_file_survives(tmp_path, place, secret, how, form):
    number, path = place
    events = [*EVENTS, (4.0, planted(EVERYTHING[number], path, secret, how))]
    (tmp_path / "log").write_text(form(events, secret))
    log = read_log(tmp_path / "log")
    assert secret not in json.dumps("".join(redacted(log)), ensure_ascii=False)
    assert secret not in "".join(redacted(log)) and secret not in repr(blot(log).sessions)


@pytest.mark.parametrize("form", ["har", "lines", "flow", "text"])
def test_a_redacted_log_is_the_same_session(tmp_path, form):
    written = {"har": har(messages()), "lines": lines_of(EVENTS, "x"), "text": text_of(EVENTS, "x"), "flow": flow()}[
        form
    ]
    (tmp_path / "log").write_bytes(written if isinstance(written, bytes) else written.encode())
    log = read_log(tmp_path / "log")
    (tmp_path / "plain").write_text("".join(redacted(log)))
    plain = read_log(tmp_path / "plain")
    assert kinds(plain) == kinds(log) == ALL and times(plain) == pytest.approx(times(log), abs=0.001)
    assert plain.form.startswith("HAR") == (form == "har")
    assert [each.audio_bytes for each in plain.sessions[0].events] == [
        each.audio_bytes for each in log.sessions[0].events
    ]
    assert log.has_audio and not plain.has_audio and plain.began_s == log.began_s
    assert (plain.sessions[0].close is None) == (log.sessions[0].close is None)
    assert "".join(redacted(plain)) == (tmp_path / "plain").read_text(), "blotting twice changes nothing more"


def test_voices_stay_if_that_is_asked_for(tmp_path):
    (tmp_path / "log").write_text(lines_of(EVENTS, "x"))
    voice = base64.b64encode(CHUNK).decode()
    log = read_log(tmp_path / "log")
    assert voice in "".join(redacted(log, keep_audio=True))
    assert voice not in "".join(redacted(log)) and voice[:16] not in "".join(redacted(log))


def test_ids_stay_apart_and_alike():
    blotter = Blotter()
    one = blotter.event(
        {
            "type": "input_audio_buffer.committed",
            "item_id": "item_Aaaaaaaaaaaaaaaa",
            "previous_item_id": "item_Bbbbbbbbbbbbbbbb",
        }
    )
    other = blotter.event(
        {"type": "conversation.item.added", "item": {"id": "item_Aaaaaaaaaaaaaaaa"}, "previous_item_id": None}
    )
    assert one["item_id"] == other["item"]["id"] != one["previous_item_id"]
    assert other["previous_item_id"] is None


def test_an_id_that_tells_the_time_still_does(tmp_path):
    event = {"type": "session.created", "event_id": "event_C9G5QJ3kTqdP7mWZbLYpc"}
    (tmp_path / "log").write_text("x\n" + json.dumps(event))
    log = read_log(tmp_path / "log")
    (tmp_path / "plain").write_text("".join(redacted(log)))
    assert "J3kTq" not in (tmp_path / "plain").read_text()
    assert (
        log.clock == read_log(tmp_path / "plain").clock == "ids" and log.began_s == read_log(tmp_path / "plain").began_s
    )


def test_what_a_diagnosis_needs_stays():
    failed = {
        "id": "resp_1",
        "status": "failed",
        "status_details": {
            "type": "failed",
            "error": {"type": "server_error", "code": "rate_limit_exceeded", "message": "Ann"},
        },
    }
    event = Blotter().event({"type": "response.done", "response": failed})
    details = event["response"]["status_details"]
    assert (details["type"], details["error"]["code"], details["error"]["message"]) == (
        "failed",
        "rate_limit_exceeded",
        "[blotted 3]",
    )
    detection = {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 200, "create_response": False}
    session = {"audio": {"input": {"turn_detection": detection, "format": {"type": "audio/pcmu"}}}}
    assert Blotter().event({"type": "session.updated", "session": session})["session"] == session


@pytest.mark.parametrize("name", ["devtools.har.gz", "mitmproxy.flow.gz"])
def test_keys_of_real_recorders(name):
    text = "".join(redacted(read_log(FIXTURES / name)))
    assert "not-a-key" not in text and "not_a_key" not in text and "witty" not in text
