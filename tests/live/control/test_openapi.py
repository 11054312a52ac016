import json
from contextlib import AsyncExitStack

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from harness.live.control.api import ControlApi
from harness.live.control.openapi import document
from harness.live.control.routes import MAX_BODY_BYTES, ROUTES
from tests.live.control.testing import BrokenServer, FakeServer, TokenServer, ask, said
from tests.live.testing import dial

EVIL = {"Host": "evil.example"}
BAD = b"{"
LARGE = b" " * (MAX_BODY_BYTES + 1)
START = b'{"fault": "mute"}'
OWN_ANSWERS = [
    ("/", "GET", "/", b"", 200),
    ("/healthz", "GET", "/healthz", b"", 200),
    ("/openapi.json", "GET", "/openapi.json", b"", 200),
    ("/sessions", "GET", "/sessions", b"", 200),
    ("/sessions", "GET", "/sessions?limit=0", b"", 400),
    ("/sessions/{number}", "GET", "/sessions/1", b"", 200),
    ("/sessions/{number}", "GET", "/sessions/9", b"", 404),
    ("/sessions", "GET", "/sessions?verdicts=true", b"", 200),
    ("/sessions", "GET", "/sessions?verdicts=2", b"", 400),
    ("/sessions/{number}/verdict", "GET", "/sessions/1/verdict", b"", 200),
    ("/sessions/{number}/verdict", "GET", "/sessions/9/verdict", b"", 404),
    ("/sessions/{number}/picture", "GET", "/sessions/1/picture?since=1", b"", 200),
    ("/sessions/{number}/picture", "GET", "/sessions/1/picture?since=x", b"", 400),
    ("/sessions/{number}/picture", "GET", "/sessions/9/picture", b"", 404),
    ("/sessions/{number}/events", "POST", "/sessions/1/events", b'{"type": "x"}', 204),
    ("/sessions/{number}/events", "POST", "/sessions/9/events", b'{"type": "x"}', 404),
    ("/sessions/{number}/events", "POST", "/sessions/2/events", b'{"type": "x"}', 409),
    ("/sessions/{number}/close", "POST", "/sessions/1/close", b"{}", 204),
    ("/sessions/{number}/close", "POST", "/sessions/9/close", b"{}", 404),
    ("/sessions/{number}/close", "POST", "/sessions/2/close", b"{}", 409),
    ("/faults", "GET", "/faults", b"", 200),
    ("/faults", "POST", "/faults", START, 201),
    ("/faults", "POST", "/faults", b'{"fault": "mute", "session": 9}', 404),
    ("/faults", "POST", "/faults", b'{"fault": "mute", "session": 2}', 409),
    ("/faults/{fault_id}", "DELETE", "/faults/1", b"", 204),
    ("/faults/{fault_id}", "DELETE", "/faults/9", b"", 404),
    ("/hands", "GET", "/hands", b"", 200),
    ("/hands", "POST", "/hands", b'{"pressed": true}', 200),
    ("/journal/{number}", "GET", "/journal/1", b"", 200),
    ("/journal/{number}", "GET", "/journal/1?since=1", b"", 200),
    ("/journal/{number}", "GET", "/journal/1?since=x", b"", 400),
    ("/journal/{number}", "GET", "/journal/9", b"", 404),
]
"""For each answer of the API that is a route's own: its path in the document, and a request that brings it."""


class TestDocument:
    """The document tells every route and every answer, and no other."""

    def test_it_is_valid(self):
        described = said(ask(FakeServer(), "GET", "/openapi.json"))
        assert described["openapi"] == "3.1.0"
        assert [error.message for error in OpenAPIV31SpecValidator(described).iter_errors()] == []

    def test_examples_and_parameters_are_what_they_say(self):
        described = document(ROUTES)
        for path, operations in described["paths"].items():
            for operation in operations.values():
                named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
                assert named == {part.strip("{}") for part in path.split("/") if part.startswith("{")}
                if "requestBody" in operation:
                    content = operation["requestBody"]["content"]["application/json"]
                    check(content["example"], content["schema"], described)

    def test_every_answer_is_in_it_and_none_is_missing(self, caplog):
        described, seen = document(ROUTES), set()
        for path, response, method in self._all_answers():
            known = described["paths"][path][method.lower()]["responses"]
            assert str(response.status) in known, (method, path, response)
            seen.add((path, method.lower(), str(response.status)))
            content = known[str(response.status)].get("content")
            if content is None:
                assert response.body == b""
                assert "Content-Type" not in response.headers
                continue
            media = response.headers["Content-Type"].partition(";")[0]
            assert media in content, (method, path, media)
            if media == "application/json":
                check(json.loads(response.body), content[media]["schema"], described)
        documented = {
            (path, method, status)
            for path, operations in described["paths"].items()
            for method, operation in operations.items()
            for status in operation["responses"]
        }
        assert documented == seen
        caplog.clear()  # each route's bug was logged

    def test_what_needs_no_token_says_so(self):
        described = document(ROUTES)
        for route in ROUTES:
            operation = described["paths"][route.path][route.method.lower()]
            assert operation.get("security", described["security"]) == ([] if route.public else [{}, {"token": []}])

    def test_operations_are_the_api_s_own(self):
        for route in ROUTES:
            assert callable(getattr(ControlApi, f"_{route.operation}"))

    @staticmethod
    def _all_answers():
        for path, method, target, body, status in OWN_ANSWERS:
            server = FakeServer()
            ask(server, "POST", "/faults", START)
            response = ask(server, method, target, body)
            assert response.status == status, (method, target, response)
            yield path, response, method
        for route in ROUTES:
            target = route.path.replace("{number}", "1").replace("{fault_id}", "1")
            body = json.dumps(route.example).encode() if route.body is not None else b""
            yield route.path, ask(FakeServer(), route.method, target, body, **EVIL), route.method
            yield route.path, ask(BrokenServer(), route.method, target, body), route.method
            if not route.public:
                yield route.path, ask(TokenServer(), route.method, target, body), route.method
            if route.body is not None:
                yield route.path, ask(FakeServer(), route.method, target, BAD), route.method
                yield route.path, ask(FakeServer(), route.method, target, LARGE), route.method


