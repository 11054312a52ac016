"""The page of the shipped scenarios is fresh, and has a row for each of them."""

import re
from pathlib import Path

import pytest

from harness.report.pack import first_sentence, render
from harness.scenario import shipped_scenarios

PAGE = Path(__file__).parent.parent.parent / "docs" / "scenario-pack.md"
CURE = "run: python -m harness.report.pack > docs/scenario-pack.md"


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == render(), CURE


def test_every_scenario_has_a_row_and_its_file_is_there():
    rows = re.findall(r"^\| \[`(\w+)`\]\((\S+)\) \| [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \|$", render(), re.MULTILINE)
    assert [name for name, _ in rows] == [path.stem for path in shipped_scenarios()]
    assert all((PAGE.parent / link).is_file() for _, link in rows)


@pytest.mark.parametrize(
    ("story", "first"),
    [
        ("It stops.\nThen it goes on.", "It stops."),
        ("After 1.5 s it stops. So what?", "After 1.5 s it stops."),
        ("no end", "no end"),
    ],
)
def test_a_story_is_shortened_to_its_first_sentence(story, first):
    assert first_sentence(story) == first
