"""The rules of the house: floors, circles, names, lengths of functions, banned calls."""

import ast
import collections
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "harness").rglob("*.py"))
PUBLIC = sorted((ROOT / "stillthere").rglob("*.py"))
SOURCES = [*MODULES, *PUBLIC, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))]

FLOORS = {
    "units": 0,
    "errors": 0,
    "causes": 0,
    "collecting": 0,
    "properties": 0,
    "shipped": 0,
    "ranges": 0,
    "user_code": 0,
    "writing": 0,
    "completing": 1,
    "processes": 1,
    "quantities": 1,
    "audio": 1,
    "protocol": 1,
    "vad": 2,
    "journal": 2,
    "server": 3,
    "clients": 3,
    "fidelity": 4,
    "faults": 4,
    "scenario": 5,
    "world": 6,
    "verdict": 7,
    "logs": 8,
    "picture": 8,
    "live": 9,
    "search": 9,
    "apps": 10,
    "bench": 11,
    "report": 11,
    "plugin": 12,
    "cli": 12,
    "__main__": 12,
}
"""Each room's floor. A module imports only from floors below its own, and from its own room."""


def room_of(module: Path) -> str:
    return module.relative_to(ROOT / "harness").with_suffix("").parts[0]


def dotted(module: Path) -> str:
    return ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


KNOWN = {dotted(module): module for module in MODULES}


def imports_of(module: Path) -> set[str]:
    """The modules of harness/ that a module imports, relative imports resolved."""
    package = list(module.relative_to(ROOT).parts[:-1])
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            source = ".".join(parts)
            found.update(each if (each := f"{source}.{name.name}") in KNOWN else source for name in node.names)
    return found


def name_of(module: Path) -> str:
    return str(module.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_within_are_relative(module: Path) -> None:
    """Else a folder called ``harness`` of the user could get between two modules of ours."""
    for node in ast.walk(ast.parse(module.read_text())):
        names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [str(node.module)]
        for name in names:
            assert name.split(".")[0] not in ("harness", "stillthere"), f"{name_of(module)}:{node.lineno} {name}"


@pytest.mark.parametrize("module", [module for module in MODULES if module.parent != ROOT / "harness"], ids=name_of)
def test_imports_go_downward(module: Path) -> None:
    here = room_of(module)
    for imported in imports_of(module) - {"harness"}:
        room = imported.split(".")[1]
        if room != here:
            assert FLOORS[room] < FLOORS[here], f"{name_of(module)} ({here}) must not import {imported}"


def test_no_import_circle() -> None:
    try:
        graphlib.TopologicalSorter({dotted(module): imports_of(module) for module in MODULES}).prepare()
    except graphlib.CycleError as error:
        pytest.fail("these import each other: " + " -> ".join(error.args[1]))


def test_the_graph_of_imports_is_seen() -> None:
    """The tests above would pass on a graph without arrows."""
    world = imports_of(ROOT / "harness" / "world" / "play.py")
    assert {"harness.journal", "harness.world.world", "harness.units"} <= world
    assert sum(len(imports_of(module)) for module in MODULES) > 1000


TWICE: dict[str, str] = {
    "PROPERTY": "each property's module has one, by which the registry finds it",
    "Case": "an utterance that is diagnosed; what the cells of a sweep share",
    "Reader": "of the nodes of a document; of a value from a run of a sweep",
}
"""Public classes and constants that may be defined twice, each with its reason; at most five."""


def test_a_public_name_is_one_thing() -> None:
    found: dict[str, list[str]] = collections.defaultdict(list)
    for module in MODULES:
        for node in ast.parse(module.read_text()).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            for name in [node.name] if isinstance(node, ast.ClassDef) else names:
                if not name.startswith("_"):
                    found[name].append(name_of(module))
    assert len(found) > 500 and len(TWICE) <= 5
    assert {name: places for name, places in found.items() if len(places) > 1 and name not in TWICE} == {}


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_import_the_front_door_only(page: Path) -> None:
    assert re.findall(r"(?m)^\s*(?:from|import) harness\b.*", page.read_text()) == []


def test_architecture_names_files_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = re.findall(r"`((?:harness|stillthere|tests|docs|scenarios|fixtures|benchmarks)/[\w./-]*)`", text)
    assert len(named) > 40
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(module) for module in MODULES} - {"__init__"}
    assert rooms == set(FLOORS)


@pytest.mark.parametrize("module", SOURCES, ids=name_of)
def test_functions_are_short(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 70, f"{name_of(module)}:{node.lineno} {node.name} has {length} lines, over 70"


@pytest.mark.parametrize("module", [*MODULES, *PUBLIC], ids=name_of)
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
