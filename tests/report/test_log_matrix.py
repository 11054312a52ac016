"""The page docs/log-confusion.md as it was measured last."""

import re
from pathlib import Path

from harness.search.log_confusion import LOG_OUTCOMES
from harness.search.log_kinds import LOG_KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "log-confusion.md").read_text()


def rows(chapter):
    text = PAGE.split(f"## {chapter}")[1].split("\n## ")[0]
    cells = [
        [each.strip() for each in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def count(cell):
    return 0 if cell == "·" else int(cell)


def test_the_bars_are_met():
    silences = {row["kind of log"]: row for row in rows("Runs with a silence")}
    assert set(silences) == set(LOG_KINDS)
    for kind in ("full", "har"):
        assert float(silences[kind]["one or set"].rstrip("%")) >= 90
    for row in silences.values():
        assert float(row["with listed"].rstrip("%")) >= 90
        assert float(row["causes named"]) <= 3


def test_answered_is_never_said_falsely():
    for chapter in ("Runs with a silence", "Runs in which"):
        assert all(count(row["false answered"]) == 0 for row in rows(chapter))


def test_the_rows_add_up_and_each_column_is_explained():
    for row in rows("Runs with a silence"):
        parts = sum(count(row[name]) for name in LOG_OUTCOMES if name in row)
        assert parts == int(row["runs"])
    explained = set(re.findall(r"^\* \*\*(.+?)\*\*: ", PAGE, re.MULTILINE))
    assert explained == set(LOG_OUTCOMES)
