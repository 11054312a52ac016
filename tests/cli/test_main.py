"""The command line as a whole: version, help, what it imports, interrupts, and bugs of stillthere."""

import os
import subprocess
import sys

import pytest
import typer

from harness import __version__
from harness.cli import Commands, command_line, run


def test_version_and_help(stillthere):
    assert stillthere("--version").out.strip() == f"stillthere {__version__}"
    for command in ("demo", "run", "check", "serve"):
        assert stillthere(command, "--help").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "shown"),
    [
        (["--version"], 0, f"stillthere {__version__}\n"),
        (["--version", "--version"], 0, f"stillthere {__version__}\n"),
        (["--version", "run", "--bogus"], 0, f"stillthere {__version__}\n"),
        (["--version", "--bogus"], 2, ""),
        (["--version=1"], 2, ""),
        (["run", "--version"], 2, ""),
    ],
)
def test_spellings_of_the_version(arguments, code, shown):
    """The version is answered before anything is imported, and as the command line itself would answer."""
    started = subprocess.run(
        [sys.executable, "-m", "stillthere", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert (started.returncode, started.stdout) == (code, shown)


def _imported_by(*arguments):
    """The modules that a command imports."""
    program = (
        "import sys\n"
        "from harness.__main__ import main\n"
        "try: main()\n"
        "finally: print('\\n', *sys.modules, file=sys.stderr)\n"
    )
    started = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return set(started.stderr.split())


def test_the_version_imports_nothing():
    modules = _imported_by("--version")
    assert "harness.__main__" in modules
    assert modules & {"harness.cli", "harness.errors", "typer", "numpy"} == set()


def test_the_help_lists_commands_without_importing_them():
    modules = _imported_by("--help")
    assert "harness.cli" in modules
    assert modules & {"harness.cli.run", "harness.cli.bench", "harness.scenario", "numpy", "pydantic", "rich"} == set()


def test_run_imports_only_what_it_needs():
    modules = _imported_by("run", "--help")
    assert "harness.cli.run" in modules
    assert (
        modules
        & {"harness.live", "harness.bench", "harness.scenario.document", "asyncio", "websockets", "cryptography"}
        == set()
    )


@pytest.mark.parametrize("name", Commands.lazy)
@pytest.mark.parametrize("width", [20, 45, 80, 200])
def test_the_help_says_of_a_command_what_its_docstring_says(name, width):
    group = typer.main.get_command(command_line)
    assert group.commands[name].get_short_help_str(width) == group.load(name).get_short_help_str(width)
    assert group.load(name).name == name


def test_an_unknown_command_is_told_its_neighbour(stillthere):
    outcome = stillthere("runn")
    assert outcome.code == 2
    assert "'run'" in outcome.err


def test_a_bug_of_stillthere_is_exit_5_without_a_traceback(stillthere, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "load_chosen", lambda *_: 1 / 0)
    outcome = stillthere("run", "reported_freeze")
    assert outcome.code == 5
    assert "a bug of stillthere: ZeroDivisionError" in outcome.err and "Traceback" not in outcome.err


_SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("harness.cli", "harness.cli.serve")]


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
@pytest.mark.parametrize("moment", ["numpy", *_SLOW])
def test_interrupted_while_it_starts(moment):
    """Ctrl-C arrives while the module ``moment`` is imported."""
    program = (
        "import signal, sys\n"
        "moment = sys.argv.pop(1)\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == moment: signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from harness.__main__ import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, moment, "serve", "--help"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
