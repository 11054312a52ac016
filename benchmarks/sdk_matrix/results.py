"""The results of the matrix on disk: one JSON file for each environment, from which the page is made."""

import datetime
import importlib.metadata
import platform
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from harness.journal import Journal

from .cells import Cell
from .configurations import Configuration

FOLDER = Path(__file__).parent / "results"
JOURNALS = Path("out/sdk-matrix")
"""Where the journal of each cell is kept, from the folder in which the command runs."""


class Played(msgspec.Struct, frozen=True):
    """All cells of one environment."""

    environment: str
    date: str
    runtime: str
    """The interpreter, with its version."""
    versions: dict[str, str]
    """Of the packages that are shown."""
    cpu_s: float
    """For all cells, start of the processes included."""
    cells: tuple[Cell, ...]


def versions_here(configurations: Iterable[Configuration]) -> dict[str, str]:
    """The versions of the configurations' packages in this interpreter's environment."""
    names = dict.fromkeys(name for each in configurations for name in each.packages)
    return {name: importlib.metadata.version(name) for name in names}


def python_here() -> str:
    """The interpreter, in words."""
    return f"Python {platform.python_version()}"


def today() -> str:
    """The date of a run: it stands on the page."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def save(played: Played, folder: Path = FOLDER) -> None:
    """Write them."""
    folder.mkdir(exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(played), indent=1)
    (folder / f"{played.environment}.json").write_bytes(text + b"\n")


def load_all(folder: Path = FOLDER) -> dict[str, Played]:
    """All that are there, by their environment."""
    files = sorted(folder.glob("*.json"))
    return {file.stem: msgspec.json.decode(file.read_bytes(), type=Played) for file in files}


def keep(journal: Journal, configuration: str, fault: str) -> None:
    """Keep the journal of a cell."""
    folder = JOURNALS / re.sub(r"[^\w-]+", "-", configuration.replace("@", "npm "))
    folder.mkdir(parents=True, exist_ok=True)
    journal.save(folder / f"{fault.replace(' ', '-')}.jsonl")
