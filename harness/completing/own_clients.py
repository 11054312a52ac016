"""Client classes in the Python files of the current folder, found without importing them."""

import ast
import os
from collections.abc import Iterator

METHODS = frozenset(("hear", "receive", "wake", "next_wake"))
"""A class that has these is a client."""
_MOST_FILES = 200
_LONGEST = 300_000
"""Bytes of a file that is looked at."""


def own_clients() -> Iterator[tuple[str, str]]:
    """Each as ``module:Class``, with the first line of its docstring; sorted."""
    try:
        files = sorted(name for name in os.listdir() if name.endswith(".py") and name[:-3].isidentifier())
    except OSError:
        return
    for name in files[:_MOST_FILES]:
        for made, line in _classes(name):
            yield f"{name[:-3]}:{made}", line


def _classes(file: str) -> Iterator[tuple[str, str]]:
    try:
        with open(file, "rb") as opened:
            text = opened.read(_LONGEST + 1)
        if len(text) > _LONGEST or b"next_wake" not in text:
            return
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    found: dict[str, frozenset[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            own = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
            bases = [found.get(base.id, frozenset()) for base in node.bases if isinstance(base, ast.Name)]
            found[node.name] = frozenset(own).union(*bases)
            if found[node.name] >= METHODS and not node.name.startswith("_"):
                yield node.name, (ast.get_docstring(node) or "").partition("\n")[0]
