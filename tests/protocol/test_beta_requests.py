"""The beta dialect (§2.4): responses, items, what it lacks, and messages that are no events."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ProtocolError
from harness.protocol.beta import CLIENT_EVENT_TYPES, Beta
from harness.protocol.events import (
    ConversationItemAdded,
    ConversationItemCreate,
    Event,
    InputAudioBufferDtmfEventReceived,
    InputAudioBufferTimeoutTriggered,
    McpListToolsFailed,
    ResponseCreate,
    ResponseDone,
)
from harness.protocol.objects import Item, Response
from tests.protocol.beta_playbook import BetaPlaybook, told_by
from tests.server.playbook import (
    CREATE,
    FINISHES,
    REST,
    refuses,
    says,
    sends,
    silence,
    speech,
)

TURN = speech(3) + silence(7)


# --- responses --------------------------------------------------------------------------------------------------------


def test_a_response_of_its_own_making():
    """What a response.create asks for holds for that response, and is echoed as the beta wrote it."""
    asked = {
        "modalities": ["text", "audio"], "voice": "verse", "output_audio_format": "g711_ulaw", "temperature": 1.1,
        "max_response_output_tokens": 77, "metadata": {"topic": "x"}, "conversation": "auto", "instructions": "Brief!",
    }  # fmt: skip
    echoed = {"max_output_tokens" if name.startswith("max") else name: value for name, value in asked.items()}
    del echoed["conversation"], echoed["instructions"]
    play = BetaPlaybook() >> sends("response.create", response=asked) << says("response.created", response=echoed)
    play << says("rate_limits.updated") >> FINISHES << REST
    assert play.last("response.done")["response"].items() >= echoed.items()
    play >> CREATE << says("response.created", response={"temperature": 0.8, "voice": "verse"}) << REST


def test_a_refused_response_leaves_no_temperature_behind():
    play = BetaPlaybook() >> CREATE << REST >> sends("response.create", response={"temperature": 1.2})
    play << refuses("conversation_already_has_active_response") >> FINISHES << REST
    assert play >> CREATE << says("response.created", response={"temperature": 0.8}) << says("rate_limits.updated")


def test_items_given_to_a_response_have_the_contents_of_the_beta():
    said = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hello"}]}
    reference = {"type": "item_reference", "id": "item_1"}
    text = json.dumps({"type": "response.create", "response": {"input": [said, reference]}})
    event = Beta().decode(text)
    assert isinstance(event, ResponseCreate) and event.response is not None
    assert event.response["input"] == [{**said, "content": [{"type": "output_text", "text": "Hello"}]}, reference]


@pytest.mark.parametrize(
    ("response", "code", "param"),
    [
        ({"output_modalities": ["text"]}, "unknown_parameter", "response.output_modalities"),
        ({"audio": {"output": {}}}, "unknown_parameter", "response.audio"),
        ({"voice": 5}, "invalid_type", "response.voice"),
        ({"temperature": "hot"}, "invalid_type", "response.temperature"),
        ({"input": [{"type": "mcp_call"}]}, "invalid_value", "response.input[0].type"),
        (
            {"input": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "x"}]}]},
            "invalid_value",
            "response.input[0].content[0].type",
        ),
    ],
)
def test_a_wrong_response_is_refused(response, code, param):
    assert BetaPlaybook() >> sends("response.create", response=response) << refuses(code, param=param)


# --- items ------------------------------------------------------------------------------------------------------------


def test_what_the_assistant_said_is_written_as_text():
    item = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hello"}]}
    event = Beta().decode(json.dumps({"type": "conversation.item.create", "item": item}))
    assert isinstance(event, ConversationItemCreate)
    assert isinstance(event.item.content, list) and event.item.content[0].type == "output_text"
    play = BetaPlaybook() >> sends("conversation.item.create", item=item)
    assert play << says("conversation.item.created", item=item)
    id_ = play.said[-1]["item"]["id"]
    assert play >> sends("conversation.item.retrieve", item_id=id_) << says("conversation.item.retrieved", item=item)


@pytest.mark.parametrize(
    ("role", "content"), [("assistant", "output_text"), ("user", "input_image"), ("system", "text"), ("user", "text")]
)
def test_contents_of_the_ga_are_refused(role, content):
    item = {"type": "message", "role": role, "content": [{"type": content, "text": "x"}]}
    play = BetaPlaybook() >> sends("conversation.item.create", item=item, event_id="mine")
    assert play << refuses("invalid_value", param="item.content[0].type", event_id="mine")


# --- what the beta does not have --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        InputAudioBufferTimeoutTriggered(event_id="e", audio_start_ms=0, audio_end_ms=1, item_id="i"),
        InputAudioBufferDtmfEventReceived(event="9", received_at=1),
        McpListToolsFailed(event_id="e", item_id="i"),
        ConversationItemAdded(event_id="e", previous_item_id=None, item=Item(id="i", type="mcp_call")),
    ],
    ids=lambda event: type(event).__name__,
)
def test_events_that_only_the_ga_has_are_not_sent(event):
    assert Beta().encode(event) == []


def test_mcp_items_are_no_part_of_a_response():
    response = Response(
        id="resp_1", status="completed", output=[Item(id="a", type="mcp_call"), Item(id="b", type="message")]
    )
    told = told_by(Beta(), ResponseDone(event_id="e", response=response))
    assert [item["id"] for item in told["response"]["output"]] == ["b"]


# --- messages that are no events --------------------------------------------------------------------------------------


def test_an_unknown_type_gets_the_events_of_the_beta():
    """Captured text (§4.7), with the beta's list."""
    with pytest.raises(ProtocolError) as refused:
        Beta().decode('{"type": "nope"}')
    known = ", ".join(f"'{name}'" for name in CLIENT_EVENT_TYPES)
    assert refused.value.message == f"Invalid value: 'nope'. Supported values are: {known}."
    assert (refused.value.code, refused.value.param) == ("invalid_value", "type")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid_json"),
        ("[]", "invalid_event"),
        ("{}", "invalid_event"),
        ('{"type": 5}', "invalid_value"),
        ('{"type": "session.update", "session": 5}', "invalid_type"),
        ('{"type": "transcription_session.update"}', "missing_required_parameter"),
        ('{"type": "transcription_session.update", "session": 5}', "invalid_type"),
        ('{"type": "response.create", "response": 5}', "invalid_type"),
    ],
)
def test_what_is_no_event_is_refused_as_in_the_ga(text, code):
    with pytest.raises(ProtocolError) as refused:
        Beta().decode(text)
    assert refused.value.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["modalities", "temperature", "tools", "input", "voice", "turn_detection", "input_audio_format", "include", "x"]
)


@given(
    st.sampled_from(["session.update", "response.create", "transcription_session.update", "conversation.item.create"]),
    st.dictionaries(NAMES, JSON, max_size=4),
)
def test_decode_raises_nothing_else(event_type, fields):
    """Property: whatever the fields hold, decode gives an event or a ProtocolError."""
    name = {"response.create": "response", "conversation.item.create": "item"}.get(event_type, "session")
    text = json.dumps({"type": event_type, name: fields})
    try:
        event = Beta().decode(text)
    except ProtocolError as error:
        assert error.message
        return
    assert isinstance(event, Event) and msgspec.json.encode(event)
