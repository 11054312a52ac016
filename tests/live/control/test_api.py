import json

import pytest

from harness.errors import SettingError
from harness.live.access import read_access
from harness.live.control.api import ControlApi
from harness.live.control.routes import MAX_BODY_BYTES, ROUTES
from harness.live.faults import INJECTABLE
from tests.live.control.testing import BrokenServer, FakeServer, TokenServer, ask, said


@pytest.fixture
def server():
    return FakeServer()


def sentence(response):
    """The one sentence of an error, which must end with its cure after ``;``."""
    document = said(response)
    assert list(document) == ["error"]
    assert "\n" not in document["error"]
    return document["error"]


class TestSessions:
    def test_all(self, server):
        found = said(ask(server, "GET", "/sessions"))
        assert found["url"] == server.url
        assert [(one["number"], one["state"], one["close_code"]) for one in found["sessions"]] == [
            (1, "open", None),
            (2, "closed", 1006),
        ]

    def test_one(self, server):
        response = ask(server, "GET", "/sessions/2")
        assert response.status == 200
        assert said(response)["id"] == "sess_2"

    @pytest.mark.parametrize("number", ["3", "x", "-1", "01", "%31%00", "1" * 100])
    def test_unknown(self, server, number):
        response = ask(server, "GET", f"/sessions/{number}")
        assert response.status == 404
        assert "GET /sessions" in sentence(response)


class TestEvents:
    def test_any_typed_event_is_sent_as_it_is(self, server):
        event = {"type": "input_audio_buffer.dtmf_event_received", "event": "5", "nested": {"deep": [1, None, "ü"]}}
        response = ask(server, "POST", "/sessions/1/events", json.dumps(event).encode())
        assert (response.status, response.body) == (204, b"")
        assert server.done == [("emit", 1, event)]

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            (b"", "no 'type'"),
            (b"{", "not JSON (input data was truncated)"),
            (b'{"type": "x"]', "not JSON (JSON is malformed"),
            (b"\xff\xfe", "not JSON"),
            (b'{"type": "x", "a": ' + b"[" * 100_000, "not JSON"),
            (b"[]", "expected `object`, got `array`"),
            (b'{"type": 5}', "no 'type'"),
            (b'{"type": "nonsense"}', "nonsense is no server event"),
        ],
        ids=["empty", "cut off", "malformed", "no text", "deep", "array", "typeless", "refused by the server"],
    )
    def test_a_bad_body_is_told_with_an_example(self, server, body, problem):
        response = ask(server, "POST", "/sessions/1/events", body)
        assert response.status == 400
        assert problem in sentence(response)
        assert server.done == []

    def test_not_to_a_closed_session(self, server):
        response = ask(server, "POST", "/sessions/2/events", b'{"type": "x"}')
        assert response.status == 409
        assert "closed" in sentence(response)

    def test_a_body_too_large(self, server):
        body = b'{"type": "x", "pad": "' + b"a" * MAX_BODY_BYTES + b'"}'
        response = ask(server, "POST", "/sessions/1/events", body)
        assert response.status == 413
        assert sentence(response) == f"the body is too large; send at most {MAX_BODY_BYTES} bytes"
        fitting = ask(server, "POST", "/sessions/1/events", json.dumps({"type": "x", "pad": "a" * 1_000_000}).encode())
        assert fitting.status == 204


class TestClose:
    @pytest.mark.parametrize(
        ("body", "closed"),
        [
            (b"", (1000, "")),
            (b"{}", (1000, "")),
            (b'{"code": 3101.0}', (3101, "")),
            (b'{"code": 1011, "reason": "keepalive"}', (1011, "keepalive")),
        ],
    )
    def test_code_and_reason(self, server, body, closed):
        assert ask(server, "POST", "/sessions/1/close", body).status == 204
        assert server.done == [("close", 1, *closed)]

    @pytest.mark.parametrize(
        "body",
        [
            b'{"code": 999}',
            b'{"code": 5000}',
            b'{"code": 1005}',
            b'{"code": "1000"}',
            b'{"code": 1000.5}',
            b'{"why": "x"}',
            json.dumps({"reason": "x" * 124}).encode(),
            json.dumps({"reason": "ü" * 62}, ensure_ascii=False).encode(),
        ],
    )
    def test_what_cannot_be_sent(self, server, body):
        assert ask(server, "POST", "/sessions/1/close", body).status == 400
        assert server.done == []

    def test_a_closed_one(self, server):
        assert ask(server, "POST", "/sessions/2/close", b"{}").status == 409


