"""The page of the commands, and the names that a shell completes, are those of the commands."""

import json
from pathlib import Path

from harness.cli import describe

ROOT = Path(__file__).parents[2]


def test_the_page_is_fresh():
    assert (ROOT / "docs" / "command-line.md").read_text() == describe.page(), "run make pages"


def test_the_names_are_fresh():
    written = json.loads((ROOT / "harness" / "completing" / "names.json").read_text())
    assert written == describe.names(), "run make pages"


def test_the_page_says_how_many_runs_have_pictures_and_how_many_scenarios_are_read():
    from harness.cli.totals import PICTURES
    from harness.scenario.chosen import MOST_READ

    page = describe.page()
    assert f"Up to {PICTURES} runs" in page and f"first {PICTURES} that did not hold" in " ".join(page.split())
    assert f"At most {MOST_READ} scenarios" in page
