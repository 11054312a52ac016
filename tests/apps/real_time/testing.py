"""Short scenarios, and a way to play a program so that a busy machine does not fail a test."""

import contextlib
import sys
import tempfile
from pathlib import Path

from harness.apps.real_time.play import play_program
from harness.scenario import loads
from harness.verdict import lateness
from harness.verdict.judge import judge
from harness.verdict.record import RunRecord
from harness.world import user

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
ATTEMPTS = 2

_TALK = """
scenario: A short talk
lasts: 2600ms
recover within: 4s
server: {reply: {clip: speech_en_f_tts_hibari, lasts: 600ms}}
timeline:
  - {at: 300ms, say: speech_en_m_arctic_a0007, lasts: 900ms, label: asked}
"""
TALK = loads(_TALK)
"""Nothing goes wrong."""
MUTE = loads(f"{_TALK}  - {{at: 2700ms, server: mute}}\n".replace("lasts: 2600ms", "lasts: 2900ms"))
"""After an answer, no event arrives any more."""
DEAD = loads(f"{_TALK}  - {{at: 2500ms, microphone: near-silent, until: reopened}}\n")
"""After an answer, the capture is nearly silent until it is reopened."""


@contextlib.contextmanager
def alone():
    """No two runs in real time are at once on this machine, whatever processes the tests are in."""
    import fcntl

    with (Path(tempfile.gettempdir()) / "stillthere-real-time.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def verdict_of(scenario, *command, monkeypatch, **options):
    """The verdict and the run. A run that was late is played again.

    Not as it is for a user: between two utterances after the heal are 0.5 s of silence instead of 6.
    """
    monkeypatch.setattr(user, "SILENCE_US", 500_000)
    for _ in range(ATTEMPTS):
        with alone():
            run = play_program(scenario, command, **options)
        if lateness.find(RunRecord(run.journal)) is None:
            break
    return judge(run.journal, scenario), run


def python(name, *arguments):
    """The command that runs an example."""
    return sys.executable, str(EXAMPLES / name), *arguments
