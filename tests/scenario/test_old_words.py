"""Words of 0.1.0 that have a new name still load, with one note each."""

from pathlib import Path

import pytest

from harness.errors import ScenarioError
from harness.scenario import dump, load, loads

OLD = """\
scenario: s
timeline: [{at: 1s, say: babble, label: said}]
premises:
  - never: {told: {within: 1s}}
expect:
  - any:
      - told: {after: said}
      - all: [answer: {}, told: {}]
"""
NEW = OLD.replace("told", "tells_user")


def test_an_old_word_means_the_new_one_and_gives_one_note():
    old = loads(OLD, "old.yaml")
    assert old == loads(NEW)
    assert old.notes == ("old.yaml:4:13: note: 'told' is now called 'tells_user'; both work",)
    assert loads(dump(old)).notes == loads(NEW).notes == ()


def test_an_old_word_in_an_included_file_has_its_own_position(tmp_path: Path):
    (tmp_path / "part.yaml").write_text("expect: [told: {}]")
    main = tmp_path / "main.yaml"
    main.write_text("scenario: s\ninclude: part.yaml\ntimeline: [{at: 1s, say: babble}]")
    (note,) = load(main).notes
    assert note.endswith("part.yaml:1:10: note: 'told' is now called 'tells_user'; both work")


def test_aliases_that_contain_themselves_are_a_mistake():
    text = "scenario: s\ntimeline: [{at: 1s, say: babble}]\nexpect: &me [any: *me]"
    with pytest.raises(ScenarioError, match="an alias cannot be inside the value that it names"):
        loads(text)
