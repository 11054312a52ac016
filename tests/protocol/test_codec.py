"""JSON in, events out (§2.2); and a refusal in the service's words for everything else (§4.7)."""

import base64
import json

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.errors import ProtocolError
from harness.protocol.codec import (
    CLIENT_EVENT_TYPES,
    MAX_APPEND_BYTES,
    SUPPORTED_TYPES,
    binary_frame,
    decode_client_event,
    decode_server_event,
    encode,
    event_id_of,
)
from harness.protocol.events import (
    ErrorEvent,
    Event,
    InputAudioBufferAppend,
    InputAudioBufferCleared,
    ResponseCancel,
    ResponseOutputAudioDelta,
    SessionUpdate,
)
from harness.protocol.objects import ErrorDetails
from tests.protocol.service import SERVICE


def refused(text):
    with pytest.raises(ProtocolError) as raised:
        decode_client_event(text)
    return raised.value


def test_audio_is_base64_on_the_wire_and_bytes_inside():
    text = json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(b"\x00\xff\x10").decode()})
    assert decode_client_event(text) == InputAudioBufferAppend(audio=b"\x00\xff\x10")
    where = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
    delta = json.loads(encode(ResponseOutputAudioDelta(event_id="e", delta=b"\x00\xff\x10", **where)))
    assert delta == {"type": "response.output_audio.delta", "event_id": "e", "delta": "AP8Q", **where}


@pytest.mark.behaviour("unknown-event-field")
def test_unknown_fields_are_ignored():
    assert decode_client_event('{"type": "response.cancel", "nope": [1]}') == ResponseCancel()


@pytest.mark.behaviour("append-size")
def test_15_mib():
    """Documented (§4.4)."""
    assert MAX_APPEND_BYTES == 15_728_640


# --- what is no event -------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("invalid-json")
@pytest.mark.parametrize(
    "text", ["", "hello", "{", '{"type": "response.create", "x": NaN}', '{"type": "\\ud800"}', "\ud800"]
)
def test_no_json(text):
    """Captured (§4.7): the code, and how the text begins."""
    error = refused(text)
    assert error.code == "invalid_json" and error.message.startswith("Invalid event: failed to parse JSON value. ")
    assert error.param is None and error.error_type == "invalid_request_error"


@pytest.mark.behaviour("json-no-object")
@pytest.mark.parametrize("text", ["null", "[]", "5", '"session.update"'])
def test_json_that_is_no_object(text):
    assert refused(text).code == "invalid_event"


@pytest.mark.behaviour("no-type")
def test_a_message_without_a_type():
    """Documented (§4.7), in the example of ``error``."""
    error = refused("{}")
    assert (error.code, error.message, error.param) == ("invalid_event", "The 'type' field is missing.", None)


@pytest.mark.behaviour("unknown-event")
def test_the_supported_types_are_the_captured_ones():
    """Captured (§2.2): word for word, in this order."""
    assert list(SUPPORTED_TYPES) == SERVICE["live_accepted_client_types_2026_09"]


def test_a_long_type_is_not_repeated_whole():
    assert len(refused(json.dumps({"type": "x" * 100_000})).message) < 1_000


@pytest.mark.behaviour("unknown-event")
def test_an_unknown_type():
    """Captured (§4.7): the value, the supported ones, and param ``type``."""
    error = refused('{"type": "nope"}')
    known = ", ".join(f"'{name}'" for name in SUPPORTED_TYPES)
    assert (error.code, error.param) == ("invalid_value", "type")
    assert error.message == f"Invalid value: 'nope'. Supported values are: {known}."


@pytest.mark.behaviour("missing-field")
@pytest.mark.parametrize(
    ("text", "param"),
    [
        ('{"type": "input_audio_buffer.append"}', "audio"),
        ('{"type": "session.update"}', "session"),
        ('{"type": "conversation.item.create", "item": {"role": "user"}}', "item.type"),
        ('{"type": "conversation.item.truncate", "item_id": "x", "content_index": 0}', "audio_end_ms"),
    ],
)
def test_a_missing_field(text, param):
    """Reported verbatim."""
    error = refused(text)
    assert (error.code, error.param) == ("missing_required_parameter", param)
    assert error.message == f"Missing required parameter: '{param}'."


