"""Reads the text of a scenario, or reports all of its mistakes, each at its line and column.

The text and the files it includes are composed to YAML nodes, which know their positions. Three passes look for
mistakes, and none stops the next: the YAML itself (duplicate keys, tags), each value by itself
(:mod:`harness.scenario.document`), and rules across keys and steps (below). A mistake names the path to its value; the
nodes give the position.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..clients.settings import check_written, setting_names
from ..errors import Problem, ScenarioError, SettingError, did_you_mean
from ..faults import CATALOGUE
from ..faults.seams import TRANSPORTS
from ..properties import PROPERTY_NAMES, check_choices
from ..quantities import shown
from ..server.policy import check_policy
from ..server.policy import names as policy_names
from .bounds import bound_mistakes
from .document import Document
from .expect_document import GROUPS, expect_mistakes, unknown_label
from .include import Whole
from .map import Loc, Mistake
from .model import Scenario
from .nodes import FilePosition, Reader, mark, position, value_of
from .reply_rules import hidden_rules
from .server_document import server_mistakes
from .step_document import step_mistakes
from .transport import elsewhere
from .values import FAULTS_OF

_Steps = list[tuple[Loc, dict[str, Any]]]
"""The steps that are maps, with their paths."""


def read_scenario(text: str, name: str, base: Path | None, path: Path | None) -> Scenario:
    """The scenario of a text; ``name`` is used in errors, and audio files are relative to ``base``.

    Raises :exc:`ScenarioError` with all mistakes.
    """
    whole = Whole(text, name, base)
    root = whole.root
    notes = _rename_old_words(root)
    reader = Reader()
    data = reader.data(root)
    if not isinstance(data, dict):
        message = f"a scenario file is a map with keys such as scenario and timeline (got {shown(data)})"
        raise ScenarioError([Problem(*mark(root), message)])
    document, mistakes = _validate(data, base)
    mistakes += [*_rules(data), *_hidden_rules(data, root)]
    found = whole.mistakes + reader.mistakes
    found += [(position(root, each.loc, each.at_key), each.message) for each in mistakes]
    if document is None or found:
        raise ScenarioError({Problem(*where, message) for where, message in found})
    scenario = document.to_scenario(path, whole.lines("timeline"), lambda loc: whole.line(position(root, loc)))
    beyond = [(position(root, each.loc, each.at_key), each.message) for each in bound_mistakes(scenario)]
    if beyond:
        raise ScenarioError({Problem(*where, message) for where, message in beyond})
    return replace(scenario, notes=tuple(str(Problem(*where, message)) for where, message in notes))


# --- old words ------------------------------------------------------------------------------------------------------

_RENAMED = {"told": "tells_user"}
"""Expectations that had another name in 0.1.0, and their name now."""


def _rename_old_words(root: Node) -> list[tuple[FilePosition, str]]:
    """Give old names of expectations their new one; one note for each, at its first position."""
    notes: dict[str, FilePosition] = {}
    for key in _expectation_keys([value_of(root, part) for part in ("premises", "expect")]):
        if key.value in _RENAMED:
            notes.setdefault(key.value, mark(key))
            key.value = _RENAMED[key.value]
    return [(where, f"note: {old!r} is now called {_RENAMED[old]!r}; both work") for old, where in notes.items()]


def _expectation_keys(nodes: Iterable[Node | None]) -> Iterator[ScalarNode]:
    todo, seen = list(nodes), set[int]()
    while todo:
        node = todo.pop(0)
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            todo += node.value
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                if isinstance(key, ScalarNode):
                    yield key
                    todo += [value] if key.value in GROUPS else []


# --- values ---------------------------------------------------------------------------------------------------------


def _validate(data: dict[str, Any], base: Path | None) -> tuple[Document | None, list[Mistake]]:
    try:
        return Document.model_validate(data, context={"base": base, "clips": {}}), []
    except ValidationError as error:
        return None, [_explain(details) for details in error.errors(include_url=False)]


def _explain(details: ErrorDetails) -> Mistake:
    loc, kind, value = details["loc"], details["type"], details["input"]
    if kind == "missing":
        return Mistake(loc[:-1], f"the key {loc[-1]!r} is missing")
    if kind == "extra_forbidden":
        return Mistake(loc, _unknown_key(tuple(0 if isinstance(part, int) else part for part in loc)), True)
    if value is None:
        return Mistake(loc, "this entry is empty" if isinstance(loc[-1], int) else f"{loc[-1]!r} has no value")
    if kind == "too_short":
        return Mistake(loc, "the timeline has no steps; a step is such as: - {at: 2s, say: babble}")
    if kind in ("model_type", "dict_type"):
        cure = "; `run --client` names the client itself" if loc == ("client",) and isinstance(value, str) else ""
        return Mistake(loc, f"write keys with values here (got {shown(value)}){cure}")
    if kind == "list_type":
        return Mistake(loc, f"write a list here, each entry after a dash (got {shown(value)})")
    return Mistake(loc, details["msg"].removeprefix("Value error, "))


@lru_cache(maxsize=1024)  # a large file has the same mistake many times
def _unknown_key(loc: Loc) -> str:
    """About a key at a path that is the same for all entries of a list."""
    where = Document.map_at(loc[:-1])
    return f"unknown {where.noun} {loc[-1]!r}; {did_you_mean(str(loc[-1]), where.keys())}"


# --- rules ----------------------------------------------------------------------------------------------------------


def _rules(data: dict[str, Any]) -> Iterator[Mistake]:
    timeline = list(_maps(data.get("timeline"), "timeline"))
    labels = _labels(timeline)
    for loc, step in timeline:
        yield from step_mistakes(step, loc)
    yield from _anchor_mistakes(timeline, labels)
    yield from _transport_mistakes(timeline, data.get("transport", "websocket"))
    for key in ("premises", "expect"):
        yield from expect_mistakes(data.get(key), (key,), labels)
    yield from _setting_mistakes(data.get("properties"), ("properties",), PROPERTY_NAMES, check_choices)
    yield from _setting_mistakes(data.get("client"), ("client",), setting_names(), check_written)
    server = data.get("server")
    if isinstance(server, dict):
        yield from _setting_mistakes(server.get("policy"), ("server", "policy"), policy_names(), check_policy)
        yield from server_mistakes(server, ("server",))


def _hidden_rules(data: dict[str, Any], root: Node) -> Iterator[Mistake]:
    """Answers that one above hides in the same file; a file may replace answers of a file that it includes."""
    server = data.get("server")
    for mistake, above in hidden_rules(server, ("server",)) if isinstance(server, dict) else ():
        if position(root, mistake.loc).file == position(root, above).file:
            yield mistake


def _maps(entries: object, key: str) -> Iterator[tuple[Loc, dict[str, Any]]]:
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield (key, index), entry


def _labels(timeline: _Steps) -> dict[str, None]:
    """The labels of the steps, each once, in their order."""
    return dict.fromkeys(label.strip() for _, step in timeline if isinstance(label := step.get("label"), str))


def _anchor_mistakes(timeline: _Steps, known: Collection[str]) -> Iterator[Mistake]:
    above = set[str]()
    for loc, step in timeline:
        anchor, label = step.get("after"), step.get("label")
        if isinstance(anchor, str):
            yield from unknown_label(step, loc, known)
            if anchor.strip() in known and anchor.strip() not in above:
                yield Mistake((*loc, "after"), f"the step {anchor.strip()!r} is not above this one; move it up")
        if isinstance(label, str):
            if label.strip() in above:
                yield Mistake((*loc, "label"), f"the label {label.strip()!r} is taken by a step above")
            above.add(label.strip())


def _transport_mistakes(timeline: _Steps, transport: object) -> Iterator[Mistake]:
    """Faults that cannot happen on the scenario's transport."""
    for loc, step in timeline:
        for action in FAULTS_OF:
            fault = CATALOGUE.get(step[action]) if isinstance(step.get(action), str) else None
            if fault is not None and transport in TRANSPORTS and transport not in fault.transports:
                yield Mistake((*loc, action), elsewhere(fault, str(transport)))


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
