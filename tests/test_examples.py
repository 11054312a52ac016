"""The examples of all pages are right: scenarios load, Python runs, commands exist, and what they print is printed.

``…`` in what a page shows of an output stands for anything. Beside it spaces and line ends do not count, because a
terminal of another width breaks lines elsewhere.
"""

import ast
import builtins
import os
import re
import shlex
import subprocess
import symtable
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from harness.cli import Commands, command_line
from harness.clients.reference import REFERENCE_CLIENTS
from harness.faults import CATALOGUE
from harness.properties import PROPERTY_NAMES
from harness.scenario import load, loads, shipped_scenarios

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "js" / "README.md"]
EXAMPLES = ROOT / "docs" / "examples"
SHIPPED = {path.stem for path in shipped_scenarios()}
COMMANDS = {name: typer.main.get_command(command_line).load(name) for name in Commands.lazy}
NO_PYTHON = {"api.md"}
"""Pages whose Python blocks are signatures."""
NO_SCENARIO = {"adding-a-fault.md"}
"""Pages whose scenario needs what their Python has registered; ``tests/faults/test_adding_a_fault.py`` plays it."""


class Block(NamedTuple):
    """One example."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks_of(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def own_name(block: Block) -> str | None:
    """The file that a block is, if its first line is ``# NAME`` or ``// NAME``."""
    found = re.match(r"(?:#|//) ([\w./-]+\.(?:py|yaml|yml|mjs|js))\b", block.text)
    return found[1] if found else None


def files_of(block: Block, folder: Path) -> None:
    """Write the files that a page has let its reader make above a block, and the README's client."""
    for each in blocks_of(block.page):
        name = own_name(each)
        if name is not None and each.line < block.line:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(each.text, encoding="utf-8")
    if not (folder / "my_client.py").exists():
        (client,) = (block.text for block in blocks_of(ROOT / "README.md") if "class MyClient" in block.text)
        (folder / "my_client.py").write_text(client, encoding="utf-8")


# --- scenarios ------------------------------------------------------------------------------------------------------

OTHER_FORMS = ("jobs:", "repos:", "stages:", "include:", "steps:", "services:")
"""First keys of what is YAML and no scenario: workflows and the like."""


@pytest.mark.parametrize("block", [each for each in of("yaml", "yml") if each.page.name not in NO_SCENARIO], ids=str)
def test_a_scenario_loads(block, tmp_path):
    """A file as it is; steps alone in a scenario; keys alone as those of a file or of its server."""
    text, name = block.text, own_name(block)
    if re.search(rf"^-? *(?:{'|'.join(OTHER_FORMS)})", text, re.MULTILINE) and "scenario:" not in text:
        return
    files_of(block, tmp_path)
    for sound in re.findall(r"\b[\w-]+\.(?:wav|ulaw|flac|pcm)\b", text):
        (tmp_path / sound).write_bytes(bytes([255]) * 16000)
    if text.startswith("- "):
        text = f"scenario: Steps\ntimeline:\n{text}"
    elif "timeline:" not in text:
        text = f"scenario: Keys\n{text}timeline:\n  - {{at: 2s, say: speech_en_f_arctic_a0009}}\n"
    elif name is not None and "scenario:" not in text:
        text = f"scenario: A file to be included\n{text}"
    assert loads(text, str(block), base=tmp_path).timeline


# --- Python ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [block for block in of("python") if block.page.name not in NO_PYTHON], ids=str)
def test_python_can_be_compiled_and_what_it_imports_is_there(block):
    code = compile(block.text, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stillthere":
            exec(compile(ast.Module([node], []), str(block), "exec"), {})
    if stands_alone(block.text):
        exec(code, {"__name__": "an example"})


def test_an_example_that_a_page_shows_is_the_file():
    (shown,) = (
        block.text for block in of("python") if block.page.name == "real-programs.md" and "socket" in block.text
    )
    assert shown == (EXAMPLES / "plain_socket.py").read_text(encoding="utf-8")


def stands_alone(text: str) -> bool:
    """Whether a block can be run as it is: it imports stillthere alone, and uses no name that it has not made."""
    tree = ast.parse(text)
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    table = symtable.symtable(text, "an example", "exec")
    unknown = {
        name.get_name()
        for scope in _scopes(table)
        for name in scope.get_symbols()
        if name.is_global() and not hasattr(builtins, name.get_name()) and not name.get_name().startswith("__")
    } - {name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_imported()}
    awaits = any(
        isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in tree.body for node in ast.walk(node)
    )
    reads = re.search(r"load\(\"(?!\w+\")|play_program|play_app|play_page|os\.environ|worklet|\.js\"", text)
    return {str(name).split(".")[0] for name in imported} <= {"stillthere"} and not unknown and not awaits and not reads


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def test_what_stands_alone():
    assert stands_alone("from stillthere import load\nprint(load('half_open_socket'))\n")
    assert not stands_alone("print(load('half_open_socket'))\n")
    assert not stands_alone("import openai\n")
    assert not stands_alone("async def f():\n    await g()\n")
    assert sum(stands_alone(block.text) for block in of("python") if block.page.name not in NO_PYTHON) >= 4


# --- commands -------------------------------------------------------------------------------------------------------


class Command(NamedTuple):
    """One command of a page, with what the page shows of its output and of its verdict."""

    block: Block
    line: str
    output: str
    verdict: str | None
    folder: str | None

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line)

    def __str__(self) -> str:
        return f"{self.block}:{' '.join(self.words)[:60]}"