@pytest.mark.behaviour("wrong-type")
@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"type": "input_audio_buffer.append", "audio": 5}, "audio", "int"),
        ({"type": "response.cancel", "event_id": 5}, "event_id", "int"),
        ({"type": "conversation.item.create", "item": []}, "item", "array"),
        ({"type": "conversation.item.truncate", "item_id": "x", "content_index": 0, "audio_end_ms": 1.5},
         "audio_end_ms", "float"),
    ],
)  # fmt: skip
def test_a_field_of_a_wrong_type(fields, param, words):
    error = refused(json.dumps(fields))
    assert (error.code, error.param) == ("invalid_type", param) and words in error.message


@pytest.mark.behaviour("append-refused")
def test_bad_base64():
    """The service's text is unknown (§4.4); ours names the field and the cure."""
    error = refused('{"type": "input_audio_buffer.append", "audio": "%%%"}')
    assert (error.code, error.param) == ("invalid_value", "audio") and "base64" in error.message


@pytest.mark.behaviour("invalid-json")
@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, '{"type": "session.update", "session": {"tools": ' + "[" * 200_000 + "]" * 200_000 + "}}"],
    ids=["open", "closed"],
)
def test_nesting_without_end(text):
    assert refused(text).code == "invalid_json"


@pytest.mark.behaviour("binary")
def test_a_binary_frame():
    """Captured (§2.1)."""
    error = binary_frame()
    assert (error.code, error.param) == ("invalid_event", None)
    assert error.message == "Expected a text WebSocket message; binary frames are not supported."


@pytest.mark.behaviour("event-id")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"type": "nope", "event_id": "mine"}', "mine"),
        ('{"event_id": 5}', None),
        ("[]", None),
        ("{", None),
        ('{"event_id": "\\ud800"}', "?"),
    ],
)
def test_the_event_id_of_a_message_that_is_no_event(text, found):
    assert event_id_of(text) == found


# --- arbitrary messages -----------------------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["event_id", "session", "audio", "item", "item_id", "previous_item_id", "content_index", "audio_end_ms",
          "response", "response_id"]  # fmt: skip
almost_events = st.builds(
    lambda kind, fields: {"type": kind, **fields},
    st.sampled_from(CLIENT_EVENT_TYPES) | values,
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=4),
)
messages = st.one_of(
    st.text(st.characters()), st.binary(), values.map(json.dumps), almost_events.map(json.dumps),
    st.builds(lambda text, cut: text[:cut], almost_events.map(json.dumps), st.integers(0, 60)),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(messages)
@example('{"type": "nope", "event_id": "\\ud800"}')
@example('{"type": "nope", "type": "\\ud800"}')
@example(b"\xff\xfe")
@example("9" * 5000)
@example('{"type": "session.update", "session": {"tools": ' + "9" * 5000 + "}}")
def test_arbitrary_messages_are_events_or_protocol_errors(message):
    """Nothing else is raised, and every refusal can be put on the wire."""
    try:
        event = decode_client_event(message)
    except ProtocolError as error:
        details = ErrorDetails(
            type=error.error_type,
            code=error.code,
            message=error.message,
            param=error.param,
            event_id=event_id_of(message),
        )
        sent = json.loads(encode(ErrorEvent(event_id="event_1", error=details)))["error"]
        assert sent["code"] and sent["message"]
    else:
        assert isinstance(event, Event)
        assert decode_client_event(encode(event)) == event


# --- the other direction ----------------------------------------------------------------------------------------------


def test_server_events_are_read_back():
    event = InputAudioBufferCleared(event_id="event_1")
    assert decode_server_event(encode(event)) == event
    with pytest.raises(msgspec.ValidationError):
        decode_server_event('{"type": "response.cancelled", "event_id": "event_1"}')


def test_a_session_update_keeps_what_it_does_not_know():
    """Which field is unknown is for the session to say."""
    text = '{"type": "session.update", "session": {"type": "realtime", "nope": {"a": [1, null]}}}'
    assert decode_client_event(text) == SessionUpdate(session={"type": "realtime", "nope": {"a": [1, None]}})
