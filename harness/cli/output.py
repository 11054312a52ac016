"""What the commands share in showing and writing things."""

import os
from pathlib import Path

from rich.console import Console

from harness.errors import InputError


def picture_width(console: Console) -> int:
    """As wide as the terminal, but within reason."""
    return min(140, max(80, console.width))


def check_folder(path: Path | None) -> None:
    """Raise :exc:`InputError` if this cannot be a folder to write into, before anything is played."""
    if path is not None and os.path.exists(path) and not os.path.isdir(path):
        raise InputError(f"--out {path} is a file; give a folder")


def check_file(path: Path | None) -> None:
    """Raise :exc:`InputError` if this cannot be a file to write, before anything is played."""
    if path is not None and os.path.isdir(path):
        raise InputError(f"--junit {path} is a folder; give a file")


def write_text(path: Path, text: str) -> None:
    """Write a file, making its folder. Raises :exc:`InputError` if that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; give another path") from None
