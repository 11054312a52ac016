"""Nothing of a user's file reaches the terminal as a control character, and JUnit stays XML."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

UNSEEN = "".join(map(chr, [*range(1, 32), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x2028, 0xFFFE]))
"""C0 and C1 controls, DEL, changes of direction, a line separator, and a character that XML forbids."""


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A right scenario whose texts are full of what cannot be seen."""
    name = json.dumps(f"a{UNSEEN}b")
    path = tmp_path / "e\x1b[31m\u202evil.yaml"
    path.write_text(
        f"scenario: {name}\nstory: {name}\ntimeline:\n"
        f"  - {{at: 1s, say: babble, label: {name}, because: {name}}}\n"
        f"  - {{after: {name}, by: 1s, event: {{type: mcp_list_tools.failed, item_id: {name}}}}}\n"
        f"expect:\n  - answer: {{after: {name}, within: 1ms}}\n"
    )
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A scenario with mistakes in such texts."""
    name = json.dumps(f"a{UNSEEN}b")
    path = tmp_path / "w\x1b[31m\u202erong.yaml"
    path.write_text(
        f"scenario: s\n{name}: 1\ntimeline:\n  - {{at: {name}, say: {name}, after: {name}}}\n"
        f"  - {{at: 1s, microphone: {name}, with: {{a: {name}}}}}\nexpect: [{name}: {{after: {name}}}]\n"
    )
    return path


def unseen(shown: str) -> set[str]:
    return {c for c in shown if c in UNSEEN} - {"\n"}


@pytest.mark.parametrize("command", ["check", "show", "run"])
def test_what_a_command_prints_can_be_seen(command: str, evil: Path, stillthere) -> None:
    outcome = stillthere(command, evil)
    assert outcome.out
    assert not unseen(outcome.out + outcome.err)


def test_a_name_with_a_line_break_is_one_line(evil: Path, stillthere) -> None:
    assert stillthere("check", evil).out.count("\n") == 1


@pytest.mark.parametrize("command", ["check", "show", "run"])
def test_mistakes_can_be_seen(command: str, wrong: Path, evil: Path, stillthere) -> None:
    outcome = stillthere(command, wrong, wrong.parent / "no\x1b[31m")
    assert outcome.code == 2
    assert not unseen(outcome.out + outcome.err)


def test_diagnose_and_junit(evil: Path, stillthere) -> None:
    junit = evil.parent / "junit.xml"
    stillthere("run", evil, "--junit", junit, "--out", evil.parent / "out")
    (case,) = ElementTree.parse(junit).getroot()
    title = case.find("properties/property[@name='scenario']")
    assert title is not None and title.get("value", "").startswith("a\\x01")
    (journal,) = (evil.parent / "out").iterdir()
    outcome = stillthere("diagnose", journal)
    assert outcome.out and not unseen(outcome.out + outcome.err)


@pytest.mark.parametrize("count", [1, 2])
def test_each_mistake_begins_with_its_place(count: int, stillthere, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.yaml" for number in range(count)]
    for path in paths:
        path.write_text("scenario: x\ntimeline: [{at: 1s, say: babble}]\nlenght: 3s\n")
    for command in ("check", "run"):
        lines = stillthere(command, *paths).err.splitlines()
        assert [line.split(": ")[0] for line in lines] == [f"{path}:3:1" for path in paths]
        missing = stillthere(command, *paths, "nowhere.yaml").err.splitlines()[-1]
        assert missing.startswith("stillthere: no scenario file 'nowhere.yaml'")


def test_fifty_mistakes_are_shown_and_the_others_counted(stillthere, tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("scenario: x\ntimeline:\n" + 2000 * "  - {at: 1q, say: babble}\n")
    lines = stillthere("check", path).err.splitlines()
    assert len(lines) == 51
    assert lines[-1] == f"{path}: and 1950 more mistakes; mend those above first"
