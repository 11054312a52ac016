"""The edges of the command line: version, help, and our own mistakes."""

import os
import subprocess
import sys

import pytest

from harness import __version__
from harness.cli import run


def test_version_and_help(stillthere):
    assert stillthere("--version").out.strip() == f"stillthere {__version__}"
    for command in ("demo", "run", "check", "serve"):
        assert stillthere(command, "--help").code == 0


def test_our_own_mistake_is_exit_5_without_a_traceback(stillthere, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "load", lambda name: 1 / 0)
    outcome = stillthere("run", "reported_freeze")
    assert outcome.code == 5
    assert "a bug of ours: ZeroDivisionError" in outcome.err and "Traceback" not in outcome.err


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
@pytest.mark.parametrize("moment", ["harness.cli", "numpy", "harness.cli.serve"])
def test_interrupted_while_it_starts(moment):
    """Ctrl-C comes while ``moment`` is imported, which takes longer than to see that the command was the wrong one."""
    program = (
        "import signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == sys.argv[1]: signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from harness.__main__ import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, moment], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
