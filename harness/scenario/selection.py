"""Selects scenarios by an expression such as ``tag:capture and not (tag:gate or reported_*)``.

Its words are names of scenarios (their files without ``.yaml``), tags as ``tag:NAME`` (or one of several, ``tag:A,B``),
and patterns of either with ``*`` and ``?``. ``and`` binds more tightly than ``or``; ``not`` most of all.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import InputError, SettingError, did_you_mean
from .loader import load, shipped_scenarios
from .model import Scenario
from .tags import TAGS

_WORD = re.compile(r"\s*([()]|[^\s()]+)")
TAG = "tag:"
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
    words = words_of(expression)
    if any(word.startswith(TAG) for word in words):
        found = {name: load(path) for name, path in files.items()}
        tags = {name: scenario.tags for name, scenario in found.items()}
    else:
        found, tags = {}, dict.fromkeys(files, ())
    _check_words(expression, words, tags)
    chosen = [name for name in sorted(files) if test(name, tags[name])]
    if not chosen:
        raise SettingError(f"{expression!r} selects no scenario; leave a part of it out")
    return {name: found.get(name) or load(files[name]) for name in chosen}


def parse(expression: str, word: Callable[[str], Test] | None = None) -> Test:
    """The test that an expression means; ``word`` gives that of a word, by default of a whole name or a tag.

    Raises :exc:`SettingError` if it is not an expression.
    """
    parser = _Parser(expression, word or matches)
    test, rest = parser.either([*_words(expression), ""], _DEEPEST)
    if rest[0]:
        raise _wrong(expression, rest[0])
    return test


@dataclass(frozen=True, slots=True)
class _Parser:
    """Each method gives the test at the beginning of some words, and the words behind it."""

    expression: str
    word: Callable[[str], Test]

    def either(self, words: list[str], depth: int) -> tuple[Test, list[str]]:
        """Parts with ``or`` between them."""
        first, words = self.both(words, depth)
        tests = [first]
        while words[0] == "or":
            test, words = self.both(words[1:], depth)
            tests.append(test)
        return (lambda name, tags: any(each(name, tags) for each in tests)), words

    def both(self, words: list[str], depth: int) -> tuple[Test, list[str]]:
        """Parts with ``and`` between them."""
        first, words = self.one(words, depth)
        tests = [first]
        while words[0] == "and":
            test, words = self.one(words[1:], depth)
            tests.append(test)
        return (lambda name, tags: all(each(name, tags) for each in tests)), words

    def one(self, words: list[str], depth: int) -> tuple[Test, list[str]]:
        """A word, brackets, or ``not`` and one of them."""
        word, rest = words[0], words[1:]
        if word in ("", ")", "and", "or"):
            raise _wrong(self.expression, word)
        if not depth:
            shown = self.expression[:40]
            raise SettingError(f"the expression {shown!r}… is nested more than {_DEEPEST} deep; write it flat")
        if word == "not":
            test, rest = self.one(rest, depth - 1)
            return (lambda name, tags: not test(name, tags)), rest
        if word == "(":
            test, rest = self.either(rest, depth - 1)
            if rest[0] != ")":
                raise _wrong(self.expression, rest[0])
            return test, rest[1:]
        return self.word(word), rest


def matches(word: str) -> Test:
    """The test of one word: a whole name, a tag, several tags with commas between them, or a pattern."""
    if word.startswith(TAG):
        patterns = word.removeprefix(TAG).split(",")
        return lambda _, tags: any(fnmatchcase(each, tag) for each in tags for tag in patterns)
    return lambda name, _: fnmatchcase(name, word)


def words_of(expression: str) -> list[str]:
    """The words of an expression that name scenarios and tags."""
    return [word for word in _words(expression) if word not in ("(", ")", "and", "or", "not")]


def check_tags(expression: str, known: Collection[str]) -> None:
    """Raise :exc:`SettingError` if the expression names a tag, or a pattern of one, that is not among those known."""
    for word in words_of(expression):
        for tag in word.removeprefix(TAG).split(",") if word.startswith(TAG) else ():
            if not any(fnmatchcase(each, tag) for each in known):
                cure = _cure(tag, sorted(known)) if known else "give one the key `tags`"
                raise SettingError(f"{expression!r}: no scenario has the tag {tag!r}; {cure}")


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
    check_tags(expression, {tag for each in tags.values() for tag in each})
    for word in words:
        if not word.startswith(TAG) and not any(fnmatchcase(each, word) for each in tags):
            if word in TAGS:
                raise SettingError(f"{expression!r}: no scenario is called {word!r}; its tag is tag:{word}")
            raise SettingError(f"{expression!r}: no scenario is called {word!r}; {_cure(word, list(tags))}")


def _cure(name: str, known: list[str]) -> str:
    """What is meant, or what there is; of many names only where they are listed."""
    cure = did_you_mean(name, known)
    is_short = len(known) <= _MOST_LISTED or "did you mean" in cure
    return cure if is_short else "`stillthere list` shows the shipped ones"


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
