"""The pages are right: links lead somewhere, commands exist, and what they say of the code is true."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
import typer

from benchmarks import hypotheses
from harness.cli import Commands, command_line
from harness.clients.recovery.detectors import SYMPTOM_DETECTORS
from harness.clients.recovery.strategies import STRATEGIES
from harness.clients.settings import ClientSettings
from harness.faults import CATALOGUE
from harness.report.app_switching import HYPOTHESES
from harness.scenario import load, shipped_scenarios
from harness.verdict import client_view
from tests.report.testing import tables

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), ROOT / "js" / "README.md"]
UNFREEZABLE = (ROOT / "docs" / "unfreezable.md").read_text()
COMMANDS = {name: typer.main.get_command(command_line).load(name) for name in Commands.lazy}


def name_of(page):
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_and_to_headings(page):
    text = page.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path) if path else page
        assert found.exists(), f"{page.name} links to {target}"
        if anchor and found.suffix == ".md":
            linked = found.read_text()
            headings = {
                re.sub(r"[^\w\- ]", "", line.lstrip("# ")).strip().lower().replace(" ", "-")
                for line in linked.splitlines()
                if line.startswith("#")
            }
            assert anchor in headings or f'name="{anchor}"' in linked, f"{page.name} links to {target}"


def _commands(text):
    """Each `stillthere …` in code, as words."""
    code = re.findall(r"`(stillthere [^`\n]+)`", text)
    for block in re.findall(r"```(?:console|bash)\n(.*?)```", text, re.DOTALL):
        code += [line.removeprefix("$ ") for line in block.splitlines() if re.match(r"(\$ )?stillthere ", line)]
    return [shlex.split(line.split(" #")[0].split(" > ")[0].replace("…", "")) for line in code]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_their_options_exist(page):
    for _, *words in _commands(page.read_text()):
        if "--" in words:  # the command of a program follows
            words = words[: words.index("--")]
        if not words or words[0].startswith("-"):
            continue
        command = COMMANDS[words[0]]
        if words[0] == "bench":
            continue
        known = {option for parameter in command.params for option in parameter.opts}
        used = {word for word in words if word.startswith("--")}
        assert used <= known, f"{page.name}: stillthere {' '.join(words)}"
        if words[0] in ("run", "show", "diagnose") and len(words) > 1 and re.fullmatch(r"[a-z][a-z0-9_]+", words[1]):
            load(words[1])


def test_generated_pages_say_how_to_make_them():
    makefile = (ROOT / "Makefile").read_text()
    for page in (
        "scenarios",
        "faults",
        "properties",
        "answered",
        "fidelity",
        "session-states",
        "app-switching",
        "scenario-pack",
        "confusion",
        "recovery",
    ):
        assert f"> docs/{page}.md" in makefile


def test_the_readme_lists_every_page():
    readme = (ROOT / "README.md").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{page.name})" in readme, page.name


# --- how to make your client unfreezable ----------------------------------------------------------------------------


def test_the_timings_are_the_settings():
    defaults = {field.name: field.default for field in fields(ClientSettings)}
    written = re.findall(r"\| `(\w+_ms)` \| (\d+) \|", UNFREEZABLE) + re.findall(
        r"`(\w+_ms)` \((\d+) ms\)", UNFREEZABLE
    )
    assert len(written) >= 14
    for name, value in written:
        assert defaults[name] == int(value), name


def test_all_detectors_are_described():
    (rows,) = (rows for rows in tables(UNFREEZABLE) if rows[0][0] == "detector")
    assert [row[0] for row in rows[2:] if row[0]] == [f"`{name}`" for name in SYMPTOM_DETECTORS]


def test_what_a_client_cannot_tell_apart_is_what_the_judge_groups():
    (rows,) = (rows for rows in tables(UNFREEZABLE) if rows[0][0] == "seen")
    written = {tuple(re.findall(r"`(\w+)`", row[1])) for row in rows[2:]}
    known = {value for name, value in vars(client_view).items() if name.isupper() and isinstance(value, tuple)}
    assert known <= written
    assert ("half_open", *client_view.NOTHING_HEARD) in written


def test_each_cause_names_the_report_that_its_scenario_comes_from():
    (rows,) = (rows for rows in tables(UNFREEZABLE) if rows[0][0] == "link")
    for _, _, report, command in rows[2:]:
        scenario = load(command.strip("`").split()[2])
        assert report.removeprefix("community ") in scenario.source, (report, scenario.source)


def test_the_recovery_matrix_bears_out_what_is_said_of_remedies():
    """A bare clear recovers nothing that waiting does not, only the ladder recovers everything, and it takes longer."""
    _, (head, _, *rows) = tables((ROOT / "docs" / "recovery.md").read_text())
    by_strategy = {name.strip("`"): [row[column] for row in rows] for column, name in enumerate(head)}
    whole = {name for name in STRATEGIES if all(cell.startswith("✔") for cell in by_strategy[name])}
    assert whole == {"ladder"}
    for strategy in ("clear", "clear_ends_speech"):
        for waited, cleared in zip(by_strategy["none"], by_strategy[strategy], strict=True):
            assert waited.startswith("✔") or not cleared.startswith("✔")
    again = dict(zip(by_strategy["fault"], by_strategy["reconnect_and_resend"], strict=True))
    ladder = dict(zip(by_strategy["fault"], by_strategy["ladder"], strict=True))
    of_server = [f"`{name}`" for name, fault in CATALOGUE.items() if fault.seam in ("detector", "policy")]
    cured = [name for name in of_server if again[name].startswith("✔") and again[name] != ladder[name]]
    assert sum(_seconds(again[name]) < _seconds(ladder[name]) for name in cured) > len(cured) / 2
    assert again["`near-silent`"] == "✖"


def _seconds(cell):
    return float(cell.split()[1])


def test_the_page_of_app_and_class_has_every_scenario_and_explains_every_difference():
    page = (ROOT / "docs" / "app-verdicts.md").read_text()
    over_websockets = [path.stem for path in shipped_scenarios() if load(path).transport == "websocket"]
    assert [name for name in over_websockets if f"| `{name}` |" not in page] == []
    assert "not explained" not in page


# --- hypotheses -----------------------------------------------------------------------------------------------------


def test_the_page_of_hypotheses_is_fresh():
    page = (ROOT / "docs" / "hypotheses.md").read_text(encoding="utf-8")
    assert page == hypotheses.render(hypotheses.browser_verdicts()), "run: python -m benchmarks.hypotheses"


def test_each_hypothesis_has_a_scenario_and_a_difference_to_the_browser_is_told():
    assert set(hypotheses.SCENARIOS) >= {each.number for each in HYPOTHESES}
    seen = hypotheses.BrowserVerdict(
        scenario="renderer_stopped", page="resilient", transport="websocket", verdict="failed: half_open"
    )
    page = hypotheses.render([seen])
    (row,) = (row for row in tables(page)[0] if row[0] == "H7")
    assert row[3:] == ["held", "held", "not played", "failed: half_open"]
    assert "* **H7**: not explained." in page
