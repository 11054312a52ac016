"""Finds and loads scenario files.

What reads a file, and its models, is imported when the first one is read: scenarios that are built in Python need none
of it.
"""

import os
from pathlib import Path

from ..collecting import no_cycles_searched
from ..errors import InputError, did_you_mean
from ..shipped import scenarios
from .model import Scenario


def shipped_scenarios() -> list[Path]:
    """The scenario files that come with stillthere, sorted by name."""
    return sorted(scenarios().glob("*.yaml"))


def load(path: str | Path) -> Scenario:
    """Load a scenario file; a bare name such as ``reported_freeze`` means the shipped one.

    Raises :exc:`ScenarioError` with all mistakes, or :exc:`InputError` if no such file can be read.
    """
    found = _find(Path(path))
    try:
        content = found.read_bytes()
    except OSError as error:
        raise InputError(f"{found} cannot be read ({error.strerror}); give a readable file") from error
    from .include import decode

    return _read(decode(content, str(found)), str(found), found.parent, found)


def loads(text: str, name: str = "<text>", base: Path | None = None) -> Scenario:
    """Load a scenario from text. ``name`` is used in errors; audio files are relative to ``base``.

    The path of the scenario is ``base / name``, or None without a base. Raises :exc:`ScenarioError`.
    """
    return _read(text, name, base, base / name if base else None)


def _read(text: str, name: str, base: Path | None, path: Path | None) -> Scenario:
    with no_cycles_searched():
        from .reading import read_scenario

        return read_scenario(text, name, base, path)


def _find(path: Path) -> Path:
    shipped = {file.stem: file for file in shipped_scenarios()}
    if os.path.isfile(path):
        return path
    if str(path) in shipped:
        return shipped[str(path)]
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder; name a scenario file in it")
    if os.path.islink(path):
        raise InputError(f"{path} is a link to {os.readlink(path)!r}, which is not there; mend the link or delete it")
    if os.path.exists(path):
        raise InputError(f"{path} is not a regular file; give a scenario file")
    beside = [each.stem for each in path.parent.glob("*.y*ml")] if os.path.isdir(path.parent) else []
    cure = did_you_mean(path.stem, [*sorted(beside), *shipped])
    if "did you mean" not in cure:
        cure = "`stillthere list` shows those that are here, and the shipped ones"
    raise InputError(f"no scenario file {str(path)!r}; {cure}")
