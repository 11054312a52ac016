"""Included files: what they add, and where their mistakes are reported."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.errors import ScenarioError
from harness.scenario import load, loads
from harness.scenario.model import Say
from harness.units import MS, SECOND

STEP = "timeline:\n  - {at: 1s, say: babble}\n"
MAIN = f"scenario: main\ninclude: part.yaml\n{STEP}"


def written(folder: Path, **files: str) -> Path:
    """The files of a scenario, by name without suffix; gives the path of ``main``."""
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "main.yaml"


def mistakes(folder: Path, **files: str) -> list[str]:
    """The mistakes, with places as seen from the folder."""
    main = written(folder, **files)
    with pytest.raises(ScenarioError) as caught:
        load(main)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_lists_follow_each_other_and_maps_are_merged(tmp_path: Path):
    part = """\
scenario: the part
story: It says what it is.
outcomes: {resilient: held}
room: -50 dBFS
network: {latency: 10ms, jitter: 1ms}
server:
  turn_detection: {threshold: 0.3, silence_duration_ms: 200}
  replies: [{turn: 1, text: part}]
timeline:
  - {at: 0s, say: babble, label: first}
expect:
  - answer: {after: first}
"""
    main = """\
scenario: main

include: part.yaml
network: {latency: 20ms}
server:
  turn_detection: {threshold: 0.6}
  replies: [{turn: 1, text: main}]
timeline:
  - {after: first, say: babble}
"""
    scenario = load(written(tmp_path, part=part, main=main))
    assert (scenario.name, scenario.story, scenario.outcomes) == ("main", "", {})
    assert (scenario.room_dbfs, scenario.latency_us, scenario.jitter_us) == (-50, 20 * MS, MS)
    assert scenario.server.turn_detection == {"threshold": 0.6, "silence_duration_ms": 200}
    assert [rule.reply.text for rule in scenario.server.replies] == ["main", "part"]
    assert [step.label for step in scenario.timeline] == ["first", None]
    assert [step.line for step in scenario.timeline] == [3, 9]
    assert scenario.expect[0].line == 3


def test_files_are_included_in_order_and_from_their_own_folders(tmp_path: Path):
    main = "scenario: main\ninclude:\n  - parts/one.yaml\n  - parts/two.yaml\n" + STEP
    one = "include: deep/three.yaml\ntimeline: [{at: 2s, say: babble, label: one}]\nlasts: 20s"
    two = "timeline: [{at: 3s, say: babble, label: two}]\nlasts: 30s"
    three = "timeline: [{at: 4s, say: babble, label: three}]"
    scenario = load(written(tmp_path, main=main, **{"parts/one": one, "parts/two": two, "parts/deep/three": three}))
    assert [step.label for step in scenario.timeline] == ["three", "one", "two", None]
    assert [step.line for step in scenario.timeline] == [3, 3, 4, 6]
    assert scenario.lasts_us == 30 * SECOND


def test_audio_beside_the_included_file_is_found(tmp_path: Path):
    (tmp_path / "parts").mkdir()
    soundfile.write(tmp_path / "parts" / "hello.wav", np.ones(2400) / 2, 24_000)
    part = "server: {reply: {clip: hello.wav}}\ntimeline: [{at: 0s, say: hello.wav}]"
    main = f"scenario: main\ninclude: parts/part.yaml\n{STEP}"
    scenario = load(written(tmp_path, main=main, **{"parts/part": part}))
    assert scenario.timeline[0].action == Say("parts/hello.wav")
    assert scenario.server.reply.clip == "parts/hello.wav"


@pytest.mark.parametrize(
    ("part", "mistake"),
    [
        ("timeline:\n  - {at: 1s, sai: babble}", "part.yaml:2:14: unknown key 'sai'; did you mean 'say'?"),
        ("rom: -3 dBFS", "part.yaml:1:1: unknown key 'rom'; did you mean 'room'?"),
        ("lasts: 2s\nlasts: 3s", "part.yaml:2:1: the key 'lasts' is twice in this map"),
        ("timeline: soon", "part.yaml:1:11: 'timeline' is a list in the file that includes this one; write the same"),
        ("server: {policy: {x: 1}}", "part.yaml:1:19: "),
        ("- a", "part.yaml:1:1: an included file is a map with keys such as timeline or server"),
        ("a: b: c", "part.yaml:1:5: not YAML"),
        (
            "expect: [answer: {after: nobody}]",
            "part.yaml:1:26: no step is labelled 'nobody'; give a step",
        ),
        ("include: other.yaml", "part.yaml:1:10: there is no file other.yaml to include; its path is relative to the"),
        ("include: main.yaml", "part.yaml:1:10: a file cannot include itself: main.yaml → part.yaml → main.yaml"),
    ],
)
def test_a_mistake_is_told_in_the_file_that_it_is_in(tmp_path: Path, part: str, mistake: str):
    (found,) = mistakes(tmp_path, main=MAIN, part=part)
    assert found.startswith(mistake)


def test_mistakes_of_both_files_are_told_at_once(tmp_path: Path):
    found = mistakes(tmp_path, main=MAIN.replace("1s", "1"), part="timeline: [{at: 2, say: babble}]")
    assert [line.partition(": ")[0] for line in found] == ["main.yaml:4:10", "part.yaml:1:17"]


def test_a_file_that_is_missing_or_includes_itself_is_told_at_its_include(tmp_path: Path):
    missing = "there is no file part.yaml to include; its path is relative to the including file"
    assert mistakes(tmp_path, main=MAIN) == [f"main.yaml:2:10: {missing}"]
    itself = "a file cannot include itself: main.yaml → main.yaml; remove one include"
    assert mistakes(tmp_path, main=MAIN.replace("part", "main")) == [f"main.yaml:2:10: {itself}"]


def test_a_name_that_is_not_a_file_name_is_a_mistake(tmp_path: Path):
    (found,) = mistakes(tmp_path, main=MAIN.replace("part.yaml", "3"))
    assert found == "main.yaml:2:10: write a list here, each entry after a dash (got 3)"
    (found,) = mistakes(tmp_path, main=MAIN.replace("part.yaml", "{a: b}"))
    assert found == "main.yaml:2:10: write a list here, each entry after a dash (got a map)"


def test_a_text_without_a_folder_includes_nothing():
    with pytest.raises(ScenarioError, match=r"<text>:2:10: 'part.yaml' cannot be included into a text"):
        loads(MAIN)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="devices")
def test_a_device_is_no_file_to_include():
    with pytest.raises(ScenarioError, match="there is no file /dev/zero to include"):
        loads("include: /dev/zero", "part.yaml", Path())
