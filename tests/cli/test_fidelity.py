"""``stillthere fidelity``, and the page that it makes."""

import re
from itertools import pairwise
from pathlib import Path

from harness.fidelity import BEHAVIOURS, GAPS, SECTIONS
from harness.report.fidelity import render
from harness.server.policy import names

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "fidelity.md"
CURE = "docs/fidelity.md is not what the command prints; run: make pages"


def cells(line):
    return re.split(r"(?<!\\)\|", line)[1:-1]


def test_the_page_is_what_the_command_prints(stillthere):
    outcome = stillthere("fidelity", "--tests", ROOT / "tests")
    assert outcome.code == 0 and outcome.err == ""
    assert PAGE.read_bytes() == outcome.out.encode(), CURE


def test_without_tests_there_is_no_column_of_them(stillthere):
    outcome = stillthere("fidelity")
    assert outcome.code == 0 and "| switch |\n" in outcome.out and "test_" not in outcome.out


def test_every_behaviour_is_a_line_under_its_section():
    page = render()
    for number, title in SECTIONS.items():
        table = page.partition(f"## §{number} {title}\n")[2].partition("\n## ")[0]
        rows = [row for row in BEHAVIOURS if row.section == number]
        assert table.count("\n| ") - 2 == len(rows) > 0
        assert all(f"| {row.claim} | {row.known} |" in table for row in rows)


def test_tables_are_rectangular():
    lines = PAGE.read_text().splitlines()
    for before, line in pairwise(lines):
        if line.startswith("|") and before.startswith("|"):
            assert len(cells(line)) == len(cells(before)), line


def test_links_lead_somewhere():
    page = PAGE.read_text()
    files = set(re.findall(r"\]\((\.\./[^)#]+)\)", page))
    assert len(files) > 20 and all((PAGE.parent / name).resolve().is_file() for name in files)
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    targets = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert targets and targets <= anchors


def test_events_switches_and_gaps_have_their_tables():
    page = render()
    events = page.partition("## Events\n")[2].partition("\n## ")[0]
    assert events.count("\n| `") == 57
    assert "| `mcp_list_tools.failed` | server | no, a script can send it |" in events
    assert "| `output_audio_buffer.clear` | client | no, it is refused |" in events
    assert "| `session.created` | server | yes | [§2.1](#21-connection-and-admission)" in events
    switches = page.partition("## Policy switches\n")[2].partition("\n## ")[0]
    assert all(f"\n| `{name}` | **" in switches for name in names())
    assert page.partition("## What is not modelled\n")[2].count("\n| ") - 2 == len(GAPS)


def test_the_counts_add_up():
    counts = [int(count) for count in re.findall(r"^\| \*\*[a-z]+\*\* \| .* \| (\d+) \|$", render(), re.MULTILINE)]
    assert len(counts) == 5 and sum(counts) == len(BEHAVIOURS)
