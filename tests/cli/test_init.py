"""``stillthere init``: what it writes works, and its client fails in a way that its own comment mends."""

import shlex
import subprocess
import sys

import pytest
from ruamel.yaml import YAML

FILES = {"scenarios/first.yaml", "my_client.py", "test_voice.py", ".github/workflows/stillthere.yml"}


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def project(stillthere, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert stillthere("init", "voice").code == 0
    monkeypatch.chdir(tmp_path / "voice")
    monkeypatch.delitem(sys.modules, "my_client", raising=False)
    return tmp_path / "voice"


def test_the_first_client_freezes_and_its_comment_mends_it(stillthere, project):
    assert files_in(project) == FILES
    assert stillthere("check").code == 0
    failed = stillthere("run", "--client", "my_client:MyClient")
    assert failed.code == 1 and "half_open" in failed.out
    client = project / "my_client.py"
    text = client.read_text()
    assert "`True` mends it" in text
    client.write_text(text.replace("SENDS_PINGS = False", "SENDS_PINGS = True"))
    sys.modules.pop("my_client")
    assert stillthere("run", "--client", "my_client:MyClient").code == 0


def test_it_says_the_next_commands_and_they_exist(stillthere, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = [line for line in stillthere("init").out.splitlines() if line.startswith("  stillthere ")]
    assert len(said) == 3
    for line in said:
        _, command, *rest = shlex.split(line, comments=True)
        known = stillthere(command, "--help").out
        assert all(word in known for word in rest if word.startswith("--"))


def test_nothing_is_overwritten(stillthere, project):
    (project / "my_client.py").write_text("mine\n")
    (project / "test_voice.py").unlink()
    again = stillthere("init")
    assert again.code == 0 and again.out.count("left as it is") == 3
    assert (project / "my_client.py").read_text() == "mine\n" and files_in(project) == FILES
    assert "is a file; give a folder" in stillthere("init", "my_client.py").err


@pytest.mark.slow
def test_its_pytest_file_fails_until_the_client_is_mended(project):
    def played():
        return subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], capture_output=True)

    failed = played()
    assert failed.returncode == 1 and "failed: half_open" in failed.stdout.decode()
    client = project / "my_client.py"
    client.write_text(client.read_text().replace("SENDS_PINGS = False", "SENDS_PINGS = True"))
    assert played().returncode == 0


def test_its_ci_file_runs_commands_that_exist(stillthere, project):
    workflow = YAML(typ="safe").load((project / ".github/workflows/stillthere.yml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["voice"]["steps"] if "run" in step]
    commands = [shlex.split(step) for step in steps if step.startswith("stillthere ")]
    assert [words[1] for words in commands] == ["check", "run"]
    known = stillthere("run", "--help").out
    assert all(word in known for word in commands[1] if word.startswith("--"))
