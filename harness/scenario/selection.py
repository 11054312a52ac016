"""Selects scenarios by an expression such as ``tag:capture and not (tag:gate or reported_*)``.

Its words are names of scenarios (their files without ``.yaml``), tags as ``tag:NAME``, and patterns of either with
``*`` and ``?``. ``and`` binds more tightly than ``or``; ``not`` most of all.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import InputError, SettingError, did_you_mean
from .loader import load, shipped_scenarios
from .model import Scenario
from .tags import TAGS

_WORD = re.compile(r"\s*([()]|[^\s()]+)")
_TAG = "tag:"
_MOST_LISTED = 40
_DEEPEST = 50
"""So many brackets and ``not`` may enclose each other."""

Test = Callable[[str, Collection[str]], bool]
"""Whether an expression selects a scenario, by its name and its tags."""


def select(expression: str, folders: Iterable[str | Path] = ()) -> dict[str, Scenario]:
    """The scenarios that an expression selects, by their names, sorted.

    They are chosen among those of the ``folders`` (or files), or without one among the shipped ones. Raises
    :exc:`SettingError` for an expression that is wrong, names what is not there, or selects nothing, and
    :exc:`InputError` for a scenario or a folder that cannot be read.
    """
    files = _files(folders)
    test = parse(expression)
    words = [word for word in _words(expression) if word not in ("(", ")", "and", "or", "not")]
    if any(word.startswith(_TAG) for word in words):
        found = {name: load(path) for name, path in files.items()}
        tags = {name: scenario.tags for name, scenario in found.items()}
    else:
        found, tags = {}, dict.fromkeys(files, ())
    _check_words(expression, words, tags)
    chosen = [name for name in sorted(files) if test(name, tags[name])]
    if not chosen:
        raise SettingError(f"{expression!r} selects no scenario; leave a part of it out")
    return {name: found.get(name) or load(files[name]) for name in chosen}


def parse(expression: str) -> Test:
    """The test that an expression means. Raises :exc:`SettingError` if it is not an expression."""
    words = [*_words(expression), ""]
    test, rest = _either(words, expression, _DEEPEST)
    if rest[0]:
        raise _wrong(expression, rest[0])
    return test


def _either(words: list[str], expression: str, depth: int) -> tuple[Test, list[str]]:
    first, words = _both(words, expression, depth)
    tests = [first]
    while words[0] == "or":
        test, words = _both(words[1:], expression, depth)
        tests.append(test)
    return (lambda name, tags: any(each(name, tags) for each in tests)), words


def _both(words: list[str], expression: str, depth: int) -> tuple[Test, list[str]]:
    first, words = _one(words, expression, depth)
    tests = [first]
    while words[0] == "and":
        test, words = _one(words[1:], expression, depth)
        tests.append(test)
    return (lambda name, tags: all(each(name, tags) for each in tests)), words


def _one(words: list[str], expression: str, depth: int) -> tuple[Test, list[str]]:
    word, rest = words[0], words[1:]
    if word in ("", ")", "and", "or"):
        raise _wrong(expression, word)
    if not depth:
        raise SettingError(f"the expression {expression[:40]!r}… is nested more than {_DEEPEST} deep; write it flat")
    if word == "not":
        test, rest = _one(rest, expression, depth - 1)
        return (lambda name, tags: not test(name, tags)), rest
    if word == "(":
        test, rest = _either(rest, expression, depth - 1)
        if rest[0] != ")":
            raise _wrong(expression, rest[0])
        return test, rest[1:]
    return _matches(word), rest


def _matches(word: str) -> Test:
    if word.startswith(_TAG):
        tag = word.removeprefix(_TAG)
        return lambda _, tags: any(fnmatchcase(each, tag) for each in tags)
    return lambda name, _: fnmatchcase(name, word)


def _words(expression: str) -> list[str]:
    if not isinstance(expression, str) or not expression.strip():
        cure = "write a name, tag:NAME, or both with 'or' between them"
        raise SettingError(f"{expression!r} selects no scenario; {cure}")
    return [str(word) for word in _WORD.findall(expression)]


def _wrong(expression: str, word: str) -> SettingError:
    place = f"at {word!r}" if word else "at its end"
    return SettingError(
        f"{expression!r} is wrong {place}; write names and tag:NAME with 'and', 'or', 'not' and brackets between them"
    )


def _check_words(expression: str, words: Iterable[str], tags: Mapping[str, Collection[str]]) -> None:
    known_tags = sorted({tag for each in tags.values() for tag in each})
    for word in words:
        is_tag = word.startswith(_TAG)
        name, known = word.removeprefix(_TAG), known_tags if is_tag else list(tags)
        if not any(fnmatchcase(each, name) for each in known):
            if not is_tag and name in TAGS:
                raise SettingError(f"{expression!r}: no scenario is called {name!r}; its tag is tag:{name}")
            what = "has the tag" if is_tag else "is called"
            raise SettingError(f"{expression!r}: no scenario {what} {name!r}; {_cure(name, known)}")


def _cure(name: str, known: list[str]) -> str:
    """What is meant, or what there is; of many names only where they are listed."""
    cure = did_you_mean(name, known)
    is_short = len(known) <= _MOST_LISTED or "did you mean" in cure
    return cure if is_short else "docs/scenario-pack.md lists the shipped ones"


def _files(folders: Iterable[str | Path]) -> dict[str, Path]:
    """The files of scenarios by their names: of these folders and files, or the shipped ones."""
    chosen = list(map(Path, folders))
    found: dict[str, Path] = {}
    for path in chosen:
        if not path.exists():
            raise InputError(f"there is no folder {str(path)!r} with scenarios; its path is relative to {Path.cwd()}")
        inside = sorted((*path.glob("*.yaml"), *path.glob("*.yml"))) if path.is_dir() else [path]
        if not inside:
            raise InputError(f"the folder {str(path)!r} has no scenario; its files end in .yaml")
        for file in inside:
            if file.stem in found:
                raise InputError(f"{found[file.stem]} and {file} have the same name; rename one of them")
            found[file.stem] = file
    return found or {path.stem: path for path in shipped_scenarios()}
