"""Every error that is known of the service (§4.7), provoked by its cause: code, type, text and param as they were seen.

A text in braces stands for anything, ``None`` for a text that is not published. Where an error comes from before a
session exists, it is the admission's; where it comes inside ``response.done``, it is the script's failure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from harness.live.admission import Admission, Refusal, read_connect_request
from harness.protocol.codec import binary_frame, decode_client_event
from harness.server.outputs import Close
from harness.server.session import LASTS_US, Session, SessionSetup
from harness.server.voice import FAILURES, Answer, Voice
from tests.server.playbook import (
    CANCEL,
    COMMIT,
    CREATE,
    FINISHES,
    REST,
    VOICE,
    Playbook,
    append,
    passes,
    sends,
    silence,
    speech,
    update,
)

TURN = speech(3) + silence(7)
INVALID = "invalid_request_error"
RATE = "session.audio.input.format.rate"


@dataclass(frozen=True)
class Known:
    """One error as the service gives it, and how that is known."""

    code: str | None
    text: str | None
    evidence: str
    cause: Callable[[], dict[str, Any]]
    param: str | None = None
    type: str = INVALID


def answered(play: Playbook, *steps: Any) -> dict[str, Any]:
    """The error that the last step is answered by, alone."""
    for step in steps:
        play = play << REST >> step
    error = play.said[-1]
    assert error["type"] == "error" and play << REST
    return error["error"]


def spoken() -> Playbook:
    """A session in which the assistant has said something."""
    return Playbook() >> append(TURN) << REST >> FINISHES << REST


def truncate(item_id: str, audio_end_ms: int) -> Any:
    return sends("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=audio_end_ms)


def cut_too_late() -> dict[str, Any]:
    play = spoken()
    return answered(play, truncate(play.last("response.output_item.done")["item"]["id"], 99_999))


def refused_text(text: str) -> dict[str, Any]:
    try:
        decode_client_event(text)
    except Exception as error:
        return vars(error) | {"type": error.error_type}
    raise AssertionError("it was taken for an event")


def binary() -> dict[str, Any]:
    error = binary_frame()
    return {"code": error.code, "message": error.message, "param": error.param, "type": error.error_type}


def expired() -> dict[str, Any]:
    session = Session(SessionSetup(voice=VOICE, detector="energy"), "old")
    session.open(0)
    error, close = session.wake(LASTS_US)
    assert close == Close(1001, error.error.message)
    assert session.wake(LASTS_US + 1) == session.receive(decode_client_event('{"type": "response.create"}'), 0) == []
    found = error.error
    return {"code": found.code, "type": found.type, "message": found.message, "param": found.param}


def turned_away(close_code: int, query: str = "?model=gpt-realtime", **headers: str) -> dict[str, Any]:
    """The error that comes before a close with this code and the reason that goes with it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = Admission(keys=frozenset({"good"})).admit(read_connect_request(f"/v1/realtime{query}", named, ()))
    assert isinstance(found, Refusal)
    error = found.error
    assert found.close_code == close_code
    assert found.close_reason == ".".join(filter(None, (error.error_type, error.code)))
    return {"code": error.code, "message": error.message, "param": error.param, "type": error.error_type}


def failed(name: str) -> dict[str, Any]:
    """The error inside a failed response.done; the session goes on."""
    play = Playbook(voice=Voice(Answer(failure=FAILURES[name]))) >> CREATE << REST >> FINISHES << REST
    response = play.last("response.done")["response"]
    assert (response["status"], response["status_details"]["type"]) == ("failed", "failed")
    assert "error" not in play.types()
    assert play >> sends("input_audio_buffer.clear") << REST and play.types()[-1] == "input_audio_buffer.cleared"
    return {"param": None, **response["status_details"]["error"]}


def voice_changed() -> dict[str, Any]:
    play = spoken()
    before = play.session.config.echo
    error = answered(play, update(audio={"output": {"voice": "cedar"}}, instructions="lost"))
    assert play.session.config.echo == before, "the whole update is discarded"
    return error


def pcm_at(rate: int) -> Any:
    return update(audio={"input": {"format": {"type": "audio/pcm", "rate": rate}}})


