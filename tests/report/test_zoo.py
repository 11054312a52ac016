"""The zoo's part of the confusion matrix: shares by harm, what is wrong, and what stands there without a zoo."""

from collections import Counter

import pytest

from harness.report.zoo import LEFT_OUT, zoo_chapter, zoo_text
from harness.search.zoo import ZooMatrix, ZooResult
from tests.report.testing import tables

SILENT = ("never_silent_forever", "gate_closed")


@pytest.fixture
def zoo() -> ZooMatrix:
    matrix = ZooMatrix(2, Counter({"never_silent_forever": 1, "one_capture": 1}))
    results = [(SILENT, (SILENT,)), (SILENT, (SILENT,)), (("one_capture", None), ()), (("one_capture", None), ()),
               (None, ()), (None, (("answers_late", None),))]  # fmt: skip
    for seed, (expected, found) in enumerate(results):
        name = expected[0] if expected else "PushToTalk"
        matrix.add(ZooResult(f"client_{name}", "A talk", seed, expected, found))
    return matrix


def test_the_terminal_has_shares_by_harm_and_what_is_wrong(zoo: ZooMatrix) -> None:
    text = zoo_text(zoo)
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line}
    assert rows["never_silent_forever"] == ["1", "2", "100.0%"]
    assert rows["one_capture"] == ["1", "2", "0.0%"]
    assert "right: 50.00% of the runs of client mistakes; 50.00% of the runs of correct clients" in text
    assert rows["client_one_capture"] == ["A", "talk", "one_capture", "nothing", "2"], "two seeds are one row"
    assert rows["client_PushToTalk"] == ["A", "talk", "nothing", "answers_late", "1"]
    assert "client_never_silent_forever" not in rows


def test_the_chapter_has_two_tables(zoo: ZooMatrix) -> None:
    chapter = zoo_chapter(zoo)
    by_harm, wrong = tables(chapter)
    assert by_harm[2:] == [["`never_silent_forever`", "1", "2", "100.0%"], ["`one_capture`", "1", "2", "0.0%"]]
    assert [row[0] for row in wrong[2:]] == ["`client_one_capture`", "`client_PushToTalk`"]
    assert "**50.0% of 4 runs of 2 specimens are right; 50.0% of 2 runs of correct clients" in chapter
    assert "played 2 times" in chapter


def test_a_cause_stands_behind_its_harm() -> None:
    matrix = ZooMatrix(1, Counter({"never_silent_forever": 1}))
    matrix.add(ZooResult("one", "A talk", 0, SILENT, (("never_silent_forever", "vad_deaf"),)))
    assert "never_silent_forever: gate_closed  never_silent_forever: vad_deaf" in zoo_text(matrix)


def test_without_a_zoo_one_line_says_how_to_get_it() -> None:
    assert zoo_text(None) == f"\n{LEFT_OUT}\n" and "\n" not in LEFT_OUT
    assert "checkout of the repository" in LEFT_OUT and "--zoo" in LEFT_OUT
    assert LEFT_OUT in zoo_chapter(None)
