"""The apps of the SDK matrix in virtual time: those whose SDK the suite has, in its own environment."""

import os
import subprocess
import sys

import msgspec
import pytest

from benchmarks.sdk_matrix.cells import Cell
from benchmarks.sdk_matrix.configurations import PYTHON, Configuration
from benchmarks.sdk_matrix.faults import BY_NAME
from harness.apps.play import play_app
from tests.clients.real.environments import ENVIRONMENTS

IN_SUITE = ("openai", "openai, reconnecting", "openai-agents")
EXPECTED = {
    "none": "held",
    "mute server": "failed: server_mute",
    "dead capture": "failed: capture_dead",
}
"""No SDK notices these by itself within the time to recover."""
RECOVERS = {"livekit-agents, patient": {"mute server": "held"}}
"""Its session is renewed each minute."""


def pytest_generate_tests(metafunc):
    """By default only the apps that need no environment of their own."""
    if "configuration" not in metafunc.fixturenames:
        return
    every = metafunc.config.getoption("all_clients")
    chosen = [each for each in PYTHON if every or each.name in IN_SUITE]
    metafunc.parametrize("configuration", chosen, ids=lambda each: each.name)


def play(configuration: Configuration, faults: list[str], *, own_environment: bool, hash_seed: str = "0") -> list[Cell]:
    """The cells, played by another interpreter."""
    python = str(ENVIRONMENTS / configuration.environment / "bin/python") if own_environment else sys.executable
    command = [python, "-m", "benchmarks.sdk_matrix", "cells", configuration.name, *faults]
    asked = subprocess.run(
        command,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        cwd=ENVIRONMENTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    return [msgspec.json.decode(line, type=Cell) for line in asked.stdout.splitlines()]


@pytest.mark.slow
def test_an_app_freezes_as_the_report_says(configuration, pytestconfig):
    cells = play(configuration, list(EXPECTED), own_environment=pytestconfig.getoption("all_clients"))
    expected = EXPECTED | RECOVERS.get(configuration.name, {})
    assert {cell.fault: cell.verdict for cell in cells} == expected


@pytest.mark.slow
def test_a_run_is_the_same_under_another_hash_seed(configuration, pytestconfig):
    own = pytestconfig.getoption("all_clients")
    one, other = (
        play(configuration, ["closed 1001"], own_environment=own, hash_seed=hash_seed) for hash_seed in ("1", "2")
    )
    assert one == other


@pytest.mark.slow
def test_a_fork_plays_as_a_process_of_its_own_does(monkeypatch):
    """The matrix imports an SDK once and forks for each run; users' runs each start an interpreter."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-any")
    configuration = PYTHON[1]
    (cell,) = play(configuration, ["closed 1001"], own_environment=False)
    run = play_app(BY_NAME["closed 1001"].scenario(), configuration.target)
    assert run.journal.sha256() == cell.sha256
