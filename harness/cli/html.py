"""``--html``: the report of the runs of a command."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ..report.cases import RunCase
from ..report.html_files import write
from .guard import surroundings_kept


def write_html(target: Path, cases: Sequence[RunCase]) -> None:
    """Write the report, and say on standard error where it is. Raises :exc:`harness.errors.InputError`."""
    with surroundings_kept():  # a client of the user's own is played again for its sound
        file = write(target, cases)
    print(f"report: {file}", file=sys.stderr)
