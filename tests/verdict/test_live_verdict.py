"""The verdict on a live journal says what its diagnosis says."""

import pytest

from harness.errors import SettingError
from harness.journal import Journal
from harness.scenario import load
from harness.verdict.live_verdict import judge_live
from harness.world.play import play


def test_an_empty_journal_proves_nothing():
    verdict = judge_live(Journal({"stage": "live"}))
    assert verdict.name == "vacuous"
    assert [finding.name for finding in verdict.findings] == ["premise"]


def test_the_journal_of_another_stage_is_refused():
    journal = play(load("tool_call"), "reported", detector="energy").journal
    with pytest.raises(SettingError, match=r"is not one of a live server; judge\(\) takes it"):
        judge_live(journal)
