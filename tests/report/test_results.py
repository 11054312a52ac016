"""``results.json``: its schema is a schema, and every document that is written fits it."""

import json
from pathlib import Path

import jsonschema
import pytest

from harness.causes import CAUSES
from harness.report.results import document, schema
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict, judge
from tests.report.testing import case, conversation, cured, deaf, run

PUBLISHED = Path(__file__).parents[2] / "docs" / "results.schema.json"
PREMISE = Verdict("vacuous", (Finding("premise", 9_000_000, "assumed that connected", line=4),))


def fits(cases):
    jsonschema.Draft202012Validator(schema()).validate(made := json.loads(json.dumps(document(cases))))
    return made


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$id"] == "urn:stillthere:results:1"


def test_the_published_schema_is_the_one_of_the_code():
    assert json.loads(PUBLISHED.read_text()) == schema(), "make pages"


def test_every_field_is_described():
    for name, kind in {**schema()["$defs"], "": schema()}.items():
        for field, one in kind["properties"].items():
            assert one.get("description") or "$ref" in one or name == "Totals", f"{name}.{field}"


@pytest.mark.parametrize("journal", [deaf, cured, conversation])
def test_a_judged_run_fits(journal):
    played = run(journal())
    verdict = judge(played.journal, played.scenario)
    made = fits([case(verdict)])
    assert made["verdict"] == made["runs"][0]["verdict"] == verdict.name
    for found in made["runs"][0]["findings"]:
        assert found["cause"] is None or found["cause"] in CAUSES


def test_vacuous_and_broken_runs_fit():
    made = fits([case(PREMISE), case(broken="it raised")])
    vacuous, broke = made["runs"]
    assert vacuous["findings"][0] | {"evidence": []} == {
        "property": "premise",
        "at_s": 9.0,
        "reason": "assumed that connected",
        "cause": None,
        "evidence": [],
        "line": 4,
    }
    assert (broke["verdict"], broke["journal_sha256"], broke["virtual_s"]) == ("error", None, None)
    assert [(each["property"], each["at_s"], each["reason"]) for each in broke["findings"]] == [
        ("client", None, "it raised")
    ]


def test_nothing_played_fits():
    assert fits([])["totals"] == {"runs": 0, "held": 0, "failed": 0, "vacuous": 0, "error": 0, "warned": 0}


def test_the_totals_count_each_run_once_and_the_worst_decides():
    warned = Verdict("held", (), (Finding("words_lost", 1, "words", severity="warn"),))
    made = fits([case(Verdict("held", ())), case(warned), case(PREMISE), case(broken="it raised")])
    assert made["totals"] == {"runs": 4, "held": 2, "failed": 0, "vacuous": 1, "error": 1, "warned": 1}
    assert made["verdict"] == "error"


def test_runs_have_the_identity_that_junit_has():
    made = fits([case(PREMISE, seed=3), case(PREMISE, seed=3)])
    assert [each["id"] for each in made["runs"]] == [["A story", "mine [seed 3]"], ["A story", "mine [seed 3] (2)"]]


@pytest.mark.parametrize(
    "broken",
    [{"verdict": "passed"}, {"seed": -1}, {"journal_sha256": "short"}, {"findings": None}, {"client": None}],
)
def test_the_schema_refuses_what_is_no_result(broken):
    made = document([case(PREMISE)])
    made["runs"][0] |= broken
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(made)
