from harness.scenario.model import Expect, Never, Scenario
from harness.units import SECOND
from harness.verdict import premises
from tests.verdict.journals import Tale


def find(journal, *written):
    return premises.find(journal, Scenario("a test", (), premises=written))


def test_each_premise_that_did_not_happen_is_told():
    tale = Tale()
    tale.add(3, "world", "premise_missing", step="typing", assumed="assistant is speaking", line=14)
    tale.add(4, "world", "no_connection", step="cut", line=18, struck_us=2 * SECOND)
    tale.add(90, "world", "step_missing", step="step 3", line=21)
    assert [(finding.name, finding.at_us // SECOND, finding.reason, finding.line) for finding in find(tale.end())] == [
        ("premise", 3, "typing: assumed that assistant is speaking, and it was not so", 14),
        ("premise", 4, "a fault met no connection to strike", 18),
        ("premise", 90, "step 3: what it waits for never happened", 21),
    ]


def test_what_did_happen_is_no_finding():
    tale = Tale().add(3, "world", "step", step="a", label=None, length_us=0)
    assert find(tale.end()) == []


def test_only_the_world_knows_of_premises():
    assert find(Tale().add(3, "client", "premise_missing", step="a", assumed="b").end()) == []


def test_what_the_scenario_takes_for_granted_is_judged_as_what_it_expects():
    tale = Tale().add(3, "speaker", "stopped", response_id="r1", played_ms=1)
    interrupted = Expect("interruption", within_us=5 * SECOND, line=7)
    assert find(tale.end(), interrupted) == []
    (finding,) = find(Tale().end(), interrupted, Never(Expect("told", line=8)))
    assert (finding.name, finding.line) == ("premise", 7)
    assert finding.reason == "no interruption within 5s of the start"
