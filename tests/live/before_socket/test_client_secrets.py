"""``POST /v1/realtime/client_secrets`` and what is like it (§2.6): documented, and captured of Azure, 2026-07."""

import json

import pytest

from harness.errors import ProtocolError
from harness.server.config import SessionConfig
from tests.live.before_socket.testing import NOW, Rest

PATH = "/v1/realtime/client_secrets"
CAPTURED = {
    "audio": {
        "input": {
            "format": {"rate": 24000, "type": "audio/pcm"},
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"create_response": True, "interrupt_response": True, "type": "server_vad"},
        },
        "output": {"format": {"rate": 24000, "type": "audio/pcm"}},
    },
    "instructions": "Answer in two words.",
    "model": "gpt-realtime",
    "output_modalities": ["text"],
    "type": "realtime",
}
"""The session of a request that was recorded, 2026-07."""


class TestRealtime:
    @pytest.mark.behaviour("client-secret")
    def test_the_recorded_request(self):
        """Captured: three fields; the session has what was asked, and defaults for the rest."""
        found = Rest().post(PATH, {"session": CAPTURED})
        assert list(found) == ["value", "expires_at", "session"]
        assert found["value"].startswith("ek_")
        session = found["session"]
        assert session["id"].startswith("sess_")
        assert (session["object"], session["type"], session["expires_at"]) == ("realtime.session", "realtime", 0)
        assert (session["model"], session["instructions"]) == ("gpt-realtime", "Answer in two words.")
        assert session["output_modalities"] == ["text"]
        assert session["audio"]["input"]["transcription"]["model"] == "gpt-realtime-whisper"
        detection = {"threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200, "idle_timeout_ms": None}
        assert session["audio"]["input"]["turn_detection"].items() >= detection.items()
        assert session["audio"]["output"]["speed"] == 1.0

    @pytest.mark.behaviour("client-secret")
    @pytest.mark.parametrize("body", [b"", b"{}"])
    def test_without_a_session_it_is_the_default_one(self, body):
        session = Rest().post(PATH, body)["session"]
        assert (session["type"], session["model"]) == ("realtime", "gpt-realtime")

    @pytest.mark.behaviour("client-secret-lasts")
    @pytest.mark.parametrize(
        ("expiry", "seconds"),
        [
            (None, 600),
            ({}, 600),
            ({"anchor": "created_at"}, 600),
            ({"seconds": 10}, 10),
            ({"anchor": "created_at", "seconds": 7200}, 7200),
        ],
    )
    def test_how_long_it_lasts(self, expiry, seconds):
        """Documented: from 10 to 7200 s, by default 600."""
        rest = Rest()
        found = rest.post(PATH, {"expires_after": expiry})
        assert found["expires_at"] == int(NOW) + seconds
        secret = rest.secrets.find(found["value"])
        assert not secret.has_expired(NOW + seconds - 1) and secret.has_expired(NOW + seconds)

    @pytest.mark.behaviour("client-secret")
    @pytest.mark.parametrize(
        "session",
        [
            {},
            {"type": "realtime", "voice": "marin"},
            {"type": "realtime", "audio": {"output": {"speed": 9}}},
            {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": "high"}}}},
            {"type": "realtime", "tools": [{"type": "function"}]},
            {"type": "realtime", "output_modalities": ["audio", "text"]},
            {"type": "realtime", "instructions": 5},
        ],
    )
    def test_a_mistake_has_the_error_of_a_session_update(self, session):
        """The comparison is with the session's own configuration."""
        with pytest.raises(ProtocolError) as refused:
            SessionConfig("sess_1", "gpt-realtime", {}, 0).update(session)
        status, error = Rest().error("POST", PATH, {"session": session})
        assert status == 400
        assert (error["code"], error["message"], error["param"]) == (
            refused.value.code,
            refused.value.message,
            refused.value.param,
        )

    @pytest.mark.behaviour("vendor-errors")
    @pytest.mark.parametrize(
        ("body", "code", "param"),
        [
            ({"sesion": {}}, "unknown_parameter", "sesion"),
            ({"session": None}, "invalid_type", "session"),
            ({"session": []}, "invalid_type", "session"),
            ({"session": {"type": "translation"}}, "invalid_value", "session.type"),
            ({"session": {"type": "realtime", "model": 5}}, "invalid_type", "session.model"),
            ({"expires_after": 600}, "invalid_type", "expires_after"),
            ({"expires_after": {"anchor": "now"}}, "invalid_value", "expires_after.anchor"),
            ({"expires_after": {"seconds": 9}}, "integer_below_min_value", "expires_after.seconds"),
            ({"expires_after": {"seconds": 7201}}, "integer_above_max_value", "expires_after.seconds"),
            ({"expires_after": {"seconds": "600"}}, "invalid_type", "expires_after.seconds"),
            ({"expires_after": {"minutes": 1}}, "unknown_parameter", "expires_after.minutes"),
        ],
    )
    def test_a_wrong_field_is_told_by_its_path(self, body, code, param):
        rest = Rest()
        status, error = rest.error("POST", PATH, body)
        assert (status, error["code"], error["param"]) == (400, code, param)
        assert error["type"] == "invalid_request_error" and error["message"]

    def test_a_model_of_no_conversation(self):
        """Reported verbatim by several users."""
        body = {"session": {"type": "realtime", "model": "gpt-6-luna"}}
        status, error = Rest().error("POST", PATH, body)
        assert status == 400
        assert error["code"] == "invalid_model"
        assert error["message"] == 'Model "gpt-6-luna" is not supported in realtime mode.'
        assert Rest(any_model=True).post(PATH, body)["session"]["model"] == "gpt-6-luna"


class TestOtherKinds:
    @pytest.mark.behaviour("transcription-secret")
    def test_transcription(self):
        """Documented: the fields of the vendor's type."""
        asked = {
            "type": "transcription",
            "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe", "language": "en"}}},
        }
        rest = Rest()
        found = rest.post(PATH, {"session": asked})
        session = found["session"]
        assert set(session) == {"type", "object", "id", "expires_at", "audio", "include"}
        assert (session["type"], session["object"]) == ("transcription", "realtime.transcription_session")
        assert list(session["audio"]) == ["input"]
        assert session["audio"]["input"]["transcription"].items() >= {"model": "gpt-4o-transcribe"}.items()
        assert set(session["audio"]["input"]["turn_detection"]) == {
            "type",
            "threshold",
            "prefix_padding_ms",
            "silence_duration_ms",
        }
        secret = rest.secrets.find(found["value"])
        assert (secret.kind, secret.model, secret.session) == ("transcription", None, asked)

    @pytest.mark.behaviour("transcription-secret")
    @pytest.mark.parametrize(
        ("session", "code", "param"),
        [
            ({"model": "gpt-4o-transcribe"}, "invalid_model", "session.model"),
            ({"instructions": "Hi"}, "unknown_parameter", "session.instructions"),
            ({"audio": {"output": {}}}, "unknown_parameter", "session.audio.output"),
            ({"audio": 5}, "invalid_type", "session.audio"),
            ({"audio": {"input": {"transcription": 5}}}, "invalid_type", "session.audio.input.transcription"),
        ],
    )
    def test_a_mistake_in_a_transcription(self, session, code, param):
        status, error = Rest().error("POST", PATH, {"session": {"type": "transcription", **session}})
        assert (status, error["code"], error["param"]) == (400, code, param)

    @pytest.mark.behaviour("translation-secret")
    def test_translation(self):
        """Documented: the fields of the vendor's type."""
        asked = {"model": "gpt-realtime-translate", "audio": {"output": {"language": "es"}}}
        rest = Rest()
        found = rest.post("/v1/realtime/translations/client_secrets", {"session": asked})
        session = found["session"]
        assert (session["type"], session["model"]) == ("translation", "gpt-realtime-translate")
        assert session["audio"] == {
            "input": {"noise_reduction": None, "transcription": None},
            "output": {"language": "es"},
        }
        assert rest.secrets.find(found["value"]).kind == "translation"

    @pytest.mark.behaviour("translation-secret")
    @pytest.mark.parametrize(
        ("body", "code", "param"),
        [
            ({}, "missing_required_parameter", "session"),
            ({"session": {}}, "missing_required_parameter", "session.model"),
            ({"session": {"model": 1}}, "invalid_type", "session.model"),
            ({"session": {"model": "m", "audio": {"output": {"voice": "x"}}}}, "unknown_parameter",
             "session.audio.output.voice"),
        ],
    )  # fmt: skip
    def test_a_mistake_in_a_translation(self, body, code, param):
        status, error = Rest().error("POST", "/v1/realtime/translations/client_secrets", body)
        assert (status, error["code"], error["param"]) == (400, code, param)


