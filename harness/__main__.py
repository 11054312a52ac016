"""``python -m harness``, and the command ``stillthere``."""

import os
import sys
from itertools import takewhile

_INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended, as shells report it."""


def _asks_for_version(arguments: list[str]) -> bool:
    """Whether ``--version`` stands alone before a command; the command line checks whatever else stands there."""
    options = list(takewhile(lambda argument: argument.startswith("-"), arguments))
    return bool(options) and set(options) == {"--version"}


def main() -> None:
    """Run the command line.

    The nets are small matrices, for which more BLAS threads are slower than one; so there is one unless the
    environment sets another number. numpy reads it when it is first imported, which is below.
    """
    if _asks_for_version(sys.argv[1:]):
        from . import __version__

        print(f"stillthere {__version__}")
        return
    if sys.argv[1:3] == ["completion", "--words"]:  # a shell asks, at each Tab
        from .completing.words import answer

        answer(sys.argv[3:])
        return
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from .cli import main as command
        from .cli.guard import end_process, hold_exit
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    hold_exit()
    try:
        command()
    except KeyboardInterrupt:
        end_process(_INTERRUPTED)
    except SystemExit as end:
        end_process(end.code)


if __name__ == "__main__":
    main()
