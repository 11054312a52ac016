"""The loggers of docs/logs.md write logs that are read, of real clients against our own server."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.logs.read import read_log
from tests.live.testing import DEAF

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PAGE = (ROOT / "docs" / "logs.md").read_text()
LOGGERS = ["log_websockets.py", "log_starlette.py", "log_ws.mjs", "log_browser.js"]
CHUNK = base64.b64encode(bytes(1920)).decode()
EXPECTED = [
    "session.created",
    "input_audio_buffer.append",
    "input_audio_buffer.append",
    "input_audio_buffer.clear",
    "input_audio_buffer.cleared",
]

OPENAI = """
import asyncio, sys
from openai import AsyncOpenAI

async def main():
    client = AsyncOpenAI(api_key="any", websocket_base_url=sys.argv[1])
    async with client.realtime.connect(model="gpt-realtime") as connection:
        await connection.recv()
        for _ in range(2):
            await connection.input_audio_buffer.append(audio=sys.argv[2])
        await connection.input_audio_buffer.clear()
        while (await connection.recv()).type != "input_audio_buffer.cleared":
            pass

asyncio.run(main())
"""
AGENTS = """
import asyncio, sys
from agents.realtime import RealtimeAgent, RealtimeRunner

async def main():
    agent = RealtimeAgent(name="a", instructions="i")
    config = {"api_key": "any", "url": sys.argv[1] + "/realtime?model=gpt-realtime"}
    async with await RealtimeRunner(agent).run(model_config=config) as session:
        await session.send_audio(bytes(1920))
        async for event in session:
            if event.type == "raw_model_event" and getattr(event.data, "data", {}).get("type") == "session.updated":
                break

asyncio.run(main())
"""
LISTENER = """
import asyncio, sys
from websockets import connect

async def main():
    async for _ in await connect(sys.argv[1]):
        pass

asyncio.run(main())
"""
NODE = """
import WebSocket from 'ws';
const headers = { Authorization: 'Bearer any' };
const socket = new WebSocket(`${process.argv[2]}/realtime?model=gpt-realtime`, { headers });
socket.on('message', (data) => {
  const { type } = JSON.parse(data);
  if (type === 'session.created') {
    const append = { type: 'input_audio_buffer.append', audio: process.argv[3] };
    for (const each of [0, 1]) socket.send(JSON.stringify(append));
    socket.send(JSON.stringify({ type: 'input_audio_buffer.clear' }));
  }
  if (type === 'input_audio_buffer.cleared') socket.close(1000, 'bye');
});
"""
BROWSER = """
const listeners = {};
class Channel {
  addEventListener(name, listener) { (listeners[name] ??= []).push(listener); }
  send(data) { this.sent = data; }
}
globalThis.RTCPeerConnection = class {
  createDataChannel(label) { return Object.assign(new Channel(), { label }); }
};
globalThis.WebSocket = class extends Channel { constructor(url) { super(); this.url = url; } };
const { runInThisContext } = await import('node:vm');
const { readFileSync } = await import('node:fs');
runInThisContext(readFileSync(process.argv[1 + 1], 'utf8') + ';globalThis.lines = realtimeLog;');
const inSocket = process.argv[3] === 'socket';
const channel = inSocket ? new WebSocket('ws://a') : new RTCPeerConnection().createDataChannel('oai-events');
if ((channel.url ?? channel.label) === undefined) throw Error('the arguments are lost');
const created = JSON.stringify({ type: 'session.created', session: { id: 'sess_1' } });
for (const each of listeners.message) each({ data: created });
channel.send(JSON.stringify({ type: 'response.create' }));
if (!channel.sent) throw Error('it was not sent');
for (const each of listeners.close) each({ code: 1006, reason: '' });
console.log(lines.join('\\n'));
"""


@pytest.fixture
async def url():
    async with LiveServer(DEAF, LiveSettings(port=0)) as server:
        yield server.url.removesuffix("/realtime")


async def started(*command, cwd, **environment):
    """Run a program; what it printed."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=cwd, env={**os.environ, "PYTHONPATH": str(EXAMPLES), **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, out.decode()
    return out.decode()


@pytest.mark.parametrize("name", LOGGERS)
def test_the_page_shows_the_file(name):
    assert (EXAMPLES / name).read_text() in PAGE


