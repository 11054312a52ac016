"""Steps that are written plainly, read without the YAML library, which takes a thousand times as long.

A plain step is an entry of a list whose keys and values are plain words, either a map on one line or a line for each
key::

    - {at: 2s, say: babble, lasts: 1s}
    - at: 2s
      say: babble

:func:`take_out` replaces each run of plain steps by one map of the same kind, so that what is around it keeps its
meaning; the library composes the rest, and :func:`put_back` gives the steps their places. Where a run turns out to be
something else, such as a part of a text, nothing is put back and the library reads the whole file.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.resolver import Resolver

STAND_IN = "\ue000"
"""The key of the map in place of a run; its value is the number of the run."""
_WORD = r"[A-Za-z0-9_./+]"
_KEY = r"[a-z][a-z_]*(?: [a-z_]+)*"
_VALUE = rf"(?:{_WORD}|-(?={_WORD}))(?:[A-Za-z0-9_./+ -]*{_WORD})?"
_PAIR = re.compile(rf"({_KEY}): +({_VALUE})")
_FLOW = re.compile(rf"( *)- +\{{ *{_KEY}: +{_VALUE}(?: *, *{_KEY}: +{_VALUE})* *\}} *")
_FIRST = re.compile(rf"( *)-( +){_KEY}: +{_VALUE} *")
_NEXT = re.compile(rf"( *){_KEY}: +{_VALUE} *")
_IDLE = re.compile(r" *(?:#[\t -~\xa0-\ud7ff]*)?")
"""A line that may stand between two steps of a run: it is empty or a comment of signs that YAML allows."""
_UNUSUAL = re.compile(f"[\r\x85\u2028\u2029{STAND_IN}]|^%", re.MULTILINE)
"""Other ends of lines than a line feed, and directives."""
_resolver = Resolver()
_MAP_TAG = MappingNode("tag:yaml.org,2002:map", []).ctag


class Place(NamedTuple):
    """Where a node starts, as a mark of the YAML library: a file, and line and column in it, from 0."""

    name: str
    line: int
    column: int


class PlainStep(MappingNode):
    """The node of a plain step. The nodes of its keys and values are made when they are asked for."""

    __slots__ = ("_first", "_lines", "_made", "_name")
    ctag, anchor, comment, merge, flow_style, end_mark = _MAP_TAG, None, None, None, None, None

    def __init__(self, name: str, first: int, lines: list[str]) -> None:
        self._name, self._first, self._lines = name, first, lines
        self._made: list[tuple[Node, Node]] | None = None

    @property
    def start_mark(self) -> Place:
        """Where the map starts: behind its dash."""
        line = self._lines[0]
        return Place(self._name, self._first, len(line) - len(line.lstrip(" ").removeprefix("-").lstrip(" ")))

    @property
    def value(self) -> list[tuple[Node, Node]]:
        """Its keys and values."""
        if self._made is None:
            self._made = [
                (self._scalar(row, found, 1), self._scalar(row, found, 2))
                for row, line in enumerate(self._lines)
                for found in _PAIR.finditer(line)
            ]
        return self._made

    def parts(self) -> list[str] | None:
        """A text for each key, as :func:`pair` takes it; None once nodes were made, because these may have changed."""
        if self._made is not None:
            return None
        return self._lines[0].split(",") if len(self._lines) == 1 else self._lines

    def _scalar(self, row: int, found: re.Match[str], group: int) -> ScalarNode:
        text = found[group]
        place = Place(self._name, self._first + row, found.start(group))
        return ScalarNode(tag_of(text), text, place, place)


def pair(part: str) -> tuple[str, str]:
    """The key and the value of a part of a plain step; a key starts, and a value ends, with none of these signs."""
    key, value = part.strip(" -{}").split(":")
    return key, value.lstrip(" ")


@lru_cache(maxsize=4096)
def tag_of(text: str) -> str:
    """The tag that YAML 1.2 gives to a plain word."""
    return str(_resolver.resolve(ScalarNode, text, (True, False)))


class Rest(NamedTuple):
    """A text with a stand-in for each run of plain steps."""

    text: str
    rows: Sequence[int]
    """Which line of the file each of its lines is, from 0."""
    runs: list[list[PlainStep]]
    """The steps of each run."""


def untouched(text: str) -> Rest:
    """The whole text, with no step taken out; its lines are the file's, whatever characters end them."""
    return Rest(text, range(len(text) + 1), [])


def take_out(text: str, name: str) -> Rest:
    """Replace each run of plain steps by a stand-in."""
    if _UNUSUAL.search(text):
        return untouched(text)
    lines = text.split("\n")
    rows, stand_ins, runs = list[int](), dict[int, str](), list[list[PlainStep]]()
    above, column = 0, -1
    for indent, first, end in _steps(lines):
        if indent != column or not all(map(_IDLE.fullmatch, lines[above:first])):
            rows += range(above, first + 1)
            stand_ins[first] = f"{' ' * indent}- {{{STAND_IN}: {len(runs)}}}"
            runs.append([])
        runs[-1].append(PlainStep(name, first, lines[first:end]))
        above, column = end, indent
    rows += range(above, len(lines))
    return Rest("\n".join(stand_ins.get(row) or lines[row] for row in rows), rows, runs)


def _steps(lines: list[str]) -> Iterator[tuple[int, int, int]]:
    """The plain steps: the column of the dash, the first line, and the line behind the last one."""
    at, last = 0, len(lines)
    while at < last:
        line = lines[at]
        end = at + 1
        flow = _FLOW.fullmatch(line)
        begun = flow or _FIRST.fullmatch(line)
        if begun is None:
            at = end
            continue
        indent = len(begun[1])
        if flow is None:
            column = indent + 1 + len(begun[2])
            while end < last and (more := _NEXT.fullmatch(lines[end])) and len(more[1]) == column:
                end += 1
        if _is_complete(lines, end, indent):
            yield indent, at, end
        at = end


def _is_complete(lines: list[str], end: int, indent: int) -> bool:
    """Whether nothing below belongs to the entry: the next line with more than a comment is not further right."""
    while end < len(lines):
        bare = lines[end].lstrip(" ")
        if bare and bare[0] != "#":
            return len(lines[end]) - len(bare) <= indent and bare[0] != "\t"
        end += 1
    return True


def put_back(root: Node | None, runs: list[list[PlainStep]]) -> bool:
    """Replace the stand-ins by the steps. Returns False if some are not where steps can be: then read all anew."""
    todo, seen, found = [root] if root is not None else [], set[int](), 0
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            todo += [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode):
            entries: list[Node] = []
            for entry in node.value:
                run = _run_of(entry)
                found += run is not None
                entries += [entry] if run is None else runs[run]
                todo += [entry] if run is None else []
            node.value = entries
    return found == len(runs)


def _run_of(entry: Node) -> int | None:
    pairs: Iterable[Any] = entry.value if isinstance(entry, MappingNode) and len(entry.value) == 1 else ()
    return next((int(value.value) for key, value in pairs if key.value == STAND_IN), None)
