"""``stillthere run --app``: exit codes, the documents, and one sentence for each app that cannot be judged."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # a process for each run

APPS = """
import asyncio, base64, json, time
import websockets

URL = "wss://api.openai.com/v1/realtime?model=gpt-realtime"
KEY = {"Authorization": "Bearer sk-any"}

async def quick_start(mic, speaker, url=URL):
    async with websockets.connect(url, additional_headers=KEY) as socket:
        async def send():
            async for pcm in mic:
                audio = base64.b64encode(pcm).decode()
                await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
        sending = asyncio.create_task(send())
        async for text in socket:
            event = json.loads(text)
            if event["type"] == "response.output_audio.delta":
                speaker.play(base64.b64decode(event["delta"]))
            elif event["type"] == "input_audio_buffer.speech_started":
                speaker.stop()

async def elsewhere(mic, speaker):
    await quick_start(mic, speaker, "wss://voice.example/v1/realtime?model=gpt-realtime")

async def raises(mic, speaker):
    raise ValueError("no key")

async def shows_its_key(mic, speaker):
    import os
    raise ValueError(os.environ["OPENAI_API_KEY"])

async def ends(mic, speaker):
    asyncio.get_running_loop().call_later(4, asyncio.current_task().cancel)
    await quick_start(mic, speaker)

async def blocks(mic, speaker):
    while True:
        pass

async def stops_the_timer(mic, speaker):
    import faulthandler
    faulthandler.cancel_dump_traceback_later()
    while True:
        pass

async def differs(mic, speaker):
    import os
    task = asyncio.create_task(quick_start(mic, speaker))
    await asyncio.sleep(1 + os.getpid() % 1009 / 1000)
    mic.reopen()
    await task

def not_async(mic, speaker):
    return 3
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("apps")
    (path / "apps_of_tests.py").write_text(APPS)
    (path / "short.yaml").write_text(
        textwrap.dedent("""\
        scenario: Short
        server: {detector: energy}
        recover within: 30s
        timeline:
          - {at: 1s, say: speech_en_f_arctic_a0009}
          - {at: 8s, server: mute}
        """)
    )
    return path


@pytest.fixture
def run(folder, stillthere, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])

    def run_app(name, *options):
        return stillthere("run", "short.yaml", "--app", f"apps_of_tests:{name}", "--jobs", "1", *options)

    return run_app


def test_an_app_is_judged_like_a_client_and_shown_with_the_command(run):
    shown = run("quick_start", "--client", "resilient")
    assert shown.code == 1
    assert "✖ failed  Short" in shown.out and "server_mute" in shown.out
    assert "stillthere run short.yaml --app apps_of_tests:quick_start --seed 0" in " ".join(shown.out.split())
    table = [line.split(" (warning")[0].split() for line in shown.out.splitlines()[-3:-1]]
    assert table == [
        ["✖", "short.yaml", "apps_of_tests:quick_start", "failed:", "server_mute"],
        ["✔", "short.yaml", "resilient", "held"],
    ]


def test_the_document_of_a_run_and_its_journal(run, folder):
    shown = run("quick_start", "--json", "--out", folder / "out", "--twice")
    (one,) = json.loads(shown.out)["runs"]
    assert (one["client"], one["verdict"], one["findings"][0]["cause"]) == (
        "apps_of_tests:quick_start",
        "failed",
        "server_mute",
    )
    header = json.loads(Path(one["journal"]).read_text().splitlines()[0])
    assert (header["stage"], header["client"]) == ("virtual asyncio", "apps_of_tests:quick_start")


def test_two_runs_that_differ_are_told(run):
    shown = run("differs", "--twice")
    assert shown.code == 4
    assert "two runs of the app 'apps_of_tests:differs' differ from line" in shown.err
    assert "reopens_capture" in shown.err


def test_another_host_is_the_service_if_it_is_named(run):
    refused = run("elsewhere")
    assert refused.code == 4
    assert "is not simulated; if it serves the Realtime API, name it with --host voice.example" in refused.err
    assert run("elsewhere", "--host", "voice.example").code == 1


@pytest.mark.parametrize(
    ("host", "cure"),
    [("https://voice.example/v1", "voice.example"), ("voice.example:443", "voice.example"), ("", "voice.example.com")],
)
def test_what_no_app_can_dial_is_no_host(run, host, cure):
    shown = run("quick_start", "--host", host)
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.endswith(f"is no name of a host; give the name alone, such as --host {cure}\n")


