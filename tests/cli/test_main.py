"""The command line as a whole: version, help, interrupts, and bugs of stillthere."""

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


def test_a_bug_of_stillthere_is_exit_5_without_a_traceback(stillthere, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "load", lambda name: 1 / 0)
    outcome = stillthere("run", "reported_freeze")
    assert outcome.code == 5
    assert "a bug of stillthere: ZeroDivisionError" in outcome.err and "Traceback" not in outcome.err


_SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("harness.cli", "harness.cli.serve")]


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
@pytest.mark.parametrize("moment", ["numpy", *_SLOW])
def test_interrupted_while_it_starts(moment):
    """Ctrl-C arrives while the module ``moment`` is imported."""
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
