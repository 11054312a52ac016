"""Codes are those of two sources of 2026-09 who dialled the service (§2.1, §2.4); the sentences but one are ours."""

import pytest

from harness.errors import SettingError
from harness.live.admission import Admission, Admitted, ConnectRequest, Refusal, read_connect_request

GOOD = {"authorization": "Bearer sk-good"}
BETA = {"openai-beta": "realtime=v1"}
TARGET = "/v1/realtime?model=gpt-realtime"


def decide(target=TARGET, headers=None, offered=(), **rules):
    return Admission(**rules).admit(read_connect_request(target, GOOD if headers is None else headers, offered))


REFUSED = {
    "no key": ({"headers": {}}, None, 3000, "invalid_request_error"),
    "no bearer": ({"headers": {"authorization": "Basic c2s="}}, None, 3000, "invalid_request_error"),
    "empty bearer": ({"headers": {"authorization": "Bearer "}}, None, 3000, "invalid_request_error"),
    "empty key subprotocol": (
        {"headers": {}, "offered": ["realtime", "openai-insecure-api-key."]},
        None,
        3000,
        "invalid_request_error",
    ),
    "bad key": (
        {"keys": frozenset({"sk-other"})},
        "invalid_api_key",
        3000,
        "invalid_request_error.invalid_api_key",
    ),
    "part of a key": (
        {"keys": frozenset({"sk-good-and-more"})},
        "invalid_api_key",
        3000,
        "invalid_request_error.invalid_api_key",
    ),
    "no model": ({"target": "/v1/realtime"}, "missing_model", 4000, "invalid_request_error.missing_model"),
    "empty model": ({"target": "/v1/realtime?model="}, "missing_model", 4000, "invalid_request_error.missing_model"),
    "unknown model": (
        {"target": "/v1/realtime?model=gpt-4o"},
        "invalid_model",
        4000,
        "invalid_request_error.invalid_model",
    ),
    "model with a known beginning": (
        {"target": "/v1/realtime?model=gpt-realtimes"},
        "invalid_model",
        4000,
        "invalid_request_error.invalid_model",
    ),
    "beta header": (
        {"headers": GOOD | BETA},
        "beta_api_shape_disabled",
        4000,
        "invalid_request_error.beta_api_shape_disabled",
    ),
    "beta subprotocol": (
        {"offered": ["realtime", "openai-beta.realtime-v1"]},
        "beta_api_shape_disabled",
        4000,
        "invalid_request_error.beta_api_shape_disabled",
    ),
}


@pytest.mark.behaviour("refusal-codes", "refusal-sentences", "known-models", "sunset")
@pytest.mark.parametrize(("asked", "code", "close_code", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(asked, code, close_code, reason):
    refusal = decide(**asked)
    assert isinstance(refusal, Refusal)
    assert (refusal.error.code, refusal.close_code, refusal.close_reason) == (code, close_code, reason)
    assert refusal.error.error_type == "invalid_request_error"
    assert refusal.error.message
    assert len(refusal.close_reason) <= 123


@pytest.mark.behaviour("sunset")
def test_sentence_of_the_beta_is_the_captured_one():
    assert decide(headers=GOOD | BETA).error.message == (
        "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
    )


@pytest.mark.behaviour("known-models")
@pytest.mark.parametrize(
    "model",
    [
        "gpt-realtime",
        "gpt-realtime-mini",
        "gpt-realtime-2",
        "gpt-realtime-2025-08-28",
        "gpt-realtime-1.5",
        "gpt-4o-realtime-preview",
        "gpt-4o-realtime-preview-2024-10-01",
        "gpt-4o-mini-realtime-preview",
    ],
)
def test_known_models(model):
    assert decide(f"/realtime?model={model}") == Admitted(model)


class TestKeys:
    @pytest.mark.behaviour("key")
    @pytest.mark.parametrize("authorization", ["Bearer sk-good", "bearer sk-good", "Bearer   sk-good "])
    def test_of_the_header(self, authorization):
        admitted = decide(headers={"authorization": authorization}, keys=frozenset({"sk-good"}))
        assert isinstance(admitted, Admitted)

    @pytest.mark.behaviour("key")
    def test_of_a_browser(self):
        offered = ["realtime", "openai-insecure-api-key.sk-good", "openai-agents-sdk.0.20.0"]
        assert isinstance(decide(headers={}, offered=offered, keys=frozenset({"sk-good"})), Admitted)

    @pytest.mark.behaviour("any-key")
    def test_any_is_good_unless_some_are_named(self):
        assert isinstance(decide(headers={"authorization": "Bearer whatever"}), Admitted)

    def test_one_of_several(self):
        assert isinstance(decide(keys=frozenset({"sk-other", "sk-good"})), Admitted)

    def test_none_is_needed_where_it_is_said_so(self):
        assert isinstance(decide(headers={}, key_needed=False), Admitted)

    def test_not_ascii(self):
        assert isinstance(decide(headers={"authorization": "Bearer schlüssel\udc80"}, keys=frozenset({"x"})), Refusal)


class TestModels:
    def test_the_last_of_several(self):
        assert decide("/v1/realtime?model=gpt-4o&model=gpt-realtime").model == "gpt-realtime"

    def test_any_where_it_is_said_so(self):
        assert decide("/v1/realtime?model=mine", any_model=True) == Admitted("mine")
        assert decide("/v1/realtime", any_model=True) == Admitted("gpt-realtime")

    @pytest.mark.behaviour("refusal-sentences")
    def test_a_long_name_is_told_in_part(self):
        refusal = decide("/v1/realtime?model=" + "x" * 10_000)
        assert len(refusal.error.message) < 200


class TestDialects:
    @pytest.mark.behaviour("dialects")
    def test_ga_to_everybody(self):
        assert decide(dialects="ga") == Admitted("gpt-realtime")
        assert decide(headers=GOOD | BETA, dialects="ga") == Admitted("gpt-realtime")

    def test_beta_is_gone(self):
        with pytest.raises(SettingError, match=r"'beta' was removed, .* since 2026-05; move the client to the GA API"):
            Admission(dialects="beta")

    @pytest.mark.behaviour("beta-asked")
    def test_subprotocol(self):
        assert read_connect_request(TARGET, {}, ("openai-beta.realtime-v1",)).asks_for_beta

    @pytest.mark.behaviour("beta-asked")
    @pytest.mark.parametrize("header", ["realtime=v1", "assistants=v2, realtime=v1", "realtime=v1 ,x"])
    def test_header_is_a_list(self, header):
        assert read_connect_request(TARGET, {"openai-beta": header}, ()).asks_for_beta

    @pytest.mark.parametrize("header", ["", "realtime=v2", "assistants=v2", "xrealtime=v1"])
    def test_other_betas_are_none(self, header):
        assert not read_connect_request(TARGET, {"openai-beta": header}, ()).asks_for_beta


@pytest.mark.behaviour("refusal-order")
def test_key_comes_before_beta_and_beta_before_model():
    everything_wrong = ConnectRequest(model=None, key=None, asks_for_beta=True)
    assert Admission().admit(everything_wrong).close_code == 3000
    assert Admission(key_needed=False).admit(everything_wrong).error.code == "beta_api_shape_disabled"
    assert Admission(key_needed=False, dialects="ga").admit(everything_wrong).error.code == "missing_model"
