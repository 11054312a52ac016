"""From a scenario file to a :class:`Scenario`, or to all of its mistakes, each at its line and column.

The text and the files it includes are composed to YAML nodes, which know their places. Three passes look for mistakes,
none of which stops the next: the YAML itself (duplicate keys, tags), each value by itself
(:mod:`harness.scenario.document`), and what the keys and steps owe each other (the rules below). A mistake names the
path to its value; the nodes give the place.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from harness.clients.settings import check_settings, setting_names
from harness.errors import InputError, Problem, ScenarioError, SettingError, did_you_mean
from harness.quantities import shown
from harness.scenario.document import Document, step_mistakes
from harness.scenario.expect_document import expect_mistakes, unknown_label
from harness.scenario.include import Whole, decode
from harness.scenario.map import Loc, Mistake
from harness.scenario.model import Scenario
from harness.scenario.nodes import Reader, mark, place
from harness.scenario.server_document import server_mistakes
from harness.server.policy import check_policy
from harness.server.policy import names as policy_names
from harness.shipped import scenarios

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
    return _parse(decode(content, str(found)), str(found), found.parent, found)


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


def _parse(text: str, name: str, base: Path | None, path: Path | None) -> Scenario:
    whole = Whole(text, name, base)
    root = whole.root
    reader = Reader()
    data = reader.data(root)
    if not isinstance(data, dict):
        message = f"a scenario file is a map with keys such as scenario and timeline (got {shown(data)})"
        raise ScenarioError([Problem(*mark(root), message)])
    document, mistakes = _validate(data, base)
    mistakes += _rules(data)
    places = whole.mistakes + reader.mistakes
    places += [(place(root, each.loc, each.at_key), each.message) for each in mistakes]
    if document is None or places:
        raise ScenarioError({Problem(*where, message) for where, message in places})
    return document.to_scenario(path, lambda loc: whole.line(place(root, loc)))


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
    for key in ("premises", "expect"):
        yield from expect_mistakes(data.get(key), (key,), _labels(timeline))
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
        yield from unknown_label(step, loc, known)
        anchor, label = step.get("after"), step.get("label")
        if isinstance(anchor, str) and anchor.strip() in known and anchor.strip() not in above:
            yield Mistake((*loc, "after"), f"the step {anchor.strip()!r} is not above this one; move it up")
        if isinstance(label, str):
            if label.strip() in above:
                yield Mistake((*loc, "label"), f"the label {label.strip()!r} is taken by a step above")
            above.add(label.strip())


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
