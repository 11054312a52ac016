"""The tags of the shipped scenarios fit what the scenarios do, and change nothing in a run."""

from dataclasses import replace

import pytest

from harness.scenario import load, loads, shipped_scenarios
from harness.scenario.model import App, Inject
from harness.scenario.tags import TAGS, check_tag
from harness.world.play import play

PACK = [load(path) for path in shipped_scenarios()]
SEAMS = ("capture", "detector", "server", "wire", "media")
TAG_OF_SEAM = {"source": "capture", "detector": "detector", "policy": "server", "wire": "wire", "media": "media"}


def test_every_tag_that_is_explained_is_a_tag_and_is_used():
    assert {check_tag(tag) for tag in TAGS} == {tag for scenario in PACK for tag in scenario.tags}


@pytest.mark.parametrize("scenario", PACK, ids=lambda scenario: scenario.path.stem)
def test_the_tags_say_what_is_injected(scenario):
    actions = [step.action for step in scenario.timeline]
    faults = [action.fault for action in actions if isinstance(action, Inject)]
    for fault in faults:
        assert {TAG_OF_SEAM[fault.seam], "server"} & set(scenario.tags), fault.name
    is_switch = any(isinstance(action, App) for action in actions)
    assert ("app-switch" in scenario.tags) >= is_switch
    assert not (faults or is_switch) or "natural" not in scenario.tags
    assert set(scenario.tags) & {*SEAMS, "playback", "gate", "push-to-talk", "telephone"}


def test_tags_are_those_of_the_file_itself(tmp_path):
    (tmp_path / "first.yaml").write_text("tags: [echo]\ntimeline:\n  - {at: 1s, say: babble}\n")
    text = "scenario: s\ninclude: first.yaml\n"
    assert loads(text, "s.yaml", tmp_path).tags == ()
    assert loads(f"{text}tags: [gate]\n", "s.yaml", tmp_path).tags == ("gate",)


def test_tags_do_not_change_a_journal():
    scenario = load("server_goes_mute")
    assert scenario.tags
    first, other = (play(replace(scenario, tags=tags), "resilient", detector="energy") for tags in (scenario.tags, ()))
    assert first.journal.sha256() == other.journal.sha256()
