"""``python -m harness``, and the command ``stillthere``."""

import os
import sys

INTERRUPTED = 130
"""What a shell gives for a program that Ctrl-C has ended."""


def main() -> None:
    """Run the command line.

    The nets are small matrices: waking BLAS threads for them costs more than it gains, so there is one unless the
    environment says otherwise. numpy reads that when it is first imported, which is below.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from harness.cli import main as command

        command()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
