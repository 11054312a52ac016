"""A program is started with its environment, frozen as an app is, and ended with all that it has started."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from harness.apps.real_time.program import Program, environment_of, name_of, variables_of
from harness.errors import ClientError
from harness.scenario.profiles import Timers

FAMILY = "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"


def state_of(pid):
    """Of a process in Linux: S sleeps, T is stopped, Z has ended and nobody has asked; None: there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return None


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
async def family():
    """A program that has started another one, and the numbers of both."""
    program = Program([sys.executable, "-c", FAMILY])
    await program.start(os.environ, None, pipes=True)
    child = int(await program.process.stdout.readline())
    yield program, program.process.pid, child
    await program.end()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the states of processes from Linux")
async def test_an_app_that_is_frozen_stands_still_with_all_its_processes(family):
    program, *pids = family
    program.throttle(Timers(None))
    await until(lambda: [state_of(pid) for pid in pids] == ["T", "T"])
    program.throttle(None)
    await until(lambda: "T" not in [state_of(pid) for pid in pids])


async def test_what_a_program_has_started_ends_with_it(family):
    program, _, child = family
    await program.end()
    await until(lambda: state_of(child) in (None, "Z"))


async def test_a_frozen_program_ends_too(family):
    program, *_ = family
    program.throttle(Timers(None))
    await program.end()
    assert program.process.returncode is not None


async def test_one_that_ignores_the_polite_way_is_ended():
    program = Program([sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN); print(); input()"])
    await program.start(os.environ, None, pipes=True)
    await program.process.stdout.readline()
    await program.end()
    assert program.process.returncode == -9


@pytest.mark.parametrize(
    ("code", "said"),
    [("", None), ("raise SystemExit(3)", "exit code 3"), ("import os; os.abort()", "ended by SIGABRT")],
)
async def test_it_is_told_how_a_program_ended(code, said):
    program = Program([sys.executable, "-c", code])
    await program.start(os.environ, None, pipes=True)
    assert await program.wait() == said


async def test_slow_timers_are_a_fence():
    fence = Program(["true"]).throttle(Timers(1_000_000))
    assert fence is not None and "not slowed down" in fence


async def test_a_program_that_does_not_exist_is_one_sentence(tmp_path):
    with pytest.raises(ClientError, match="'no_such_program' cannot be started: No such file"):
        await Program(["no_such_program"]).start(os.environ, None, pipes=False)


def test_the_environment_leads_to_the_server_past_any_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "intranet")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-user")
    found = environment_of(
        variables_of("wss://127.0.0.1:1/v1/realtime", "tcp://127.0.0.1:2", {"SSL_CERT_FILE": "all.pem"})
    )
    assert found["OPENAI_BASE_URL"] == "https://127.0.0.1:1/v1"
    assert found["STILLTHERE_URL"] == "wss://127.0.0.1:1/v1/realtime?model=gpt-realtime"
    assert found["STILLTHERE_DEVICE"] == "tcp://127.0.0.1:2"
    assert found["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert found["OPENAI_API_KEY"] != "sk-of-the-user", "no key of the user's gets into a journal"
    assert found["SSL_CERT_FILE"] == "all.pem"


def test_a_long_command_has_a_short_name():
    assert name_of(["/usr/bin/python3", "app.py", "careful"]) == "python3 app.py careful"
    assert len(name_of(["python", "x" * 500])) <= 60
