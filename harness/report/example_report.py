"""The report that docs/reports.md shows: of `reported_freeze`, as ``run reported_freeze --html FILE`` makes it.

    python -m harness.report.example_report FILE

The bytes of the sound differ from one version of libsndfile to another, and from one writing to the next. So the file
is only written if it differs in anything else.
"""

import re
import sys
from pathlib import Path

from ..scenario import load
from ..verdict.judge import judge
from ..world.play import play
from ..writing import write_plain
from .html import page
from .html_files import run_document

SCENARIO, CLIENT = "reported_freeze", "reported"
_SOUND = re.compile(r'("data":")[A-Za-z0-9+/=]+(")')


def example() -> str:
    """The page."""
    scenario = load(SCENARIO)
    run = play(scenario, CLIENT)
    return page(run_document(run, judge(run.journal, scenario)))


def without_sound(text: str) -> str:
    """A page without the bytes of its sound, for comparison."""
    return _SOUND.sub(r"\1\2", text)


def main(path: Path) -> None:
    """Write the page, if it is another one."""
    made = example()
    if not path.exists() or without_sound(path.read_text(encoding="utf-8")) != without_sound(made):
        write_plain(path, made.encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
