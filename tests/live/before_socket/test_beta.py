"""The older, flat shape (§2.6): documented in OpenAPI v2.3.0."""

import pytest

from tests.live.before_socket.testing import NOW, Rest

SESSIONS, TRANSCRIPTIONS = "/v1/realtime/sessions", "/v1/realtime/transcription_sessions"


@pytest.mark.behaviour("beta-sessions")
def test_a_session():
    """The example of the specification, without its model, which has been shut down."""
    asked = {
        "model": "gpt-4o-realtime-preview",
        "modalities": ["audio", "text"],
        "instructions": "You are a friendly assistant.",
        "voice": "alloy",
        "input_audio_format": "pcm16",
        "output_audio_format": "g711_ulaw",
        "input_audio_transcription": {"model": "whisper-1"},
        "turn_detection": None,
        "tools": [],
        "tool_choice": "none",
        "temperature": 0.7,
        "max_response_output_tokens": 200,
        "speed": 1.1,
        "tracing": "auto",
    }
    rest = Rest()
    found = rest.post(SESSIONS, asked)
    transcription = found.pop("input_audio_transcription")
    assert transcription["model"] == "whisper-1"
    assert found.items() >= {name: asked[name] for name in asked if name != "input_audio_transcription"}.items()
    assert (found["object"], found["expires_at"]) == ("realtime.session", 0)
    secret = rest.secrets.find(found["client_secret"]["value"])
    assert found["client_secret"] == {"value": secret.value, "expires_at": int(NOW) + 60}
    assert secret.value.startswith("ek_")
    assert secret.session == {
        "type": "realtime",
        "model": "gpt-4o-realtime-preview",
        "output_modalities": ["audio"],
        "instructions": "You are a friendly assistant.",
        "audio": {
            "output": {"voice": "alloy", "format": {"type": "audio/pcmu"}, "speed": 1.1},
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": {"model": "whisper-1"},
                "turn_detection": None,
            },
        },
        "tools": [],
        "tool_choice": "none",
        "max_output_tokens": 200,
        "tracing": "auto",
    }


@pytest.mark.behaviour("beta-sessions")
def test_the_least_that_can_be_asked():
    found = Rest().post(SESSIONS, {})
    assert (found["model"], found["modalities"], found["temperature"]) == ("gpt-realtime", ["audio", "text"], 0.8)
    assert (found["input_audio_format"], found["turn_detection"]["type"]) == ("pcm16", "server_vad")


@pytest.mark.behaviour("beta-sessions")
def test_a_transcription_session():
    """The example of the specification."""
    asked = {
        "modalities": ["audio", "text"],
        "turn_detection": {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300,
                           "silence_duration_ms": 200},
        "input_audio_format": "pcm16",
        "input_audio_transcription": {"model": "gpt-4o-transcribe", "language": None, "prompt": ""},
    }  # fmt: skip
    rest = Rest()
    found = rest.post(TRANSCRIPTIONS, asked)
    assert found["object"] == "realtime.transcription_session"
    assert found["input_audio_transcription"].items() >= asked.pop("input_audio_transcription").items()
    assert found.items() >= asked.items()
    assert rest.secrets.find(found["client_secret"]["value"]).kind == "transcription"


@pytest.mark.behaviour("beta-sessions", "client-secret-lasts")
@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (SESSIONS, {"expires_after": {"anchor": "created_at", "seconds": 90}}),
        (TRANSCRIPTIONS, {"expires_at": {"anchor": "created_at", "seconds": 90}}),
    ],
)
def test_how_long_the_secret_lasts(path, asked):
    """Documented: the two routes have two names for it."""
    assert Rest().post(path, {"client_secret": asked})["client_secret"]["expires_at"] == int(NOW) + 90


@pytest.mark.behaviour("beta-sessions", "vendor-errors")
@pytest.mark.parametrize(
    ("path", "body", "code", "param"),
    [
        (SESSIONS, {"audio": {}}, "unknown_parameter", "audio"),
        (SESSIONS, {"type": "realtime"}, "unknown_parameter", "type"),
        (SESSIONS, {"input_audio_format": "pcm24"}, "invalid_value", "input_audio_format"),
        (SESSIONS, {"input_audio_format": {"type": "audio/pcm"}}, "invalid_value", "input_audio_format"),
        (SESSIONS, {"turn_detection": {"threshold": 2}}, "decimal_above_max_value", "turn_detection.threshold"),
        (SESSIONS, {"max_response_output_tokens": 0}, "integer_below_min_value", "max_response_output_tokens"),
        (SESSIONS, {"speed": 9}, "decimal_above_max_value", "speed"),
        (SESSIONS, {"modalities": ["video"]}, "invalid_value", "modalities[0]"),
        (SESSIONS, {"temperature": 5}, "decimal_above_max_value", "temperature"),
        (SESSIONS, {"model": "gpt-5"}, "invalid_model", None),
        (SESSIONS, {"tools": [{"type": "function"}]}, "missing_required_parameter", "tools[0].name"),
        (SESSIONS, {"client_secret": {"expires_after": {"seconds": 1}}}, "integer_below_min_value",
         "client_secret.expires_after.seconds"),
        (SESSIONS, {"client_secret": "x"}, "invalid_type", "client_secret"),
        (SESSIONS, {"client_secret": {"value": "ek_1"}}, "unknown_parameter", "client_secret.value"),
        (TRANSCRIPTIONS, {"model": "gpt-4o-transcribe"}, "unknown_parameter", "model"),
        (TRANSCRIPTIONS, {"voice": "alloy"}, "unknown_parameter", "voice"),
        (TRANSCRIPTIONS, {"input_audio_transcription": {"model": 1}}, "invalid_type",
         "input_audio_transcription.model"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_its_name_in_this_shape(path, body, code, param):
    status, error = Rest().error("POST", path, body)
    assert (status, error["code"], error["param"]) == (400, code, param)
    assert "session." not in error["message"] and "audio." not in error["message"]
