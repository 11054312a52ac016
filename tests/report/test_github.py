"""What GitHub shows: annotations that its runner parses, and a summary in which nothing that is said is Markdown."""

import html
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from harness.errors import Problem, ScenarioError, SettingError, SeveralErrors
from harness.faults import CATALOGUE
from harness.report.github import annotations, mistakes, summary
from harness.scenario.model import At, Inject, Noise, Step
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict
from tests.report.testing import case, tables

HELD = Verdict("held", ())
DEAF = Verdict("failed", (Finding("never_silent_forever", 40_000_000, "never answered", "capture_dead"),))
PREMISE = Verdict("vacuous", (Finding("premise", 9_000_000, "assumed that connected", line=4),))
EVIL = "100%\r\n::error::x, a:b | <img src=x> `rm` *b* _i_ [l](http://x) www.x.example @me #1 ~~s~~ \\ & &lt; \x1b[2J"


def parsed(line):
    """As the runner reads a workflow command: ``::name key=value,…::message``, values and message unescaped."""
    name, properties, message = re.fullmatch(r"::(\w+)(?: (.*?))?::(.*)", line).groups()
    found = {}
    for each in (properties or "").split(","):
        key, _, value = each.partition("=")
        for escaped, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(escaped, meant)
        found[key] = value
    for escaped, meant in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        message = message.replace(escaped, meant)
    return name, found, message


