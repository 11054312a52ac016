"""What a platform lacks is left out: all is imported, and played in virtual time, without what Unix alone has.

The names are removed from a Python of this system. Modules of the standard library that use them here, and are others
there, are imported before.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REMOVED = {
    "signal": "SIGHUP SIGKILL SIGALRM SIGUSR1 SIGUSR2 SIGQUIT SIGTSTP SIGCONT SIGPIPE SIGWINCH alarm setitimer "
    "getitimer pause pthread_kill pthread_sigmask sigwait sigpending",
    "os": "mkfifo mknod killpg fork forkpty getuid geteuid getgid getegid getgroups getpgid getpgrp getsid setsid "
    "setpgid fchmod fchown chown lchown pread pwrite preadv statvfs fstatvfs nice getloadavg openpty "
    "sched_getaffinity sched_setaffinity posix_spawn O_NONBLOCK O_NOFOLLOW O_CLOEXEC O_DIRECTORY O_SYNC O_NOCTTY",
    "select": "epoll poll",
    "socket": "AF_UNIX SO_REUSEPORT",
}
MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix")

BARE = f"""
import builtins, functools, os, select, signal, socket, sys

removed = {REMOVED!r}
modules = {MODULES!r}


def remove(module, names):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)


remove(signal, removed["signal"])
import asyncio, asyncio.unix_events, concurrent.futures.process, ctypes.util, logging.handlers, multiprocessing
import platform, multiprocessing.connection, multiprocessing.popen_fork, multiprocessing.popen_spawn_posix
import selectors, shutil
import multiprocessing.resource_tracker, multiprocessing.spawn, multiprocessing.util, ssl, subprocess, tempfile

platform.uname()
multiprocessing.popen_fork.Popen.kill = lambda self: self._send_signal(9)


def lacks(self, *_):
    raise NotImplementedError


asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler = lacks
socket.socketpair = functools.partial(socket.socketpair, socket.AF_UNIX)
for module in (os, select, socket):
    remove(module, removed[module.__name__])
found = builtins.__import__


def bare_import(name, globals=None, *rest, **others):
    ours = ((globals or {{}}).get("__name__") or "").partition(".")[0] in ("harness", "stillthere")
    if ours and name in modules:
        raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
    return found(name, globals, *rest, **others)


builtins.__import__ = bare_import
"""
"""A ``sitecustomize``, which Python imports at its start, in each process."""

OWN = """
import os


class Quiet:
    def __init__(self):
        if hasattr(os, "fork"):
            raise RuntimeError("this process has os.fork")

    def hear(self, chunk, now): return []
    def receive(self, event, now): return []
    def wake(self, now): return []
    def next_wake(self): return None
"""

IMPORTS = """
import importlib, pkgutil
for package in ("harness", "stillthere"):
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        needs_aiortc = found.name == "harness.live.webrtc.peer"
        if not needs_aiortc and not found.name.startswith("harness._shipped"):
            importlib.import_module(found.name)
            print(found.name)
"""

SERVES = """
import asyncio, json
from websockets.asyncio.client import connect
from stillthere import LiveServer, LiveSettings

async def main():
    async with LiveServer(settings=LiveSettings(port=0)) as server:
        url = server.url + "?model=gpt-realtime"
        async with connect(url, additional_headers={"Authorization": "Bearer any"}) as session:
            print(json.loads(await session.recv())["type"])

asyncio.run(main())
"""


@pytest.fixture
def bare(tmp_path):
    """Runs Python without those names, and returns what it printed; the exit code must be the given one."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(BARE)
    (tmp_path / "bare_own.py").write_text(OWN)
    paths = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "100"}

    def run(*arguments, code=0):
        told = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (told.returncode, told.stderr[-2000:]) == (code, ""), told.stdout[-2000:]
        return told.stdout

    return run


pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="there nothing has to be removed")]


def test_every_module_is_imported(bare):
    names = bare("-c", IMPORTS).split()
    assert {"harness.live.server", "harness.search.kept", "harness.cli.serve", "stillthere.kit"} <= set(names)
    assert len(names) > 200


def commands(*lines: str) -> str:
    """A program that calls commands one after another, and prints the exit code of each."""
    return f"""
import sys
from harness.cli import main
for line in {lines!r}:
    sys.argv = ["stillthere", *line.split()]
    try:
        main()
    except SystemExit as end:
        print("exit code", end.code or 0, flush=True)
"""


def test_virtual_runs_are_played(bare):
    told = bare(
        "-c",
        commands(
            "demo",
            "run one_tool_call --client resilient --out kept",
            "check one_tool_call",
            "diagnose kept/one_tool_call-resilient-silero-0.jsonl",
        ),
    )
    assert told.count("exit code 0") == 4, told
    assert "answered" in told


def test_a_campaign_is_played_kept_and_gone_on_with(bare):
    campaign = "fuzz --client bare_own:Quiet --jobs 2 --out kept --seeds"
    told = bare("-c", commands(f"{campaign} 0..2", f"{campaign} 0..4 --resume"))
    assert "bare_own:Quiet: 4 schedules, 0 held, 4 failed" in told
    assert told.count("exit code 1") == 2


def test_a_live_server_starts_serves_and_stops(bare):
    assert bare("-c", SERVES) == "session.created\n"
