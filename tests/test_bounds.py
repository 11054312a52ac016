"""``make test-oldest`` installs what pyproject.toml promises: its lowest versions, and the rest as it fits."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYPROJECT = (ROOT / "pyproject.toml").read_text()
spec = importlib.util.spec_from_file_location("bounds", ROOT / ".ci" / "bounds.py")
assert spec is not None and spec.loader is not None
bounds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bounds)


def names(lines):
    return [re.split(r"[\[<>=]", line)[0] for line in lines]


def test_every_run_time_dependency_is_installed_at_its_bound():
    promised = tomllib.loads(PYPROJECT)["project"]["dependencies"]
    oldest = bounds.requirements("oldest", PYPROJECT)
    assert oldest[: len(promised)] == [bound.replace(">=", "==") for bound in promised]


def test_the_newest_have_no_upper_bound():
    newest = bounds.requirements("newest", PYPROJECT)
    assert [line for line in newest if "<" in line or "==" in line] == []


@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_what_the_tests_need_is_there_but_for_what_is_told(which):
    project = tomllib.loads(PYPROJECT)["project"]
    needed = {*names(project["dependencies"]), *names(project["optional-dependencies"]["test"])}
    assert needed - set(names(bounds.requirements(which, PYPROJECT))) == {"openai-agents"}


def test_a_dependency_without_a_lowest_version_is_refused():
    with pytest.raises(SystemExit, match="write name>=version"):
        bounds.requirements("oldest", PYPROJECT.replace('"h11>=0.14"', '"h11"'))


def test_typer_takes_the_latest_click():
    """0.12.5 printed the version for `run`, and 0.15 could not show `run --help`, with click 8.5 (measured)."""
    assert "typer==0.16" in bounds.requirements("oldest", PYPROJECT)


@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_ci_runs_both(which):
    script = ROOT / ".ci" / which
    assert script.stat().st_mode & 0o111 and script.read_text().endswith(f"make test-{which}\n")
