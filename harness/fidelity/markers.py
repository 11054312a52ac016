"""Which tests prove which behaviour, read from the markers on the tests without importing them."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError, did_you_mean
from . import BEHAVIOURS

_MARKER = "pytest.mark.behaviour"


class ProvingTest(NamedTuple):
    """A test function: its file as ``tests/server/test_x.py``, its name as ``test_y`` or ``TestY::test_y``."""

    path: str
    name: str


def proving_tests(folder: Path) -> dict[str, list[ProvingTest]]:
    """The tests below a folder by the id of each behaviour that they name, in the order of paths and lines.

    Raises :exc:`InputError` if there is no such folder, or for a marker that names an unknown id.
    """
    if not folder.is_dir():
        raise InputError(f"there is no folder {str(folder)!r}; name the folder of tests of a checkout")
    found: dict[str, list[ProvingTest]] = {row.id: [] for row in BEHAVIOURS}
    for path in sorted(folder.rglob("test_*.py")):
        place = path.relative_to(folder.parent).as_posix()
        for name, line, behaviour in _marked(ast.parse(path.read_text(encoding="utf-8")), ""):
            if behaviour not in found:
                raise InputError(
                    f"{place}:{line}: no behaviour has the id {behaviour!r}; {did_you_mean(behaviour, found)}"
                )
            found[behaviour].append(ProvingTest(place, name))
    return found


def _marked(scope: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, int, str]]:
    """The name of each test with a marker, the marker's line, and an id that it names."""
    for node in scope.body:
        if isinstance(node, ast.ClassDef):
            yield from _marked(node, f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == _MARKER:
                    for argument in decorator.args:
                        yield prefix + node.name, decorator.lineno, str(ast.literal_eval(argument))