@pytest.mark.parametrize("option", [["--twice"], ["--host", "voice.example"]])
@pytest.mark.parametrize("tested", [["--client", "reported"], ["--", "python", "app.py"]])
def test_an_option_of_apps_is_refused_where_it_would_do_nothing(stillthere, folder, option, tested):
    """A run that holds with ``--twice`` would seem to have been played twice."""
    shown = stillthere("run", folder / "short.yaml", *option, *tested)
    assert shown.code == 2
    assert f"stillthere: {option[0]} is for apps; add --app module:function or --script FILE" in shown.err


@pytest.mark.parametrize("option", [["--traceback"], ["--jobs", "2"]])
def test_an_option_of_clients_and_apps_is_refused_for_a_program(stillthere, folder, option):
    shown = stillthere("run", folder / "short.yaml", *option, "--", "python", "app.py")
    assert shown.code == 2
    assert shown.err.startswith(f"stillthere: {' '.join(option)}: ") and "leave it out" in shown.err


def test_an_app_that_cannot_be_judged_is_one_sentence_with_its_line(run, folder):
    place = folder / "apps_of_tests.py"
    raised = run("raises", "--traceback")
    line = APPS.splitlines().index('    raise ValueError("no key")') + 1
    assert raised.code == 4
    assert f"{place}:{line}: the app 'apps_of_tests:raises' raised ValueError at 0.000 s, before" in raised.err
    assert "Traceback (most recent call last)" in raised.err
    assert "Traceback" not in run("raises").err
    other = run("not_async")
    assert other.code == 4 and "the app 'apps_of_tests:not_async' returned 3; make it an async function" in other.err
    missing = run("nothing")
    assert missing.code == 4 and "the app 'apps_of_tests:nothing': the module has no 'nothing'; " in missing.err


@pytest.mark.parametrize("key", [None, "sk-of-the-user"])
def test_an_app_finds_a_key_and_never_the_users_own(run, monkeypatch, key):
    """The SDK refuses to start without one."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    if key:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    shown = run("shows_its_key")
    assert "before it dialled the service: sk-" in shown.err and "sk-of-the-user" not in shown.err


def test_an_app_that_ends_is_the_cause(run):
    shown = run("ends", "--json")
    (one,) = json.loads(shown.out)["runs"]
    assert (one["verdict"], one["findings"][0]["cause"]) == ("failed", "app_ended")


@pytest.mark.skipif(os.name == "nt", reason="sends SIGTERM")
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_a_signal_ends_the_runs_and_leaves_no_file(folder, tmp_path, name, code):
    command = [sys.executable, "-m", "harness", "run", "short.yaml", "--app", "apps_of_tests:blocks", "--jobs", "2"]
    paths = os.pathsep.join([str(folder), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": paths, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True) as process:
        try:
            deadline = time.monotonic() + 30
            while not list(tmp_path.glob("stillthere-*/*")) and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(getattr(signal, name))
            assert process.wait(timeout=20) == code
        finally:
            process.kill()
    assert list(tmp_path.iterdir()) == []


def test_an_app_that_never_returns_to_its_loop_is_ended_with_its_line(run, folder):
    shown = run("blocks", "--timeout", "3")
    line = APPS.splitlines().index("        pass") + 1
    assert shown.code == 4
    assert f"{folder / 'apps_of_tests.py'}:{line}" in shown.err or f"apps_of_tests.py:{line - 1}" in shown.err
    assert "did not let the event loop go on, and was ended after 3 s of real time (--timeout)" in shown.err


def test_an_app_that_stops_its_own_timer_is_ended_all_the_same(run, monkeypatch):
    monkeypatch.setattr("harness.apps.play._LATER_S", 1.0)
    shown = run("stops_the_timer", "--timeout", "2")
    assert shown.code == 4
    assert "did not let the event loop go on, and was ended after 2 s of real time (--timeout)" in shown.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--app", "my_app"), "the app 'my_app' is not module:function, such as my_app:main"),
        (("--app", "./my_app.py:main"), "names a file; name its module"),
        (("--script", "missing.py"), "the script 'missing.py' is no file"),
    ],
)
def test_a_wrong_name_is_one_sentence(stillthere, options, sentence):
    shown = stillthere("run", "reported_freeze", *options)
    assert shown.code == 4 and sentence in shown.err and shown.err.count("\n") == 1
