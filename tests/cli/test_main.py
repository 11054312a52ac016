"""The edges of the command line: version, help, and our own mistakes."""

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