class TestFaults:
    def test_from_start_to_end(self, server):
        started = ask(server, "POST", "/faults", b'{"fault": "mute", "session": 1, "lasts_s": 2.5}')
        assert started.status == 201
        fault = said(started)
        assert (fault["name"], fault["session"], fault["ends_at"] - fault["struck_at"]) == ("mute", 1, 2.5)
        assert started.headers["Location"] == f"/faults/{fault['id']}"
        assert said(ask(server, "GET", "/faults"))["active"] == [fault]
        assert ask(server, "DELETE", started.headers["Location"]).status == 204
        assert said(ask(server, "GET", "/faults"))["active"] == []
        again = ask(server, "DELETE", started.headers["Location"])
        assert again.status == 404
        assert "GET /faults" in sentence(again)

    def test_for_all_sessions_until_released(self, server):
        fault = said(ask(server, "POST", "/faults", b'{"fault": "mute"}'))
        assert (fault["session"], fault["ends_at"]) == (None, None)

    def test_one_that_will_start_waits(self, server):
        later = said(ask(server, "POST", "/faults", b'{"fault": "mute", "session": 1, "after_s": 3, "lasts_s": 2}'))
        following = said(ask(server, "POST", "/faults", b'{"fault": "mute", "sessions": "next"}'))
        found = said(ask(server, "GET", "/faults"))
        assert (found["active"], found["waiting"]) == ([], [later, following])
        assert (later["after_s"], later["lasts_s"], following["session"]) == (3, 2, None)

    def test_the_catalogue_is_grouped_by_where_a_fault_acts(self, server):
        answer = said(ask(server, "GET", "/faults"))
        groups = {kind["name"]: kind["group"] for kind in answer["catalogue"]}
        assert groups["held-idle"] == "detector"
        assert groups["discarded-turns"] == "policy"
        assert groups["expired"] == "session"
        assert groups["mute"] == "wire"
        assert groups["ice-lost"] == "media"
        assert "near-silent" in answer["microphone"]
        assert not set(answer["microphone"]) & set(groups)

    def test_the_catalogue_tells_what_each_does(self, server):
        kinds = {kind["name"]: kind for kind in said(ask(server, "GET", "/faults"))["catalogue"]}
        assert set(kinds) == set(INJECTABLE)
        assert kinds["mute"]["does"] == "No more events of the server arrive, while pings are still answered."
        assert "pings are answered" in kinds["mute"]["seen"]
        assert all(len(kind["does"]) > 10 and len(kind["seen"]) > 10 for kind in kinds.values())

    @pytest.mark.parametrize(
        ("body", "status", "problem"),
        [
            (b'{"fault": "mut"}', 400, "no fault is called 'mut'"),
            (b"{}", 400, "fault"),
            (b'{"fault": 3}', 400, "expected `str`, got `int`"),
            (b'{"fault": "mute", "lasts_s": 0}', 400, "lasts_s"),
            (b'{"fault": "mute", "lasts_s": 1e300}', 400, "lasts_s"),
            (b'{"fault": "mute", "lasts_s": NaN}', 400, "not JSON"),
            (b'{"fault": "mute", "after_s": -1}', 400, "after_s"),
            (b'{"fault": "mute", "sessions": "last"}', 400, "sessions"),
            (b'{"fault": "mute", "session": 0}', 400, "session"),
            (b'{"fault": "mute", "sesion": 1}', 400, "sesion"),
            (b'{"fault": "mute", "session": 9}', 404, "no session '9'"),
            (b'{"fault": "mute", "session": 2}', 409, "closed"),
        ],
    )
    def test_what_is_no_fault(self, server, body, status, problem):
        response = ask(server, "POST", "/faults", body)
        assert response.status == status
        assert problem in sentence(response)
        assert server.active == []

    @pytest.mark.parametrize("fault_id", ["7", "x", "-1", "1" * 5000])
    def test_releasing_none(self, server, fault_id):
        assert ask(server, "DELETE", f"/faults/{fault_id}").status == 404


