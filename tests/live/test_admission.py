"""Codes are those of two sources of 2026-09 who dialled the service (§2.1, §2.4); the sentences but two are ours."""

from dataclasses import replace

import pytest

from harness.errors import SettingError
from harness.live.admission import Admission, Admitted, ConnectRequest, Refusal, read_connect_request
from harness.live.client_secrets import ClientSecret

GOOD = {"authorization": "Bearer sk-good"}
BETA = {"openai-beta": "realtime=v1"}
TARGET = "/v1/realtime?model=gpt-realtime"
AZURE = "/openai/v1/realtime?model="


def decide(target=TARGET, headers=None, offered=(), **rules):
    return Admission(**rules).admit(read_connect_request(target, GOOD if headers is None else headers, offered))


@pytest.mark.behaviour("refusal-sentences")
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-live-1", "it's"])
def test_an_unknown_model_is_quoted_as_the_service_does(model):
    """Reported verbatim by several users: double quotes."""
    refused = decide(f"/v1/realtime?model={model}")
    assert isinstance(refused, Refusal)
    assert refused.error.message == f'Model "{model}" is not supported in realtime mode.'


SECRET = ClientSecret(value="ek_1", expires_at=100, model="gpt-realtime-2", session={"type": "realtime"})


def with_secret(target="/v1/realtime", secret=SECRET, now=50.0, key="ek_1", **rules):
    request = read_connect_request(target, {"authorization": f"Bearer {key}"}, ())
    return Admission(**rules).admit(replace(request, secret=secret), now)


class TestClientSecrets:
    @pytest.mark.behaviour("client-secret-dial")
    def test_it_opens_its_session(self):
        admitted = Admitted("gpt-realtime-2", session=SECRET.session)
        assert with_secret() == admitted
        assert with_secret(keys=frozenset({"sk-other"})) == admitted
        assert with_secret(key_needed=False) == admitted
        assert with_secret("/v1/realtime?model=gpt-realtime") == replace(admitted, model="gpt-realtime")
        assert with_secret(secret=replace(SECRET, model=None)) == replace(admitted, model="gpt-realtime")

    @pytest.mark.behaviour("client-secret-refused")
    @pytest.mark.parametrize("rules", [{}, {"keys": frozenset({"sk-other"})}, {"key_needed": False}])
    def test_an_expired_one(self, rules):
        refused = with_secret(now=100.0, **rules)
        assert isinstance(refused, Refusal)
        assert (refused.close_code, refused.close_reason) == (3000, "invalid_request_error.invalid_api_key")
        assert refused.error.message == "Ephemeral token expired."

    @pytest.mark.behaviour("client-secret-refused")
    def test_an_unknown_one(self):
        refused = with_secret(TARGET, secret=None)
        assert isinstance(refused, Refusal) and refused.close_reason == "invalid_request_error.invalid_api_key"
        assert with_secret(TARGET, secret=None, keys=frozenset({"ek_1"})) == Admitted("gpt-realtime")
        assert with_secret(TARGET, secret=None, key_needed=False) == Admitted("gpt-realtime")

    @pytest.mark.behaviour("client-secret-kinds")
    @pytest.mark.parametrize(
        ("kind", "path", "other", "model"),
        [
            ("transcription", "/v1/realtime", "/v1/realtime/translations", ""),
            ("translation", "/v1/realtime/translations", "/v1/realtime", "gpt-realtime-translate"),
        ],
    )
    def test_one_of_another_kind_of_session(self, kind, path, other, model):
        secret = replace(SECRET, kind=kind, model=model or None)
        admitted = with_secret(path, secret)
        assert isinstance(admitted, Admitted) and (admitted.kind, admitted.model) == (kind, model)
        refused = with_secret(other, secret)
        assert isinstance(refused, Refusal) and refused.close_code == 4000
        assert kind in refused.error.message and "/v1/realtime/translations" in refused.error.message

    @pytest.mark.behaviour("client-secret-kinds")
    def test_a_transcription_names_no_model_in_the_url(self):
        """Reported, with the sentence."""
        refused = with_secret("/v1/realtime?model=gpt-realtime", replace(SECRET, kind="transcription", model=None))
        assert isinstance(refused, Refusal)
        assert refused.error.message == "You must not provide a model parameter for transcription sessions."


