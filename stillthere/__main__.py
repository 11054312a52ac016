"""``python -m stillthere``, and the command ``stillthere``."""

import sys

from ._lazy import check_not_shadowed


def main() -> None:
    """Run the command line."""
    try:
        check_not_shadowed()
    except ImportError as error:
        print(f"stillthere: {error}", file=sys.stderr)
        sys.exit(2)  # the exit code of something that the user can set right
    from harness.__main__ import main as command

    command()


if __name__ == "__main__":
    main()
