"""``python -m benchmarks.browser_tables play [ROW ...]``: play rows in Chromium, all by default. ``page``: the page.

Each row is played over both transports, and each hypothesis with both pages; its cell is kept
as soon as it is played. ``play --missing``: only those that are not there.
"""

import sys

from .page import write_page
from .play import play_rows


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    match arguments:
        case ["play", *names]:
            play_rows([name for name in names if name != "--missing"], missing="--missing" in names)
        case ["page"]:
            write_page()
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
