"""``stillthere faults``, and the page that it makes."""

from pathlib import Path

from harness.faults import CATALOGUE

PAGE = Path(__file__).parent.parent.parent / "docs" / "faults.md"
CURE = "docs/faults.md is not what the command prints; run: stillthere faults --markdown > docs/faults.md"


def test_the_page_is_what_the_command_prints(stillthere):
    outcome = stillthere("faults", "--markdown")
    assert outcome.code == 0 and outcome.err == ""
    assert PAGE.read_bytes() == outcome.out.encode(), CURE


def test_it_lists_every_fault(stillthere):
    outcome = stillthere("faults")
    assert outcome.code == 0 and outcome.err == ""
    listed = [line.split()[0] for line in outcome.out.splitlines() if line.startswith("  ")]
    assert listed == list(CATALOGUE)


def test_it_describes_one_in_full(stillthere):
    outcome = stillthere("faults", "near-silent")
    assert outcome.code == 0
    assert outcome.out.startswith("near-silent (source)\n") and "default 41..96 LSB" in outcome.out


def test_a_fault_that_is_unknown_is_a_mistake(stillthere):
    outcome = stillthere("faults", "near-silence")
    assert (outcome.code, outcome.out) == (2, "")
    assert "no fault is called 'near-silence'; did you mean 'near-silent'?" in outcome.err
