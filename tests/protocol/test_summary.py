"""What the journal keeps of an event."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.protocol.events import (
    ConversationItemCreate,
    ErrorEvent,
    InputAudioBufferAppend,
    RateLimitsUpdated,
    ResponseContentPartAdded,
    ResponseCreate,
    ResponseDone,
    SessionCreated,
    SessionUpdate,
)
from harness.protocol.objects import ErrorDetails, Item, Part, RateLimit, Response, StatusDetails
from harness.protocol.summary import summary


def test_audio_is_its_length():
    assert summary(InputAudioBufferAppend(audio=bytes(960), event_id="mine")) == {"audio": 960}


def test_a_response_is_its_id_and_how_it_ended():
    details = StatusDetails(type="cancelled", reason="turn_detected")
    done = ResponseDone(event_id="e", response=Response(id="r", status="cancelled", status_details=details))
    assert summary(done) == {"response_id": "r", "status": "cancelled", "reason": "turn_detected"}
    failed = Response(id="r", status="failed", status_details=StatusDetails(type="failed"))
    assert summary(ResponseDone(event_id="e", response=failed)) == {"response_id": "r", "status": "failed"}
    assert summary(ResponseDone(event_id="e", response=Response(id="r", status="completed"))) == {
        "response_id": "r",
        "status": "completed",
    }


def test_an_item_is_its_id_role_and_status():
    event = ConversationItemCreate(item=Item(id="i", type="message", role="user"), previous_item_id="p")
    assert summary(event) == {"item_id": "i", "role": "user", "previous_item_id": "p"}


def test_an_error_is_its_code_and_words():
    error = ErrorDetails(type="invalid_request_error", code="c", message="m", param="p", event_id="mine")
    assert summary(ErrorEvent(event_id="e", error=error)) == {"code": "c", "message": "m", "param": "p"}


def test_bulk_is_left_out():
    part = ResponseContentPartAdded(
        event_id="e", response_id="r", item_id="i", output_index=0, content_index=0, part=Part(type="audio")
    )
    assert summary(part) == {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
    limits = [RateLimit(name="tokens", limit=1, remaining=1, reset_seconds=1.0)]
    assert summary(RateLimitsUpdated(event_id="e", rate_limits=limits)) == {}


@pytest.mark.parametrize("detection", [None, {"type": "server_vad"}])
def test_a_session_is_its_turn_detection(detection):
    session = {"instructions": "Be brief.", "audio": {"input": {"turn_detection": detection}}}
    assert summary(SessionCreated(event_id="e", session=session))["turn_detection"] == detection


def test_what_else_a_client_sets_is_kept_in_short():
    """The digest is that of ``printf 'Be brief.' | sha256sum``."""
    session = {
        "instructions": "Be brief.",
        "tools": [{"type": "function", "name": "get_weather"}],
        "audio": {"input": {"format": {"type": "audio/pcmu"}}, "output": {"voice": "alloy", "format": None}},
    }
    assert summary(SessionUpdate(session=session)) == {
        "settings": {
            "instructions": "213c22ed7234",
            "tools": ["get_weather"],
            "voice": "alloy",
            "input_format": "audio/pcmu",
            "output_format": None,
        }
    }


shapes = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from(["audio", "input", "turn_detection"]), inner, max_size=2),
)


@given(st.dictionaries(st.sampled_from(["audio", "nope"]), shapes, max_size=2))
def test_a_clients_session_may_have_any_shape(session):
    """It is summed up before the session has checked it."""
    found = summary(SessionUpdate(session=session))
    assert set(found) <= {"turn_detection", "settings"} and json.dumps(found)


def test_a_request_for_a_response_is_what_it_is_given_and_its_settings():
    result = {"type": "function_call_output", "call_id": "c1", "output": "5"}
    question = {"type": "message", "role": "user", "content": []}
    asked = {"conversation": "none", "input": [question, result], "instructions": "hello world"}
    digest = hashlib.sha256(b"hello world").hexdigest()[:12]
    expected = {"settings": {"instructions": digest}, "conversation": "none", "given": 2, "outputs": ["c1"]}
    assert summary(ResponseCreate(response=asked)) == {**expected}
    assert summary(ResponseCreate(response={"input": [question]})) == {"given": 1}


@pytest.mark.parametrize("response", [None, {}, {"input": []}, {"input": None}, {"conversation": "auto"}])
def test_a_plain_request_for_a_response_has_no_fields(response):
    assert not summary(ResponseCreate(response=response)).keys() - {"response"}
