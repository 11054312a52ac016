"""A scenario file and the files it includes, merged to one tree of YAML nodes; each node knows its file.

Included files are merged first. Maps are merged key by key, and the including file wins; lists are put one after the
other. The keys about an included file itself (:data:`_OWN`) are left out.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..errors import Problem, ScenarioError
from .nodes import TEXT_TAG, FilePosition, compose, mark, text_of, value_of

_OWN = ("scenario", "story", "source", "outcomes", "tags", "include")
"""Keys of an included file that are about that file alone."""
_FIRST_WINS = ("replies",)
"""Lists whose first matching entry decides: the entries of the including file are put first."""


def decode(content: bytes, name: str) -> str:
    """The text of a file. Raises :exc:`ScenarioError` if it is not in UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        message = "this is not text in UTF-8; a scenario is a YAML file"
        raise ScenarioError([Problem(name, line, column, message)]) from error


class Whole:
    """A text and all files that it includes. Raises :exc:`ScenarioError` if one of the texts is not YAML."""

    def __init__(self, text: str, name: str, base: Path | None) -> None:
        self.mistakes: list[tuple[FilePosition, str]] = []
        """Mistakes of includes: their positions and messages."""
        self._name = name
        self._included_at: dict[str, int] = {}
        own = compose(text, name)
        self.root: Node = self._with_included(own, base, ((os.path.realpath((base or Path()) / name), name),))
        """The merged tree; the tree of the text itself if it is not a map."""

    def line(self, position: FilePosition) -> int:
        """The line in the text itself; for included nodes the line of the include."""
        return position.line if position.file == self._name else self._included_at[position.file]

    def lines(self, key: str) -> list[int]:
        """The lines, as :meth:`line` gives them, of the entries of the list that this key of the file has."""
        return [self.line(mark(entry)) for entry in _entries(value_of(self.root, key))]

    def _with_included(self, own: Node, base: Path | None, trail: tuple[tuple[str, str], ...]) -> Node:
        """``own`` merged with what it includes; ``trail`` has the path and the name of each including file."""
        merged: Node | None = None
        for entry in _includes(own):
            part = self._included(entry, base, trail)
            if part is not None:
                merged = part if merged is None else self._merge(merged, part)
        return own if merged is None else self._merge(merged, own)

    def _included(self, entry: ScalarNode, base: Path | None, trail: tuple[tuple[str, str], ...]) -> Node | None:
        if base is None:
            self._mistake(entry, f"{entry.value!r} cannot be included into a text; give the folder it is relative to")
            return None
        path = base / entry.value
        name, real = os.path.normpath(path), os.path.realpath(path)
        if real in (known for known, _ in trail):
            names = [known for _, known in trail]
            self._mistake(entry, f"a file cannot include itself: {' → '.join([*names, name])}; remove one include")
            return None
        try:
            content = Path(path).read_bytes() if os.path.isfile(path) else None  # a device may have no end
        except OSError:
            content = None
        if content is None:
            self._mistake(entry, f"there is no file {name} to include; its path is relative to the including file")
            return None
        if len(trail) == 1:
            self._included_at[name] = mark(entry).line
        else:
            self._included_at.setdefault(name, self._included_at[trail[-1][1]])
        own = compose(decode(content, name), name)
        if not isinstance(own, MappingNode):
            self._mistake(own, "an included file is a map with keys such as timeline or server")
            return None
        whole = self._with_included(own, path.parent, (*trail, (real, name)))
        _rebase(whole, path.parent, base)
        return MappingNode(
            whole.tag, [pair for pair in whole.value if pair[0].value not in _OWN], start_mark=own.start_mark
        )

    def _merge(self, first: Node, last: Node, key: str = "") -> Node:
        """Merge two values of one key: maps key by key, lists one after the other, else the last."""
        if isinstance(first, MappingNode) and isinstance(last, MappingNode):
            known = {key.value: value for key, value in last.value if isinstance(key, ScalarNode)}
            pairs = [(key, value) for key, value in first.value if key.value not in known]
            before = {key.value: value for key, value in first.value if isinstance(key, ScalarNode)}
            pairs += [
                (key, self._merge(before[key.value], value, key.value) if text_of(key) in before else value)
                for key, value in last.value
            ]
            return MappingNode(last.tag, pairs, start_mark=last.start_mark)
        if isinstance(first, SequenceNode) and isinstance(last, SequenceNode):
            entries = [*last.value, *first.value] if key in _FIRST_WINS else [*first.value, *last.value]
            return SequenceNode(last.tag, entries, start_mark=last.start_mark)
        if isinstance(first, ScalarNode) is not isinstance(last, ScalarNode):
            kind = (
                "a list"
                if isinstance(last, SequenceNode)
                else "a map"
                if isinstance(last, MappingNode)
                else "one value"
            )
            self._mistake(first, f"{key!r} is {kind} in the file that includes this one; write the same here")
        return last

    def _mistake(self, node: Node, message: str) -> None:
        self.mistakes.append((mark(node), message))


def _includes(root: Node) -> Iterator[ScalarNode]:
    found = value_of(root, "include")
    entries = found.value if isinstance(found, SequenceNode) else [found]
    return (entry for entry in entries if isinstance(entry, ScalarNode) and entry.tag == TEXT_TAG and entry.value)


def _rebase(root: Node, old: Path, new: Path) -> None:
    """Make audio files relative to the folder ``new`` that are relative to the folder ``old``."""
    clips = [value_of(step, key) for step in _entries(value_of(root, "timeline")) for key in ("say", "noise")]
    server = value_of(root, "server")
    clips += [value_of(reply, "clip") for reply in (value_of(server, "reply"), *_entries(value_of(server, "replies")))]
    for clip in clips:
        if isinstance(clip, ScalarNode) and _is_file(old, clip.value):
            clip.value = Path(os.path.relpath(old / clip.value, new)).as_posix()


def _is_file(base: Path, name: str) -> bool:
    return ("/" in name or bool(Path(name).suffix)) and os.path.isfile(base / name)


def _entries(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []
