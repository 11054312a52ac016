"""Keeps the journal and the picture of each failed run of a test, in files that are named after the test."""

import hashlib
import io
import re
from pathlib import Path

from rich.console import Console, RenderableType

from ..journal import Journal
from ..writing import write_plain, write_private

_LONGEST_NAME = 120
_KEPT_OF_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


def file_stem(test: str) -> str:
    """The name of a test's files: ``tests/test_a.py::test_b[c]`` gives ``tests.test_a.test_b-c``.

    If signs were left out that are not just separators, or the name is too long, part of a digest keeps names apart.
    """
    path, _, names = test.partition("::")
    words = f"{path.removesuffix('.py')}::{names}".replace("/", ".").replace("::", ".").replace("[", "-").rstrip("]")
    stem = _KEPT_OF_A_NAME.sub("_", words).strip("._-")
    if stem != words or len(stem) > _LONGEST_NAME:
        stem = f"{stem[:_LONGEST_NAME]}-{hashlib.sha256(test.encode()).hexdigest()[:8]}"
    return stem


def as_text(picture: RenderableType, width: int) -> str:
    """The picture in characters, without colour."""
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False, force_terminal=False)
    console.print(picture)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()).strip("\n")


def not_kept(folder: Path | None, error: OSError) -> str:
    """Why nothing was kept, in a sentence."""
    return f"{folder} cannot be written ({error.strerror}); choose another --stillthere-report"


def write_journal(path: Path, journal: Journal) -> None:
    """Write the lines of a journal, for their owner only. Raises :exc:`OSError`."""
    write_private(path, b"".join(journal.lines()))


def write_picture(path: Path, picture: RenderableType, title: str, width: int = 110) -> None:
    """Write the picture as SVG. Raises :exc:`OSError`."""
    console = Console(file=io.StringIO(), width=width, record=True, legacy_windows=False, force_terminal=True)
    console.print(picture)
    write_plain(path, console.export_svg(title=title).encode())
