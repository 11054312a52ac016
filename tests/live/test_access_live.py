"""Pages and host names at a real port: the WebSocket, the control API and the service's other paths alike."""

import asyncio
import base64
import json
import os
from contextlib import asynccontextmanager

import pytest

from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from tests.live.testing import DEAF, PATIENCE_S

NAMED = "https://app.example"
HOST = "stillthere"
OPEN = {"allow_origins": (NAMED, "null"), "allow_hosts": (HOST,)}
WEBSOCKET = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", base64.b64encode(bytes(16)).decode()),
)
BY_A_PAGE = ("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.t0ken")
START = json.dumps({"fault": "mute", "lasts_s": 60}).encode()
REQUESTS = {
    "WebSocket": ("GET", "/v1/realtime?model=gpt-realtime", (*WEBSOCKET, BY_A_PAGE), b"", 101),
    "WebSocket without /v1": ("GET", "/realtime?model=gpt-realtime&journal=n", (*WEBSOCKET, BY_A_PAGE), b"", 101),
    "WebSocket elsewhere": ("GET", "/v1/nowhere", (*WEBSOCKET, BY_A_PAGE), b"", 404),
    "page": ("GET", "/", (), b"", 200),
    "sessions": ("GET", "/sessions", (), b"", 200),
    "fault": ("POST", "/faults", (("Content-Type", "application/json"),), START, 201),
    "preflight": ("OPTIONS", "/faults", (("Access-Control-Request-Method", "POST"),), b"", 204),
    "REST": ("POST", "/v1/realtime/client_secrets", (), b"{}", 200),
    "Azure REST": ("GET", "/openai/v1/models", (), b"", 200),
    "REST preflight": ("OPTIONS", "/v1/realtime/calls", (("Access-Control-Request-Method", "POST"),), b"", 204),
}
SERVICES_PATHS = ("/v1/", "/realtime", "/openai/")
NEEDS_AN_ORIGIN = ("preflight", "REST preflight")


