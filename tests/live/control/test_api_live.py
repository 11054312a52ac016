"""The control API on a real port, beside the sessions that it is about."""

import asyncio
import json
from http import HTTPStatus

import pytest
from websockets.exceptions import ConnectionClosed

from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.server.session import SessionSetup
from tests.live.testing import PATIENCE_S, ask, dial, receive

RETRIEVE = {"type": "conversation.item.retrieve", "item_id": "none"}


def client(server):
    """A client that is let in."""
    return dial(server, "/v1/realtime?model=gpt-realtime", additional_headers={"Authorization": "Bearer any"})


async def request(server, method, target, body=None, **headers):
    """Status, headers by lower-case name, and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    content = b"" if body is None else json.dumps(body).encode()
    lines = {"Host": f"127.0.0.1:{server.port}", "Connection": "close", "Content-Length": len(content), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + content)
    async with asyncio.timeout(PATIENCE_S):
        answer = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    head, _, content = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    named = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return int(status.split()[1]), named, content


async def document(server, target):
    status, _, content = await request(server, "GET", target)
    assert status == HTTPStatus.OK
    return json.loads(content)


async def until(condition):
    """The first result of the condition that is not false."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := await condition()):
            await asyncio.sleep(0.01)
    return found


async def silent(websocket):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await websocket.recv()


async def test_the_page_and_the_document(deaf_server):
    status, headers, content = await request(deaf_server, "GET", "/")
    assert status == HTTPStatus.OK
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert content.startswith(b"<!doctype html>")
    assert (await document(deaf_server, "/openapi.json"))["openapi"] == "3.1.0"
    assert (await document(deaf_server, "/healthz"))["status"] == "ok"


async def test_a_session_from_open_to_closed(deaf_server):
    assert (await document(deaf_server, "/sessions"))["sessions"] == []
    async with client(deaf_server) as websocket:
        (session,) = (await document(deaf_server, "/sessions"))["sessions"]
        assert (session["number"], session["state"], session["model"]) == (1, "open", "gpt-realtime")
        await ask(websocket, RETRIEVE)
        assert (await document(deaf_server, "/sessions/1"))["events_in"] == 1
    closed = await until(lambda: closed_session(deaf_server, 1))
    assert closed["close_code"] == 1000


async def closed_session(server, number):
    session = await document(server, f"/sessions/{number}")
    return session if session["state"] == "closed" else None


async def test_mute_starts_and_ends_in_one_session_only(deaf_server):
    async with client(deaf_server) as muted, client(deaf_server) as other:
        status, headers, content = await request(deaf_server, "POST", "/faults", {"fault": "mute", "session": 1})
        assert status == HTTPStatus.CREATED
        (active,) = (await document(deaf_server, "/faults"))["active"]
        assert active == json.loads(content)
        assert (await document(deaf_server, "/sessions/1"))["faults"] == ["mute"]
        await muted.send(json.dumps(RETRIEVE))
        await silent(muted)
        assert (await ask(other, RETRIEVE))["type"] == "error"
        assert (await request(deaf_server, "DELETE", headers["location"]))[0] == HTTPStatus.NO_CONTENT
        assert (await ask(muted, RETRIEVE))["type"] == "error"
        assert (await document(deaf_server, "/faults"))["active"] == []
        entries = (await document(deaf_server, "/journal/1?since=0"))["entries"]
        kinds = [(entry["lane"], entry["kind"]) for entry in entries]
        assert kinds.index(("fault", "mute")) < kinds.index(("connection", "fault_ends"))


async def test_a_fault_for_all_is_in_future_sessions_too_and_ends_by_itself(deaf_server):
    async with client(deaf_server) as websocket:
        fault = {"fault": "stalled-reply", "lasts_s": 2}
        assert (await request(deaf_server, "POST", "/faults", fault))[0] == HTTPStatus.CREATED
        async with client(deaf_server):
            faults = [session["faults"] for session in (await document(deaf_server, "/sessions"))["sessions"]]
            assert faults == [["stalled-reply"], ["stalled-reply"]]
            await until(lambda: none_active(deaf_server))
            assert (await document(deaf_server, "/sessions/2"))["faults"] == []
        assert (await ask(websocket, RETRIEVE))["type"] == "error"


async def none_active(server):
    return not (await document(server, "/faults"))["active"]


async def test_a_scripted_event_reaches_the_client(deaf_server):
    event = {"type": "input_audio_buffer.dtmf_event_received", "event": "5", "received_at": 1763000000}
    async with client(deaf_server) as websocket:
        assert (await request(deaf_server, "POST", "/sessions/1/events", event))[0] == HTTPStatus.NO_CONTENT
        assert event.items() <= (await receive(websocket)).items()


async def test_a_closed_session_says_how(deaf_server):
    async with client(deaf_server) as websocket:
        how = {"code": 1011, "reason": "keepalive ping timeout"}
        assert (await request(deaf_server, "POST", "/sessions/1/close", how))[0] == HTTPStatus.NO_CONTENT
        with pytest.raises(ConnectionClosed) as closed:
            await receive(websocket)
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1011, "keepalive ping timeout")
        await until(lambda: closed_session(deaf_server, 1))
        assert (await request(deaf_server, "POST", "/sessions/1/close", how))[0] == HTTPStatus.CONFLICT


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", "/sessions/1/close", {"code": 1005}),
        ("POST", "/sessions/1/close", {"code": 1006}),
        ("POST", "/sessions/1/events", {"type": ""}),
        ("POST", "/faults", {"fault": "near-silent", "session": 1}),
        ("POST", "/faults", {"fault": "mut"}),
    ],
)
async def test_what_the_server_itself_refuses_is_one_sentence(deaf_server, method, target, body):
    async with client(deaf_server) as websocket:
        status, _, content = await request(deaf_server, method, target, body)
        assert status == HTTPStatus.BAD_REQUEST
        assert list(json.loads(content)) == ["error"]
        assert (await ask(websocket, RETRIEVE))["type"] == "error"


async def test_the_journal_is_that_of_the_stage(deaf_server):
    async with client(deaf_server) as websocket:
        await ask(websocket, RETRIEVE)
        _, headers, content = await request(deaf_server, "GET", "/journal/1")
    assert headers["content-type"] == "application/x-ndjson"
    first, *entries = map(json.loads, content.splitlines())
    assert first["stage"] == "live"
    assert [entry["kind"] for entry in entries[:2]] == ["open", "session.created"]
    assert [entry["kind"] for entry in entries[-2:]] == ["error", "still_open"]


async def test_a_foreign_page_changes_nothing(deaf_server, caplog):
    async with client(deaf_server) as websocket:
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            status, _, _ = await request(deaf_server, "POST", "/faults", {"fault": "mute"}, **headers)
            assert status == HTTPStatus.FORBIDDEN
        assert (await ask(websocket, RETRIEVE))["type"] == "error"
    caplog.clear()  # each refusal was logged


async def test_a_token_is_asked_for():
    setup = SessionSetup(detector="energy", turn_detection={"create_response": False})
    async with LiveServer(setup, LiveSettings(token="s3cret-token")) as server:
        assert (await request(server, "GET", "/sessions"))[0] == HTTPStatus.UNAUTHORIZED
        bearer = {"Authorization": "Bearer s3cret-token"}
        assert (await request(server, "GET", "/sessions", **bearer))[0] == HTTPStatus.OK
        assert (await request(server, "GET", "/healthz"))[0] == HTTPStatus.OK
