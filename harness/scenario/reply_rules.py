"""Mistakes in answers and their rules: keys that do not go together, rules that never match, and unknown captures."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import did_you_mean
from ..server.captures import ARGUMENTS, RESULT, names_in, texts_in
from ..server.utterance import SILENCE
from .map import Loc, Mistake
from .model import NOTHING

_CONDITIONS = ("turn", "heard", "typed", "instructions", "tools", "result")
_PATTERNS = ("heard", "typed", "instructions", "tools")
_NO_CONDITION = (
    "say when this answer is given, by one of: turn, heard, typed, instructions, tools, result; such as turn: 2, or "
    "heard: some words"
)

_Rules = list[tuple[Loc, dict[str, Any]]]
"""The rules that are maps, with their paths."""


def reply_mistakes(server: dict[str, Any], loc: Loc) -> Iterator[Mistake]:
    """Mistakes in the answers of ``server:``, given as plain data of the file."""
    rules = _rules(server, loc)
    reply = server.get("reply")
    answers = [*([((*loc, "reply"), reply)] if isinstance(reply, dict) else []), *rules]
    for where, answer in answers:
        yield from _answer_mistakes(answer, where)
        yield from _capture_mistakes(answer, where)
    for where, rule in rules:
        if not {*_CONDITIONS} & {*rule}:
            yield Mistake(where, _NO_CONDITION)
        elif rule.get("tools") == [] or rule.get("result") == {}:
            key = "tools" if rule.get("tools") == [] else "result"
            yield Mistake((*where, key), f"{key!r} is empty; say which, such as {_SUCH_AS[key]}")
    yield from _never_called(rules, [answer for _, answer in answers])


def _rules(server: dict[str, Any], loc: Loc) -> _Rules:
    replies = server.get("replies")
    entries = enumerate(replies if isinstance(replies, list) else ())
    return [((*loc, "replies", index), rule) for index, rule in entries if isinstance(rule, dict)]


_SUCH_AS = {"tools": "tools: [get_weather]", "result": "result: {tool: get_weather}"}


def _answer_mistakes(reply: dict[str, Any], loc: Loc) -> Iterator[Mistake]:
    if "fails" in reply and "incomplete" in reply:
        yield Mistake((*loc, "incomplete"), "an answer 'fails' or is 'incomplete', not both", True)
    if "level" in reply and reply.get("clip") in (SILENCE, NOTHING):
        yield Mistake((*loc, "level"), f"clip: {reply['clip']} has no 'level'; name another clip", True)
    if "cut after" in reply and not {"fails", "incomplete"} & {*reply}:
        yield Mistake((*loc, "cut after"), "'cut after' goes with 'fails' or 'incomplete'", True)


# --- rules that never match -----------------------------------------------------------------------------------------


def hidden_rules(server: dict[str, Any], loc: Loc) -> Iterator[tuple[Mistake, Loc]]:
    """Rules that are behind one that matches whenever they do, and where that one is."""
    rules = _rules(server, loc)
    for index, (where, rule) in enumerate(rules):
        first = next((above for above, earlier in rules[:index] if _covers(earlier, rule)), None)
        if first is not None:
            number = int(first[-1]) + 1
            message = f"this rule is never reached: rule {number} of the list matches whenever it does; put it above"
            yield Mistake(where, message), first


def _covers(earlier: dict[str, Any], later: dict[str, Any]) -> bool:
    """Whether the earlier rule surely matches whenever the later one does."""
    conditions = [key for key in _CONDITIONS if key in earlier]
    if not conditions or _needs_captures(earlier):
        return False
    if "result" in later and "result" not in earlier and {"heard", "typed"} & {*conditions}:
        return False
    return all(key in later and _is_wider(earlier[key], later[key]) for key in conditions)


def _is_wider(earlier: Any, later: Any) -> bool:
    if isinstance(earlier, dict) and isinstance(later, dict):
        return all(later.get(key) == value for key, value in earlier.items())
    if isinstance(earlier, list) and isinstance(later, list):
        return all(name in later for name in earlier)
    return bool(earlier == later)


def _needs_captures(rule: dict[str, Any]) -> bool:
    return any(True for _, text in _texts(rule, ()) for _ in names_in(text))


def _never_called(rules: _Rules, answers: list[dict[str, Any]]) -> Iterator[Mistake]:
    """Rules about the result of a tool that no answer calls."""
    known = dict.fromkeys(name for answer in answers for name in _called(answer))
    for where, rule in rules:
        result = rule.get("result")
        tool = result.get("tool") if isinstance(result, dict) else None
        if isinstance(tool, str) and tool.strip() not in known:
            cure = did_you_mean(tool.strip(), known) if known else "give one of them calls: [{name: " + tool + "}]"
            yield Mistake((*where, "result", "tool"), f"no answer of this scenario calls {tool!r}; {cure}")


def _called(answer: dict[str, Any]) -> Iterator[str]:
    calls = answer.get("calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict) and isinstance(call.get("name"), str):
            yield call["name"].strip()


# --- captures -------------------------------------------------------------------------------------------------------


def _texts(answer: dict[str, Any], loc: Loc) -> Iterator[tuple[Loc, str]]:
    """The texts of an answer that may use captures."""
    if isinstance(answer.get("text"), str):
        yield (*loc, "text"), answer["text"]
    calls = answer.get("calls")
    for index, call in enumerate(calls if isinstance(calls, list) else ()):
        if isinstance(call, dict):
            yield from texts_in(call.get("arguments"), (*loc, "calls", index, "arguments"))


def _capture_mistakes(answer: dict[str, Any], loc: Loc) -> Iterator[Mistake]:
    groups: dict[str, Loc] = {}
    for where, group in _groups(answer, loc):
        if group in (RESULT, ARGUMENTS):
            yield Mistake(where, f"a group cannot be called {group!r}, as that is from a tool; give it another name")
        elif group in groups:
            yield Mistake(where, f"the group {group!r} is in two patterns of this rule; give one another name")
        groups[group] = where
    for where, text in _texts(answer, loc):
        for name in names_in(text):
            if loc[-1] == "reply":
                yield Mistake(where, _NO_RULE.format(name=name))
            elif name.split(".")[0] not in (RESULT, ARGUMENTS):
                yield from [] if name in groups else [Mistake(where, _unknown(name, groups))]
            elif not isinstance(answer.get("result"), dict):
                yield Mistake(where, f"{{{name}}} is from a tool; add the key result, such as {_SUCH_AS[RESULT]}")


_NO_RULE = (
    "{{{name}}} is captured by a rule, and 'reply' is the answer without one; move it to replies, or write "
    "{{{{{name}}}}} for the word in braces"
)


def _unknown(name: str, groups: Iterable[str]) -> str:
    known = [*groups]
    cure = f"{did_you_mean(name, known)}; " if known else ""
    return (
        f"no pattern of this rule captures {{{name}}}; {cure}"
        f"write (?P<{name}>...) in a pattern, or {{{{{name}}}}} for the word in braces"
    )


def _groups(rule: dict[str, Any], loc: Loc) -> Iterator[tuple[Loc, str]]:
    result = rule.get("result")
    patterns = [((*loc, key), rule.get(key)) for key in _PATTERNS]
    if isinstance(result, dict):
        patterns.append(((*loc, "result", "output"), result.get("output")))
    for where, pattern in patterns:
        try:
            names = re.compile(pattern).groupindex if isinstance(pattern, str) else {}
        except re.error:
            continue
        yield from ((where, name) for name in names)