async def exchange(server, method, target, headers, body, origins=(), host=None):
    """Status, headers by lower-case name, and what follows them; the client leaves as soon as it has them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = [("Host", host or f"127.0.0.1:{server.port}"), *headers, *(("Origin", origin) for origin in origins)]
    if body:
        lines.append(("Content-Length", len(body)))
    writer.write("\r\n".join([f"{method} {target} HTTP/1.1", *(f"{n}: {v}" for n, v in lines), "", ""]).encode() + body)
    async with asyncio.timeout(PATIENCE_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status, *fields = head.splitlines()
        named = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields if field)}
        content = await reader.readexactly(int(named.get("content-length", 0)))
    writer.transport.abort()
    return int(status.split()[1]), named, content


async def ask(server, kind, **who):
    method, target, headers, body, _ = REQUESTS[kind]
    if kind.startswith("WebSocket"):
        return await exchange(server, method, target, headers, body, **who)
    bearer = ("Authorization", f"Bearer {server.token}")
    return await exchange(server, method, target, (*headers, bearer), body, **who)


@asynccontextmanager
async def running(**settings):
    async with LiveServer(DEAF, LiveSettings(**settings)) as server:
        yield server


@pytest.mark.parametrize("token", [None, "t0ken"])
@pytest.mark.parametrize("kind", REQUESTS)
async def test_who_is_served(kind, token):
    async with running(token=token, **OPEN) as server:
        for who in (
            {},
            {"origins": ["http://localhost:3000"]},
            {"origins": ["https://[::1]"]},
            {"origins": [f"http://127.0.0.1:{server.port}"]},
            {"origins": [NAMED]},
            {"origins": ["null"]},
            {"host": f"{HOST}:{server.port}"},
            {"host": f"{HOST}:{server.port}", "origins": [f"http://{HOST}:{server.port}"]},
            {"host": f"{HOST}:{server.port}", "origins": [NAMED]},
        ):
            if kind in NEEDS_AN_ORIGIN and "origins" not in who:
                continue
            status, headers, _ = await ask(server, kind, **who)
            assert status == REQUESTS[kind][-1], who
            if "WebSocket" not in kind and "origins" in who:
                assert headers["access-control-allow-origin"] == who["origins"][0]


@pytest.mark.behaviour("foreign-pages")
@pytest.mark.parametrize("token", [None, "t0ken"])
@pytest.mark.parametrize("kind", REQUESTS)
async def test_who_is_not(kind, token, tmp_path, caplog):
    """Neither a session, nor a journal, nor a number is used for a page that is refused."""
    async with running(token=token, journal_dir=tmp_path, **OPEN) as server:
        for who, problem in (
            ({"origins": ["https://evil.example"]}, "--allow-origin https://evil.example"),
            ({"origins": ["http://app.example"]}, "--allow-origin http://app.example"),
            ({"origins": ["file://"]}, "--allow-origin file://"),
            ({"origins": [NAMED, NAMED]}, "is not one origin"),
            ({"origins": [f"{NAMED}, null"]}, "is not one origin"),
            ({"origins": [""]}, "is not one origin"),
            ({"host": "evil.example"}, "--allow-host evil.example"),
            ({"host": "evil.example", "origins": ["http://evil.example"]}, "--allow-host evil.example"),
            ({"host": f"192.0.2.7:{server.port}"}, "--allow-host 192.0.2.7"),
            ({"host": HOST, "origins": [f"http://{HOST}:3000"]}, f"--allow-origin http://{HOST}:3000"),
        ):
            status, headers, content = await ask(server, kind, **who)
            assert status == 403, who
            assert list(json.loads(content)) == ["error"]
            error = json.loads(content)["error"]
            if REQUESTS[kind][1].startswith(SERVICES_PATHS):  # the service's own errors are objects
                error = error["message"]
            assert problem in error
            assert not [name for name in headers if name.startswith("access-control")]
        assert (server.sessions(), server.faults(), os.listdir(tmp_path)) == ([], [], [])
        await ask(server, "WebSocket")
        assert [session.number for session in server.sessions()] == [1]
    caplog.clear()


async def test_without_options_only_loopback(caplog):
    async with running() as server:
        for kind in REQUESTS:
            for who in ({"origins": [NAMED]}, {"origins": ["null"]}, {"host": HOST}):
                assert (await ask(server, kind, **who))[0] == 403
    caplog.clear()


async def test_a_page_needs_the_token_too():
    async with running(token="t0ken", **OPEN) as server:
        method, target, headers, body, _ = REQUESTS["fault"]
        status, found, _ = await exchange(server, method, target, headers, body, origins=[NAMED])
        assert (status, found["access-control-allow-origin"]) == (401, NAMED)
        assert server.faults() == []


async def test_any_address_of_a_server_that_others_may_reach(caplog):
    async with running(host="0.0.0.0", allow_remote=True, token="t0ken") as server:
        for host in (f"192.0.2.7:{server.port}", "[2001:db8::7]:80", "localhost"):
            for kind in REQUESTS:
                if kind not in NEEDS_AN_ORIGIN:
                    assert (await ask(server, kind, host=host))[0] == REQUESTS[kind][-1]
        assert (await ask(server, "sessions", host="evil.example"))[0] == 403
    caplog.clear()


async def test_each_refusal_is_logged_once_and_not_without_end(caplog):
    """A page's script learns only that its request failed; the developer finds the cure in the terminal."""
    async with running() as server:
        for _ in range(3):
            await ask(server, "WebSocket", origins=[NAMED])
        assert [record.getMessage() for record in caplog.records] == [
            f"a page of the origin {NAMED!r} may not use this server; if it should, start the server with "
            f"--allow-origin {NAMED}"
        ]
        for number in range(100):
            await ask(server, "sessions", origins=[f"{NAMED}:{number}"])
        assert len(caplog.records) < 20
    caplog.clear()
