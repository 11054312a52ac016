"""Loads the public names, and checks that no folder of the user hides stillthere's package ``harness``."""

import importlib
import importlib.util
import os
import sys
from functools import cache
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))


def load_public(name: str) -> Any:
    """Load the object of a public name. Raises :exc:`ImportError` if ``harness`` is shadowed."""
    check_not_shadowed()
    module, original = _sources()[name]
    if module == ".":
        return importlib.import_module(f"stillthere.{original}")
    return getattr(importlib.import_module(module), original)


@cache
def _sources() -> dict[str, tuple[str, str]]:
    """For each public name its module and its name there, from the imports for type checkers in ``__init__.py``."""
    import ast

    with open(os.path.join(_HERE, "__init__.py"), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        str(alias.asname): (node.module or ".", alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def check_not_shadowed() -> None:
    """Raise :exc:`ImportError` if ``import harness`` loads another package than stillthere's own.

    Python finds the user's folder first under ``python -m pytest``, with path settings such as pytest's
    ``pythonpath``, and where the test file lies beside it; otherwise the console scripts ``stillthere`` and ``pytest``
    find ours first.
    """
    ours = os.path.join(os.path.dirname(_HERE), "harness")
    loaded = sys.modules.get("harness")
    spec = loaded.__spec__ if loaded is not None else importlib.util.find_spec("harness")
    origin = spec.origin if spec is not None and spec.origin is not None else ""
    theirs = os.path.dirname(origin) if os.path.basename(origin) == "__init__.py" else origin or "another folder"
    if os.path.realpath(theirs) != os.path.realpath(ours):
        raise ImportError(
            f"{theirs} shadows stillthere's own package 'harness' in {os.path.dirname(ours)}: both have the same name, "
            f"and Python finds yours first; rename yours, or keep {os.path.dirname(theirs) or 'its folder'} off "
            "Python's path: put the tests into a folder of their own, run `pytest` instead of `python -m pytest`, and "
            "remove it from pythonpath and PYTHONPATH"
        )
