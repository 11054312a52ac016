import asyncio
import json
import ssl
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.journal import ConnectionEntry, read
from harness.server.asked import Asked

pytestmark = pytest.mark.slow

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
    """The URL of the command on a free port, and its standard error; SIGTERM must end it with exit code 0."""
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


async def test_a_client_with_a_key_and_a_model(tmp_path):
    async with serving("--out", str(tmp_path)) as (url, _), connect(url + MODEL, additional_headers=KEY) as websocket:
        assert (await event(websocket))["type"] == "session.created"
    (path,) = tmp_path.iterdir()
    assert [entry.kind for entry in read(path).select(ConnectionEntry)] == ["open", "closed"]


async def test_rules():
    async with serving("--key", "sk-one", "--key", "sk-two", "--any-model") as (url, _):
        async with connect(url, additional_headers={"Authorization": "Bearer sk-two"}) as websocket:
            assert (await event(websocket))["session"]["model"] == "gpt-realtime"
        async with connect(url + "?model=mine", additional_headers=KEY) as websocket:
            assert (await event(websocket))["error"]["code"] == "invalid_api_key"
    async with serving("--no-auth") as (url, _), connect(url + MODEL) as websocket:
        assert (await event(websocket))["type"] == "session.created"


async def test_pages_and_host_names():
    options = ["--allow-origin", "https://app.example", "--allow-origin", "null", "--allow-host", "stillthere"]
    async with serving(*options) as (url, stderr):
        port = url.partition("127.0.0.1:")[2].partition("/")[0]
        for origin in (None, "https://app.example", "null", "http://localhost:3000"):
            async with connect(url + MODEL, additional_headers=KEY, origin=origin) as websocket:
                assert (await event(websocket))["type"] == "session.created"
        named = connect(f"ws://stillthere:{port}/v1/realtime{MODEL}", additional_headers=KEY, host="127.0.0.1")
        async with named as websocket:
            assert (await event(websocket))["type"] == "session.created"
        with pytest.raises(InvalidStatus) as refused:
            await connect(url + MODEL, additional_headers=KEY, origin="https://else.example")
        assert refused.value.response.status_code == 403
        assert "--allow-origin https://else.example" in (await stderr.readline()).decode()


def test_ranges_of_a_scenario_are_served_at_their_middle(stillthere, tmp_path, monkeypatch):
    path = tmp_path / "ranges.yaml"
    path.write_text(RANGES)
    served = []
    monkeypatch.setattr("harness.cli.serve.run_server", lambda setup, *_: served.append(setup))
    assert stillthere("serve", "--scenario", path).code == 0
    (setup,) = served
    assert setup.lasts_us == 3_000_000  # a range equals no number
    assert setup.voice.default.latency_us == 400_000
    assert setup.voice.answer(Asked(2)).created_after_us == 200_000


async def test_a_session_lasts_as_long_as_the_middle_of_its_range(tmp_path):
    path = tmp_path / "ranges.yaml"
    path.write_text(RANGES.replace("2s..4s", "200ms..600ms"))
    async with (
        serving("--scenario", str(path)) as (url, stderr),
        connect(url + MODEL, additional_headers=KEY) as websocket,
        asyncio.timeout(PATIENCE_S),
    ):
        assert (await stderr.readline()).decode().endswith("its timeline is not played (--play plays it)\n")
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
    async with serving("--tls", "--out", str(tmp_path)) as (url, stderr):
        advice = [(await stderr.readline()).decode() for _ in range(5)]
        assert url.startswith("wss://")
        assert advice[0].split()[-3:] == ["localhost,", "127.0.0.1,", "::1"]
        assert str(tmp_path / "ca.pem") in advice[1]
        assert [line.split()[0] for line in advice[2:]] == ["Python", "Node", "Chromium"]
        trusted = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        async with connect(url + MODEL, additional_headers=KEY, ssl=trusted) as websocket:
            assert (await event(websocket))["type"] == "session.created"