async def test_openai_python(url, tmp_path):
    (tmp_path / "app.py").write_text(OPENAI)
    await started(sys.executable, EXAMPLES / "log_websockets.py", "app.py", url, CHUNK, cwd=tmp_path)
    log = read_log(tmp_path / "realtime.jsonl")
    (session,) = log.sessions
    assert [event.type for event in session.events] == EXPECTED
    assert [event.audio_bytes for event in session.events if event.by_client][:2] == [1920, 1920]
    assert log.clock == "recorded" and log.notes == ()


async def test_openai_agents(url, tmp_path):
    (tmp_path / "app.py").write_text(AGENTS)
    await started(sys.executable, EXAMPLES / "log_websockets.py", "app.py", url, cwd=tmp_path)
    (session,) = read_log(tmp_path / "realtime.jsonl").sessions
    kinds = [event.type for event in session.events]
    assert {"session.created", "session.update", "session.updated", "input_audio_buffer.append"} <= set(kinds)


async def test_a_close_is_in_the_log(tmp_path):
    from websockets.asyncio.server import serve

    async def hang_up(socket):
        await socket.send(json.dumps({"type": "session.created"}))
        await socket.close(1011, "gone")

    (tmp_path / "app.py").write_text(LISTENER)
    async with serve(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        program = [sys.executable, EXAMPLES / "log_websockets.py", "app.py", f"ws://127.0.0.1:{port}"]
        with pytest.raises(AssertionError, match="1011"):
            await started(*program, cwd=tmp_path)
    close = read_log(tmp_path / "realtime.jsonl").sessions[0].close
    assert close is not None and (close.code, close.reason) == (1011, "gone")


async def test_a_media_stream_in_starlette(tmp_path, monkeypatch):
    pytest.importorskip("starlette")
    app = """
import asyncio, json
import log_starlette, log_websockets
from starlette.websockets import WebSocket

log_websockets.write("in", json.dumps({"type": "session.created"}), "model")
media = {"event": "media", "streamSid": "MZ", "sequenceNumber": "2", "media": {"timestamp": "20", "payload": "/39/"}}
arriving = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": json.dumps(media)}]

async def receive():
    return arriving.pop(0)

async def send(message):
    pass

async def main():
    socket = WebSocket({"type": "websocket"}, receive, send)
    await socket.accept()
    await socket.receive_text()
    await socket.send_json({"event": "mark", "streamSid": "MZ", "mark": {"name": "a"}})

asyncio.run(main())
"""
    (tmp_path / "app.py").write_text(app)
    await started(sys.executable, "app.py", cwd=tmp_path)
    (session,) = read_log(tmp_path / "realtime.jsonl").sessions
    assert [(each.kind, each.by_twilio, each.audio_bytes) for each in session.telephone] == [
        ("media", True, 3),
        ("mark", False, None),
    ]


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
@pytest.mark.parametrize("kind", ["socket", "channel"])
async def test_a_browser(tmp_path, kind):
    (tmp_path / "page.mjs").write_text(BROWSER)
    (tmp_path / "log").write_text(await started("node", "page.mjs", EXAMPLES / "log_browser.js", kind, cwd=tmp_path))
    (session,) = read_log(tmp_path / "log").sessions
    assert [(event.type, event.by_client) for event in session.events] == [
        ("session.created", False),
        ("response.create", True),
    ]
    assert session.close is not None and session.close.code == 1006


WS = next(
    (
        each
        for each in (ROOT / ".node" / "node_modules" / "ws", ROOT / ".clients" / "node" / "node_modules" / "ws")
        if each.exists()
    ),
    None,
)


@pytest.mark.skipif(
    shutil.which("node") is None or WS is None, reason="there is no Node with `ws` here: make test-clients"
)
async def test_node_ws(url, tmp_path):
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "ws").symlink_to(WS)
    (tmp_path / "app.mjs").write_text(NODE)
    shutil.copy(EXAMPLES / "log_ws.mjs", tmp_path)
    await started("node", "--import", "./log_ws.mjs", "app.mjs", url, CHUNK, cwd=tmp_path)
    (session,) = read_log(tmp_path / "realtime.jsonl").sessions
    assert [event.type for event in session.events] == EXPECTED
    assert session.close is not None and session.close.code == 1000
