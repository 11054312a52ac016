import asyncio
import json
import ssl
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from harness import journal

PATIENCE_S = 30.0
KEY = {"Authorization": "Bearer sk-stillthere"}
MODEL = "?model=gpt-realtime"
RANGES = """\
scenario: Ranges
server:
  lasts: 2s..4s
  reply: {latency: 300ms..500ms}
  replies:
    - {turn: 2, created after: 100ms..300ms}
timeline:
  - {at: 1s..3s, network: dropped-events, with: {probability: 0.1..0.5}}
"""


@asynccontextmanager
async def serving(*options: str):
    """The command on a free port, with what it has told; it must stop at once and quietly when it is told to."""
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "harness", "serve", "--port", "0", "--detector", "energy", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(PATIENCE_S):
            line = (await process.stderr.readline()).decode()
            assert line.startswith("listening on "), line + (await process.stderr.read()).decode()
            yield line.split()[-1], process.stderr
            process.terminate()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def event(websocket) -> dict:
    return json.loads(await websocket.recv())


async def refused(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "harness", "serve", "--port", "0", *options]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(PATIENCE_S):
        _, told = await process.communicate()
    return process.returncode, told.decode()


async def test_a_client_with_a_key_and_a_model(tmp_path):
    async with serving("--out", str(tmp_path)) as (url, _), connect(url + MODEL, additional_headers=KEY) as websocket:
        assert (await event(websocket))["type"] == "session.created"
    (path,) = tmp_path.iterdir()
    assert [entry.kind for entry in journal.read(path).select("connection")] == ["open", "closed"]


async def test_rules():
    async with serving("--key", "sk-one", "--key", "sk-two", "--any-model") as (url, _):
        async with connect(url, additional_headers={"Authorization": "Bearer sk-two"}) as websocket:
            assert (await event(websocket))["session"]["model"] == "gpt-realtime"
        async with connect(url + "?model=mine", additional_headers=KEY) as websocket:
            assert (await event(websocket))["error"]["code"] == "invalid_api_key"
    async with serving("--no-auth") as (url, _), connect(url + MODEL) as websocket:
        assert (await event(websocket))["type"] == "session.created"


def test_ranges_of_a_scenario_are_served_at_their_middle(stillthere, tmp_path, monkeypatch):
    path = tmp_path / "ranges.yaml"
    path.write_text(RANGES)
    served = []
    monkeypatch.setattr("harness.cli.serve.run_server", lambda setup, *_: served.append(setup))
    assert stillthere("serve", "--scenario", path).code == 0
    (setup,) = served
    assert setup.lasts_us == 3_000_000  # a range equals no number
    assert setup.voice.default.latency_us == 400_000
    assert setup.voice.answer(2, "").created_after_us == 200_000


async def test_a_session_lasts_as_long_as_the_middle_of_its_range(tmp_path):
    path = tmp_path / "ranges.yaml"
    path.write_text(RANGES.replace("2s..4s", "200ms..600ms"))
    async with (
        serving("--scenario", str(path)) as (url, _),
        connect(url + MODEL, additional_headers=KEY) as websocket,
        asyncio.timeout(PATIENCE_S),
    ):
        assert (await event(websocket))["type"] == "session.created"
        assert (await event(websocket))["error"]["code"] == "session_expired"


async def test_faults():
    async with (
        serving("--fault", "held-idle", "--fault", "reset:after=200ms") as (url, _),
        connect(url + MODEL, additional_headers=KEY) as websocket,
    ):
        await event(websocket)
        with pytest.raises(ConnectionClosed):
            await event(websocket)


async def test_tls(tmp_path):
    async with serving("--tls", "--out", str(tmp_path)) as (url, told):
        advice = [(await told.readline()).decode() for _ in range(5)]
        assert url.startswith("wss://")
        assert advice[0].split()[-3:] == ["localhost,", "127.0.0.1,", "::1"]
        assert str(tmp_path / "ca.pem") in advice[1]
        assert [line.split()[0] for line in advice[2:]] == ["Python", "Node", "Chromium"]
        trusted = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        async with connect(url + MODEL, additional_headers=KEY, ssl=trusted) as websocket:
            assert (await event(websocket))["type"] == "session.created"


async def test_temporary_authority():
    async with serving("--tls") as (_, told):
        await told.readline()
        path = Path((await told.readline()).decode().split()[4].rstrip(";"))
        assert "BEGIN CERTIFICATE" in path.read_text()
    path.unlink()
    path.parent.rmdir()


MISTAKES = {
    "remote": (["--host", "0.0.0.0"], "needs --allow-remote and --token TOKEN"),
    "remote without a token": (["--host", "0.0.0.0", "--allow-remote"], "needs --allow-remote and --token TOKEN"),
    "remote in name only": (["--allow-remote"], "this machine alone; add --host 0.0.0.0"),
    "remote in name only, with a token": (["--allow-remote", "--token", "t"], "this machine alone; add --host 0.0.0.0"),
    "no port": (["--port", "abc"], "--port 'abc' is no number; use 1 to 65535, or 0"),
    "port too high": (["--port", "65536"], "port 65536: a port is 1 to 65535"),
    "port below 0": (["--port", "-1"], "port -1: a port is 1 to 65535"),
    "empty key": (["--key", ""], "a key is empty or has characters that a header cannot hold"),
    "key with a space": (["--key", "a", "--key", "b c"], "a key is empty or has characters"),
    "key that is not ASCII": (["--key", "schlüssel"], "a key is empty or has characters"),
    "token with a space": (["--token", "a b"], "the token is empty or has characters"),
    "empty token": (["--token", ""], "the token is empty or has characters"),
    "token and key": (["--token", "a", "--key", "b"], "--token is the one good key"),
    "no key and keys": (["--no-auth", "--key", "b"], "--no-auth and --key contradict each other"),
    "dialect": (["--dialect", "beat"], "no --dialect is called 'beat'; did you mean 'beta'?"),
    "fault": (["--fault", "mutt"], "no fault is called 'mutt'; did you mean 'mute'?"),
    "microphone": (["--fault", "zeroed"], "the client's own microphone's"),
    "fault's time": (["--fault", "mute:5s"], "'5s' is neither after=TIME nor lasts=TIME"),
    "fault of no time": (["--fault", "mute:lasts=0s"], "'mute:lasts=0s' would strike nothing"),
    "fault's time twice": (["--fault", "mute:lasts=1s,lasts=2s"], "'lasts' is given twice; leave one out"),
    "empty host": (["--host", ""], "cannot listen on '' port 0: the host is no IP address"),
    "fault of a year": (["--fault", "mute:after=525600min"], "'after=525600min' is over a day"),
    "fault after the end": (
        ["--fault", "mute:after=60min"],
        "would begin after a session's end, which comes after 3600 s",
    ),
    "policy twice": (["--policy", "reply=once", "--policy", "reply=once"], "--policy reply is given twice"),
    "empty scenario": (["--scenario", ""], ". is a folder; name a scenario file in it"),
    "policy": (["--policy", "reply"], "--policy 'reply' is not NAME=VARIANT"),
}


@pytest.mark.parametrize(("options", "sentence"), MISTAKES.values(), ids=MISTAKES)
async def test_mistakes_are_told_in_one_sentence(options, sentence):
    code, told = await refused(*options)
    assert code == 2
    assert sentence in told
    assert told.count("\n") == 1
