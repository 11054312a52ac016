"""The page about the scenario language: fresh, complete, and each example in it works."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from harness.clients.settings import setting_names
from harness.faults import CATALOGUE
from harness.report.language import render
from harness.scenario import load
from harness.scenario.document import json_schema
from harness.scenario.model import ASSUMPTIONS
from harness.scenario.nodes import Reader, compose
from harness.scenario.profiles import PROFILES

PAGE = Path(__file__).parent.parent.parent / "docs" / "scenarios.md"
CURE = "docs/scenarios.md is not what the command prints; run: stillthere schema --markdown > docs/scenarios.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", render(), re.DOTALL)


def test_the_page_is_what_the_command_prints():
    assert PAGE.read_text(encoding="utf-8") == render(), CURE


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[0])
def test_every_example_loads_and_fits_the_schema(example: str, tmp_path: Path):
    for text in EXAMPLES:
        if named := re.match(r"# (\w+\.yaml)\n", text):
            (tmp_path / named[1]).write_text(text)
    (tmp_path / "caller.ulaw").write_bytes(bytes(8_000))
    (tmp_path / "street.pcm").write_bytes(bytes(4 * 44_100))
    if example.startswith("# "):
        example = f"scenario: an included file\n{example}"
    path = tmp_path / "example.yaml"
    path.write_text(example)
    assert load(path).timeline
    assert Draft202012Validator(json_schema()).is_valid(Reader().data(compose(example, "an example")))


def test_every_key_of_the_language_has_a_line():
    page, schema = render(), json_schema()
    for part in (schema, *schema["$defs"].values()):
        for key, field in part["properties"].items():
            assert re.search(rf"^\| `{re.escape(key)}` \| .+ \| {re.escape(field['description'])} \|$", page, re.M), key


def test_every_feature_has_an_example():
    shown = "\n".join(EXAMPLES)
    document = json_schema()
    keys = [
        *document["properties"],
        *document["$defs"]["StepDocument"]["properties"],
        "any",
        "all",
        "never",
        "at least",
    ]
    missing = [key for key in keys if not re.search(rf"(^|[\s{{-]){re.escape(key)}:", shown)]
    assert [key for key in missing if key not in ("microphone", "until", "playback", "network", "event")] == []
    assert re.search("assume: .*(" + "|".join(ASSUMPTIONS) + ")", shown)


def test_every_fault_and_profile_is_named_and_its_link_leads_to_it():
    faults = (PAGE.parent / "faults.md").read_text(encoding="utf-8")
    chapter = render().partition("\n## Faults\n")[2].partition("\n## ")[0]
    links = re.findall(r"\[`([\w-]+)`\]\(faults\.md#([\w-]+)\)", chapter)
    assert sorted(name for name, _ in links) == sorted(CATALOGUE)
    assert all(name == place and f'<a name="{place}"></a>' in faults for name, place in links)
    switching = render().partition("\n## The app")[2].partition("\n## ")[0]
    assert all(f"`{name}`" in switching for name in PROFILES) and "(app-switching.md)" in switching
    assert (PAGE.parent / "app-switching.md").exists()


def test_every_client_setting_is_explained():
    table = render().partition("### Client settings\n")[2].partition("\n### ")[0]
    for name in setting_names():
        assert re.search(rf"^\| `{name}` \| .+ \| .+\. \|$", table, re.M), name


def test_the_python_of_the_page_runs(capsys):
    (source,) = re.findall(r"```python\n(.*?)```", render(), re.DOTALL)
    exec(compile(source, "the page", "exec"), {})
    assert capsys.readouterr().out == "held\n"


def test_tables_are_rectangular_and_links_lead_somewhere():
    page = render()
    for before, line in pairwise(page.splitlines()):
        if line.startswith("|") and before.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 4, line
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", page, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
