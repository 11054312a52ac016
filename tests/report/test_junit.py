"""JUnit: a run that only warns has passed, and its warnings can be read."""

from xml.etree import ElementTree

from harness.report.junit import JunitCase, render
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict

LOST = Finding("words_lost", 26_000_000, "utterance 2 is in no turn", severity="warn")
BROKEN = Finding("settings_kept", 30_000_000, "session 2 runs without tools")


def rendered(*verdicts):
    cases = [JunitCase("a story", f"client {number}", 1, verdict) for number, verdict in enumerate(verdicts)]
    return ElementTree.fromstring(render(cases))


def test_a_warning_is_output_of_a_case_that_passes():
    suite = rendered(Verdict("held", (), (LOST,)))
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    (case,) = suite
    assert [part.tag for part in case] == ["system-out"]
    assert case[0].text == "warning: words_lost at 26.000 s: utterance 2 is in no turn"


def test_a_failure_without_a_cause_has_the_name_of_its_property():
    suite = rendered(Verdict("failed", (BROKEN,), (LOST,)), Verdict("held", ()))
    assert suite.get("failures") == "1"
    failed, held = suite
    assert [part.tag for part in failed] == ["failure", "system-out"]
    assert (failed[0].get("type"), failed[0].get("message")) == ("settings_kept", "session 2 runs without tools")
    assert list(held) == []
