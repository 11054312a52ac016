"""How far a command is: in one line, on a terminal only."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from harness.cli import progress
from harness.cli.progress import Progress, duration, progress_line


def test_the_line_has_the_count_the_rate_and_the_time_left():
    assert progress_line(30, 120, 10.0, "runs", "half_open_socket") == (
        "━━━━━╺╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 30 of 120 runs · 3.0 a second · 30 s left · half_open_socket"
    )
    assert progress_line(2, 10, 20.0, "runs").endswith(" 2 of 10 runs · 10.0 s each · 80 s left")
    assert progress_line(120, 120, 10.0, "runs").startswith("━" * 20 + " 120 of 120")
    assert progress_line(0, 5, 2.0, "runs").endswith(" 0 of 5 runs"), "no rate is known"


def test_what_an_earlier_command_did_is_not_in_the_rate_and_a_budget_ends_it():
    line = progress_line(110, 200, 10.0, "seeds", before=100, until_s=15.0)
    assert "1.0 a second" in line and "5 s left" in line


@pytest.mark.parametrize(("seconds", "words"), [(4.4, "4 s"), (119, "119 s"), (300, "5 min"), (9000, "2.5 h")])
def test_times_are_short(seconds, words):
    assert duration(seconds) == words


class Terminal:
    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def fileno(self):
        return 2

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.fixture
def terminal(monkeypatch):
    found = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=found))  # pytest sets the real one anew
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((40, 24)))
    monkeypatch.setattr(progress, "_AFTER_S", 0.0)
    monkeypatch.delenv("CI", raising=False)
    return found


def test_on_a_terminal_the_line_fits_and_goes_away(terminal):
    shown = Progress("runs")
    shown.show(3, 10, "scenarios/a_name_that_is_far_too_long_for_it.yaml")
    line = terminal.text.removeprefix("\r").removesuffix("\033[K")
    assert line.startswith("3 of 10 runs") and line.endswith("…") and len(line) < 40
    shown.clear()
    assert terminal.text.endswith("\r\033[K")
    before = terminal.text
    shown.clear()
    assert terminal.text == before, "nothing is there any more"


def test_in_ci_and_if_it_is_not_wanted_there_is_none(terminal, monkeypatch):
    Progress("runs", is_wanted=False).show(3, 10)
    assert terminal.text == ""
    Progress("runs").show(3, 10)
    seen = terminal.text
    monkeypatch.setenv("CI", "true")
    Progress("runs").show(4, 10)
    assert terminal.text == seen != ""


def test_what_is_quick_has_none(terminal, monkeypatch):
    monkeypatch.setattr(progress, "_AFTER_S", 60.0)
    Progress("runs").show(3, 10)
    assert terminal.text == ""


PROGRAM = """
import sys
from harness.cli import progress
progress._AFTER_S = progress._EVERY_S = 0.0
sys.argv = ["stillthere", "run", "half_open_socket", "mute_mid_speech", "--detector", "energy", "-q"]
from harness.cli import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_run_shows_it_on_a_terminal_and_not_in_a_pipe():
    import pty

    master, slave = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, stderr=slave, text=True
    )
    os.close(slave)
    out, _ = started.communicate(timeout=120)
    told = os.read(master, 100_000).decode()
    os.close(master)
    assert "1 of 2 runs" in told and "left" in told
    assert "of 2 runs" not in out and out.splitlines()[-1].startswith("2 runs: ")
    piped = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False
    )
    assert piped.stderr == "" and "\r" not in piped.stdout


def test_a_name_cannot_write_to_the_terminal():
    assert progress_line(1, 2, 1.0, "runs", "a\x1b[2Jb").endswith(r"a\x1b[2Jb")
