"""The page of the tables says what was kept, and what was kept meets the bars."""

from pathlib import Path

from benchmarks.webrtc.cases import CASES
from benchmarks.webrtc.page import holds, page
from benchmarks.webrtc.results import read

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "webrtc-calibration.md"


def test_the_page_is_fresh():
    assert PAGE.read_text() == page(read()), "run: .webrtc/bin/python -m benchmarks.webrtc page"


def test_every_case_was_played():
    assert [(row.name, row.client) for row in read().verdicts] == [(case.name, case.client) for case in CASES]


def test_verdicts_agree_on_ten_conversations_at_least():
    same = [row for row in read().verdicts if row.virtual == row.aiortc]
    assert len(same) >= 10


def test_turns_agree_at_each_loss():
    edges = read().edges
    assert [row.percent for row in edges] == [0, 10, 20]
    assert all(row.trials == 24 and holds(row) for row in edges)
