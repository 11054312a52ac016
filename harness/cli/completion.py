"""``stillthere completion``: the Tab key of a shell."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from ..completing.scripts import SCRIPTS, place_of
from ..errors import visible
from .output import write_text


class Shell(StrEnum):
    """A shell whose completion there is."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


_HINTS = {
    Shell.bash: "bash reads it if the package bash-completion is installed; without it, put into ~/.bashrc: "
    'eval "$(stillthere completion bash)"',
    Shell.zsh: "in ~/.zshrc, before compinit, there must be: fpath+=~/.zfunc",
    Shell.fish: "fish reads it by itself",
}


def completion(
    shell: Annotated[Shell | None, typer.Argument(metavar="[SHELL]", help="bash, zsh or fish; default: yours.")] = None,
    install: Annotated[bool, typer.Option("--install", help="Write it into the shell's own folder.")] = False,
) -> None:
    """Print, or install, the completion of commands, options and names for a shell."""
    chosen = shell or Shell(shell_here())
    if not install:
        print(SCRIPTS[chosen], end="")
        return
    place = place_of(chosen)
    write_text(place, SCRIPTS[chosen])
    print(visible(f"written {place}; {_HINTS[chosen]}; then start a new shell"))


def shell_here() -> str:
    """The user's shell, or bash."""
    name = os.path.basename(os.environ.get("SHELL", ""))
    return name if name in SCRIPTS else "bash"
