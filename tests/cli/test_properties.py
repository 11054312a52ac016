"""``stillthere properties``, and the page that it makes."""

from pathlib import Path

from harness.verdict.properties import PROPERTIES

PAGE = Path(__file__).parent.parent.parent / "docs" / "properties.md"
CURE = "docs/properties.md is not what the command prints; run: stillthere properties --markdown > docs/properties.md"


def test_the_page_is_what_the_command_prints(stillthere):
    outcome = stillthere("properties", "--markdown")
    assert outcome.code == 0 and outcome.err == ""
    assert PAGE.read_bytes() == outcome.out.encode(), CURE


def test_it_lists_every_property_with_its_default(stillthere):
    outcome = stillthere("properties")
    assert outcome.code == 0 and outcome.err == ""
    rows = [line.split()[:2] for line in outcome.out.splitlines()[1:] if not line.startswith(" ")]
    assert rows == [[name, each.default] for name, each in PROPERTIES.items()]


def test_it_describes_one_in_full(stillthere):
    outcome = stillthere("properties", "keeps_answering")
    assert outcome.code == 0
    assert outcome.out.startswith("keeps_answering\n\nThe client keeps answering: ")
    assert "by default:   fail, because " in outcome.out and "--property keeps_answering=warn" in outcome.out


def test_a_property_that_is_unknown_is_a_mistake(stillthere):
    outcome = stillthere("properties", "keeps_answring")
    assert (outcome.code, outcome.out) == (2, "")
    assert "no property is called 'keeps_answring'; did you mean 'keeps_answering'?" in outcome.err
