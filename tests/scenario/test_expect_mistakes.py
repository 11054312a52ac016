"""Mistakes in what a scenario expects and takes for granted."""

import pytest

from harness.scenario import loads
from harness.scenario.model import AllOf, AnyOf, Expect, Never
from harness.units import MS, SECOND

from .marks import BELOW, TIMELINE, expect_one

WORDS = (
    "speech_started, speech_stopped, committed, cleared, session.created, session.updated, response.created,"
    " response.done, error, answer, recovery, reconnect, interruption, tells_user, any, all, never"
)


def test_expectations_nest_and_know_their_lines():
    text = TIMELINE + BELOW + "expect:\n"
    text += "  - speech_started: {after: greeting, within: 500ms}\n"
    text += (
        "  - any:\n    - answer: {within: 3s, at least: 2}\n    - all:\n      - reconnect: {}\n      - tells_user: {}\n"
    )
    text += "premises:\n  - never:\n      response.done: {after: greeting}\n"
    scenario = loads(text)
    assert scenario.expect == (
        Expect("speech_started", "greeting", 500 * MS),
        AnyOf((Expect("answer", None, 3 * SECOND, 2), AllOf((Expect("reconnect"), Expect("tells_user"))))),
    )
    assert scenario.premises == (Never(Expect("response.done", "greeting")),)
    either = scenario.expect[1]
    assert (either.line, either.parts[0].line, either.parts[1].parts[1].line) == (6, 7, 10)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("- §{}", f"an expectation is one of: {WORDS}; this one has none"),
        ("- any: [§{}]", f"an expectation is one of: {WORDS}; this one has none"),
        ("- any: §[]", "'any' has no expectations; put them in a list, each after a dash"),
        ("- all: §{answer: {}}", "write a list here, each entry after a dash (got a map)"),
        ("- never: §[answer: {}]", "write keys with values here (got a list)"),
        ("- never: {§anser: {}}", "unknown expectation 'anser'; did you mean 'answer'?"),
        ("- any: [{all: [{§tels_user: {}}]}]", "unknown expectation 'tels_user'; did you mean 'tells_user'?"),
        (
            "- never: {all: [answer: {after: §greting}]}",
            "no step is labelled 'greting'; did you mean 'greeting'?",
        ),
        ("- answer: {at least: §0}", "give a whole number from 1 to 1000 (got 0)"),
        ("- {answer: {}, §tells_user: {}}", "one expectation an entry; put a dash before this one"),
        ("- answer: {§withn: 3s}", "unknown key 'withn'; did you mean 'within'?"),
    ],
)
@pytest.mark.parametrize("key", ["expect", "premises"])
def test_mistakes(key: str, marked: str, message: str):
    expect_one(f"{TIMELINE}{BELOW}{key}:\n  {marked}", message)
