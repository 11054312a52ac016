"""mypy finds a wrong field of an entry, where it is written and where it is read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

WRITER_AND_READER = """\
from harness.journal import ConnectionClosed, Journal, SpeakerHeard
Journal({}).add(ConnectionClosed(t=0, connection="1", cod=1006))
ids = [entry.respons_id for entry in Journal({}).select(SpeakerHeard)]
"""


@pytest.mark.slow
def test_mypy_finds_a_wrong_field(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(WRITER_AND_READER)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path / 'cache'}", str(program)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert checked.returncode == 1, checked.stderr
    found = re.findall(r"program\.py:(\d+): error: .*\[([a-z-]+)\]", checked.stdout)
    assert sorted(found) == [("2", "arg-type"), ("2", "call-arg"), ("3", "attr-defined")], checked.stdout