class TestJournal:
    def test_whole_is_json_lines(self, server):
        response = ask(server, "GET", "/journal/1")
        assert response.headers["Content-Type"] == "application/x-ndjson"
        assert response.body == server.journal(1)

    def test_since_is_for_polling(self, server):
        first = said(ask(server, "GET", "/journal/1?since=0"))
        assert first == {"next": 2, "entries": server.lines}
        assert said(ask(server, "GET", "/journal/1?since=1"))["entries"] == server.lines[1:]
        assert said(ask(server, "GET", f"/journal/1?since={first['next']}")) == {"next": 2, "entries": []}

    @pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "9" * 5000, "%00"])
    def test_since_must_be_a_whole_number(self, server, since):
        response = ask(server, "GET", f"/journal/1?since={since}")
        assert response.status == 400
        assert "whole number" in sentence(response)

    def test_unknown(self, server):
        assert ask(server, "GET", "/journal/3").status == 404
        assert ask(server, "GET", "/journal/3?since=0").status == 404


class TestRequests:
    @pytest.mark.parametrize(
        "target", ["/session", "/sessions/", "/sessions/1/event", "//", "", "*", "/journal", "/%2e"]
    )
    def test_unknown_path(self, server, target):
        response = ask(server, "GET", target)
        assert response.status == 404
        assert "/openapi.json" in sentence(response)

    @pytest.mark.parametrize(
        ("method", "target", "allow"),
        [
            ("POST", "/sessions", "GET, HEAD"),
            ("GET", "/sessions/1/close", "POST"),
            ("PUT", "/faults", "GET, HEAD, POST"),
            ("OPTIONS", "/faults", "GET, HEAD, POST"),
            ("GET", "/faults/1", "DELETE"),
            ("", "/", "GET, HEAD"),
        ],
    )
    def test_wrong_method(self, server, method, target, allow):
        response = ask(server, method, target)
        assert response.status == 405
        assert response.headers["Allow"] == allow
        assert target in sentence(response)

    def test_head_is_get_without_the_body(self, server):
        got, headed = ask(server, "GET", "/sessions"), ask(server, "HEAD", "/sessions")
        assert headed.body == b""
        assert headed.headers == got.headers
        assert int(headed.headers["Content-Length"]) == len(got.body)

    def test_nothing_is_cached(self, server):
        for target in ("/", "/sessions", "/nowhere"):
            headers = ask(server, "GET", target).headers
            assert headers["Cache-Control"] == "no-store"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_a_bug_of_ours_is_500_and_logged(self, caplog):
        response = ask(BrokenServer(), "GET", "/sessions")
        assert response.status == 500
        assert "broken" not in sentence(response)
        assert "RuntimeError: broken" in caplog.text
        caplog.clear()

    def test_a_bug_of_ours_is_logged_without_the_key_of_the_request(self, caplog):
        target = "/sessions?api_key=sk-in-the-query&x=sk-in-the-header"
        assert ask(BrokenServer(), "GET", target, Authorization="Bearer sk-in-the-header").status == 500
        assert "GET /sessions?api_key=[key]&x=[key] could not be answered" in caplog.text
        assert "sk-" not in caplog.text
        caplog.clear()