class TestOnAzure:
    @pytest.mark.behaviour("azure-client-secret")
    def test_a_deployment_may_have_any_name(self):
        rest = Rest()
        body = {"session": {"type": "realtime", "model": "voice-in-europe"}}
        found = rest.post("/openai/v1/realtime/client_secrets", body)
        assert found["session"]["model"] == "gpt-realtime"
        assert found["expires_at"] == int(NOW) + 7200
        assert rest.secrets.find(found["value"]).model == "voice-in-europe"

    @pytest.mark.behaviour("azure-refused")
    def test_its_errors_have_two_fields(self):
        """Reported."""
        rest = Rest()
        for headers, path, status, code in (
            ({"Host": "localhost"}, "/openai/v1/realtime/client_secrets", 401, "401"),
            ({"Host": "localhost", "api-key": "k"}, "/openai/v1/nothing", 404, "404"),
        ):
            response = rest.ask("POST", path, b"{}", headers)
            error = json.loads(response.body)["error"]
            assert (response.status, error["code"], set(error)) == (status, code, {"code", "message"})
        body = {"session": {"type": "realtime", "audio": {"output": {"speed": 9}}}}
        response = rest.ask("POST", "/openai/v1/realtime/client_secrets?api-key=k", body, {"Host": "localhost"})
        assert response.status == 400
