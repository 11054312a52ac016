"""From a scenario file to a :class:`Scenario`, or to all of its mistakes, each at its line and column.

The text is composed to YAML nodes, which know their places. Three passes look for mistakes, none of which stops the
next: the YAML itself (duplicate keys, tags), each value by itself (:mod:`harness.scenario.document`), and what the
keys and steps owe each other (the rules below). A mistake names the path to its value; the nodes give the place.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from harness.clients.settings import check_settings, setting_names
from harness.errors import InputError, Problem, ScenarioError, SettingError, did_you_mean
from harness.scenario.document import Document, step_mistakes
from harness.scenario.map import Loc, Mistake
from harness.scenario.model import EXPECTATIONS, Scenario
from harness.scenario.server_document import server_mistakes
from harness.scenario.values import shown
from harness.server.policy import check_policy
from harness.server.policy import names as policy_names
from harness.shipped import scenarios

Place = tuple[int, int]
"""Line and column, from 1."""
Timeline = list[tuple[Loc, dict[str, Any]]]
"""Entries of a list of the file that are maps, with their paths."""


# --- files ----------------------------------------------------------------------------------------------------------


def shipped_scenarios() -> list[Path]:
    """The scenario files that come with stillthere, sorted by name."""
    return sorted(scenarios().glob("*.yaml"))


def load(path: str | Path) -> Scenario:
    """The scenario in a file; a bare name such as ``reported_freeze`` means the shipped one.

    Raises :exc:`ScenarioError` with all mistakes, or :exc:`InputError` if there is no file that can be read.
    """
    found = _find(Path(path))
    try:
        content = found.read_bytes()
    except OSError as error:
        raise InputError(f"{found} cannot be read ({error.strerror}); give a readable file") from error
    return _parse(_decode(content, str(found)), str(found), found.parent, found)


def loads(text: str, name: str = "<text>", base: Path | None = None) -> Scenario:
    """The scenario in a text. ``name`` stands in errors; audio files are relative to ``base``.

    The path of the scenario is ``base / name``, or None without a base. Raises :exc:`ScenarioError`.
    """
    return _parse(text, name, base, base / name if base else None)


def _find(path: Path) -> Path:
    shipped = {file.stem: file for file in shipped_scenarios()}
    if os.path.isfile(path):
        return path
    if str(path) in shipped:
        return shipped[str(path)]
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder; name a scenario file in it")
    raise InputError(f"no scenario file {str(path)!r}; {did_you_mean(path.stem, shipped)}")


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        message = "this is not text in UTF-8; a scenario is a YAML file"
        raise ScenarioError([Problem(name, line, column, message)]) from error


def _parse(text: str, name: str, base: Path | None, path: Path | None) -> Scenario:
    root = _compose(text, name)
    reader = _Reader()
    data = reader.data(root)
    if not isinstance(data, dict):
        message = f"a scenario file is a map with keys such as scenario and timeline (got {shown(data)})"
        raise ScenarioError([Problem(name, *_mark(root), message)])
    document, mistakes = _validate(data, base)
    mistakes += _rules(data)
    places = reader.mistakes + [(place(root, each.loc, each.at_key), each.message) for each in mistakes]
    if document is None or places:
        raise ScenarioError({Problem(name, *where, message) for where, message in places})
    steps = [place(root, ("timeline", index))[0] for index in range(len(document.timeline))]
    expectations = [place(root, ("expect", index))[0] for index in range(len(document.expect))]
    return document.to_scenario(path, steps, expectations)


# --- YAML -----------------------------------------------------------------------------------------------------------

_CURES = (
    ("mapping values are not allowed", "check the indentation, and put a value that holds ': ' in quotes"),
    (r"'\t'", "indent with spaces, not tabs"),
    ("another document", "remove the second '---' and all below it"),
)
_NUMBER = re.compile(r"[-+]?(?:\.\d{1,40}|\d{1,40}(?:\.\d{0,40})?)(?:[eE][-+]?\d{1,4})?")
_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAG = "tag:yaml.org,2002:"
_KNOWN_TAGS = {_TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map", "merge")}


def _compose(text: str, name: str) -> Node:
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    try:
        root: Node | None = yaml.compose(text)
    except YAMLError as error:
        raise ScenarioError([Problem(name, *_syntax_place(error, text), _syntax_message(error))]) from error
    except RecursionError as error:
        raise ScenarioError([Problem(name, 1, 1, "the file is nested too deeply to be a scenario")]) from error
    if root is None:
        raise ScenarioError([Problem(name, 1, 1, "the file is empty; a scenario has at least a name and a timeline")])
    return root


def _syntax_place(error: YAMLError, text: str) -> Place:
    if isinstance(error, ReaderError):
        before = text[: error.position]
        return before.count("\n") + 1, len(before) - before.rfind("\n")
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _syntax_message(error: YAMLError) -> str:
    if isinstance(error, ReaderError):
        return f"the character U+{error.character:04X} is not allowed in YAML; remove it"
    parts = (error.context, error.problem) if isinstance(error, MarkedYAMLError) else (str(error),)
    said = ", ".join(part for part in parts if part)
    cures = [cure for sign, cure in _CURES if sign in said]
    return f"not YAML: {'; '.join([said, *cures])}"


class _Reader:
    """Plain data of YAML nodes, by the core schema of YAML 1.2 whatever the file declares."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[Place, str]] = []
        self._known: dict[int, Any] = {}
        self._open: set[int] = set()

    def data(self, node: Node) -> Any:
        """Dict, list or scalar of a node; an alias gives the same object again."""
        if id(node) in self._open:
            self.mistakes.append((_mark(node), "an alias must not stand inside of what it names"))
            return {}
        if id(node) not in self._known:
            self._open.add(id(node))
            self._known[id(node)] = self._build(node)
            self._open.remove(id(node))
        return self._known[id(node)]

    def _build(self, node: Node) -> Any:
        if node.tag not in _KNOWN_TAGS:
            self.mistakes.append((_mark(node), f"the tag {str(node.tag).replace(_TAG, '!!')} has no meaning here"))
        if isinstance(node, MappingNode):
            return self._map(node)
        if isinstance(node, SequenceNode):
            return [self.data(entry) for entry in node.value]
        return _scalar(node) if isinstance(node, ScalarNode) else None

    def _map(self, node: MappingNode) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.mistakes.append((_mark(key), "a key is a word, not a list or a map"))
            elif key.value in result:
                self.mistakes.append((_mark(key), f"the key {key.value!r} stands twice in this map"))
            else:
                result[key.value] = self.data(value)
        return result


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    if node.tag == f"{_TAG}str":
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if re.fullmatch(r"[-+]?\d{1,40}", text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _mark(node: Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def place(root: Node, loc: Loc, at_key: bool = False) -> Place:
    """Where the value at a path stands, or its key; an empty value stands at its key."""
    node, key = root, root
    for part in loc:
        entry = _entry(node, part)
        if entry is None:
            break
        key, node = entry
    is_empty = isinstance(node, ScalarNode) and node.style is None and not node.value
    return _mark(key if at_key or is_empty else node)


def _entry(node: Node, part: str | int) -> tuple[Node, Node] | None:
    if isinstance(part, int):
        is_there = isinstance(node, SequenceNode) and part < len(node.value)
        return (node.value[part], node.value[part]) if is_there else None
    pairs = node.value if isinstance(node, MappingNode) else []
    return next(((key, value) for key, value in pairs if key.value == part), None)


# --- values ---------------------------------------------------------------------------------------------------------


def _validate(data: dict[str, Any], base: Path | None) -> tuple[Document | None, list[Mistake]]:
    try:
        return Document.model_validate(data, context={"base": base}), []
    except ValidationError as error:
        return None, [_explain(details) for details in error.errors(include_url=False)]


def _explain(details: ErrorDetails) -> Mistake:
    loc, kind, value = details["loc"], details["type"], details["input"]
    if kind == "missing":
        return Mistake(loc[:-1], f"the key {loc[-1]!r} is missing")
    if kind == "extra_forbidden":
        where = Document.map_at(loc[:-1])
        return Mistake(loc, f"unknown {where.noun} {loc[-1]!r}; {did_you_mean(str(loc[-1]), where.keys())}", True)
    if value is None:
        return Mistake(loc, "this entry is empty" if isinstance(loc[-1], int) else f"{loc[-1]!r} has no value")
    if kind == "too_short":
        return Mistake(loc, "the timeline has no steps; a step is such as: - {at: 2s, say: babble}")
    if kind in ("model_type", "dict_type"):
        return Mistake(loc, f"write keys with values here (got {shown(value)})")
    if kind == "list_type":
        return Mistake(loc, f"write a list here, each entry after a dash (got {shown(value)})")
    return Mistake(loc, details["msg"].removeprefix("Value error, "))


# --- rules ----------------------------------------------------------------------------------------------------------


def _rules(data: dict[str, Any]) -> Iterator[Mistake]:
    timeline = list(_maps(data.get("timeline"), "timeline"))
    for loc, step in timeline:
        yield from step_mistakes(step, loc)
    yield from _anchor_mistakes(timeline)
    yield from _expect_mistakes(list(_maps(data.get("expect"), "expect")), _labels(timeline))
    yield from _setting_mistakes(data.get("client"), ("client",), setting_names(), check_settings)
    server = data.get("server")
    if isinstance(server, dict):
        yield from _setting_mistakes(server.get("policy"), ("server", "policy"), policy_names(), check_policy)
        yield from server_mistakes(server, ("server",))


def _maps(entries: object, key: str) -> Iterator[tuple[Loc, dict[str, Any]]]:
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield (key, index), entry


def _labels(timeline: Timeline) -> list[str]:
    return [label.strip() for _, step in timeline if isinstance(label := step.get("label"), str)]


def _anchor_mistakes(timeline: Timeline) -> Iterator[Mistake]:
    known, above = _labels(timeline), set[str]()
    for loc, step in timeline:
        yield from _unknown_label(step, loc, known)
        anchor, label = step.get("after"), step.get("label")
        if isinstance(anchor, str) and anchor.strip() in known and anchor.strip() not in above:
            yield Mistake((*loc, "after"), f"the step {anchor.strip()!r} is not above this one; move it up")
        if isinstance(label, str):
            if label.strip() in above:
                yield Mistake((*loc, "label"), f"the label {label.strip()!r} is taken by a step above")
            above.add(label.strip())


def _unknown_label(entry: dict[str, Any], loc: Loc, known: list[str]) -> Iterator[Mistake]:
    label = entry.get("after")
    if isinstance(label, str) and label.strip() not in known:
        cure = did_you_mean(label.strip(), known) if known else f"give one 'label: {label.strip()}'"
        yield Mistake((*loc, "after"), f"no step is labelled {label.strip()!r}; {cure}")


def _expect_mistakes(expectations: Timeline, labels: list[str]) -> Iterator[Mistake]:
    for loc, entry in expectations:
        if not entry:
            yield Mistake(loc, f"an expectation is one of: {', '.join(EXPECTATIONS)}; this one has none")
        for extra in list(entry)[1:]:
            yield Mistake((*loc, extra), "one expectation an entry; put a dash before this one", True)
        for what, deadline in entry.items():
            if isinstance(deadline, dict):
                yield from _unknown_label(deadline, (*loc, what), labels)


def _setting_mistakes(
    changes: object, loc: Loc, names: tuple[str, ...], check: Callable[[dict[str, Any]], None]
) -> Iterator[Mistake]:
    for name, value in changes.items() if isinstance(changes, dict) else ():
        if isinstance(value, dict | list):
            yield Mistake((*loc, name), f"{name!r} is one value (got {shown(value)})")
            continue
        try:
            check({name: value})
        except SettingError as error:
            yield Mistake((*loc, name), str(error), at_key=name not in names)
