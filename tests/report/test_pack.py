"""The page of the shipped scenarios is fresh, and has a row for each of them."""

import re
from pathlib import Path

import pytest

from harness.report.pack import first_sentence, render
from harness.scenario import load, shipped_scenarios

PAGE = Path(__file__).parent.parent.parent / "docs" / "scenario-pack.md"
CURE = "run: python -m harness.report.pack > docs/scenario-pack.md"


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == render(), CURE


def test_every_scenario_has_a_row_and_its_file_is_there():
    rows = re.findall(r"^\| \[`(\w+)`\]\((\S+)\) \|(?: [^|]+ \|){5}$", render(), re.MULTILINE)
    assert [name for name, _ in rows] == [path.stem for path in shipped_scenarios()]
    assert all((PAGE.parent / link).is_file() for _, link in rows)


def test_every_tag_of_the_pack_is_explained_and_counted():
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| (\d+) \|$", render(), re.MULTILINE)
    tags = [tag for path in shipped_scenarios() for tag in load(path).tags]
    assert {tag: int(count) for tag, count in rows} == {tag: tags.count(tag) for tag in tags}


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
