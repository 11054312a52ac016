"""A project of the user that has a folder ``harness`` of its own: no harm, or one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
CLIENT = """
from stillthere import Closed, Connect, Opened


class Mine:
    def hear(self, chunk, now):
        return []

    def receive(self, event, now):
        return [Connect()] if isinstance(event, Closed) else []

    def wake(self, now):
        return []

    def next_wake(self):
        return None
"""
TEST = """
from stillthere import judge, load, play


def test_it():
    scenario = load("tool_call")
    assert judge(play(scenario, "resilient", detector="energy").journal, scenario).name == "held"
"""


@pytest.fixture
def project(tmp_path):
    """A project with a ``harness/``, a client and a test."""
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "__init__.py").write_text("theirs = True\n")
    (tmp_path / "my_client.py").write_text(CLIENT)
    (tmp_path / "test_mine.py").write_text(TEST)
    return tmp_path


def run(project, *command, **environment):
    """Run in the project, with ours installed behind the user's folder, as site-packages is."""
    found = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", **environment}
    return subprocess.run(command, cwd=project, capture_output=True, text=True, env=found, check=False, timeout=120)


SCRIPT = "import sys; sys.path[:] = [p for p in sys.path if p]; from stillthere.__main__ import main; main()"
"""What the console script does: the folder it is called in is not on its path."""


def test_the_console_script_does_no_harm(project):
    told = run(project, sys.executable, "-c", SCRIPT, "run", "tool_call", "--client", "my_client:Mine")
    assert told.returncode == 1 and "failed" in told.stdout, told.stderr


def test_processes_that_a_search_starts_find_ours(project):
    arguments = ("fuzz", "--client", "my_client:Mine", "--seeds", "0..4", "--jobs", "2")
    told = run(project, sys.executable, "-c", SCRIPT, *arguments)
    assert told.returncode == 1 and "4" in told.stdout, told.stderr


PYTEST = "import sys; sys.path[:] = [p for p in sys.path if p]; import pytest; sys.exit(pytest.main(['-q']))"
"""What the console script ``pytest`` does."""


def shadowed(told, project) -> bool:
    """Whether one sentence says which folder shadows which, and what to do."""
    sentences = {line.removeprefix("E   ") for line in told.stdout.splitlines() if line.startswith("E   ImportError")}
    (sentence,) = sentences
    assert f"{project / 'harness'} shadows stillthere's own package 'harness' in {ROOT}" in sentence
    assert f"rename yours, or keep {project} off Python's path" in sentence
    return told.returncode != 0


def test_python_m_pytest_says_which_folder_shadows_which(project):
    assert shadowed(run(project, sys.executable, "-m", "pytest", "-q"), project)


def test_so_does_pytest_where_the_test_lies_beside_the_folder(project):
    assert shadowed(run(project, sys.executable, "-c", PYTEST), project)


def test_the_cure_cures(project):
    """Tests in a folder of their own, and ``pytest`` in place of ``python -m pytest``."""
    (project / "tests").mkdir()
    (project / "test_mine.py").rename(project / "tests" / "test_mine.py")
    assert shadowed(run(project, sys.executable, "-m", "pytest", "-q"), project)
    told = run(project, sys.executable, "-c", PYTEST)
    assert told.returncode == 0 and "1 passed" in told.stdout, told.stdout


def test_importing_it_does_no_harm_to_theirs(project):
    code = "import stillthere, harness; print(harness.theirs)"
    told = run(project, sys.executable, "-c", code)
    assert told.stdout == "True\n", told.stderr


def test_python_m_stillthere_says_it_in_one_line(project):
    told = run(project, sys.executable, "-m", "stillthere", "demo")
    assert told.returncode == 2 and told.stderr.count("\n") == 1
    assert told.stderr.startswith(f"stillthere: {project / 'harness'} shadows stillthere's own package")


def test_a_file_called_harness_is_named_as_a_file(project):
    (project / "harness" / "__init__.py").unlink()
    (project / "harness").rename(project / "other")
    (project / "harness.py").write_text("theirs = True\n")
    told = run(project, sys.executable, "-m", "stillthere", "demo")
    assert told.stderr.startswith(f"stillthere: {project / 'harness.py'} shadows stillthere's own package")
    assert f"keep {project} off Python's path" in told.stderr