class TestAzure:
    @pytest.mark.behaviour("azure-paths")
    @pytest.mark.parametrize(
        ("target", "model"),
        [
            (AZURE + "gpt-realtime-2", "gpt-realtime-2"),
            (AZURE + "voice-in-europe", "gpt-realtime"),
            ("/openai/realtime?api-version=2025-08-28&deployment=gpt-realtime-mini", "gpt-realtime-mini"),
            ("/openai/realtime?api-version=2025-08-28&deployment=d&model=gpt-realtime-mini", "gpt-realtime"),
        ],
    )
    def test_a_deployment_may_have_any_name(self, target, model):
        assert decide(target, {"api-key": "k"}) == Admitted(model, service="azure")

    @pytest.mark.behaviour("azure-key")
    @pytest.mark.parametrize(
        ("query", "headers"),
        [
            ("", {"api-key": "k"}),
            ("&api-key=k", {}),
            ("", {"authorization": "Bearer k"}),
            ("", {"api-key": "k", "authorization": "Bearer other"}),
        ],
    )
    def test_where_the_key_may_be(self, query, headers):
        """Documented."""
        rules = {"keys": frozenset({"k"})}
        assert decide(AZURE + "gpt-realtime" + query, headers, **rules) == Admitted("gpt-realtime", service="azure")
        refused = decide("/v1/realtime?model=gpt-realtime" + query, {"api-key": "k"}, **rules)
        assert isinstance(refused, Refusal), "at OpenAI it is no key"

    @pytest.mark.behaviour("azure-refused")
    def test_a_model_of_no_conversation(self):
        """Reported: it has a path of its own."""
        refused = decide(AZURE + "gpt-realtime-whisper")
        assert isinstance(refused, Refusal) and refused.error.code == "invalid_model"


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


class TestKinds:
    """Which session a URL is: a conversation, a transcription, or a translation."""

    @pytest.mark.behaviour("transcription-session")
    @pytest.mark.parametrize("path", ["/v1/realtime", "/realtime"])
    def test_transcription(self, path):
        assert decide(f"{path}?intent=transcription") == Admitted("", "transcription")

    @pytest.mark.behaviour("transcription-session-url")
    @pytest.mark.parametrize(
        ("model", "sentence"),
        [
            ("gpt-realtime", "You must not provide a model parameter for transcription sessions."),
            ("gpt-4o-transcribe", 'Model "gpt-4o-transcribe" is not supported in transcription mode.'),
        ],
    )
    def test_transcription_takes_no_model(self, model, sentence):
        """Reported: two sentences, one code."""
        refusal = decide(f"/v1/realtime?intent=transcription&model={model}")
        assert (refusal.error.code, refusal.error.message, refusal.close_code) == ("invalid_model", sentence, 4000)
        assert decide(f"/v1/realtime?intent=transcription&model={model}", any_model=True) == Admitted(
            model, "transcription"
        )

    @pytest.mark.behaviour("transcription-session-other-models")
    @pytest.mark.parametrize("any_model", [True, False])
    @pytest.mark.parametrize("model", ["gpt-realtime-whisper", "gpt-4o-transcribe", "gpt-realtime-translate"])
    def test_other_models_have_no_conversation(self, model, any_model):
        refusal = decide(f"/v1/realtime?model={model}", any_model=any_model)
        assert refusal.error.code == "invalid_model"
        assert refusal.error.message == f'Model "{model}" is not supported in realtime mode.'

    @pytest.mark.behaviour("translation-session")
    def test_translation(self):
        """Documented: a path of its own, which requires a model."""
        model = "gpt-realtime-translate"
        assert decide(f"/v1/realtime/translations?model={model}") == Admitted(model, "translation")
        missing = decide("/v1/realtime/translations").error
        assert missing.code == "missing_model"
        assert missing.message == f"You must provide a model parameter: add '?model={model}'."
        cure = missing.message.partition("'")[2].partition("'")[0]
        assert isinstance(decide(f"/v1/realtime/translations{cure}"), Admitted)
        refusal = decide("/v1/realtime/translations?model=gpt-realtime")
        assert refusal.error.message == 'Model "gpt-realtime" is not supported in translation mode.'
        assert decide("/realtime/translations", any_model=True) == Admitted(model, "translation")

    @pytest.mark.parametrize("query", ["intent=conversation&model=gpt-realtime", "model=gpt-realtime&intent="])
    def test_another_intent_is_none(self, query):
        assert decide(f"/v1/realtime?{query}") == Admitted("gpt-realtime")


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
