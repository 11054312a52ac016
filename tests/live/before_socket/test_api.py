"""Routes, keys, errors and pages (§2.6). The errors' texts are as users of the service report them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.live.before_socket.routes import is_vendors
from harness.live.control.routes import MAX_BODY_BYTES, ROUTES
from tests.live.before_socket.testing import KEY, PAGE, Rest

PATH = "/v1/realtime/client_secrets"
POSTS = [
    PATH,
    "/v1/realtime/sessions",
    "/v1/realtime/transcription_sessions",
    "/v1/realtime/translations/client_secrets",
    "/v1/realtime/calls",
    "/v1/realtime/calls/rtc_1/hangup",
]
GETS = ["/v1/models", "/v1/models/gpt-realtime"]


class TestRoutes:
    @pytest.mark.behaviour("vendor-errors")
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1/chat/completions"),
            ("GET", "/v1"),
            ("POST", "/v1/realtime/"),
            ("GET", "/v1/realtime/client_secrets/ek_1"),
            ("POST", "/v1/realtime/calls/rtc_1"),
            ("POST", "/v1/realtime/calls/rtc_1/answer"),
            ("GET", "/realtime/nothing"),
        ],
    )
    def test_an_unknown_one(self, method, path):
        """Reported verbatim."""
        status, error = Rest().error(method, path, b"{}")
        assert status == 404
        assert error == {
            "message": f"Invalid URL ({method} {path})",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }

    @pytest.mark.behaviour("vendor-errors")
    def test_a_wrong_method(self):
        """Reported verbatim."""
        rest = Rest()
        status, error = rest.error("POST", "/v1/models")
        hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
        assert (status, error["message"]) == (405, f"Not allowed to POST on /v1/models. {hint}")
        assert rest.ask("POST", "/v1/models").headers["Allow"] == "GET, HEAD"
        assert rest.ask("GET", PATH).headers["Allow"] == "POST"

    @pytest.mark.parametrize("path", ["/v1/realtime", "/realtime", "/openai/v1/realtime", "/openai/realtime"])
    def test_the_websocket_without_an_upgrade(self, path):
        response = Rest().ask("GET", f"{path}?model=gpt-realtime")
        assert (response.status, response.headers["Upgrade"]) == (426, "websocket")
        assert "ws://127.0.0.1:8765/v1/realtime" in json.loads(response.body)["error"]["message"]

    @pytest.mark.behaviour("second-path")
    @pytest.mark.parametrize("root", ["", "/v1", "/openai/v1", "/openai"])
    def test_it_is_below_each_root(self, root):
        assert Rest().ask("GET", f"{root}/models", **{"api-key": "k"}).status == 200
        assert Rest().ask("POST", f"{root}/realtime/client_secrets", b"{}", **{"api-key": "k"}).status == 200

    def test_none_is_one_of_the_control_api(self):
        assert not any(is_vendors(route.path) for route in ROUTES)
        assert not any(map(is_vendors, ("/v1x", "/realtimes", "/modelsx/y", "/openaix", "/nowhere")))
        assert all(map(is_vendors, [*POSTS, *GETS, "/v1", "/v1/x", "/realtime", "/models", "/openai/x"]))

    @pytest.mark.behaviour("models")
    def test_models(self):
        """Documented."""
        listed = json.loads(Rest().ask("GET", "/v1/models").body)
        assert listed["object"] == "list"
        assert {"gpt-realtime", "gpt-realtime-2.1", "gpt-realtime-whisper"} <= {each["id"] for each in listed["data"]}
        for model in listed["data"]:
            assert set(model) == {"id", "object", "created", "owned_by"} and model["object"] == "model"
            assert json.loads(Rest().ask("GET", f"/v1/models/{model['id']}").body) == model
        assert Rest().ask("GET", "/v1/models/gpt-realtime-2030-01-01").status == 200

    @pytest.mark.behaviour("models", "vendor-errors")
    def test_an_unknown_model(self):
        """Reported verbatim."""
        status, error = Rest().error("GET", "/v1/models/gpt%2D5")
        assert (status, error["code"], error["param"]) == (404, "model_not_found", "model")
        assert error["message"] == "The model 'gpt-5' does not exist"
        assert Rest(any_model=True).ask("GET", "/v1/models/gpt-5").status == 200

    @pytest.mark.behaviour("calls-hangup")
    def test_a_call_that_is_unknown(self):
        status, error = Rest().error("POST", "/v1/realtime/calls/rtc_1/hangup")
        assert (status, error["code"]) == (404, "call_id_not_found")

    @pytest.mark.behaviour("calls-sip")
    @pytest.mark.parametrize("action", ["accept", "refer", "reject"])
    def test_there_is_no_sip(self, action):
        response = Rest().ask("POST", f"/v1/realtime/calls/rtc_1/{action}")
        assert response.status == 404
        assert "SIP is not simulated" in response.headers["X-Stillthere"]

    def test_head_has_no_body(self):
        response = Rest().ask("HEAD", "/v1/models")
        assert (response.status, response.body) == (200, b"")
        assert int(response.headers["Content-Length"]) > 100


class TestKeys:
    @pytest.mark.behaviour("rest-key", "vendor-errors")
    @pytest.mark.parametrize("path", [*POSTS, *GETS])
    def test_each_route_needs_one(self, path):
        method = "POST" if path in POSTS else "GET"
        for headers, rules, code in (
            ({"Host": "localhost"}, {}, None),
            (KEY, {"keys": frozenset({"sk-other"})}, "invalid_api_key"),
            ({"Host": "localhost", "Authorization": "Bearer ek_1"}, {}, "invalid_api_key"),
            ({"Host": "localhost", "api-key": "sk-good"}, {}, None),  # that is Azure's
        ):
            rest = Rest(**rules)
            status, error = rest.error(method, path, b"{}", headers)
            assert (status, error["code"], error["type"]) == (401, code, "invalid_request_error")
            assert "sk-" not in error["message"]

    @pytest.mark.behaviour("rest-key")
    def test_without_checks_nobody_needs_one(self):
        assert Rest(key_needed=False).ask("GET", "/v1/models", headers={"Host": "localhost"}).status == 200

    @pytest.mark.behaviour("client-secret-creates-none")
    def test_a_client_secret_creates_none(self):
        rest = Rest()
        value = rest.post(PATH)["value"]
        status, error = rest.error("POST", PATH, b"{}", {"Host": "localhost", "Authorization": f"Bearer {value}"})
        assert (status, error["code"]) == (401, "invalid_api_key")

    def test_the_secret_remembers_who_created_it(self):
        rest = Rest()
        assert rest.secrets.find(rest.post(PATH)["value"]).owner == "sk-good"


class TestBodies:
    @pytest.mark.behaviour("vendor-errors")
    @pytest.mark.parametrize("body", [b"{", b"v=0", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"session": }'])
    def test_what_is_no_json(self, body):
        """Reported verbatim."""
        status, error = Rest().error("POST", PATH, body)
        assert (status, error["param"], error["code"]) == (400, None, None)
        assert error["message"].startswith("We could not parse the JSON body of your request. (HINT: ")

    @pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"x"'])
    def test_what_is_no_object(self, body):
        assert Rest().error("POST", PATH, body)[0] == 400

    @pytest.mark.behaviour("vendor-errors")
    def test_what_is_too_large(self):
        status, error = Rest().error("POST", PATH, b" " * (MAX_BODY_BYTES + 1))
        assert (status, error["code"]) == (413, "request_too_large")

    @pytest.mark.parametrize("depth", [10, 100, 500, 900, 990, 1000, 2000])
    def test_what_is_deep(self, depth):
        """However deep a tool's parameters are: an answer, or an error of the client's."""
        parameters = '{"a":' * depth + "1" + "}" * depth
        tool = f'{{"type": "function", "name": "f", "parameters": {parameters}}}'
        response = Rest().ask("POST", PATH, f'{{"session": {{"type": "realtime", "tools": [{tool}]}}}}'.encode())
        assert response.status in (200, 400)


class TestPages:
    @pytest.mark.behaviour("rest-pages")
    @pytest.mark.parametrize("origin", [PAGE, "http://localhost:3000", "https://127.0.0.1"])
    def test_an_allowed_page_asks_and_reads(self, origin):
        """A browser asks first, without a key (Fetch, 3.3); a Vercel-like client sends these two headers."""
        rest = Rest()
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        wanted = {"Access-Control-Request-Headers": "authorization,content-type"}
        allowed = rest.ask("OPTIONS", PATH, b"", {"Host": "localhost"}, **asked, **wanted)
        assert (allowed.status, allowed.headers["Access-Control-Allow-Origin"]) == (204, origin)
        assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
        assert allowed.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
        for answer in (rest.ask("POST", PATH, b"{}", Origin=origin), rest.ask("POST", PATH, b"{", Origin=origin)):
            assert answer.headers["Access-Control-Allow-Origin"] == origin
            assert answer.headers["Access-Control-Expose-Headers"] == "Location, X-Request-Id"
            assert answer.headers["X-Request-Id"].startswith("req_")
            assert answer.headers["Vary"] == "Origin"

    @pytest.mark.behaviour("rest-pages")
    @pytest.mark.parametrize("path", [*POSTS, *GETS, "/v1/nothing", "/v1/realtime"])
    def test_another_page_gets_nothing(self, path):
        rest = Rest()
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            for asked in ({}, {"Access-Control-Request-Method": "POST"}):
                status, error = rest.error(method, path, b"{}", Origin="https://evil.example", **asked)
                assert status == 403 and "--allow-origin https://evil.example" in error["message"]
                response = rest.ask(method, path, b"{}", Origin="https://evil.example", **asked)
                assert not [name for name in response.headers if name.startswith("Access-Control")]

    def test_a_host_that_is_not_ours(self):
        assert Rest().error("POST", PATH, b"{}", {**KEY, "Host": "evil.example"})[0] == 403


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10_000) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "model", "audio", "input", "output", "session", "seconds", "anchor", "tools", "voice",
                 "turn_detection", "client_secret", "expires_after", "modalities", "input_audio_format"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]),
    path=st.sampled_from([*POSTS, *GETS, "/v1/x"]) | st.text(max_size=20).map("/v1/{}".format),
    body=_VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30),
)
def test_property_every_answer_is_the_services(method, path, body):
    """No request makes it raise, and each error is one object."""
    response = Rest().ask(method, path, body)
    assert response.status in (200, 400, 404, 405, 426)
    if response.status != 200 and method != "HEAD":
        error = json.loads(response.body)["error"]
        assert set(error) == {"message", "type", "param", "code"} and error["message"]
