"""Which source a user's own client is made of: results of one version are not true of another."""

import hashlib
import os
import sys
from pathlib import Path

from ..clients.worklet.names import worklet_name
from ..user_code import is_own_file


def source_of(client: str) -> str | None:
    """One SHA-256 for :func:`sources_of`; None for a client of ours."""
    found = sources_of(client)
    if not found:
        return None
    return hashlib.sha256("".join(f"{name} {sha}\n" for name, sha in sorted(found.items())).encode()).hexdigest()


def sources_of(client: str) -> dict[str, str]:
    """The SHA-256 of each imported module of the user's project, by its file; empty for a client of ours.

    Those of the project are the modules whose files lie in the folder of the client's module, or in the one of its
    outermost package. The client must have been imported. Those of a worklet are the JavaScript files in its folder.
    """
    if (worklet := worklet_name(client)) is not None:
        return _of_worklet(Path(worklet.file))
    name = client.partition(":")[0] if ":" in client else ""
    files = [file for each in (name.partition(".")[0], name) if (file := _file_of(each)) is not None]
    if not files:
        return {}
    folder = os.path.dirname(os.path.realpath(files[0]))
    found: dict[str, str] = {}
    for path in {os.path.realpath(file) for each in list(sys.modules) if (file := _file_of(each)) is not None}:
        if path.startswith(os.path.join(folder, "")) and is_own_file(path):
            try:
                digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            except OSError:
                continue
            found[os.path.relpath(path, folder).replace(os.sep, "/")] = digest
    return found


def _of_worklet(worklet: Path) -> dict[str, str]:
    files = [worklet, *(each for end in ("*.js", "*.mjs") for each in worklet.parent.glob(end))]
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in files if each.is_file()}


def _file_of(module: str) -> str | None:
    """The source file of an imported module."""
    file = getattr(sys.modules.get(module), "__dict__", {}).get("__file__")
    return file if isinstance(file, str) and file.endswith(".py") else None
