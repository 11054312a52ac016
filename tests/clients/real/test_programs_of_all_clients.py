"""The example in Node is a program that runs: it is answered, and fails and holds where the README says so."""

import shutil

import pytest

from harness.apps.real_time.play import play_program
from harness.scenario import load
from harness.verdict import lateness
from harness.verdict.judge import judge
from harness.verdict.record import RunRecord
from tests.apps.real_time.testing import ATTEMPTS, DEAD, EXAMPLES, MUTE, TALK, alone, verdict_of
from tests.clients.real.environments import ENVIRONMENTS


@pytest.fixture
def app(tmp_path):
    """The command. Node finds the packages in the folder of the program."""
    program = tmp_path / "node_app.mjs"
    shutil.copy(EXAMPLES / program.name, program)
    (tmp_path / "node_modules").symlink_to(ENVIRONMENTS / "node" / "node_modules")
    return str(ENVIRONMENTS / "node" / "bin" / "node"), str(program)


@pytest.mark.parametrize(
    ("scenario", "verdict"), [(TALK, "held"), (MUTE, "failed: server_mute"), (DEAD, "failed: capture_dead")]
)
def test_the_app_in_node(app, scenario, verdict, monkeypatch):
    assert str(verdict_of(scenario, *app, monkeypatch=monkeypatch)[0]) == verdict


@pytest.mark.parametrize("name", ["server_goes_mute", "reported_freeze"])
def test_the_careful_app_in_node_holds(app, name):
    scenario = load(name)
    for _ in range(ATTEMPTS):
        with alone():
            run = play_program(scenario, [*app, "careful"])
        if lateness.find(RunRecord(run.journal)) is None:
            break
    assert str(judge(run.journal, scenario)) == "held"
