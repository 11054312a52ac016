"""What the plugin costs a session of pytest that does not use it: nothing is loaded but the plugin itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
HEAVY = ("numpy", "pydantic", "msgspec", "rich", "harness", "hypothesis", "ruamel", "websockets", "typer")
PLAIN = f"""
import sys

def test_nothing_is_loaded():
    assert "stillthere.pytest" in sys.modules
    assert [name for name in {HEAVY!r} if name in sys.modules] == []
"""


def run(folder, *options, **environment):
    """Run pytest in a new process, with this plugin alone."""
    found = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "stillthere.pytest", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=found, check=False, timeout=120)


def test_a_session_that_does_not_use_it_loads_nothing(tmp_path):
    (tmp_path / "test_plain.py").write_text(PLAIN)
    told = run(tmp_path)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("option", ["--help", "--markers", "--fixtures"])
def test_what_tells_of_it_loads_nothing(tmp_path, option):
    lists = f"print('LOADED', *({set(HEAVY)!r} & set(sys.modules)))"
    (tmp_path / "conftest.py").write_text(f"import sys\n\ndef pytest_unconfigure(config):\n    {lists}\n")
    told = run(tmp_path, option)
    assert "LOADED" in told.stdout.splitlines()
    assert "stillthere" in told.stdout or "realtime_server" in told.stdout


def test_the_report_folder_loads_nothing_before_it_is_needed(tmp_path):
    (tmp_path / "test_plain.py").write_text(PLAIN)
    assert run(tmp_path, "--stillthere-report", "kept").returncode == 0


SHADOWED = """
import pytest


def test_unused():
    import harness
    assert harness.theirs


def test_stage(stillthere):
    stillthere.holds("tool_call", "resilient")


def test_server(realtime_server):
    pass
"""


@pytest.mark.slow
def test_a_folder_harness_of_the_user_harms_only_tests_that_use_the_plugin(tmp_path):
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "__init__.py").write_text("theirs = True\n")
    (tmp_path / "test_mine.py").write_text(SHADOWED)
    told = run(tmp_path)
    assert told.returncode == 1 and "1 passed, 2 errors" in told.stdout, told.stdout
    sentence = f"{tmp_path / 'harness'} shadows stillthere's own package 'harness' in {ROOT}"
    assert sum(line.startswith(sentence) for line in told.stdout.splitlines()) == 2, told.stdout
    assert "Traceback" not in told.stdout + told.stderr


@pytest.mark.slow
def test_so_does_the_marker(tmp_path):
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "__init__.py").write_text("")
    (tmp_path / "test_mine.py").write_text(
        "import pytest\n@pytest.mark.scenarios('tool_call')\ndef test_it(scenario): pass\n"
    )
    told = run(tmp_path)
    assert told.returncode == 2 and told.stdout.count("shadows stillthere's own package") == 1, told.stdout


def test_without_hypothesis_the_strategies_say_so(tmp_path):
    (tmp_path / "hypothesis.py").write_text("raise ImportError\n")
    code = "import stillthere; stillthere.strategies"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        check=False,
        timeout=120,
    )
    assert told.returncode == 1
    cure = "which is not installed; run: pip install 'stillthere[pytest]'"
    assert told.stderr.splitlines()[-1] == f"ImportError: stillthere.strategies needs Hypothesis, {cure}"
