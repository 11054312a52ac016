"""The words that can stand at the end of a command line that is being typed."""

import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..shipped import scenarios
from .own_clients import own_clients

_NAMES = Path(__file__).parent / "names.json"
_TAG, _PACK = "tag:", "pack:"
_ENDINGS = (".yaml", ".yml")
_TAGS_LINE = re.compile(rb"(?m)^tags:\s*\[([^\]]*)\]")
_MOST_FILES = 300
"""Files of a folder whose tags are looked at."""


def answer(arguments: list[str]) -> None:
    """Print what can follow the line that a shell gives, one word a line; never raises, and never warns.

    ``arguments``: the line up to the cursor, and the characters at which the shell ends a word besides spaces.
    """
    line, breaks = (*arguments, "", "")[:2]
    try:
        found = list(candidates(line))
    except (OSError, ValueError, KeyError):
        found = []
    word = words_of(line)[-1]
    cut = max((word.rfind(each) for each in breaks if each in ":="), default=-1) + 1
    sys.stdout.write("".join(f"{each[cut:]}\n" for each in dict.fromkeys(found)))


def words_of(line: str) -> list[str]:
    """The words of a line; the last one is being typed, and may be empty."""
    for closing in ("", '"', "'"):
        try:
            words = shlex.split(line + closing)
        except ValueError:
            continue
        is_complete = not closing and line[-1:].isspace() and not line.endswith("\\ ")
        return [*words, ""] if is_complete or len(words) < 2 else words
    return ["", ""]


def candidates(line: str) -> Iterator[str]:
    """The words that begin as the last word of the line, sorted by kind."""
    _, *words, current = words_of(line)
    names = json.loads(_NAMES.read_text(encoding="utf-8"))
    command: Mapping[str, Any] = names
    while words and words[0] in command.get("commands", {}):
        command = command["commands"][words.pop(0)]
    kinds = _Kinds(names["values"])
    if "--" in words:
        return
    options: Mapping[str, Any] = command.get("options", {})
    if current.startswith("-"):
        option, equals, value = current.partition("=")
        if equals and option in options:
            yield from (f"{option}={each}" for each in kinds.starting(options[option], value))
        else:
            yield from (each for each in options if each.startswith(current))
    elif words and options.get(words[-1]):
        yield from kinds.starting(options[words[-1]], current)
    elif "commands" in command:
        yield from (each for each in command["commands"] if each.startswith(current) and not words)
    else:
        yield from kinds.starting(command.get("argument", ""), current)


class _Kinds:
    """The values of each kind."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values
        self._special: Mapping[str, Callable[[str], Iterable[str]]] = {
            "scenario": self._scenarios,
            "client": self._clients,
            "property": self._properties,
        }

    def starting(self, kind: str, prefix: str) -> Iterator[str]:
        """The values of a kind, or of several with ``|`` between them, that begin so."""
        for each in kind.split("|"):
            found = self._special[each](prefix) if each in self._special else self._values.get(each, ())
            yield from (value for value in found if value.startswith(prefix))

    def _clients(self, _: str) -> Iterator[str]:
        yield from self._values["client"]
        yield from (name for name, _ in own_clients())

    def _properties(self, prefix: str) -> Iterator[str]:
        name, equals, _ = prefix.partition("=")
        choices = (f"{name}={choice}" for choice in ("off", "warn", "fail"))
        yield from choices if equals else (f"{each}=" for each in self._values["property-name"])

    def _scenarios(self, prefix: str) -> Iterator[str]:
        if prefix.startswith(_TAG):
            before, _, _ = prefix.rpartition("," if "," in prefix else ":")
            begin = prefix[: len(before) + 1]
            yield from (f"{begin}{tag}" for tag in sorted({*self._values["tag"], *_own_tags()}))
            return
        shipped = sorted(path.stem for path in scenarios().glob("*.yaml"))
        if prefix.startswith(_PACK):
            yield from (f"{_PACK}{name}" for name in shipped)
            return
        yield from _files(prefix)
        yield from shipped
        yield from (_TAG, _PACK)


def _files(prefix: str) -> Iterator[str]:
    """Scenario files and folders."""
    folder = os.path.dirname(prefix)
    try:
        found = sorted(os.listdir(folder or "."))
    except OSError:
        return
    for name in found:
        path = os.path.join(folder, name)
        if name.startswith("."):
            continue
        if os.path.isdir(path):
            yield f"{path}/"
        elif name.endswith(_ENDINGS):
            yield path


def _own_tags() -> Iterator[str]:
    try:
        files = sorted(name for name in os.listdir("scenarios") if name.endswith(_ENDINGS))[:_MOST_FILES]
        for name in files:
            with open(os.path.join("scenarios", name), "rb") as file:
                for found in _TAGS_LINE.findall(file.read(1 << 16)):
                    yield from filter(None, (each.strip(" '\"") for each in os.fsdecode(found).split(",")))
    except OSError:
        return
