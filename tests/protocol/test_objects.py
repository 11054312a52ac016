import json

import msgspec
import pytest

from harness.protocol.objects import Content, ErrorDetails, Item, Response, StatusDetails, Usage


def wire(value):
    return json.loads(msgspec.json.encode(value))


@pytest.mark.behaviour("no-object")
def test_an_item_as_it_was_captured():
    """The vendor's example of conversation.item.added; GA items lack ``object`` (captured, §2.3)."""
    captured = {
        "id": "item_C9G8pGVKYnaZu8PH5YQ9O", "type": "message", "status": "completed", "role": "user",
        "content": [{"type": "input_text", "text": "hi"}],
    }  # fmt: skip
    assert wire(msgspec.convert(captured, Item)) == captured
    assert list(wire(msgspec.convert(captured, Item))) == list(captured), "the order of the fields is that of the wire"


@pytest.mark.behaviour("response-object")
def test_a_response_as_it_was_captured():
    """The fields of the vendor's example of response.created (§2.3), in their order."""
    response = Response(id="resp_1", status="in_progress", conversation_id="conv_1", audio={"output": {}})
    assert list(wire(response)) == [
        "object", "id", "status", "status_details", "output", "conversation_id", "output_modalities",
        "max_output_tokens", "audio", "usage", "metadata",
    ]  # fmt: skip
    assert wire(response)["output"] == [] and wire(response)["usage"] is None


def test_responses_do_not_share_their_output():
    one = Response(id="a", status="completed")
    one.output.append(Item(type="message"))
    assert Response(id="b", status="completed").output == []


@pytest.mark.behaviour("status-details")
def test_why_a_response_was_cancelled():
    """Documented (§2.3): no ``error`` where there is none."""
    assert wire(StatusDetails(type="cancelled", reason="turn_detected")) == {
        "type": "cancelled",
        "reason": "turn_detected",
    }


@pytest.mark.behaviour("barge-in-before-output")
def test_no_usage_is_zeros():
    """Captured (§3.5)."""
    assert wire(Usage()) == {
        "total_tokens": 0, "input_tokens": 0, "output_tokens": 0,
        "input_token_details": {
            "text_tokens": 0, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0,
            "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": 0, "audio_tokens": 0},
    }  # fmt: skip


@pytest.mark.behaviour("error-shape")
def test_an_error_says_null_where_it_has_nothing():
    """Shape of §4.7."""
    assert wire(ErrorDetails(type="invalid_request_error", code=None, message="m")) == {
        "type": "invalid_request_error", "code": None, "message": "m", "param": None, "event_id": None,
    }  # fmt: skip


def test_audio_in_content_is_base64():
    assert msgspec.convert({"type": "input_audio", "audio": "AP8Q"}, Content).audio == b"\x00\xff\x10"