def commands_in(block: Block) -> Iterator[Command]:
    """The commands of a block: lines that begin with ``$ ``, or, if there is none, all of them."""
    lines = block.text.splitlines()
    prompt = "$ " if any(line.startswith("$ ") for line in lines) else ""
    folder = None
    for number, line in enumerate(lines):
        if not line.startswith(prompt):
            continue
        command, _, remark = line.removeprefix(prompt).partition(" #")
        if command.startswith("cd "):
            folder = command.split("#")[0].split()[1]
        if re.match(r"stillthere( |$)", command):
            shown = []
            for each in lines[number + 1 :] if prompt else []:
                if each.startswith((prompt, "#")):
                    break
                shown.append(each)
            verdict = re.match(r"\s*(held|failed: \w+|vacuous)", remark)
            command = command.split(" > ")[0].split(" && ")[0].split(" 2>")[0].strip()
            yield Command(block, command, "\n".join(shown).strip(), verdict and verdict[1], folder)


IN_BLOCKS = [command for block in of("console", "sh", "bash") for command in commands_in(block)]
IN_TEXT = [
    Command(Block(page, 0, "", ""), code.replace("…", "").split(" > ")[0], "", None, None)
    for page in PAGES
    for code in re.findall(r"`(stillthere [^`\n]+)`", page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_their_options_exist(page):
    for command in (*IN_BLOCKS, *IN_TEXT):
        if command.block.page == page:
            _check(command)


def _check(command: Command) -> None:
    words = command.words[1:]
    if "--" in words:  # the command of a program follows
        words = words[: words.index("--")]
    if not words or words[0].startswith("-") or words[0] in ("bench", "COMMAND"):
        return
    assert words[0] in COMMANDS, str(command)
    known = {option for each in COMMANDS[words[0]].params for option in (*each.opts, *each.secondary_opts)}
    used = {word.split("=")[0] for word in words if re.match(r"--[a-z]", word)}
    assert used <= known | {"--help"}, f"{command}: {used - known}"
    if words[0] in ("run", "show", "check", "sweep"):
        for word in words[1:]:
            if word.startswith("-"):
                break
            if re.fullmatch(r"[a-z][a-z0-9]*_[a-z0-9_]+", word):
                load(word)
    for option, value in pairwise(words):
        _check_value(option, value, command)


def _check_value(option: str, value: str, command: Command) -> None:
    if option == "--client" and ":" not in value and value.islower():
        assert value in REFERENCE_CLIENTS, f"{command}: no client is named {value}"
    if option in ("--fault", "--faults") and value.islower():
        assert value.split(":")[0] in CATALOGUE, f"{command}: no fault is named {value}"
    if option == "--property" and "=" in value and value.islower():
        assert value.split("=")[0] in PROPERTY_NAMES, f"{command}: no property is named {value}"


REAL_TIME = ("--page", "--device", "check-page", "serve", "proxy", "doctor", "--pulse")
"""What needs a wall clock, a browser or devices; these have tests of their own."""


def is_played(command: Command) -> bool:
    """Whether a command is run here: the page says what comes out, and it is virtual time."""
    says = command.output or command.verdict
    return bool(says) and "--" not in command.words and not set(REAL_TIME) & set(command.words)


PLAYED = [command for command in IN_BLOCKS if is_played(command)]


@pytest.mark.slow
@pytest.mark.parametrize("command", PLAYED, ids=str)
def test_a_command_prints_what_its_page_shows(command, tmp_path):
    if "--app" in command.words:
        pytest.importorskip("openai")
    files_of(command.block, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "stillthere", *command.words[1:]],
        cwd=EXAMPLES if command.folder == "docs/examples" else tmp_path,
        env=os.environ | {"COLUMNS": "100", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )  # fmt: skip
    if command.output:
        assert shows(command.output, done.stdout), done.stdout
    if command.verdict:
        name, _, cause = command.verdict.partition(": ")
        assert done.returncode == {"held": 0, "failed": 1, "vacuous": 3}[name] and name in done.stdout, done.stdout
        assert re.search(rf"\b{cause}\b", done.stdout), done.stdout


def shows(shown: str, printed: str) -> bool:
    """Whether an output has what a page shows of it."""
    pattern = r"\s+".join(
        ".*?".join(re.escape(part) for part in word.split("…")) if word != "…" else ".*?" for word in shown.split()
    )
    pattern = pattern.replace(r"\s+.*?\s+", ".*?").replace(r".*?\s+", ".*?")
    return re.search(pattern, printed, re.DOTALL) is not None


def test_what_counts_as_shown():
    assert shows("held … 0.7 s", "✔ held: answered\n  0.7 s after")
    assert shows("a b", "a\n   b")
    assert not shows("a c", "a b c")
    assert not shows("held 0.8 s", "held 0.7 s")
    assert shows("✖ failed … it…: done", "✖ failed: x\n y items: done")


def test_some_outputs_are_compared():
    assert len(PLAYED) >= 3, [str(command) for command in PLAYED]
    assert len(IN_BLOCKS) > 50
