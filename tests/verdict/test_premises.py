from harness.units import SECOND
from harness.verdict.premises import find
from tests.verdict.journals import Tale


def test_each_premise_that_did_not_happen_is_told():
    tale = Tale()
    tale.add(3, "world", "premise_missing", step="typing", assumed="assistant is speaking", line=14)
    tale.add(4, "world", "no_connection", step="cut", line=18)
    tale.add(90, "world", "step_missing", step="step 3", line=21)
    assert [(finding.name, finding.at_us // SECOND, finding.reason, finding.line) for finding in find(tale.end())] == [
        ("premise", 3, "typing: assumed that assistant is speaking, and it was not so", 14),
        ("premise", 4, "cut: there was no connection to strike", 18),
        ("premise", 90, "step 3: what it waits for never happened", 21),
    ]


def test_what_did_happen_is_no_finding():
    tale = Tale().add(3, "world", "step", step="a", label=None, length_us=0)
    assert find(tale.end()) == []


def test_only_the_world_knows_of_premises():
    assert find(Tale().add(3, "client", "premise_missing", step="a", assumed="b").end()) == []
