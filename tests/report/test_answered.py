"""docs/answered.md: it is fresh, its bounds and levels are those of the code, and its run shows each answer."""

from pathlib import Path

from harness.report.answered import page
from harness.scenario.model import Scenario
from harness.units import MS, SECOND
from harness.world import answers, bounds, comparison, speaker, user
from tests.report.testing import tables

PAGE = (Path(__file__).parent.parent.parent / "docs" / "answered.md").read_text()


def test_the_page_is_fresh():
    assert page() == PAGE, "run: python -m harness.report.answered > docs/answered.md"


def test_its_figures_are_those_of_the_code():
    said = " ".join(PAGE.split())
    assert f"if {speaker.HEARD_US // MS} ms of it were played above {comparison.AUDIBLE_DBFS:g} dBFS" in said
    assert f"creates in the first {answers._HISTORY_US // SECOND} s of a later session" in said
    assert answers._SHARE == 0.5 and "at least half of the shorter one" in said
    assert user.UTTERANCES == 3 and "a conversation of three utterances" in said
    assert f"again and again, {user.PATIENCE_US // SECOND} s after each try" in said
    assert f"once, after {user.SILENCE_US // SECOND} s in which both are silent" in said
    assert f"from the heal: {Scenario('', ()).recover_within_us // SECOND} s by default" in said
    assert bounds.HONEST_TIMES == 4 and "four times" in said
    assert f"at least {bounds.LEAST_US // SECOND} s |" in said


def test_every_utterance_of_its_run_has_a_row_and_the_conversation_after_the_heal_is_answered():
    (_, _, *rows) = tables(PAGE)[-1]
    assert len(rows) >= 3 + user.UTTERANCES
    for said_at, turns, _, responses, heard_at in rows[-user.UTTERANCES :]:
        assert "item_" in turns and "resp_" in responses
        assert float(said_at.split()[0]) < float(heard_at.split()[0])
