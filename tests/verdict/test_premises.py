from harness.journal import ClientLog, FaultWithoutConnection, PremiseMissing, SpeakerStopped, StepMissing
from harness.scenario.model import Expect, Never, Scenario
from harness.units import SECOND
from harness.verdict import premises
from harness.verdict.record import RunRecord
from tests.verdict.journals import Tale


def find(journal, *written):
    return premises.find(RunRecord(journal), Scenario("a test", (), premises=written))


def test_each_premise_that_did_not_happen_is_told():
    tale = Tale()
    tale.add(3, PremiseMissing, step="typing", assumed="assistant is speaking", line=14)
    tale.add(4, FaultWithoutConnection, step="cut", line=18, struck_us=2 * SECOND)
    tale.add(90, StepMissing, step="step 3", line=21)
    assert [(finding.name, finding.at_us // SECOND, finding.reason, finding.line) for finding in find(tale.end())] == [
        ("premise", 3, "typing: assumed that assistant is speaking, and it was not so", 14),
        ("premise", 4, "there was no connection for a fault to be injected into", 18),
        ("premise", 90, "step 3: what it waits for never happened", 21),
    ]


def test_what_did_happen_is_no_finding():
    tale = Tale().step(3, "a", label=None)
    assert find(tale.end()) == []


def test_only_the_world_knows_of_premises():
    assert find(Tale().add(3, ClientLog, kind="premise_missing", fields={"step": "a", "assumed": "b"}).end()) == []


def test_what_the_scenario_takes_for_granted_is_judged_as_what_it_expects():
    tale = Tale().add(3, SpeakerStopped, response_id="r1", played_ms=1)
    interrupted = Expect("interruption", within_us=5 * SECOND, line=7)
    assert find(tale.end(), interrupted) == []
    (finding,) = find(Tale().end(), interrupted, Never(Expect("tells_user", line=8)))
    assert (finding.name, finding.line) == ("premise", 7)
    assert finding.reason == "no interruption within 5s of the start"
