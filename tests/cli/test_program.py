"""``stillthere run SCENARIO -- COMMAND``: what is said if it cannot be played, and how it is ended."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.world import user
from tests.apps.real_time.testing import EXAMPLES, alone

PLAIN = str(EXAMPLES / "plain_socket.py")
TALK = """\
scenario: A short talk
lasts: 2600ms
recover within: 4s
server: {detector: energy, reply: {clip: speech_en_f_tts_hibari, lasts: 600ms}}
timeline:
  - {at: 300ms, say: speech_en_m_arctic_a0007, lasts: 900ms}
"""


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "talk.yaml"
    path.write_text(TALK)
    return path


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["no_such_program"], "the program 'no_such_program' cannot be started: No such file or directory"),
        (
            [sys.executable, "-c", "raise SystemExit(7)"],
            "ended (exit code 7) before it dialled; what it wrote is above",
        ),
        ([sys.executable, "-c", "input()"], "did not dial within 0.5 s; let it connect to STILLTHERE_URL"),
    ],
)
def test_a_program_that_never_dials_is_one_sentence(stillthere, talk, command, said, monkeypatch):
    if "input" in command[-1]:
        command[-1] = "import time; time.sleep(60)"
    outcome = stillthere("run", talk, "--dial-within", "0.5" if "sleep" in command[-1] else "20", "--", *command)
    assert outcome.code == 4
    assert said in outcome.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--device", "tpc", "--", "true"), "--device 'tpc' is unknown; did you mean 'tcp'?"),
        (("--speaker", "loud", "--", "true"), "--speaker 'loud' is unknown"),
        (("--client", "resilient", "--", "true"), "--client and a command after -- contradict each other"),
        (("--device", "tcp"), "--device is for a program; write its command behind --"),
        (("--tls",), "--tls is for a program"),
        (("--",), "nothing follows --"),
    ],
)
def test_options_that_do_not_fit_are_one_sentence(stillthere, talk, arguments, said):
    outcome = stillthere("run", talk, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_options_of_the_program_are_its_own(stillthere, talk):
    outcome = stillthere("run", talk, "--", sys.executable, "-c", "import sys; sys.exit(len(sys.argv))", "--seed", "--")
    assert "ended (exit code 3)" in outcome.err


def test_without_pulseaudio_the_pulse_device_is_one_sentence(stillthere, talk, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    outcome = stillthere("run", talk, "--device", "pulse", "--", sys.executable, PLAIN)
    assert outcome.code == 2
    assert "--device pulse needs pulseaudio, pactl, parec" in outcome.err
    assert "or use --device tcp" in outcome.err


def test_a_program_that_talks_does_not_spoil_the_json(talk, tmp_path, monkeypatch, stillthere):
    """And what it says is in a file, with the folder for journals."""
    monkeypatch.setattr(user, "SILENCE_US", 500_000)
    code = f"print('hello from the app', flush=True)\n{Path(PLAIN).read_text()}"
    with alone():
        outcome = stillthere("run", talk, "--json", "--out", tmp_path / "o", "--", sys.executable, "-c", code)
    (run,) = json.loads(outcome.out)["runs"]
    assert run["verdict"] in ("held", "vacuous")
    (log,) = (tmp_path / "o").glob("*.log")
    assert log.read_text() == "hello from the app\n"
    (journal,) = (tmp_path / "o").glob("*.jsonl")
    header = json.loads(journal.read_text().splitlines()[0])
    assert (header["stage"], header["device"], header["command"][:2]) == ("real time", "tcp", [sys.executable, "-c"])
    assert journal.read_text().splitlines()[-1].count('"end"') == 1, "nothing follows the end of the run"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_program_too(talk, number, code, tmp_path):
    marker = tmp_path / "pid"
    app = f"import os, time; open({str(marker)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    command = [sys.executable, "-m", "harness", "run", str(talk), "--", sys.executable, "-c", app]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
    try:
        deadline = time.monotonic() + 30
        while not (marker.exists() and marker.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(timeout=20) == code
        with pytest.raises(ProcessLookupError):
            for _ in range(100):
                os.kill(int(marker.read_text()), 0)
                time.sleep(0.05)
    finally:
        process.kill()
        process.communicate()
