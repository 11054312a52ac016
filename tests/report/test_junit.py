"""JUnit: the form that CI systems read, identities that stay, and a run that only warns has passed."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.report.junit import render
from harness.shipped import scenarios
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict
from tests.report.testing import case

LOST = Finding("words_lost", 26_000_000, "utterance 2 is in no turn", severity="warn")
BROKEN = Finding("settings_kept", 30_000_000, "session 2 runs without tools")
MISSED = Finding("premise", 9_000_000, "assumed that assistant is speaking", line=4)
HELD, FAILED, VACUOUS = Verdict("held", ()), Verdict("failed", (BROKEN,), (LOST,)), Verdict("vacuous", (MISSED,))


def rendered(*cases):
    return ElementTree.fromstring(render(cases))


def identity(element):
    return element.get("classname"), element.get("name")


# --- the form: the common part of the schemas of Jenkins (junit-10.xsd), GitLab and testmoapp/junitxml --------------

NUMBER, TIME, TEXT = re.compile(r"\d+"), re.compile(r"\d+\.\d{3}"), re.compile(r".+", re.DOTALL)
ATTRIBUTES = {
    "testsuite": (
        {"name": TEXT, "tests": NUMBER, "failures": NUMBER, "errors": NUMBER, "time": TIME},
        {"skipped": NUMBER},
    ),
    "testcase": ({"name": TEXT, "classname": TEXT, "time": TIME}, {"file": TEXT, "line": NUMBER}),
    "properties": ({}, {}),
    "property": ({"name": TEXT, "value": TEXT}, {}),
    "failure": ({"type": TEXT, "message": TEXT}, {}),
    "error": ({"type": TEXT, "message": TEXT}, {}),
    "system-out": ({}, {}),
}
CHILDREN = {
    "testsuite": {"testcase"},
    "testcase": {"properties", "failure", "error", "system-out"},
    "properties": {"property"},
}
ONCE = {"properties", "failure", "error", "system-out"}


def wrong(element):
    """What in a document breaks the form, in words."""
    needed, allowed = ATTRIBUTES[element.tag]
    found = [f"{element.tag} lacks {name}" for name in needed.keys() - element.keys()]
    for name, value in element.items():
        pattern = {**needed, **allowed}.get(name)
        if pattern is None or not pattern.fullmatch(value):
            found.append(f"{element.tag} {name}={value!r}")
    tags = [child.tag for child in element]
    found += [f"{tag} in {element.tag}" for tag in tags if tag not in CHILDREN.get(element.tag, ())]
    found += [f"two {tag} in {element.tag}" for tag in ONCE if tags.count(tag) > 1]
    if {"failure", "error"} <= set(tags):
        found.append("a case both failed and broke")
    if element.tag == "testsuite":
        counted = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}
        found += [name for name, path in counted.items() if int(element.get(name)) != len(element.findall(path))]
        if len({identity(each) for each in element}) != len(element):
            found.append("two cases have one identity")
    return found + [each for child in element if child.tag in ATTRIBUTES for each in wrong(child)]


EVIL = "]]>\x00\x1b[31m\ud800<b>&amp;\u202e"


def test_the_document_has_the_form_that_ci_systems_read(tmp_path):
    said = Finding("expect answer", 1, EVIL, line=3)
    cases = [
        case(HELD), case(FAILED, client="b"), case(VACUOUS, client="c"), case(broken="it raised", client="d"),
        case(Verdict("failed", (said,), (said,)), name=EVIL, client=EVIL, journal=tmp_path / "j.jsonl"),
        case(HELD),
    ]  # fmt: skip
    suite = rendered(*cases)
    assert wrong(suite) == []
    assert [len(suite), suite.get("failures"), suite.get("errors")] == [6, "2", "2"]


def test_the_rules_notice_what_is_wrong():
    suite = rendered(case(HELD), case(FAILED))
    suite.set("failures", "0")
    suite[0].set("time", "soon")
    suite[1].set("name", suite[0].get("name"))
    ElementTree.SubElement(suite[1], "failure")
    assert len(wrong(suite)) >= 4


# --- identities -----------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_case_is_its_file_from_here_and_its_client(here):
    within = [case(HELD, path=path) for path in (here / "a" / "x.yaml", Path("b/x.yaml"), here.parent / "x.yaml")]
    assert [identity(each) for each in rendered(*within)] == [
        ("a/x.yaml", "mine"),
        ("b/x.yaml", "mine"),
        ("../x.yaml", "mine"),
    ]


def test_a_shipped_scenario_is_its_name_and_has_no_file():
    (shipped,) = rendered(case(HELD, path=scenarios() / "reported_freeze.yaml"))
    assert (identity(shipped), shipped.get("file")) == (("reported_freeze", "mine"), None)


def test_titles_do_not_collide(here):
    assert len({identity(each) for each in rendered(case(HELD, path=here / "a"), case(HELD, path=here / "b"))}) == 2


def test_what_is_played_twice_is_counted():
    assert [identity(each)[1] for each in rendered(*[case(HELD)] * 3)] == ["mine", "mine (2)", "mine (3)"]


def test_a_run_that_breaks_has_the_identity_of_one_that_is_judged(here):
    for changes in ({}, {"seed": 7}, {"transport": "webrtc"}):
        judged, broke = (rendered(case(verdict, path=here / "x.yaml", **changes)) for verdict in (FAILED, None))
        assert identity(judged[0]) == identity(broke[0])


def test_what_is_not_usual_is_part_of_the_name():
    suite = rendered(case(HELD, seed=7), case(HELD, transport="webrtc"))
    assert [identity(each)[1] for each in suite] == ["mine [seed 7]", "mine [webrtc]"]


# --- what it says ---------------------------------------------------------------------------------------------------


def properties(element):
    return {each.get("name"): each.get("value") for each in element.find("properties")}


def test_time_is_wall_time_and_virtual_time_is_a_property():
    suite = rendered(case(HELD, wall_s=0.25), case(HELD, wall_s=1.5))
    assert (suite.get("time"), [each.get("time") for each in suite]) == ("1.750", ["0.250", "1.500"])
    assert properties(suite[0])["virtual_s"] == "24.300"  # the end of the made journal
    assert "virtual_s" not in properties(rendered(case(broken="it raised"))[0])


def test_the_journal_and_the_command_are_there(tmp_path):
    (one,) = rendered(case(FAILED, journal=tmp_path / "j.jsonl"))
    assert properties(one)["journal"] == str(tmp_path / "j.jsonl")
    assert properties(one)["again"] == "again mine"
    assert f"[[ATTACHMENT|{tmp_path / 'j.jsonl'}]]" in one.findtext("system-out")


def test_a_warning_is_output_of_a_case_that_passes():
    suite = rendered(case(Verdict("held", (), (LOST,))))
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    (one,) = suite
    assert [part.tag for part in one] == ["properties", "system-out"]
    assert one.findtext("system-out") == "warning: words_lost at 26.000 s: utterance 2 is in no turn"


def test_a_failure_without_a_cause_has_the_name_of_its_property():
    suite = rendered(case(FAILED), case(HELD))
    assert suite.get("failures") == "1"
    failed, held = suite
    assert [part.tag for part in failed] == ["properties", "failure", "system-out"]
    assert (failed[1].get("type"), failed[1].get("message")) == ("settings_kept", "session 2 runs without tools")
    assert [part.tag for part in held] == ["properties"]


def test_the_line_at_fault_is_that_of_the_finding(here):
    suite = rendered(case(VACUOUS, path=here / "x.yaml"), case(FAILED, path=here / "y.yaml"))
    assert [(each.get("file"), each.get("line")) for each in suite] == [("x.yaml", "4"), ("y.yaml", "1")]
