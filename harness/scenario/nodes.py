"""YAML as nodes that know their positions, and plain data from them.

A mistake in a file is reported at the line and column of its node, so nothing is built from YAML without nodes.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from ..errors import Problem, ScenarioError
from .map import Loc
from .plain_steps import STAND_IN, Place, PlainStep, Rest, pair, put_back, tag_of, take_out, untouched


class FilePosition(NamedTuple):
    """A file, and line and column in it, from 1."""

    file: str
    line: int
    column: int


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
_SURROGATE = re.compile("[\ud800-\udfff]")
"""JSON, which is YAML too, writes a character beyond U+FFFF as an escaped pair of these."""
_HALF = "U+{:04X} is half of a character, and no text; write the whole one, in one escape such as \\U0001F600"
TEXT_TAG = f"{_TAG}str"
"""The tag of a node that is text."""
_KNOWN_TAGS = {_TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map", "merge")}


def compose(text: str, name: str) -> Node:
    """The root node of a YAML text of the file ``name``. Raises :exc:`ScenarioError` if it is not YAML, or is empty."""
    root = _read(take_out(text, name), name) or _read(untouched(text), name)
    assert root is not None
    return root


def _read(rest: Rest, name: str) -> Node | None:
    """The root node of what is left of a file; None if a stand-in is where no step can be."""
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    try:
        root: Node | None = yaml.compose(rest.text)
    except YAMLError as error:
        row, column = _syntax_place(error, rest.text)
        if rest.runs and STAND_IN in rest.text.split("\n")[row]:
            return None
        raise ScenarioError([Problem(name, rest.rows[row] + 1, column + 1, _syntax_message(error))]) from error
    except RecursionError as error:
        raise ScenarioError([Problem(name, 1, 1, "the file is nested too deeply to be a scenario")]) from error
    if not put_back(root, rest.runs):
        return None
    if root is None:
        raise ScenarioError([Problem(name, 1, 1, "the file is empty; a scenario has at least a name and a timeline")])
    broken: list[Problem] = []
    for node in _nodes(root):
        node.start_mark = Place(name, rest.rows[node.start_mark.line], node.start_mark.column)
        if isinstance(node, ScalarNode) and node.style == '"' and _SURROGATE.search(node.value):
            try:
                node.value = node.value.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                broken.append(Problem(*mark(node), _HALF.format(ord(_SURROGATE.findall(node.value)[0]))))
    if broken:
        raise ScenarioError(sorted(broken, key=lambda problem: (problem.line, problem.column)))
    return root


def _nodes(root: Node) -> Iterator[Node]:
    """All nodes that the library made, each once, also where aliases name it again."""
    todo, seen = [root], set[int]()
    while todo:
        node = todo.pop()
        if id(node) not in seen and not isinstance(node, PlainStep):
            seen.add(id(node))
            yield node
            if isinstance(node, MappingNode):
                todo += [part for pair in node.value for part in pair]
            elif isinstance(node, SequenceNode):
                todo += node.value


def _syntax_place(error: YAMLError, text: str) -> tuple[int, int]:
    """Line and column of an error in the text, from 0."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        return before.count("\n"), len(before) - before.rfind("\n") - 1
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    return (mark.line, mark.column) if mark else (0, 0)


def _syntax_message(error: YAMLError) -> str:
    if isinstance(error, ReaderError):
        return f"the character U+{error.character:04X} is not allowed in YAML; remove it"
    parts = (error.context, error.problem) if isinstance(error, MarkedYAMLError) else (str(error),)
    message = ", ".join(part for part in parts if part)
    cures = [cure for sign, cure in _CURES if sign in message]
    return f"not YAML: {'; '.join([message, *cures])}"


class Reader:
    """Makes plain data of YAML nodes, by the core schema of YAML 1.2 whatever version the file declares."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[FilePosition, str]] = []
        self._known: dict[int, Any] = {}
        self._open: set[int] = set()

    def data(self, node: Node) -> Any:
        """Dict, list or scalar of a node; an alias gives the same object again."""
        if isinstance(node, PlainStep) and (plain := _plain_map(node)) is not None:
            return plain
        if id(node) in self._open:
            self.mistakes.append((mark(node), "an alias cannot be inside the value that it names"))
            return {}
        if id(node) not in self._known:
            self._open.add(id(node))
            self._known[id(node)] = self._build(node)
            self._open.remove(id(node))
        return self._known[id(node)]

    def _build(self, node: Node) -> Any:
        if node.tag not in _KNOWN_TAGS:
            self.mistakes.append((mark(node), f"the tag {str(node.tag).replace(_TAG, '!!')} has no meaning here"))
        if isinstance(node, MappingNode):
            return self._map(node)
        if isinstance(node, SequenceNode):
            return [self.data(entry) for entry in node.value]
        value = _scalar(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, float) and math.isinf(value):
            self.mistakes.append((mark(node), f"the number {node.value} is too large; write a smaller one"))
            return 0
        return value

    def _map(self, node: MappingNode) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.mistakes.append((mark(key), "a key is a word, not a list or a map"))
            elif key.value in result:
                self.mistakes.append((mark(key), f"the key {key.value!r} is twice in this map"))
            else:
                result[key.value] = self.data(value)
        return result


def _plain_map(step: PlainStep) -> dict[str, Any] | None:
    """The data of a plain step, as :class:`Reader` makes it of its nodes; None if it takes these."""
    parts = step.parts()
    if parts is None:
        return None
    found = dict(map(_plain_entry, parts))
    return found if len(found) == len(parts) else None


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    return text if node.tag == TEXT_TAG else _meaning(text)


@lru_cache(maxsize=4096)
def _plain_entry(part: str) -> tuple[str, Any]:
    """The key and the value of a part of a plain step; the value as :func:`_scalar` gives it of its node."""
    key, text = pair(part)
    value = text if text[-1].isalpha() and text not in _CONSTANTS else _meaning(text)
    return key, value if value is text or tag_of(text) != TEXT_TAG else text


def _meaning(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if re.fullmatch(r"[-+]?\d{1,40}", text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def mark(node: Node) -> FilePosition:
    """Where a node starts."""
    start = node.start_mark
    return FilePosition(start.name, start.line + 1, start.column + 1)


def position(root: Node, loc: Loc, at_key: bool = False) -> FilePosition:
    """The position of the value at a path, or of its key; an empty value has the position of its key."""
    node, key = root, root
    for part in loc:
        entry = _entry(node, part)
        if entry is None:
            break
        key, node = entry
    is_empty = isinstance(node, ScalarNode) and node.style is None and not node.value
    return mark(key if at_key or is_empty else node)


def _entry(node: Node, part: str | int) -> tuple[Node, Node] | None:
    if isinstance(part, int):
        is_there = isinstance(node, SequenceNode) and part < len(node.value)
        return (node.value[part], node.value[part]) if is_there else None
    pairs = node.value if isinstance(node, MappingNode) else []
    return next(((key, value) for key, value in pairs if key.value == part), None)


def value_of(node: Node | None, key: str) -> Node | None:
    """The value of a key, if the node is a map that has it."""
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for found, value in pairs if text_of(found) == key), None)


def text_of(key: Node) -> str | None:
    """The text of a key; None if it is a list or a map."""
    return str(key.value) if isinstance(key, ScalarNode) else None
