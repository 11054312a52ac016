"""``python -m benchmarks.sdk_matrix play ENVIRONMENT``: its cells, with the environment's own interpreter.

``play-node``: those in Node. ``cells CONFIGURATION FAULT ...``: some, as JSON on standard output. ``page``: the page.
"""

import sys


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    match arguments:
        case ["play", environment]:
            from .play import play_environment

            play_environment(environment)
        case ["play-node"]:
            from .node import play_node

            play_node()
        case ["cells", configuration, *faults]:
            from .play import print_cells

            print_cells(configuration, faults)
        case ["page"]:
            from .page import write_page

            write_page()
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