KEY = {"authorization": "Bearer good"}
EMPTY = "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has "
TABLE = [
    Known(
        "input_audio_buffer_commit_empty", EMPTY + "0.00ms of audio.", "reported",
        lambda: answered(Playbook(), COMMIT),
    ),
    Known(
        "input_audio_buffer_commit_empty", EMPTY + "64.00ms of audio.", "reported",
        lambda: answered(Playbook(), append(silence(2)), COMMIT),
    ),
    Known(
        "input_audio_buffer_commit_empty", EMPTY + "{}ms of audio.", "reported: after the VAD's own commit",
        lambda: answered(Playbook(), append(TURN), COMMIT),
    ),
    Known(
        "conversation_already_has_active_response",
        "Conversation already has an active response in progress: resp_{}. "
        "Wait until the response is finished before creating a new one.",
        "reported", lambda: answered(Playbook(), CREATE, CREATE),
    ),
    Known(
        "response_cancel_not_active", "Cancellation failed: no active response found", "reported",
        lambda: answered(Playbook(), CANCEL),
    ),
    Known(
        "response_cancel_not_active", "Cancellation failed: no active response found", "reported: while it still plays",
        lambda: answered(spoken(), CANCEL),
    ),
    Known(
        "invalid_value", "Invalid value: 'nope'. Supported values are: {}.", "captured",
        lambda: answered(Playbook(), sends("nope")), param="type",
    ),
    Known("invalid_value", "Audio content of 350ms is already shorter than 99999ms", "reported", cut_too_late),
    Known(
        "unknown_parameter", "Unknown parameter: 'session.modalities'.", "captured",
        lambda: answered(Playbook(), update(modalities=["text"])), param="session.modalities",
    ),
    Known(
        "missing_required_parameter", "Missing required parameter: 'session.type'.", "reported",
        lambda: answered(Playbook(), sends("session.update", session={})), param="session.type",
    ),
    Known("integer_below_min_value", None, "reported", lambda: answered(Playbook(), pcm_at(16_000)), param=RATE),
    Known("invalid_json", "Invalid event: failed to parse JSON value. {}", "captured", lambda: refused_text("hello")),
    Known(
        "invalid_event", "Expected a text WebSocket message; binary frames are not supported.", "captured", binary
    ),
    Known(
        "cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.", "reported",
        voice_changed,
    ),
    Known("item_truncate_invalid_item_id", None, "reported", lambda: answered(Playbook(), truncate("item_x", 0))),
    Known(
        "item_retrieve_invalid_item_id", None, "reported",
        lambda: answered(Playbook(), sends("conversation.item.retrieve", item_id="item_x")),
    ),
    Known(
        "item_delete_invalid_item_id", None, "reported",
        lambda: answered(Playbook(), sends("conversation.item.delete", item_id="item_x")),
    ),
    Known("session_expired", "Your session hit the maximum duration of 60 minutes.", "reported", expired),
    Known(
        "beta_api_shape_disabled",
        "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.", "captured",
        lambda: turned_away(4000, openai_beta="realtime=v1", **KEY),
    ),
    Known("invalid_model", None, "captured", lambda: turned_away(4000, "?model=nope", **KEY)),
    Known("missing_model", None, "captured", lambda: turned_away(4000, "", **KEY)),
    Known("invalid_api_key", None, "captured", lambda: turned_away(3000, authorization="Bearer bad")),
    Known(None, None, "captured", lambda: turned_away(3000)),
    Known("insufficient_quota", None, "reported", lambda: failed("insufficient_quota"), type="insufficient_quota"),
    Known("rate_limit_exceeded", None, "reported", lambda: failed("rate_limit_exceeded"), type="rate_limit_exceeded"),
    Known(
        None,
        "The server had an error while processing your request. Sorry about that! {}"
        "(include session ID in your message: sess_{}). {}",
        "reported", lambda: failed("server_error"), type="server_error",
    ),
]  # fmt: skip
PUBLISHED_PARAM = {"item_truncate_invalid_item_id", "item_retrieve_invalid_item_id", "item_delete_invalid_item_id"}
"""Of these the param is not known for sure, and ours says where."""


@pytest.mark.behaviour(
    "refusal-codes",
    "commit-empty",
    "single-active",
    "cancel-nothing",
    "failed",
    "truncate-too-late",
    "unknown-field",
    "type-required",
    "voice-lock",
    "pcm-rate",
    "unknown-event",
    "item-unknown",
)
@pytest.mark.parametrize("known", TABLE, ids=lambda known: f"{known.code}: {known.evidence}")
def test_a_known_error_comes_from_its_cause(known: Known) -> None:
    """Of dialling (§2.1), the buffer (§4.4), responses (§4.5), the session (§4.6), messages (§4.7), items (§4.9)."""
    error = known.cause()
    assert (error["code"], error["type"]) == (known.code, known.type)
    if known.code not in PUBLISHED_PARAM:
        assert error["param"] == known.param
    if known.text is None:
        assert error["message"]
    else:
        pattern = ".+".join(map(re.escape, known.text.split("{}")))
        assert re.fullmatch(pattern, error["message"]), error["message"]


def test_an_error_echoes_the_event_id_of_its_cause() -> None:
    """Documented: ``error.event_id`` is the client event's."""
    assert answered(Playbook(), sends("response.cancel", event_id="mine"))["event_id"] == "mine"
    assert answered(Playbook(), sends("nope", event_id="mine"))["event_id"] == "mine"
    assert answered(Playbook(), CANCEL)["event_id"] is None


@pytest.mark.behaviour("recoverable")
def test_after_an_error_the_session_goes_on() -> None:
    """Documented: most errors are recoverable."""
    play = Playbook()
    for _ in range(3):
        answered(play, COMMIT)
    assert play >> append(TURN) << REST >> passes(5_000) << REST
    assert play.last("response.done")["response"]["status"] == "completed"
