"""The recovery matrix as text and as a page."""

import re
from pathlib import Path

import pytest

from harness.clients.strategies import STRATEGIES
from harness.faults import CATALOGUE
from harness.report.recovery import page, text
from harness.search.honest import Alarms
from harness.search.recovery import Cell, Recovery
from harness.units import SECOND
from tests.report.test_matrices import tables

PAGE = Path(__file__).parent.parent.parent / "docs" / "recovery.md"


@pytest.fixture
def result():
    return Recovery(
        {
            ("mute", "none"): Cell([], 3, 30),
            ("mute", "ladder"): Cell([2 * SECOND, 4 * SECOND, 9 * SECOND], 3, 0),
            ("near-silent", "none"): Cell([SECOND], 3, 20),
            ("near-silent", "ladder"): Cell([SECOND, SECOND, SECOND], 3, 10),
        },
        {"ladder": Alarms(7200 * SECOND, 1, 0)},
    )


def test_a_cell_says_how_many_recovered_and_how_fast(result):
    lines = [re.split(r"\s{2,}", line) for line in text(result).splitlines()]
    assert lines[0] == ["fault", "none", "ladder"]
    assert {tuple(line) for line in lines[1:3]} == {
        ("mute", "✖", "✔ 4.0 s"),
        ("near-silent", "1/3 1.0 s", "✔ 1.0 s"),
    }


def test_each_strategy_has_its_sums(result):
    rows = {line.split()[0]: re.split(r"\s{2,}", line)[1:] for line in text(result).splitlines()[4:]}
    assert rows["strategy"] == ["heard again", "median", "worst", "words lost", "false alarms an hour"]
    assert rows["none"] == ["1 of 6", "1.0 s", "1.0 s", "50", "–"]
    assert rows["ladder"] == ["6 of 6", "1.5 s", "9.0 s", "10", "0.5"]


def test_the_page_has_both_tables_and_says_what_each_strategy_does(result):
    made = page(result, 3)
    strategies, matrix = tables(made)
    for rows in (strategies, matrix):
        assert len({len(row) for row in rows}) == 1, "a table is rectangular"
    assert [row[1] for row in strategies[2:]] == [STRATEGIES["none"].does, STRATEGIES["ladder"].does]
    assert ["`mute`", "✖", "✔ 4.0 s"] in matrix
    assert "in 3 phases" in made


def test_the_kept_page_is_of_this_catalogue_and_the_ladder_cures_all():
    """It takes minutes to make: `make matrices`. A new fault or strategy makes it stale."""
    strategies, matrix = tables(PAGE.read_text())
    assert matrix[0] == ["fault", *(f"`{name}`" for name in STRATEGIES)], "make it anew: make matrices"
    assert [row[0] for row in matrix[2:]] == [f"`{name}`" for name in CATALOGUE], "make it anew: make matrices"
    assert all(row[-1].startswith("✔") for row in matrix[2:])
    ladder = strategies[-1]
    assert ladder[0] == "`ladder`" and ladder[-1] == "0", "no false alarm"