async def test_temporary_authority():
    async with serving("--tls") as (_, stderr):
        await stderr.readline()
        path = Path((await stderr.readline()).decode().split()[4].rstrip(";"))
        assert "BEGIN CERTIFICATE" in path.read_text()
    path.unlink()
    path.parent.rmdir()


MISTAKES = {
    "remote": (["--host", "0.0.0.0"], "needs --allow-remote and --token TOKEN"),
    "remote without a token": (["--host", "0.0.0.0", "--allow-remote"], "needs --allow-remote and --token TOKEN"),
    "remote in name only": (["--allow-remote"], "this machine alone; add --host 0.0.0.0"),
    "remote in name only, with a token": (["--allow-remote", "--token", "t"], "this machine alone; add --host 0.0.0.0"),
    "no port": (["--port", "abc"], "--port 'abc' is not a number; use 1 to 65535, or 0"),
    "port too high": (["--port", "65536"], "port 65536: a port is 1 to 65535"),
    "port below 0": (["--port", "-1"], "port -1: a port is 1 to 65535"),
    "empty key": (["--key", ""], "a key is empty or has characters that a header cannot hold"),
    "key with a space": (["--key", "a", "--key", "b c"], "a key is empty or has characters"),
    "key that is not ASCII": (["--key", "schlüssel"], "a key is empty or has characters"),
    "token with a space": (["--token", "a b"], "the token is empty or has characters"),
    "no origin": (["--allow-origin", "app.example"], "'app.example' is not an origin; write its scheme, host and port"),
    "page of an origin": (["--allow-origin", "https://a.example/x"], "'https://a.example/x' is not an origin"),
    "host with a port": (["--allow-host", "stillthere:8765"], "'stillthere:8765' is not a host; write a name"),
    "every host": (["--allow-host", "*"], "'*' is not a host; write a name or an IP address, without scheme, port and"),
    "empty token": (["--token", ""], "the token is empty or has characters"),
    "token and key": (["--token", "a", "--key", "b"], "--token is the only valid key"),
    "no key and keys": (["--no-auth", "--key", "b"], "--no-auth and --key contradict each other"),
    "dialect": (["--dialect", "beat"], "no dialect is called 'beat'"),
    "the beta": (
        ["--dialect", "beta"],
        "the dialect 'beta' was removed, because",
    ),
    "fault": (["--fault", "mutt"], "no fault is called 'mutt'; did you mean 'mute'?"),
    "microphone": (["--fault", "zeroed"], "one of the client's microphone"),
    "fault's time": (["--fault", "mute:5s"], "'5s' is neither after=TIME nor lasts=TIME"),
    "fault of no time": (["--fault", "mute:lasts=0s"], "'mute:lasts=0s' would have no effect"),
    "fault's time twice": (["--fault", "mute:lasts=1s,lasts=2s"], "'lasts' appears twice; leave one out"),
    "empty host": (["--host", ""], "cannot listen on '' port 0: the host is not an IP address"),
    "fault of a year": (["--fault", "mute:after=525600min"], "'after=525600min' is over a day"),
    "fault after the end": (
        ["--fault", "mute:after=60min"],
        "starts after the end of the session, which lasts 3600 s",
    ),
    "policy twice": (["--policy", "reply=once", "--policy", "reply=once"], "--policy reply occurs twice"),
    "empty scenario": (["--scenario", ""], ". is a folder; name a scenario file in it"),
    "policy": (["--policy", "reply"], "--policy 'reply' is not NAME=VARIANT"),
}


@pytest.mark.parametrize(("options", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_shown_in_one_sentence_before_the_server_starts(stillthere, monkeypatch, options, sentence):
    monkeypatch.setattr("harness.cli.serve.run_server", lambda *_: pytest.fail("the server was started"))
    outcome = stillthere("serve", "--port", "0", *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert sentence in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_host_that_is_no_address_is_a_mistake_too(stillthere):
    outcome = stillthere("serve", "--port", "0", "--host", "")
    assert outcome.code == 2
    assert "cannot listen on '' port 0: " in outcome.err and outcome.err.count("\n") == 1
