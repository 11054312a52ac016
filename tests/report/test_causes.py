"""docs/causes.md: it is fresh, and has every cause; what it says to play ends so."""

import re
from pathlib import Path

from harness.causes import CAUSES
from harness.report.causes import page
from harness.scenario import load

PAGE = Path(__file__).parent.parent.parent / "docs" / "causes.md"


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m harness.report.causes > docs/causes.md"


def test_every_cause_has_a_row():
    assert re.findall(r"^\| `(\w+)` \|", page(), re.MULTILINE) == list(CAUSES)


def test_what_is_to_be_played_ends_so():
    shown = re.findall(r"^\| `(\w+)` .*\| `(\w+)` with `(\w+)` \|$", page(), re.MULTILINE)
    assert len(shown) >= 12
    for cause, scenario, client in shown:
        assert load(scenario).outcomes[client] == f"failed: {cause}"
