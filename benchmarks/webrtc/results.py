"""What was played, kept as JSON beside this file, so that the page can be written anew without aiortc."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

FILE = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was judged of a case, with its cause."""

    name: str
    client: str
    virtual: str
    aiortc: str


@dataclass(frozen=True, slots=True)
class Edges:
    """All trials at one loss. The differences are of aiortc from virtual, in milliseconds."""

    percent: int
    trials: int
    turns_virtual: int
    turns_aiortc: int
    different: int
    """Trials in which the number of turns differs."""
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """All of it."""

    verdicts: tuple[Verdicts, ...]
    edges: tuple[Edges, ...]


def read() -> Results:
    """What was kept."""
    return msgspec.json.decode(FILE.read_bytes(), type=Results)


def write(results: Results) -> None:
    """Keep it."""
    document: Any = msgspec.to_builtins(results)
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
