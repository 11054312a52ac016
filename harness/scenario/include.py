"""A scenario file together with the files it includes, as one tree of YAML nodes that know which file they are from.

Included files come first. Maps are merged key by key, and the including file wins; lists are put one after the other.
What an included file says of itself (:data:`OWN`) is left out.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.errors import Problem, ScenarioError
from harness.scenario.nodes import TEXT, Place, compose, mark

OWN = ("scenario", "story", "source", "outcomes", "include")
"""Keys of an included file that say something of that file alone."""
FIRST_WINS = ("replies",)
"""Lists whose first entry that fits decides: those of the including file come first."""


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
    """A text and all that it includes. Raises :exc:`ScenarioError` if one of the texts is not YAML."""

    def __init__(self, text: str, name: str, base: Path | None) -> None:
        self.mistakes: list[tuple[Place, str]] = []
        """Of includes: their places, and what is wrong with them."""
        self._name = name
        self._included_at: dict[str, int] = {}
        own = compose(text, name)
        self.root: Node = self._with_included(own, base, ((os.path.realpath((base or Path()) / name), name),))
        """The merged tree; that of the text itself if it is no map."""

    def line(self, place: Place) -> int:
        """The line in the text itself: of what is included, the line of its include."""
        return place.line if place.file == self._name else self._included_at[place.file]

    def _with_included(self, own: Node, base: Path | None, trail: tuple[tuple[str, str], ...]) -> Node:
        """``own`` merged with what it includes; ``trail`` has the path and the name of each file on the way to it."""
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
            content = Path(path).read_bytes()
        except (OSError, ValueError):
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
            whole.tag, [pair for pair in whole.value if pair[0].value not in OWN], start_mark=own.start_mark
        )

    def _merge(self, first: Node, last: Node, key: str = "") -> Node:
        """Two values of one key: maps key by key, lists one after the other, else the last."""
        if isinstance(first, MappingNode) and isinstance(last, MappingNode):
            known = {key.value: value for key, value in last.value if isinstance(key, ScalarNode)}
            pairs = [(key, value) for key, value in first.value if key.value not in known]
            before = {key.value: value for key, value in first.value if isinstance(key, ScalarNode)}
            pairs += [
                (key, self._merge(before[key.value], value, key.value) if _word(key) in before else value)
                for key, value in last.value
            ]
            return MappingNode(last.tag, pairs, start_mark=last.start_mark)
        if isinstance(first, SequenceNode) and isinstance(last, SequenceNode):
            entries = [*last.value, *first.value] if key in FIRST_WINS else [*first.value, *last.value]
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
    found = _value(root, "include")
    entries = found.value if isinstance(found, SequenceNode) else [found]
    return (entry for entry in entries if isinstance(entry, ScalarNode) and entry.tag == TEXT and entry.value)


def _rebase(root: Node, old: Path, new: Path) -> None:
    """Audio files that are beside the included file are named as seen from the including one."""
    clips = [_value(step, key) for step in _entries(_value(root, "timeline")) for key in ("say", "noise")]
    server = _value(root, "server")
    clips += [_value(reply, "clip") for reply in (_value(server, "reply"), *_entries(_value(server, "replies")))]
    for clip in clips:
        if isinstance(clip, ScalarNode) and _is_file(old, clip.value):
            clip.value = Path(os.path.relpath(old / clip.value, new)).as_posix()


def _is_file(base: Path, name: str) -> bool:
    return ("/" in name or bool(Path(name).suffix)) and os.path.isfile(base / name)


def _entries(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []


def _value(node: Node | None, key: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for found, value in pairs if _word(found) == key), None)


def _word(key: Node) -> str | None:
    return str(key.value) if isinstance(key, ScalarNode) else None
