"""The catalogue of properties: each has a row, its whole text, and an example that loads."""

import re

import pytest

from harness.report.property_catalogue import details, listing, page
from harness.scenario import loads
from harness.verdict.properties import PROPERTIES
from tests.report.testing import tables

EVERY = pytest.mark.parametrize("name", PROPERTIES)


@EVERY
def test_the_page_has_its_row_and_its_text(name):
    ((_, _, *rows),) = tables(page())
    (row,) = [row for row in rows if row[0] == f"[`{name}`](#{name})"]
    chosen = PROPERTIES[name]
    assert row[1:] == [chosen.broken_when, f"`{chosen.default}`", chosen.because]
    text = page().split(f"\n## {name}\n\n")[1].split("\n## ")[0]
    assert len(text.split()) >= 10 and "``" not in text and ":class:" not in text


@EVERY
def test_sentences_can_be_continued(name):
    """They follow "broken when" and "because"."""
    chosen = PROPERTIES[name]
    for part in (chosen.broken_when, chosen.because):
        assert part[0].islower() and not part.endswith(".") and len(part.split()) >= 5


@EVERY
def test_the_line_for_a_file_loads_and_changes_the_default(name):
    (line,) = re.findall(r"^in a file: +(.*)$", details(name), re.MULTILINE)
    scenario = loads(f"scenario: s\n{line}\ntimeline: [{{at: 1s, say: babble}}]\n")
    assert scenario.properties.keys() == {name} and scenario.properties[name] != PROPERTIES[name].default


def test_the_list_fits_a_terminal():
    assert max(map(len, listing().splitlines())) <= 120
