"""``stillthere init``: a first scenario, a first client, a test and a CI file."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, visible
from .output import write_text

FILES = {
    "scenarios/first.yaml": "first.yaml.txt",
    "my_client.py": "my_client.py.txt",
    "test_voice.py": "test_voice.py.txt",
    ".github/workflows/stillthere.yml": "stillthere.yml.txt",
}
"""What is written, and the file of ours that it is a copy of."""
_OURS = Path(__file__).parent / "first_files"


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder; by default this one.")] = Path("."),
) -> None:
    """Write a first scenario, a first client, a test and a CI file into a folder; nothing is overwritten.

    A file that is there already is left as it is. The client has a mistake that the scenario shows.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; give a folder, or a name that is free")
    written = 0
    for name, ours in FILES.items():
        path = folder / name
        if os.path.lexists(path):
            print(visible(f"left as it is  {path}"))
            continue
        write_text(path, (_OURS / ours).read_text(encoding="utf-8"))
        written += 1
        print(visible(f"written        {path}"))
    print("\n" + "\n".join(_next(folder, written)))


def _next(folder: Path, written: int) -> list[str]:
    """What to do now."""
    go = [] if folder == Path(".") else [f"  cd {shlex.quote(str(folder))}"]
    first = "Next:" if written else "Everything was there already. Next:"
    return [
        first,
        *go,
        "  stillthere show scenarios/first.yaml            # what is going to happen",
        "  stillthere run --client my_client:MyClient      # fails; my_client.py says how to mend it",
        "  stillthere fuzz --client my_client:MyClient --budget 30s    # what else it does not survive",
    ]
