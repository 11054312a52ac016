"""What the commands share: exit codes, options, the user's modules, the width of a picture, writing a file."""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from .. import writing
from ..errors import InputError, SettingError, file_for_module, import_cure, visible
from ..properties import check_choices
from ..scenario import Scenario
from ..user_code import is_interrupt, own_line, raised
from ..writing import is_irregular, obstacle

HELD, FAILED, VACUOUS = 0, 1, 3
"""Exit codes of results; those of errors are :attr:`harness.errors.StillthereError.exit_code`."""


def find_own_modules() -> None:
    """Let ``module:Class`` and ``--import`` find the modules in the current folder.

    They come first, as with ``python -m``. In a folder with a ``harness`` of its own they come last: the processes that
    a search starts import ``harness`` too, and must find this one.
    """
    here = os.getcwd()
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    is_shadowing = os.path.exists("harness") or os.path.exists("harness.py")
    if is_shadowing and os.path.realpath(here) != ours:
        sys.path.append(here)
    else:
        sys.path.insert(0, here)


def import_modules(names: Sequence[str]) -> None:
    """Import the user's modules, such as those that register faults. Raises :exc:`InputError` for one that raises."""
    for name in names:
        if cure := file_for_module(name):
            raise InputError(f"--import {name} {cure}")
        try:
            importlib.import_module(name)
        except BaseException as error:  # the user's module may raise anything
            if is_interrupt(error):
                raise
            place = own_line(error)
            where = f"{place}: " if place else ""
            raise InputError(f"{where}--import {name}: {raised(error)}; {import_cure(name, error)}") from None


def pairs(option: str, form: str, example: str, texts: Sequence[str]) -> dict[str, str]:
    """The values of an option by name; ``form`` is how it is written, such as ``NAME=VARIANT``.

    Raises :exc:`SettingError`.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingError(f"{option} {text!r} is not {form}, such as {example}")
        if name in found:
            raise SettingError(f"{option} {name} occurs twice; leave one out")
        found[name] = value
    return found


def property_choices(texts: Sequence[str] | None) -> dict[str, str]:
    """What follows if a property is broken, from ``--property``. Raises :exc:`SettingError`."""
    found = pairs("--property", "NAME=CHOICE", "words_lost=fail", texts or ())
    check_choices(found)
    return found


PROPERTY_HELP = "What follows if a property is broken: off, warn or fail; `stillthere properties` lists them."
IMPORT_HELP = "Import this module first, such as one that registers faults of your own."


def picture_width(console: Console) -> int:
    """The width of the terminal, but at least 40 and at most 140 columns."""
    return min(140, max(40, console.width))


def show_notes(scenario: Scenario) -> None:
    """Print the notes about a scenario file on standard error."""
    for note in scenario.notes:
        print(note, file=sys.stderr)


def show_log_notes(notes: Sequence[str]) -> None:
    """Print what could not be read of a log or a journal on standard error; a note may repeat what stands in it."""
    for note in notes:
        print(visible(f"stillthere: {note}"), file=sys.stderr)


def check_folder(path: Path | None) -> None:
    """Raise :exc:`InputError` if this cannot be a folder to write to; called before anything is played."""
    if path is not None and os.path.exists(path) and not os.path.isdir(path):
        raise InputError(f"--out {path} is a file; give a folder")
    check_writable("--out", path)


def check_file(option: str, path: Path | None) -> None:
    """Raise :exc:`InputError` if this cannot be a file to write; called before anything is played."""
    if path is not None and str(path) == "-":
        raise InputError(f"{option} - does not mean the standard output here; give the name of a file")
    if path is not None and os.path.isdir(path):
        raise InputError(f"{option} {path} is a folder; give a file")
    if path is not None and is_irregular(path):
        raise InputError(f"{option} {path} is not a regular file; give a file")
    check_writable(option, path)


def check_writable(option: str, path: Path | None) -> None:
    """Raise :exc:`InputError` if nothing can be written there; called before anything is played."""
    if path is not None and (why := obstacle(path)):
        raise InputError(f"{option} {path} cannot be written: {why}; give another path")


def make_private_folder(path: Path) -> None:
    """Create a folder for its owner only. Raises :exc:`InputError` if that fails."""
    try:
        writing.make_folder(path)
    except OSError as error:
        raise InputError(f"{path} cannot be created: {error.strerror}; give --out another folder") from None


def write_text(path: Path, text: str) -> None:
    """Write a file for all who may read the folder, and create the folder. Raises :exc:`InputError` if that fails."""
    _write(writing.write_plain, path, text.encode())


def write_private_text(path: Path, text: str) -> None:
    """Write a file for its owner only, and create its folder likewise. Raises :exc:`InputError` if that fails."""
    _write(writing.write_private, path, text.encode())


def write_private_bytes(path: Path, data: bytes) -> None:
    """As :func:`write_private_text`, of what is not text."""
    _write(writing.write_private, path, data)


def _write(write: Callable[[Path, bytes], None], path: Path, data: bytes) -> None:
    try:
        write(path, data)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; give another path") from None
