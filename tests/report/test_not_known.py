"""docs/not-known.md: it is fresh, and has each question that is open, with all its answers."""

import re
from pathlib import Path

from harness.report.not_known import open_switches, page
from harness.server import policy

PAGE = Path(__file__).parent.parent.parent / "docs" / "not-known.md"


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m harness.report.not_known > docs/not-known.md"


def test_each_question_has_all_its_answers():
    rows = re.findall(r"^\| `(\w+)`: \*{0,2}(\w+)\*{0,2} \|", page(), re.MULTILINE)
    for name in open_switches():
        assert {variant for switch, variant in rows if switch == name} == set(policy.variants(name)), name


def test_what_a_policy_calls_unknown_is_on_the_page():
    unknown = {name for name in policy.names() if "unknown" in policy.KNOWN[name] or "assumed" in policy.KNOWN[name]}
    assert {"clear_during_speech", "update_during_speech", "odd_byte"} < unknown
    assert unknown <= open_switches().keys()