BODIES_OF = [
    ("/faults", [{"fault": name} for name in ("held-idle", "", "held", "zeroed")]),
    ("/faults", [{"fault": "held-idle", "session": number} for number in (1, 1.0, 0, -1, 1.5)]),
    ("/faults", [{"fault": "held-idle", "lasts_s": seconds} for seconds in (0.1, 1, 86_400, 0, -1, 86_401)]),
    ("/sessions/{number}/close", [{"code": code} for code in (*range(998, 1018), 2101, 2999, 3000, 4999, 5000)]),
    ("/sessions/{number}/close", [{"code": code} for code in (1000.0, 3101.0, 2101.0, 1000.5)]),
    ("/sessions/{number}/events", [{"type": "", "code": 1.0}, {"type": "session.update"}, {"type": 5}, {}]),
    ("/sessions/{number}/events", [{"type": "mcp_list_tools.failed", "item_id": "i"}]),
]


@pytest.mark.parametrize(("path", "bodies"), BODIES_OF)
async def test_what_the_document_lets_in_is_taken_and_nothing_else(deaf_server, path, bodies):
    described = document(ROUTES)
    schema = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    promises = jsonschema.Draft202012Validator({**schema, "components": described["components"]})
    async with AsyncExitStack() as stack:
        for number, body in enumerate(bodies, 1):
            await stack.enter_async_context(dial(deaf_server))
            response = ask(deaf_server, "POST", path.format(number=number), json.dumps(body).encode())
            assert promises.is_valid(body) == (response.status < 300), body


@pytest.mark.parametrize("since", [-1, 0, 10**15 - 1, 10**15])
def test_so_it_is_with_parameters(since):
    described = document(ROUTES)
    operation = described["paths"]["/journal/{number}"]["get"]
    (schema,) = [one["schema"] for one in operation["parameters"] if one["name"] == "since"]
    taken = ask(FakeServer(), "GET", f"/journal/1?since={since}").status == 200
    assert jsonschema.Draft202012Validator(schema).is_valid(since) == taken


def check(value, schema, described):
    """Raise unless the value is what a schema of the document says."""
    jsonschema.Draft202012Validator({**schema, "components": described["components"]}).validate(value)


FIELDS = st.sampled_from(["fault", "session", "lasts_s", "code", "reason", "type"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
BODIES = st.binary(max_size=40) | st.dictionaries(FIELDS, VALUES, max_size=4).map(
    lambda value: json.dumps(value).encode()
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) | st.text(max_size=5),
    path=st.sampled_from([route.path for route in ROUTES]),
    part=st.sampled_from(["1", "2", "3", "-1"]) | st.text(max_size=12),
    query=st.sampled_from(["", "?since=0", "?since=-1"]) | st.text(max_size=12).map("?{}".format),
    headers=st.dictionaries(
        st.sampled_from(["Host", "Origin", "Authorization", "X"]), st.text(max_size=20), max_size=2
    ),
    body=BODIES,
)
def test_whatever_is_asked_has_an_answer_of_the_document(method, path, part, query, headers, body):
    target = path.replace("{number}", part).replace("{fault_id}", part) + query
    response = ask(FakeServer(), method, target, body, **headers)
    assert response.status != 500
    if response.status >= 400 and method != "HEAD":
        assert list(json.loads(response.body)) == ["error"]
    if response.status < 300 and "/" not in part and "?" not in part:
        known = document(ROUTES)["paths"][path]["get" if method == "HEAD" else method.lower()]["responses"]
        assert str(response.status) in known
