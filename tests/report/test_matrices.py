"""The matrices as text and as pages: their tables are rectangular and have the right numbers."""

import re
from pathlib import Path

import pytest

from harness.clients.recovery.strategies import STRATEGIES
from harness.faults import faults_over
from harness.report.matrices import confusion_page, confusion_text, coverage_table, recovery_page, recovery_text
from harness.report.tables import aligned
from harness.report.zoo import LEFT_OUT
from harness.search.confusion import CONFUSION_SEEDS, ConfusionMatrix, DiagnosisCase, DiagnosisResult, cases
from harness.search.false_alarms import FalseAlarms
from harness.search.recovery import RecoveryCell, RecoveryMatrix
from harness.units import SECOND
from harness.verdict.phases import PHASES
from tests.report.testing import tables

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture
def confusion():
    result = ConfusionMatrix()
    for fault, truth, diagnosis in [
        ("mute", "server_mute", "server_mute"),
        ("mute", "server_mute", "half_open"),
        ("half-open", "half_open", "half_open"),
        ("mute", "answered", "answered"),
        ("nobody speaks", "quiet", "quiet"),
    ]:
        result.add(
            DiagnosisResult(
                DiagnosisCase(fault, "reported", 0), truth, (truth,), diagnosis, 1.0, ("server_mute", "vad_deaf")
            )
        )
    return result


def test_columns_stand_below_each_other():
    lines = aligned(("fault", "a", "long head"), [("x", "1", "2"), ("a longer one", "100", "–")]).splitlines()
    assert lines == [
        "fault           a  long head",
        "x               1          2",
        "a longer one  100          –",
    ]


def test_coverage_has_a_row_for_each_fault_and_a_dash_where_nothing_was_injected():
    head, *rows = coverage_table({("mute", "idle"): "pack"}).splitlines()
    assert re.split(r"\s{2,}", head) == ["fault", *PHASES]
    assert len(rows) == len(faults_over("websocket"))
    (mute,) = (row.split() for row in rows if row.startswith("mute "))
    assert mute == ["mute", "pack", "–", "–", "–", "–", "–"]


def test_a_row_of_the_confusion_matrix_adds_up_to_its_runs(confusion):
    head, *rows = (re.split(r"\s{2,}", line) for line in confusion_text(confusion).splitlines()[:5])
    assert head == ["truth ↓ diagnosis →", "half_open", "server_mute", "answered", "quiet", "runs", "right"]
    by_truth = {row[0]: row[1:] for row in rows}
    assert by_truth["server_mute"] == ["1", "1", "·", "·", "2", "50.0%"]
    assert by_truth["quiet"] == ["·", "·", "·", "1", "1", "100.0%"]
    assert "right: 80.00% of all runs, 66.67% of the silences" in confusion_text(confusion)


def test_the_page_has_the_matrix_what_is_wrong_and_what_a_client_cannot_tell_apart(confusion):
    page = confusion_page(confusion, 5, None)
    counts, clients, wrong, groups = tables(page)
    for rows in (counts, clients, wrong, groups):
        assert len({len(row) for row in rows}) == 1, "a table is rectangular"
    assert clients[2:] == [["`reported`", "3", "66.7%"]]
    assert wrong[2:] == [["`mute`", "`half_open`", "1"]]
    assert groups[2:] == [["`server_mute`, `vad_deaf`", "3"]]
    assert "5 times" in page and "**80.0% of 5 runs" in page and LEFT_OUT in page


def test_nothing_wrong_needs_no_table_of_it():
    matrix = ConfusionMatrix()
    matrix.add(
        DiagnosisResult(
            DiagnosisCase("mute", "reported", 0), "server_mute", ("server_mute",), "server_mute", 1.0, ("x",)
        )
    )
    assert "diagnosed wrongly\n" not in confusion_page(matrix, 1, None)


def test_the_kept_page_is_of_this_catalogue_and_over_the_bar():
    """It takes minutes to make: `make matrices`. A new fault makes it stale."""
    text = (DOCS / "confusion.md").read_text()
    found = re.search(
        r"\*\*([\d.]+)% of (\d+) runs are diagnosed correctly; of the \d+ silences among them, ([\d.]+)%", text
    )
    assert found and f"{CONFUSION_SEEDS} times" in text
    assert int(found[2]) == len(cases()), "make it again: make matrices"
    assert float(found[3]) >= 95.0


# --- recovery -------------------------------------------------------------------------------------------------------


@pytest.fixture
def recovery():
    return RecoveryMatrix(
        {
            ("mute", "none"): RecoveryCell([], 3, 30),
            ("mute", "ladder"): RecoveryCell([2 * SECOND, 4 * SECOND, 9 * SECOND], 3, 0),
            ("near-silent", "none"): RecoveryCell([SECOND], 3, 20),
            ("near-silent", "ladder"): RecoveryCell([SECOND, SECOND, SECOND], 3, 10),
        },
        {"ladder": FalseAlarms(7200 * SECOND, 1, 0)},
    )


def test_a_cell_says_how_many_recovered_and_how_fast(recovery):
    lines = [re.split(r"\s{2,}", line) for line in recovery_text(recovery).splitlines()]
    assert lines[0] == ["fault", "none", "ladder"]
    assert {tuple(line) for line in lines[1:3]} == {
        ("mute", "✖", "✔ 4.0 s"),
        ("near-silent", "1/3 1.0 s", "✔ 1.0 s"),
    }


def test_each_strategy_has_its_sums(recovery):
    rows = {line.split()[0]: re.split(r"\s{2,}", line)[1:] for line in recovery_text(recovery).splitlines()[4:]}
    assert rows["strategy"] == ["answered again", "median", "worst", "words lost", "false alarms an hour"]
    assert rows["none"] == ["1 of 6", "1.0 s", "1.0 s", "50", "–"]
    assert rows["ladder"] == ["6 of 6", "1.5 s", "9.0 s", "10", "0.5"]


def test_the_recovery_page_has_both_tables_and_says_what_each_strategy_does(recovery):
    made = recovery_page(recovery, 3)
    strategies, matrix = tables(made)
    for rows in (strategies, matrix):
        assert len({len(row) for row in rows}) == 1, "a table is rectangular"
    assert [row[1] for row in strategies[2:]] == [STRATEGIES["none"].does, STRATEGIES["ladder"].does]
    assert ["`mute`", "✖", "✔ 4.0 s"] in matrix
    assert "in 3 phases" in made


def test_the_kept_recovery_page_is_of_this_catalogue_and_the_ladder_cures_all():
    """It takes minutes to make: `make matrices`. A new fault or strategy makes it stale."""
    strategies, matrix = tables((DOCS / "recovery.md").read_text())
    assert matrix[0] == ["fault", *(f"`{name}`" for name in STRATEGIES)], "make it again: make matrices"
    assert [row[0] for row in matrix[2:]] == [f"`{name}`" for name in faults_over("websocket")], (
        "make it again: make matrices"
    )
    assert all(row[-1].startswith("✔") for row in matrix[2:])
    ladder = strategies[-1]
    assert ladder[0] == "`ladder`" and ladder[-1] == "0", "no false alarm"