class TestForeignPages:
    """What a web page that is open in a browser on this machine can make it send."""

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1:8765", "127.0.0.1", "localhost:8765", "LOCALHOST", "[::1]:8765", "127.8.9.1:1", "a.localhost:80"],
    )
    def test_loopback_names(self, server, host):
        assert ask(server, "POST", "/faults", b'{"fault": "mute"}', Host=host).status == 201

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[", ""],
    )
    def test_a_rebound_name_may_not_even_read(self, server, host):
        for method, target in (("GET", "/journal/1"), ("GET", "/"), ("POST", "/faults"), ("DELETE", "/faults/1")):
            response = ask(server, method, target, b'{"fault": "mute"}', Host=host)
            assert response.status == 403
            assert "127.0.0.1" in sentence(response)
        assert server.active == []

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8765.evil", ""])
    def test_a_foreign_origin_may_not_even_read(self, server, origin):
        for method, target in (
            ("GET", "/sessions"),
            ("POST", "/faults"),
            ("POST", "/sessions/1/close"),
            ("DELETE", "/faults/1"),
        ):
            response = ask(server, method, target, b'{"fault": "mute"}', Origin=origin)
            assert response.status == 403
            assert repr(origin) in sentence(response)
        assert (server.active, server.done) == ([], [])

    @pytest.mark.parametrize("origin", ["http://127.0.0.1:8765", "http://localhost:3000", "https://app.localhost"])
    def test_our_own_page_may_and_so_may_one_beside_it(self, server, origin):
        assert ask(server, "POST", "/faults", b'{"fault": "mute"}', Origin=origin).status == 201

    def test_header_names_have_no_case(self, server):
        response = ControlApi(server).respond("POST", "/faults", {"HOST": "localhost", "oRiGiN": "https://x"}, b"{}")
        assert response.status == 403


class TestToken:
    def test_what_holds_a_session_needs_it(self):
        server = TokenServer()
        for given in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "s3cret"},
            {"Authorization": "Bearer ü"},
        ):
            for route in ROUTES:
                response = ask(server, route.method, route.path.replace("{number}", "1"), **given)
                assert response.status == (200 if route.public else 401), route
                if not route.public:
                    assert response.headers["WWW-Authenticate"] == "Bearer"
                    assert "Authorization: Bearer" in sentence(response)

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
    def test_the_scheme_has_no_case(self, scheme):
        """RFC 9110, 11.1."""
        assert ask(TokenServer(), "GET", "/sessions", Authorization=f"{scheme} s3cret").status == 200

    def test_it_does_not_replace_the_rule_for_pages_and_host_names(self):
        bearer = {"Authorization": "Bearer s3cret", "Host": "stillthere.internal:80", "Origin": "https://ci.internal"}
        for access, status in (
            (read_access([], []), 403),
            (read_access(["https://ci.internal"], []), 403),
            (read_access([], ["stillthere.internal"]), 403),
            (read_access(["https://ci.internal"], ["stillthere.internal"]), 201),
        ):
            assert ask(TokenServer(access), "POST", "/faults", b'{"fault": "mute"}', **bearer).status == status


def test_an_error_of_the_server_is_told_as_it_is(server, monkeypatch):
    def refuse(*_):
        raise SettingError("the moon is full; wait for another night")

    monkeypatch.setattr(server, "emit", refuse)
    response = ask(server, "POST", "/sessions/1/events", b'{"type": "x"}')
    assert (response.status, sentence(response)) == (400, "the moon is full; wait for another night")


class TestPages:
    """``GET /sessions`` a page at a time."""

    def test_what_is_asked_for(self, server):
        assert said(ask(server, "GET", "/sessions?limit=7&before=9&state=open"))["older"] is None
        assert server.asked == (7, 9, "open")

    def test_a_hundred_unless_asked_otherwise(self, server):
        found = said(ask(server, "GET", "/sessions"))
        assert server.asked == (100, None, None)
        assert (found["open"], found["closed"]) == (1, 1)

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=1001", "limit=x", "limit=", "before=0", "before=-1", "before=1e3", "state=ajar"]
    )
    def test_a_wrong_one_is_refused_with_a_cure(self, server, query):
        response = ask(server, "GET", f"/sessions?{query}")
        assert response.status == 400
        assert query.partition("=")[0] in sentence(response)
        assert "; send " in sentence(response)
