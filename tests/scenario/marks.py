"""Scenario texts whose mistakes are marked: ``§`` is put before each and is not part of the text."""

from pathlib import Path

import pytest

from harness.audio import load_clip
from harness.errors import AudioError, Problem, ScenarioError
from harness.scenario import loads

TOP = "scenario: s\ntimeline:\n  - {at: 1s, say: babble}\n"
TIMELINE = "scenario: s\ntimeline:\n"
BELOW = "  - {at: 1s, say: babble, label: greeting}\n"
TRIGGERS = "a step starts by one of: at, after, when, before end of; this one has"
ACTIONS = "a step does one of: say, noise, microphone, app, network, server, event, page; this one has"
DURATION = "write a duration with its unit, such as 500ms or 1.2s"
LEVEL = "write a level with its unit, such as -20 dBFS"
PEAK = "write a peak with its unit, such as 12000 LSB or 41..96 LSB"
TEXT = "write text; a number or a truth value needs quotes to be text"
ANSWER = "write which answer, counted from 1, such as answer 3"
STEP_KEYS = (
    *("at", "after", "when", "before end of", "by", "format", "say", "noise", "microphone", "app", "as", "network"),
    *("server", "event", "page", "with", "level", "peak", "lasts", "until", "capture", "playback", "repeat", "every"),
    *("label", "assume", "because"),
)


def clip_sentence(name: str, base: Path | None = None) -> str:
    """What the audio room says of a clip that cannot be had."""
    with pytest.raises(AudioError) as caught:
        load_clip(name, base)
    return str(caught.value)


def unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks, and the line and column of each."""
    places = []
    while "§" in text:
        before, _, after = text.partition("§")
        places.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
        text = before + after
    return text, places


def problems(text: str, base: Path | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        loads(text, "s.yaml", base)
    return caught.value.problems


def expect_one(marked: str, message: str) -> None:
    text, [(line, column)] = unmarked(marked)
    assert [str(problem) for problem in problems(text)] == [f"s.yaml:{line}:{column}: {message}"]
