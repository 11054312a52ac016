"""``stillthere proxy`` as a program: what it says when it starts, and the line that it tells of each session."""

import asyncio
import json
import re
import sys
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect

from harness.cli.proxy import told
from harness.journal import read
from harness.live.proxy.server import SessionEnded
from harness.live.server import LiveServer
from harness.server.session import SessionSetup
from harness.verdict.diagnosis import diagnose
from tests.live.testing import KEY, QUICK_VOICE, append, pieces, spoken

CLIP = "speech_en_f_arctic_a0009"
PATIENCE_S = 30.0
SETUP = SessionSetup(voice=QUICK_VOICE, detector="energy")


async def run(*options):
    """The exit code and standard error of a command that ends by itself."""
    command = [sys.executable, "-m", "harness", "proxy", *options]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, error = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    return process.returncode, error.decode()


@asynccontextmanager
async def proxying(*options):
    """The URL of the command on a free port, and how to end it: that gives what it has printed."""
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "harness", "proxy", "--port", "0", "--detector", "energy", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)

    async def end():
        process.terminate()
        out, error = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        assert process.returncode == 0, error.decode()
        return out.decode(), error.decode()

    try:
        async with asyncio.timeout(PATIENCE_S):
            line = (await process.stderr.readline()).decode()
        assert line.startswith("listening on "), line + (await process.stderr.read()).decode()
        yield re.search(r"wss?://\S+(?=,)", line)[0], end
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def converse(url, until="response.done"):
    async with asyncio.timeout(PATIENCE_S), connect(f"{url}?model=gpt-realtime", additional_headers=KEY) as websocket:
        for piece in pieces(spoken(CLIP) + bytes(48_000), 4_800):
            await websocket.send(append(piece))
        while until and json.loads(await websocket.recv())["type"] != until:
            pass
        await asyncio.sleep(0 if until else 1.0)


@pytest.mark.slow
async def test_one_line_a_session_with_its_verdict(tmp_path):
    async with LiveServer(SETUP) as server:
        to = server.url.removesuffix("/v1/realtime")
        async with proxying("--to", to, "--out", str(tmp_path), "--resume", "0", "--keep-audio") as (url, end):
            await converse(url)
            out, error = await end()
    (file,) = tmp_path.glob("*.jsonl")
    assert re.fullmatch(rf"session 1 · \d\.\d s · answered · {re.escape(str(file))}\n", out)
    assert f"what is said is kept in {tmp_path}, for its owner only" in error
    assert len(list(tmp_path.glob("*.wav"))) == 2
    assert diagnose(read(file)).state == "answered"


@pytest.mark.slow
async def test_a_fault_and_its_diagnosis(tmp_path):
    async with LiveServer(SETUP) as server:
        to = server.url.removesuffix("/v1/realtime")
        async with proxying("--to", to, "--out", str(tmp_path), "--fault", "mute:after=0s") as (url, end):
            await converse(url, until=None)
            out, _ = await end()
    assert "· silent: server_mute since " in out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--to", "wss://x", "--fault", "held-active"), "the fault 'held-active' is one of the server"),
        (("--to", "nowhere"), "is no endpoint; write wss://HOST"),
        (("--to", "wss://x", "--host", "0.0.0.0"), "other machines could reach the proxy.*; use 127.0.0.1$"),
        (("--to", "wss://x", "--scenario", "half_open_socket", "--fault", "mute"), "leave one out"),
        (("--to", "wss://x", "--scenario", "reported_freeze"), "depends on what happens on a stage"),
        (("--to", "ws://x", "--ca", "ca.pem"), "ws:// has no certificate"),
    ],
)
async def test_what_cannot_be_is_one_sentence(tmp_path, options, why):
    code, error = await run(*options, "--out", str(tmp_path))
    assert code == 2
    assert re.search(why, error) and error.count("\n") == 1


def test_the_line_of_a_dial_that_failed():
    line = told(SessionEnded(3, None, why="wss://x answered with 401"))
    assert line == "session 3 · no connection: wss://x answered with 401"
