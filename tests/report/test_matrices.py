"""The matrices as text and as pages: rectangular, and with the numbers they are given."""

import re
from pathlib import Path

import pytest

from harness.faults import CATALOGUE
from harness.report.matrices import aligned, confusion_page, confusion_text, coverage_table
from harness.search.confusion import SEEDS, Answer, Case, Matrix, cases
from harness.verdict.phases import PHASES

PAGE = Path(__file__).parent.parent.parent / "docs" / "confusion.md"


def tables(page):
    """All tables of a page, as lists of rows."""
    found, rows = [], []
    for line in [*page.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif rows:
            found.append(rows)
            rows = []
    return found


@pytest.fixture
def matrix():
    result = Matrix()
    for fault, truth, said in [
        ("mute", "server_mute", "server_mute"),
        ("mute", "server_mute", "half_open"),
        ("half-open", "half_open", "half_open"),
        ("mute", "answered", "answered"),
        ("nobody speaks", "quiet", "quiet"),
    ]:
        result.add(Answer(Case(fault, "reported", 0), truth, (truth,), said, 1.0, ("server_mute", "vad_deaf")))
    return result


def test_columns_stand_below_each_other():
    lines = aligned(("fault", "a", "long head"), [("x", "1", "2"), ("a longer one", "100", "–")]).splitlines()
    assert lines == [
        "fault           a  long head",
        "x               1          2",
        "a longer one  100          –",
    ]


def test_coverage_has_a_row_for_each_fault_and_a_dash_where_nothing_struck():
    head, *rows = coverage_table({("mute", "idle"): "pack"}).splitlines()
    assert re.split(r"\s{2,}", head) == ["fault", *PHASES]
    assert len(rows) == len(CATALOGUE)
    (mute,) = (row.split() for row in rows if row.startswith("mute "))
    assert mute == ["mute", "pack", "–", "–", "–", "–", "–"]


def test_a_row_of_the_confusion_matrix_adds_up_to_its_runs(matrix):
    head, *rows = (re.split(r"\s{2,}", line) for line in confusion_text(matrix).splitlines()[:5])
    assert head == ["truth ↓ said →", "half_open", "server_mute", "answered", "quiet", "runs", "right"]
    by_truth = {row[0]: row[1:] for row in rows}
    assert by_truth["server_mute"] == ["1", "1", "·", "·", "2", "50.0%"]
    assert by_truth["quiet"] == ["·", "·", "·", "1", "1", "100.0%"]
    assert "right: 80.00% of all runs, 66.67% of the silences" in confusion_text(matrix)


def test_the_page_has_the_matrix_what_is_wrong_and_what_a_client_cannot_tell_apart(matrix):
    page = confusion_page(matrix, 5)
    counts, wrong, groups = tables(page)
    for rows in (counts, wrong, groups):
        assert len({len(row) for row in rows}) == 1, "a table is rectangular"
    assert wrong[2:] == [["`mute`", "`half_open`", "1"]]
    assert groups[2:] == [["`server_mute`, `vad_deaf`", "3"]]
    assert "5 times" in page and "**80.0% of 5 runs" in page and page.endswith("|\n")


def test_nothing_wrong_needs_no_table_of_it():
    matrix = Matrix()
    matrix.add(Answer(Case("mute", "reported", 0), "server_mute", ("server_mute",), "server_mute", 1.0, ("x",)))
    assert "put down wrongly\n" not in confusion_page(matrix, 1)


def test_the_kept_page_is_of_this_catalogue_and_over_the_bar():
    """It takes minutes to make: `make matrices`. A new fault makes it stale."""
    text = PAGE.read_text()
    told = re.search(
        r"\*\*([\d.]+)% of (\d+) runs are put down rightly; of the \d+ silences among them, ([\d.]+)%", text
    )
    assert told and f"{SEEDS} times" in text
    assert int(told[2]) == len(cases()), "make it anew: make matrices"
    assert float(told[3]) >= 95.0
