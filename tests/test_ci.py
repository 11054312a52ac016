"""What runs stillthere elsewhere: the GitHub Action, the GitLab job, the hook for pre-commit, the container.

None of the hosts is here. So the files are read as they read them, and what they run is run, with the environment
variables that they set.
"""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from ruamel.yaml import YAML

from harness.cli import command_line
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.server.session import SessionSetup

ROOT = Path(__file__).parent.parent
ACTION = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
GITLAB = YAML(typ="safe").load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))["stillthere"]
HOOKS = YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
CI_PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
SCENARIO = "reported_freeze"

posix_only = pytest.mark.skipif(os.name != "posix", reason="shell scripts")


def options_of(name):
    command = typer.main.get_command(command_line).load(name)
    return {option for parameter in command.params for option in parameter.opts}


# --- the Action ---


def test_the_action_has_what_github_needs():
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["name"] and ACTION["description"]
    for name, each in (*ACTION["inputs"].items(), *ACTION["outputs"].items()):
        assert re.fullmatch(r"[a-z][a-z-]*", name)
        assert each["description"].endswith(".")
    assert all("default" in each for each in ACTION["inputs"].values()), "none is required"
    for step in STEPS:
        assert ("run" in step) != ("uses" in step)
        assert "run" not in step or step["shell"] == "bash", "which a step of a composite action must say"


def test_inputs_are_data():
    for step in STEPS:
        if "run" in step:
            assert re.fullmatch(r'"\$GITHUB_ACTION_PATH/ci/action\.sh" (install|run)', step["run"])
            assert all(re.fullmatch(r"\$\{\{ [a-z.-]+ \}\}", value) for value in step["env"].values())


def test_every_input_is_used_and_every_one_that_is_used_exists():
    text = json.dumps(list(STEPS))
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(ACTION["inputs"])
    ids = {step["id"] for step in STEPS if "id" in step}
    assert set(re.findall(r"steps\.([a-z-]+)\.", text + json.dumps(ACTION["outputs"]))) <= ids


def test_every_variable_is_known_to_the_script():
    script = (ROOT / "ci" / "action.sh").read_text(encoding="utf-8")
    for step in STEPS:
        for name in step.get("env", {}):
            assert f"${{{name}:-" in script
    for line in CI_PAGE.splitlines():
        if found := re.match(r"\| `([a-z-]+)` \| .* \|$", line):
            assert found[1] in {*ACTION["inputs"], *ACTION["outputs"]}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", CI_PAGE, re.MULTILINE)) == {*ACTION["inputs"], *ACTION["outputs"]}


@pytest.fixture
def action(tmp_path):
    """Runs a step of the Action, where stillthere is installed already; the step's output is in `output.txt`."""
    programs = tmp_path / "venv" / "bin"
    programs.mkdir(parents=True)
    for name, words in {"stillthere": "-m stillthere", "python": ""}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)

    def run(step, **env):
        usual = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1",
            "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(tmp_path / "output.txt"),
            "STILLTHERE_VENV": str(tmp_path / "venv"),
        }  # fmt: skip
        (command,) = [each["run"] for each in STEPS if each.get("run", "").endswith(step)]
        return subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env={**usual, **env},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@posix_only
@pytest.mark.slow
def test_the_action_plays_and_reports(action, tmp_path):
    done = action(
        " run", STILLTHERE_SCENARIOS=f"\n  {SCENARIO}\n", STILLTHERE_CLIENT="reported", STILLTHERE_ARGS="--seed=1"
    )
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "output.txt").read_text() == "report=stillthere-report\nexit-code=1\n"
    suite = ElementTree.parse(tmp_path / "stillthere-report" / "junit.xml").getroot()
    assert list(suite.iter("failure"))
    assert list((tmp_path / "stillthere-report" / "journals").iterdir())


@posix_only
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("STILLTHERE_SCENARIOS", " run"), ("STILLTHERE_CLIENT", " run"), ("STILLTHERE_ARGS", " run"),
        ("STILLTHERE_VERSION", " install"),
    ],
)  # fmt: skip
def test_an_input_is_never_run(action, tmp_path, name, step):
    ran = tmp_path / "ran"
    hostile = (
        f"$(touch {ran}) `touch {ran}` ; touch {ran} \\'; touch {ran} '; \"; touch {ran}; \" |touch {ran} &touch {ran}"
    )
    done = action(step, **{"STILLTHERE_SCENARIOS": SCENARIO, name: hostile})
    assert done.returncode == 2, done.stderr
    assert not ran.exists()


@posix_only
@pytest.mark.slow
def test_a_scenario_is_no_option(action):
    done = action(" run", STILLTHERE_SCENARIOS="--import=os")
    assert done.returncode == 2
    assert "the scenario '--import=os' begins with a dash" in done.stderr


@posix_only
@pytest.mark.parametrize(
    ("env", "installed"),
    [
        ({}, str(ROOT)),
        ({"STILLTHERE_VERSION": "0.1.0"}, "stillthere==0.1.0"),
        ({"STILLTHERE_VERSION": ">=0.1,<2"}, "stillthere>=0.1,<2"),
        ({"STILLTHERE_PATH": "a folder/x.whl"}, "a folder/x.whl"),
    ],
)
def test_what_is_installed(action, tmp_path, env, installed):
    fake, note = tmp_path / "fake", tmp_path / "asked.txt"
    fake.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (tmp_path / "venv" / "bin" / "python").write_text(
        f'#!/bin/sh\nfor a; do echo "$a"; done > {note}\n', encoding="utf-8"
    )
    fake.chmod(0o755)
    done = action(" install", STILLTHERE_PYTHON=str(fake), **env)
    assert done.returncode == 0, done.stderr
    assert note.read_text().splitlines()[-2:] == ["--", installed]


