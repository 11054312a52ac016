"""The issue forms have the form that GitHub takes, ask for nothing that must not be published, and name what exists."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "ISSUE_TEMPLATE"
FORMS = sorted(path for path in FOLDER.glob("*.yml") if path.name != "config.yml")

# docs.github.com, "Syntax for issue forms" and "Syntax for GitHub's form schema".
KEYS = {"name", "description", "body", "title", "labels", "assignees", "projects", "type"}
ATTRIBUTES = {
    "markdown": ({"value"}, set()),
    "textarea": ({"label"}, {"description", "placeholder", "value", "render"}),
    "input": ({"label"}, {"description", "placeholder", "value"}),
    "dropdown": ({"label", "options"}, {"description", "multiple", "default"}),
    "checkboxes": ({"label", "options"}, {"description"}),
}
"""The attributes of each type of element: those that it must have, and those that it may have."""


def read(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_there_is_one_for_each_kind_of_report():
    assert [path.name for path in FORMS] == ["bug.yml", "fidelity.yml", "freeze.yml"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_is_one_that_github_takes(path):
    form = read(path)
    assert {"name", "description", "body"} <= form.keys() <= KEYS
    elements = form["body"]
    assert any(each["type"] != "markdown" for each in elements)
    for each in elements:
        needed, allowed = ATTRIBUTES[each["type"]]
        assert needed <= each["attributes"].keys() <= needed | allowed, each
        assert each.keys() <= {"type", "id", "attributes", "validations"}, each
        assert each.get("validations", {}).keys() <= {"required"}, each
        if each["type"] == "dropdown":
            options = each["attributes"]["options"]
            assert all(isinstance(option, str) and option != "None" for option in options), each
            assert len(set(options)) == len(options), each
        if each["type"] == "checkboxes":
            for option in each["attributes"]["options"]:
                assert "label" in option and option.keys() <= {"label", "required"}, each
    ids = [each["id"] for each in elements if "id" in each]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[A-Za-z0-9_-]+", each) for each in ids)
    labels = [each["attributes"]["label"] for each in elements if each["type"] != "markdown"]
    assert len(set(labels)) == len(labels)


def test_the_report_of_a_freeze_asks_for_the_diagnosis_and_for_privacy():
    form = read(FOLDER / "freeze.yml")
    required = {each.get("id"): each for each in form["body"] if each.get("validations", {}).get("required")}
    assert "stillthere diagnose" in required["diagnosis"]["attributes"]["label"]
    (privacy,) = (each for each in form["body"] if each["type"] == "checkboxes")
    assert privacy["attributes"]["options"][0]["required"] is True


def test_vulnerabilities_are_not_reported_in_public():
    config = read(FOLDER / "config.yml")
    assert config["blank_issues_enabled"] is False
    (link,) = config["contact_links"]
    assert link.keys() == {"name", "url", "about"} and link["url"].endswith("/security/advisories/new")
    assert link["url"] in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
