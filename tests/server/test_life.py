"""The life of a session: its end after an hour, and events that a script has it say."""

import json

import pytest

from harness.errors import SettingError
from harness.protocol.codec import encode
from harness.protocol.events import (
    InputAudioBufferAppend,
    InputAudioBufferDtmfEventReceived,
    McpListToolsCompleted,
    ResponseOutputAudioDelta,
)
from harness.server.outputs import Close
from harness.server.session import EXPIRED, LASTS_US, Session, SessionSetup
from harness.units import SECOND
from tests.protocol.service import SERVER_EVENTS
from tests.protocol.vendor import complaints

TEXT = "Your session hit the maximum duration of 60 minutes."


def opened(**setup):
    session = Session(SessionSetup(detector="energy", **setup), "life")
    session.open(0)
    return session


@pytest.mark.behaviour("expiry")
def test_a_session_expires_after_an_hour():
    """Documented; reported verbatim (§4.6): the error, then Close 1001 with the same text."""
    session = opened()
    assert session.next_wake == LASTS_US == 3600 * SECOND and session.wake(LASTS_US - 1) == []
    error, close = session.wake(LASTS_US)
    assert (error.error.code, error.error.message) == ("session_expired", TEXT)
    assert close == Close(1001, TEXT) and EXPIRED == TEXT


@pytest.mark.behaviour("expires-now")
def test_a_session_can_expire_at_once():
    """On demand (§6.1), in the same words as after an hour; once."""
    late, now = opened(), opened()
    assert now.expire(5 * SECOND) == late.wake(LASTS_US)
    assert now.closed and now.next_wake is None and now.expire(6 * SECOND) == []


@pytest.mark.behaviour("expiry")
def test_after_its_end_a_session_is_silent():
    """Nothing can follow a Close (§4.6)."""
    session = opened(lasts_us=SECOND)
    session.wake(SECOND)
    assert session.closed and session.next_wake is None
    assert session.receive(InputAudioBufferAppend(audio=bytes(4800)), SECOND) == []
    assert session.wake(2 * SECOND) == [] and session.emit({"type": "mcp_list_tools.failed", "item_id": "i"}, 0) == []


@pytest.mark.behaviour("shorter-life")
def test_a_session_s_hour_begins_when_it_opens():
    """Assumed (§4.6)."""
    session = Session(SessionSetup(detector="energy", lasts_us=SECOND), "late")
    session.open(5 * SECOND)
    assert session.next_wake == 6 * SECOND


@pytest.mark.behaviour("scripted-mcp", "scripted-telephone")
def test_scripted_events():
    """MCP and DTMF are typed (documented, §2.3) and can be said; they are not simulated."""
    session = opened()
    (listed,) = session.emit({"type": "mcp_list_tools.completed", "item_id": "mcp_1"}, 0)
    assert isinstance(listed, McpListToolsCompleted) and listed.event_id.startswith("event_")
    (key,) = session.emit(
        {"type": "input_audio_buffer.dtmf_event_received", "event": "9", "received_at": 1763605109}, 0
    )
    assert key == InputAudioBufferDtmfEventReceived(event="9", received_at=1763605109)
    where = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
    (audio,) = session.emit({"type": "response.output_audio.delta", "delta": "AAAA", "event_id": "mine", **where}, 0)
    assert audio == ResponseOutputAudioDelta(event_id="mine", delta=bytes(3), **where)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"type": "mcp.exploded"}, "'mcp.exploded' is no server event that can be sent; known: error, "),
        ({"type": "response.dne"}, "is no server event that can be sent; did you mean 'response.done'?"),
        ({}, "None is no server event"),
        ({"type": "mcp_list_tools.failed"}, "'mcp_list_tools.failed' cannot be sent like this: "),
        ({"type": "mcp_list_tools.failed"}, "missing required field `item_id`"),
        ({"type": "input_audio_buffer.dtmf_event_received", "event": 9, "received_at": 1}, "Expected `str`, got `int`"),
        ({"type": "session.update", "session": {}}, "'session.update' is no server event"),
    ],
)
def test_what_cannot_be_said(document, problem):
    with pytest.raises(SettingError) as caught:
        opened().emit(document, 0)
    assert problem in str(caught.value)


VALUES = {
    "event": "9", "received_at": 1, "start": 0.0, "end": 1.5, "usage": {"type": "duration", "seconds": 1.0},
    "rate_limits": [], "part": {"type": "text", "text": ""}, "conversation": {"id": "c"},
    "session": {"type": "realtime"}, "error": {"type": "t", "code": None, "message": "m"},
    "item": {"id": "i", "type": "message", "role": "user", "content": []},
    "response": {"id": "r", "status": "failed"},
}  # fmt: skip


@pytest.mark.behaviour(
    "scripted-mcp", "scripted-telephone", "scripted-playback", "scripted-segments", "scripted-item-created"
)
@pytest.mark.parametrize(("name", "known"), SERVER_EVENTS.items())
def test_every_server_event_can_be_scripted(name, known):
    """All 46 (documented, §2.3); what goes out is what the vendor's own models take."""
    numbers = {"content_index", "output_index", "audio_start_ms", "audio_end_ms"}
    fields = {field: 0 if field in numbers else VALUES.get(field, "AAAA") for field in known["required"]}
    (event,) = opened().emit({"type": name, **fields}, 0)
    document = json.loads(encode(event))
    assert document["type"] == name and fields.items() <= {**document, **fields}.items()
    assert not complaints(document)