# --- GitLab ---


def test_the_gitlab_job_has_what_gitlab_needs():
    assert re.fullmatch(r"python:3\.\d+-slim", GITLAB["image"])
    assert GITLAB["artifacts"]["when"] == "always", "a failure is what the report is for"
    assert GITLAB["artifacts"]["reports"]["junit"].startswith(GITLAB["artifacts"]["paths"][0])
    assert all(isinstance(each, str) for each in GITLAB["variables"].values())
    for line in (*GITLAB["before_script"], *GITLAB["script"]):
        assert not re.search(r'(?<!")\$(?!CI_)', line), "each variable is in quotes"
    (run,) = [line for line in GITLAB["script"] if line.startswith("stillthere run")]
    assert {word for word in shlex.split(run) if word.startswith("--")} <= options_of("run")


@posix_only
@pytest.mark.slow
def test_the_lines_of_the_gitlab_job_run(action, tmp_path):
    env = {
        **GITLAB["variables"], "STILLTHERE_SCENARIOS": SCENARIO, "PYTHONPATH": str(ROOT),
        "PATH": f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    script = "set -e\n" + "\n".join(GITLAB["script"])
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert (tmp_path / GITLAB["artifacts"]["reports"]["junit"]).exists()


# --- pre-commit ---


def test_the_hook_has_what_pre_commit_needs():
    (hook,) = HOOKS
    assert hook["language"] == "python", "so pre-commit installs this repository"
    assert hook["id"] in CI_PAGE
    pattern = re.compile(hook["files"])
    assert pattern.search("scenarios/mine.yaml") and pattern.search("tests/scenarios/deep/mine.yml")
    assert not pattern.search("docs/scenarios.md")


@posix_only
@pytest.mark.slow
def test_the_hook_finds_a_mistake(action, tmp_path):
    (hook,) = HOOKS
    good = ROOT / "scenarios" / f"{SCENARIO}.yaml"
    bad = tmp_path / "bad.yaml"
    bad.write_text("scenario: Bad\ntimeline:\n  - {at: 1s, sya: hello}\n", encoding="utf-8")
    path = f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "PYTHONPATH": str(ROOT)}
    for files, code in (([good], 0), ([good, bad], 2)):
        words = [*shlex.split(hook["entry"]), *map(str, files)]
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
    assert "bad.yaml:3:" in done.stdout + done.stderr


# --- the container ---


def instructions(name):
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.partition(" ")[2] for line in joined.splitlines() if line.startswith(f"{name} ")]


def copied():
    """What is copied from this folder."""
    for line in instructions("COPY"):
        *sources, _ = [word for word in line.split() if not word.startswith("--")]
        yield from sources


def test_what_the_container_copies_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*", "only what is named is sent to the builder"
    for source in copied():
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignored, source
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied())


def test_the_container_has_all_that_the_wheel_is_made_of():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = {each.lstrip("/") for each in project["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]}
    assert wheel | {"pyproject.toml", project["project"]["readme"], "LICENSE"} <= set(copied())


def test_the_container_is_pinned_and_runs_as_nobody():
    (version,) = instructions("ARG")
    assert re.fullmatch(r"PYTHON=3\.\d+\.\d+-slim-\w+", version)
    assert [line.split(":")[0] for line in instructions("FROM")] == ["python", "python"]
    assert instructions("USER") == ["stillthere"]
    assert DOCKERFILE.index("\nUSER") < DOCKERFILE.index("\nENTRYPOINT")
    assert DOCKERFILE.index("\nUSER") > DOCKERFILE.index("useradd"), "which needs the rights"


def test_its_health_is_asked_of_the_server(deaf_url):
    (check,) = instructions("HEALTHCHECK")
    words = json.loads(check[check.index("[") :])
    env = {"STILLTHERE_PORT": deaf_url.rpartition(":")[2], "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, *words[1:]], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    env["STILLTHERE_PORT"] = "1"
    assert subprocess.run([sys.executable, *words[1:]], env=env, capture_output=True, check=False).returncode


@pytest.fixture
def deaf_url():
    """The address of a server with a token, in a thread of its own."""
    started, stop = threading.Event(), threading.Event()
    urls = []

    async def serve():
        async with LiveServer(SessionSetup(detector="energy"), LiveSettings(token="s3cret")) as server:
            urls.append(server.url)
            started.set()
            while not stop.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(30)
    yield urls[0].removeprefix("ws://").partition("/")[0]
    stop.set()
    thread.join()


@posix_only
def test_the_container_serves_only_with_a_token(tmp_path):
    (entry,) = instructions("ENTRYPOINT")
    assert json.loads(entry) == ["serve-stillthere"]
    asked = tmp_path / "stillthere"
    asked.write_text('#!/bin/sh\nfor a; do echo "$a"; done\n', encoding="utf-8")
    asked.chmod(0o755)
    env = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["sh", str(ROOT / "ci" / "serve.sh"), "--detector", "energy"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "set STILLTHERE_TOKEN" in done.stderr
    done = subprocess.run(command, env={**env, "STILLTHERE_TOKEN": "a b"}, capture_output=True, text=True, check=False)
    words = done.stdout.splitlines()
    assert words[0] == "serve" and words[-2:] == ["--detector", "energy"]
    assert words[words.index("--token") + 1] == "a b"
    assert {word for word in words if word.startswith("--")} <= options_of("serve")