@pytest.fixture
def here(tmp_path):
    """A checkout with a scenario of twelve lines, each indented by two and with a dash."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "x.yaml").write_text("scenario: x\n" + "  - at: 1s\n" * 11)
    return tmp_path


def test_a_failure_is_an_error_and_a_vacuous_run_a_warning(here):
    shown = annotations([case(HELD), case(PREMISE), case(DEAF), case(broken="it raised")], here)
    assert [parsed(line)[0] for line in shown] == ["error", "error", "warning"]
    assert [parsed(line)[2].split("\n")[0] for line in shown] == [
        "never answered",
        "it raised",
        "assumed that connected",
    ]
    assert parsed(shown[0])[1]["title"] == "failed: capture_dead (A story, mine)"
    assert parsed(shown[0])[2].endswith("again: again mine")


def where(one, root):
    (line,) = annotations([one], root)
    found = parsed(line)[1]
    return found.get("file"), found.get("line"), found.get("col")


def test_it_stands_at_the_line_of_the_finding(here):
    assert where(case(PREMISE, path=here / "s" / "x.yaml"), here) == ("s/x.yaml", "4", "5")


def test_without_one_it_stands_at_the_only_fault(here):
    fault = Step(At(0), Inject(CATALOGUE["mute"]()), line=7)
    noise = Step(At(0), Noise("white", 1), line=3)
    assert where(case(DEAF, path=here / "s" / "x.yaml", timeline=(noise, fault)), here) == ("s/x.yaml", "7", "5")
    assert where(case(DEAF, path=here / "s" / "x.yaml", timeline=(fault, fault)), here) == ("s/x.yaml", "1", "1")


def test_a_client_that_raises_is_shown_at_its_line(here):
    (here / "my.py").write_text("\n\n    boom()\n")
    broke = case(broken=f"{here / 'my.py'}:3: the client raised ValueError: x", path=here / "s" / "x.yaml")
    assert where(broke, here) == ("my.py", "3", "5")
    elsewhere = case(broken="/elsewhere/my.py:3: the client raised", path=here / "s" / "x.yaml")
    assert where(elsewhere, here) == ("s/x.yaml", "1", "1")


def test_a_file_outside_of_the_checkout_is_not_named(here):
    assert where(case(DEAF, path=here.parent / "y.yaml"), here) == (None, None, None)
    assert where(case(DEAF), here) == (None, None, None)


def test_what_is_said_cannot_end_a_command_or_begin_another(here):
    said = Verdict("failed", (Finding("expect answer", 1, EVIL),))
    (line,) = annotations([case(said, name=EVIL, client=EVIL)], here)
    assert len(line.splitlines()) == 1
    name, properties, message = parsed(line)
    assert (name, set(properties)) == ("error", {"title"})
    assert message.startswith(EVIL.removesuffix("\x1b[2J"))


def test_more_than_github_shows_are_counted(here):
    ten, eleven = (annotations([case(DEAF)] * number, here) for number in (10, 11))
    assert len(ten) == 10 and parsed(ten[9])[2].startswith("never answered")
    assert len(eleven) == 10 and parsed(eleven[9])[2].startswith("and 2 more runs")


def test_mistakes_of_files_are_errors_at_their_places(here):
    file = str(here / "s" / "x.yaml")
    problems = [Problem(file, line, 5, f"unknown key 'a{line}', and: 1%") for line in (2, 3)]
    error = SeveralErrors([ScenarioError(problems), SettingError("--seed 1: no")])
    assert [parsed(line) for line in mistakes(error, here)] == [
        ("error", {"file": "s/x.yaml", "line": str(line), "col": "5"}, f"unknown key 'a{line}', and: 1%")
        for line in (2, 3)
    ]
    many = mistakes(ScenarioError([Problem(file, line, 1, "no") for line in range(1, 13)]), here)
    assert len(many) == 10 and parsed(many[9])[2].startswith("and 3 more mistakes")
    assert mistakes(SettingError("no"), here) == []


# --- the summary ----------------------------------------------------------------------------------------------------


def test_the_worst_come_first_and_what_held_is_folded():
    text = summary([case(HELD), case(PREMISE), case(DEAF), case(broken="it raised")])
    assert text.splitlines()[0] == "## stillthere: ✖ 1 error, ✖ 1 failed, ○ 1 vacuous, ✔ 1 held"
    outcomes = [html.unescape(rows[2][0]) for rows in tables(text)]
    assert outcomes == ["✖ error: the client broke", "✖ failed: capture_dead", "○ vacuous", "✔ held"]
    assert text.index("<details>") < text.index("✔ held |")
    failed = tables(text)[1][2]
    assert [html.unescape(each) for each in failed[1:]] == [
        "A story",
        "mine",
        "never answered",
        "<code>again mine</code>",
    ]


def test_what_is_said_is_no_markdown_and_no_html():
    said = Verdict("failed", (Finding("expect answer", 1, EVIL),))
    text = summary([case(said, name=EVIL, client=EVIL)])
    (rows,) = tables(text)
    assert [len(row) for row in rows] == [5, 5, 5]
    cells = [cell.removeprefix("<code>").removesuffix("</code>") for cell in rows[2]]
    for cell in cells:
        assert not re.search(r"[<>`*_\[\]~|\\@#:!]|www\.", re.sub(r"&#\d+;", "", cell))
    assert html.unescape(cells[3]).startswith("100% ::error::x, a:b | <img src=x> `rm` *b* _i_ [l](http://x)")


def test_a_renderer_of_markdown_makes_of_it_what_was_said():
    said = Verdict("failed", (Finding("expect answer", 1, EVIL),))
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    page = ElementTree.fromstring(f"<page>{renderer.render(summary([case(said, name=EVIL, client=EVIL)]))}</page>")
    assert {each.tag for each in page.iter()} == {"page", "h2", "table", "thead", "tbody", "tr", "th", "td", "code"}
    scenario, client, why = ("".join(cell.itertext()) for cell in page.findall("table/tbody/tr/td")[1:4])
    shown = " ".join(EVIL.replace("\x1b", "\\x1b").split())
    assert (scenario, client, why) == (shown, shown, shown)


def test_a_long_summary_stays_below_what_github_takes():
    long = Verdict("failed", (Finding("expect answer", 1, "<" * 100_000),))
    text = summary([case(long, path=Path(f"{number}.yaml")) for number in range(400)])
    assert len(text.encode()) < 1024 * 1024
    (rows,) = tables(text)
    shown = len(rows) - 3  # without the head and the last row
    assert shown > 10 and rows[-1][0] == f"and {400 - shown} more"
