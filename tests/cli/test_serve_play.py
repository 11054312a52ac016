"""``stillthere serve --scenario FILE --play``: a timeline for a program that somebody else has started."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps.real_time.testing import EXAMPLES, alone

ROOT = Path(__file__).parents[2]
MUTE = """\
scenario: Mute after an answer
lasts: 2900ms
recover within: 1s
server: {detector: energy, reply: {clip: speech_en_f_tts_hibari, lasts: 600ms}}
timeline:
  - {at: 300ms, say: speech_en_m_arctic_a0007, lasts: 900ms}
  - {at: 2700ms, server: mute}
"""


def test_a_program_that_was_started_by_hand_is_judged(tmp_path):
    (tmp_path / "mute.yaml").write_text(MUTE)
    command = [sys.executable, "-m", "harness", "serve", "--port", "0", "--play", "--out", str(tmp_path / "o")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    with alone():
        server = subprocess.Popen(
            [*command, "--scenario", "mute.yaml"],
            cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        app = None
        try:
            assert re.fullmatch(r"listening on ws://127\.0\.0\.1:\d+/v1/realtime\n", server.stderr.readline())
            assert server.stderr.readline() == "mute.yaml is played when a program dials; it needs\n"
            exports = [server.stderr.readline().split()[1].partition("=") for _ in range(4)]
            variables = {name: value.strip("'") for name, _, value in exports}
            assert {"OPENAI_BASE_URL", "STILLTHERE_URL", "STILLTHERE_DEVICE"} <= set(variables)
            app = subprocess.Popen([sys.executable, str(EXAMPLES / "plain_socket.py")], env={**os.environ, **variables})
            out, err = server.communicate(timeout=60)
        finally:
            server.kill()
            if app is not None:
                app.kill()
                app.wait()
    assert server.returncode in (1, 3), err
    assert "server_mute" in out or "ms late" in out
    assert "of real time" in out
    assert len(list((tmp_path / "o").glob("*.jsonl"))) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--play",), "--play plays the timeline of a scenario; give one with --scenario FILE"),
        (("--play", "--scenario", "reported_freeze", "--fault", "mute"), "--fault does not go with --play"),
        (("--play", "--scenario", "reported_freeze", "--device", "stdio"), "--device stdio needs a program that"),
        (("--play", "--scenario", "reported_freeze", "--device", "disk"), "--device 'disk' is unknown"),
    ],
)
def test_options_that_do_not_fit_are_one_sentence(stillthere, arguments, said):
    outcome = stillthere("serve", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
