"""The rules of the house: floors, lengths, banned calls, and no word about where it was built."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "harness").rglob("*.py"))
SOURCES = MODULES + sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "benchmarks").rglob("*.py"))

FLOORS = {
    "units": 0,
    "errors": 0,
    "causes": 0,
    "shipped": 0,
    "ranges": 0,
    "quantities": 1,
    "audio": 1,
    "protocol": 1,
    "journal": 1,
    "vad": 2,
    "server": 3,
    "clients": 3,
    "faults": 4,
    "scenario": 5,
    "world": 6,
    "verdict": 7,
    "live": 8,
    "search": 8,
    "report": 9,
    "cli": 10,
    "__main__": 10,
}
"""Each room's floor. A module imports only from floors below its own, and from its own room."""


def room_of(module: Path) -> str:
    return module.relative_to(ROOT / "harness").with_suffix("").parts[0]


def imports_of(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            found.update(f"{node.module}.{name.name}" for name in node.names)
    return found


def name_of(module: Path) -> str:
    return str(module.relative_to(ROOT))


@pytest.mark.parametrize("module", [module for module in MODULES if module.parent != ROOT / "harness"], ids=name_of)
def test_imports_go_downward(module: Path) -> None:
    here = room_of(module)
    for imported in imports_of(module):
        parts = imported.split(".")
        if parts[0] != "harness" or parts[1] in (here, "__version__"):
            continue
        assert FLOORS[parts[1]] < FLOORS[here], f"{name_of(module)} ({here}) must not import {imported}"


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(module) for module in MODULES} - {"__init__"}
    assert rooms == set(FLOORS)


@pytest.mark.parametrize("module", SOURCES, ids=name_of)
def test_files_and_functions_are_short(module: Path) -> None:
    text = module.read_text()
    assert text.count("\n") <= 400, f"{name_of(module)} has over 400 lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 70, f"{name_of(module)}:{node.lineno} {node.name} has {length} lines, over 70"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_public_names_have_docstrings(module: Path) -> None:
    tree = ast.parse(module.read_text())
    assert ast.get_docstring(tree), f"{name_of(module)} has no docstring"
    for node in tree.body:
        named = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if named and not module.name.endswith("events.py"):  # an event is told by its tag
            assert ast.get_docstring(node), f"{name_of(module)}:{node.lineno} {node.name} has no docstring"


@pytest.mark.parametrize(
    "call", ["import time\n", "import random\n", "import datetime\n", "import asyncio\n", "import uuid\n"]
)
def test_lint_bans_clocks_and_unseeded_randomness_in_the_core(call: str) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--stdin-filename", "harness/server/x.py", "-"],
        input=call,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert checked.returncode == 1 and "TID251" in checked.stdout


def test_the_core_makes_generators_only_from_seeds() -> None:
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "default_rng":
                assert node.args, f"{name_of(module)}:{node.lineno} makes an unseeded generator"
