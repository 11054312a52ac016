"""Which scenarios the words of a command line mean."""

import os
import time

import pytest

from harness.errors import InputError, SettingError
from harness.scenario.chosen import MOST_READ, choose, load_all

TEXT = "scenario: {title}\ntags: [{tags}]\nserver: {{detector: energy}}\ntimeline:\n  - {{at: 1s, say: babble}}\n"


def write(path, title="A door", tags="wire"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT.format(title=title, tags=tags))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with scenarios, one of which includes a part of another file."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "scenarios" / "b_freeze.yaml", tags="wire, slow")
    write(tmp_path / "scenarios" / "a_door.yml", tags="keyboard")
    write(tmp_path / "scenarios" / "found" / "c_freeze.yaml", tags="media")
    write(tmp_path / "scenarios" / ".hidden" / "d.yaml")
    (tmp_path / "scenarios" / "common").mkdir()
    (tmp_path / "scenarios" / "common" / "part.yaml").write_text("timeline:\n  - {at: 1s, say: babble}\n")
    (tmp_path / "scenarios" / "e_includes.yaml").write_text(
        "scenario: Whole\ninclude: common/part.yaml\ntags: [wire]\ntimeline: []\n"
    )
    (tmp_path / "scenarios" / "compose.yaml").write_text("services: {}\n")
    return tmp_path


ALL = [
    "scenarios/a_door.yml",
    "scenarios/b_freeze.yaml",
    "scenarios/e_includes.yaml",
    "scenarios/found/c_freeze.yaml",
]


def names(*words, keyword=None):
    return [name for name, _ in load_all(choose(words, keyword))]


@pytest.mark.parametrize(
    ("words", "keyword", "meant"),
    [
        ((), None, ALL),
        (("scenarios",), None, ALL),
        (("scenarios/",), None, ALL),
        (("scenarios", "scenarios/b_freeze.yaml", "./scenarios/b_freeze.yaml"), None, ALL),
        (("scenarios/*_freeze.yaml",), None, ["scenarios/b_freeze.yaml"]),
        (("scenarios/**/*_freeze.yaml",), None, ["scenarios/b_freeze.yaml", "scenarios/found/c_freeze.yaml"]),
        (("scenarios/f*",), None, ["scenarios/found/c_freeze.yaml"]),
        (("half_open_socket",), None, ["half_open_socket"]),
        (("half_*",), None, ["half_open_socket"]),
        (("pack:half_*",), None, ["half_open_socket"]),
        (("tag:wire",), None, ["scenarios/b_freeze.yaml", "scenarios/e_includes.yaml"]),
        (("tag:wire,media",), None, ALL[1:]),
        (("tag:wire", "tag:slow"), None, ["scenarios/b_freeze.yaml"]),
        (("not tag:wire",), None, ["scenarios/a_door.yml", "scenarios/found/c_freeze.yaml"]),
        ((), "freeze", ["scenarios/b_freeze.yaml", "scenarios/found/c_freeze.yaml"]),
        ((), "FREEZE and not found", ["scenarios/b_freeze.yaml"]),
        ((), "door or (freeze and found)", ["scenarios/a_door.yml", "scenarios/found/c_freeze.yaml"]),
        ((), "freeze and tag:media", ["scenarios/found/c_freeze.yaml"]),
        ((), "*_door", ["scenarios/a_door.yml"]),
        (("tag:wire",), "freeze", ["scenarios/b_freeze.yaml"]),
    ],
)
def test_what_words_mean(here, words, keyword, meant):
    assert names(*words, keyword=keyword) == meant


def test_of_a_folder_only_scenarios_count_and_what_none_includes_is_told(here):
    (note,) = choose([]).notes
    assert "scenarios/compose.yaml" in note and "'scenario'" in note
    assert "part.yaml" not in note, "a scenario includes it"


@pytest.mark.parametrize(
    ("words", "keyword", "told"),
    [
        (("nowhere/*.yaml",), None, "'nowhere/*.yaml' matches no scenario file"),
        (("empty",), None, "the folder 'empty' has no file that ends in .yaml"),
        (("scenarios/common",), None, "has no scenario: the only file lacks the key 'scenario'"),
        (("pack:nothing*",), None, "no shipped scenario is called 'nothing*'"),
        (("tag:wir",), None, "no scenario has the tag 'wir'; did you mean 'wire'?"),
        (("tag:nothing_alike",), None, "known: keyboard, media, slow, wire"),
        (("tag:wire and",), None, "'tag:wire and' is wrong at its end"),
        (("tag:wire", "tag:media"), None, "choose none of 4 scenarios"),
        ((), "freeze and", "'freeze and' is wrong at its end"),
        ((), "(freeze", "'(freeze' is wrong at its end"),
        ((), "nothing", "-k 'nothing' chooses none of 4 scenarios"),
        ((), "", "selects no scenario"),
        (("no_such.yaml",), None, "no scenario file 'no_such.yaml'"),
    ],
)
def test_what_means_nothing_is_one_sentence(here, words, keyword, told):
    (here / "empty").mkdir()
    with pytest.raises(InputError) as raised:
        names(*words, keyword=keyword)
    assert told in str(raised.value) and "\n" not in str(raised.value)


def test_without_a_folder_tags_choose_among_the_shipped_ones(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = names("tag:telephone", keyword="barge")
    assert found == ["telephone_barge_in"]
    with pytest.raises(InputError, match="there is no folder 'scenarios' here; `stillthere init`"):
        choose([])


def test_links_to_nothing_and_files_that_cannot_be_read_are_told(here):
    (here / "scenarios" / "gone.yaml").symlink_to("nowhere.yaml")
    (here / "scenarios" / "back").symlink_to(here / "scenarios")
    os.mkfifo(here / "scenarios" / "pipe.yaml")
    with pytest.raises(InputError) as raised:
        names()
    told = str(raised.value).splitlines()
    assert [("gone.yaml" in each, "pipe.yaml" in each) for each in told] == [(True, False), (False, True)]
    assert "a link to 'nowhere.yaml', which is not there" in told[0]


def test_ten_thousand_files_take_bounded_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    for number in range(10_000):
        (tmp_path / "scenarios" / f"s{number:05}.yaml").write_text("scenario: s\ntimeline: []\n")
    began = time.process_time()
    with pytest.raises(InputError, match=f"10000 scenarios are meant, and at most {MOST_READ} are read at once"):
        choose([])
    assert choose([], "s00042").names == ("scenarios/s00042.yaml",)
    assert time.process_time() - began < 10


def test_an_expression_that_names_no_tag_is_no_error_of_the_tags(here):
    with pytest.raises(SettingError, match="no scenario has the tag 'zzz'"):
        names("not tag:zzz")
