"""``python -m harness``, and the command ``stillthere``."""

import os


def main() -> None:
    """Run the command line.

    The nets are small matrices: waking BLAS threads for them costs more than it gains, so there is one unless the
    environment says otherwise. numpy reads that when it is first imported, which is below.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from harness.cli import main as command

    command()


if __name__ == "__main__":
    main()
