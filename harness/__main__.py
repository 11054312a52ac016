"""``python -m harness``, and the command ``stillthere``."""

import os
import sys

_INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended, as shells report it."""


def main() -> None:
    """Run the command line.

    The nets are small matrices, for which more BLAS threads are slower than one; so there is one unless the
    environment sets another number. numpy reads it when it is first imported, which is below.
    """
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
