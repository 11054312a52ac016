"""Rules of a file's answers: what they match, what they capture, and mistakes in them."""

import pytest

from harness.scenario import loads
from harness.scenario.dump import dump
from harness.scenario.model import Call, Reply, ReplyRule
from harness.server.asked import ResultPattern

from .marks import TOP, expect_one, problems

REPLIES = TOP + "server:\n  replies:\n"


def test_all_that_a_rule_can_match_and_that_it_is_written_again() -> None:
    scenario = loads(
        REPLIES
        + "    - {result: {tool: get_weather, output: sun}, text: 'It is {result.sky} in {arguments.city}.'}\n"
        + '    - {tools: [get_weather], typed: "weather in (?P<city>\\\\w+)",'
        + " calls: [{name: get_weather, arguments: {city: '{city}'}}]}\n"
        + "    - {tools: get_.*, instructions: 'Say: (?P<word>.+)', text: '{word}, {{word}}'}\n"
    )
    assert scenario.server.replies == (
        ReplyRule(
            Reply("babble", "It is {result.sky} in {arguments.city}."), result=ResultPattern("get_weather", "sun")
        ),
        ReplyRule(
            Reply("none", calls=(Call("get_weather", '{"city": "{city}"}'),)),
            typed=r"weather in (?P<city>\w+)",
            tools=("get_weather",),
        ),
        ReplyRule(Reply("babble", "{word}, {{word}}"), instructions="Say: (?P<word>.+)", tools="get_.*"),
    )
    assert loads(dump(scenario)).server == scenario.server


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (
            "{typed: 'in (?P<city>.+)', text: §'It is {town}.'}",
            "no pattern of this rule captures {town}; known: city; write (?P<town>...) in a pattern, or {{town}} for"
            " the word in braces",
        ),
        (
            "{turn: 1, calls: [{name: now, arguments: {where: [{in: §'{city}'}]}}]}",
            "no pattern of this rule captures {city}; write (?P<city>...) in a pattern, or {{city}} for the word in"
            " braces",
        ),
        (
            "{turn: 1, text: §'It is {result.sky}.'}",
            "{result.sky} is from a tool; add the key result, such as result: {tool: get_weather}",
        ),
        (
            "{typed: §'(?P<result>.+)', text: a}",
            "a group cannot be called 'result', as that is from a tool; give it another name",
        ),
        (
            "{typed: '(?P<a>.+)', instructions: §'(?P<a>.+)', text: a}",
            "the group 'a' is in two patterns of this rule; give one another name",
        ),
        ("{tools: §[], text: a}", "'tools' is empty; say which, such as tools: [get_weather]"),
        ("{result: §{}, text: a}", "'result' is empty; say which, such as result: {tool: get_weather}"),
        ("{tools: §'(', text: a}", "'(' is not a regular expression: missing ), unterminated subpattern at position 0"),
        (
            "{result: {tool: §get_wether}, text: a, calls: [{name: get_weather}]}",
            "no answer of this scenario calls 'get_wether'; did you mean 'get_weather'?",
        ),
        (
            "{result: {tool: §now}, text: a}",
            "no answer of this scenario calls 'now'; give one of them calls: [{name: now}]",
        ),
        ("{result: {§tol: now}, text: a}", "unknown key 'tol'; did you mean 'tool'?"),
    ],
)
def test_mistakes(marked: str, message: str) -> None:
    expect_one(f"{REPLIES}    - {marked}\n", message)


def test_the_default_answer_captures_nothing() -> None:
    expect_one(
        TOP + "server: {reply: {text: §'It is {city}.'}}",
        "{city} is captured by a rule, and 'reply' is the answer without one; move it to replies, or write {{city}} for"
        " the word in braces",
    )
    assert loads(TOP + "server: {reply: {text: 'Say {{city}}.'}}").server.reply.text == "Say {{city}}."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("turn: 2", "turn: 2"),
        ("turn: 2", "turn: 2, heard: yes"),
        ("tools: [a]", "tools: [b, a]"),
        ("result: {output: a}", "result: {tool: now, output: a}"),
        ("instructions: a", "instructions: a, result: {output: b}"),
        ("heard: a, result: {output: b}", "heard: a, result: {output: b}"),
    ],
)
def test_a_rule_that_is_never_reached(first: str, second: str) -> None:
    calls = "    - {turn: 999, calls: [{name: now}]}\n"
    expect_one(
        f"{REPLIES}{calls}    - {{{first}, text: a}}\n    - §{{{second}, text: b}}\n",
        "this rule is never reached: rule 2 of the list matches whenever it does; put it above",
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("turn: 2, heard: yes", "turn: 2"),
        ("tools: [a, b]", "tools: [a]"),
        ("heard: a", "heard: a, result: {output: b}"),
        ("result: {output: a}", "result: {output: b}"),
        ("result: {output: a}, text: '{result.sky}'", "result: {output: a}"),
    ],
)
def test_a_rule_that_is_reached(first: str, second: str) -> None:
    first = first if "text" in first else f"{first}, text: a"
    assert len(loads(f"{REPLIES}    - {{{first}}}\n    - {{{second}, text: b}}\n").server.replies) == 2


def test_an_answer_that_would_be_too_long_with_what_it_captures() -> None:
    text = "{a} " * 20
    [problem] = problems(f"{REPLIES}    - {{typed: '(?P<a>.+)', text: '{text}'}}\n")
    assert problem.line == 6 and "this answer would last 12 min" in str(problem)
