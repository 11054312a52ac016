"""What a shell completes."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from harness.completing.words import candidates, words_of

CLIENT = "class Mine:\n" + "".join(
    f"    def {name}(self, *_): pass\n" for name in ("hear", "receive", "wake", "next_wake")
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "own.yaml").write_text("scenario: x\ntags: [checkout, 'wire']\n")
    (tmp_path / "my_app.py").write_text(CLIENT)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("stillthere comp", ["completion"]),
        ("stillthere run --jun", ["--junit"]),
        ("stillthere run --client re", ["reported", "resilient"]),
        ("stillthere run --client my", ["my_app:Mine"]),
        ("stillthere run --client=my", ["--client=my_app:Mine"]),
        ("stillthere run half", ["half_open_socket"]),
        ("stillthere run scen", ["scenarios/"]),
        ("stillthere run scenarios/", ["scenarios/own.yaml"]),
        ("stillthere check tag:check", ["tag:checkout"]),
        ("stillthere run tag:wire,che", ["tag:wire,checkout"]),
        ("stillthere show pack:half", ["pack:half_open_socket"]),
        ("stillthere faults half", ["half-open"]),
        ("stillthere serve --fault half", ["half-open"]),
        ("stillthere run --property words_lost=", [f"words_lost={each}" for each in ("off", "warn", "fail")]),
        ("stillthere run --transport web", ["websocket", "webrtc"]),
        ("stillthere list clie", ["clients"]),
        ("stillthere bench li", ["live"]),
        ("stillthere completion ", ["bash", "zsh", "fish"]),
        ("stillthere run half -- pyth", []),
        ("stillthere run 'half", ["half_open_socket"]),
        ("stillthere nothing ", []),
    ],
)
def test_what_can_follow(here, line, found):
    assert list(candidates(line)) == found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("stillthere ", ["stillthere", ""]),
        ("stillthere", ["stillthere", ""]),
        ("", [""]),
        ("a 'b c", ["a", "b c"]),
        ("a b\\ ", ["a", "b "]),
    ],
)
def test_the_last_word_is_being_typed(line, words):
    assert words_of(line) == words


def test_it_imports_nothing_of_the_commands_and_is_fast(here):
    program = (
        "import sys; sys.argv = ['stillthere', 'completion', '--words', 'stillthere run half']\n"
        "from stillthere.__main__ import main\nmain()\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert time.monotonic() - began < 5
    assert done.stdout == "half_open_socket\n"
    assert set(done.stderr.split()) & {"typer", "numpy", "rich", "harness.cli", "harness.scenario"} == set()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("stillthere run half", ["half_open_socket"]),
        ("stillthere run tag:check", ["checkout"]),
        ("stillthere run --client my_app:", ["Mine"]),
        ("stillthere conf", ["confusion"]),
    ],
)
def test_bash_completes(here, line, found):
    """As readline does it: bash splits the line at `:`, and what stands before that is not completed again."""
    folder = here / "bin"
    folder.mkdir()
    command = folder / "stillthere"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m stillthere "$@"\n')
    command.chmod(0o755)
    script = (
        'eval "$(stillthere completion bash)"\n'
        f"COMP_LINE='{line}'\nCOMP_POINT={len(line)}\n"
        "compopt() { :; }\n"
        '_stillthere stillthere x y\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
        "complete -p stillthere\n"
    )
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "COMP_WORDBREAKS": " \t\n\"'><=;|&(:"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    *words, registered = done.stdout.splitlines()
    assert words == found and registered.endswith("-F _stillthere stillthere")
