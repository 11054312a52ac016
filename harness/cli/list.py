"""``stillthere list``: which scenarios and clients there are."""

import inspect
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from ..clients.reference import REFERENCE_CLIENTS
from ..completing.own_clients import own_clients
from ..errors import InputError, SeveralErrors, visible
from ..picture.words import plain
from ..report.pack import first_sentence
from ..scenario import Scenario
from ..scenario.chosen import PACK_PREFIX, USUAL_FOLDER, ScenarioChoice, choose
from ..shipped import scenarios as shipped_folder
from .output import find_own_modules, import_modules
from .run_options import SCENARIOS_HELP, AsJsonOption, ImportsOption, KeywordOption

_CLIENTS = "clients"
_LONGEST_NAME = 36
_NARROW = 80


@dataclass(frozen=True, slots=True)
class _Listed:
    """One scenario or client."""

    name: str
    title: str
    tags: tuple[str, ...]
    story: str
    """One line."""

    def document(self) -> dict[str, Any]:
        """As it is in the JSON of ``--json``."""
        return {"name": self.name, "title": self.title, "tags": list(self.tags), "story": self.story}


def list_command(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WHAT]…", help=f"{_CLIENTS}, or which scenarios. {SCENARIOS_HELP}"),
    ] = None,
    keyword: KeywordOption = None,
    imports: ImportsOption = None,
    as_json: AsJsonOption = False,
) -> None:
    """List scenarios, those here and those shipped, with their tags and a line of their story; and clients."""
    find_own_modules()
    import_modules(imports or ())
    words = [word for word in what or () if word != _CLIENTS]
    mistakes: list[InputError] = []
    groups: list[tuple[str, list[_Listed]]] = []
    if words or keyword is not None or _CLIENTS not in (what or ()):
        for heading, choice in _choices(words, keyword):
            groups.append((heading, list(_listed(choice, mistakes))))
    if not words and keyword is None:
        groups.append((_CLIENTS, list(_clients())))
    if as_json:
        print(json.dumps({heading: [one.document() for one in found] for heading, found in groups}, indent=2))
    else:
        _show(groups)
    if mistakes:
        raise SeveralErrors(mistakes)


def _choices(words: Sequence[str], keyword: str | None) -> Iterator[tuple[str, ScenarioChoice]]:
    """What is listed under which heading. Raises :exc:`InputError`."""
    if words or keyword is not None:
        yield "scenarios", choose(words, keyword)
        return
    here = os.path.isdir(USUAL_FOLDER)
    if here:
        yield "scenarios", choose([USUAL_FOLDER])
    if not here or not os.path.samefile(USUAL_FOLDER, shipped_folder()):
        yield "shipped scenarios", choose([PACK_PREFIX])


def _listed(choice: ScenarioChoice, mistakes: list[InputError]) -> Iterator[_Listed]:
    for note in choice.notes:
        print(note, file=sys.stderr)
    for name, found in choice.loaded():
        if isinstance(found, Scenario):
            yield _Listed(name, found.name, found.tags, first_sentence(found.story))
        else:
            mistakes.append(found)


def _clients() -> Iterator[_Listed]:
    for name, (made, _) in REFERENCE_CLIENTS.items():
        words = (inspect.getdoc(made) or "").split("\n\n")[0]
        yield _Listed(name, "", (), first_sentence(words))
    for name, line in own_clients():
        yield _Listed(name, "", ("yours",), line)


def _show(groups: Iterable[tuple[str, list[_Listed]]]) -> None:
    console = Console()
    limit = console.width if console.is_terminal or os.environ.get("COLUMNS") else None
    for number, (heading, found) in enumerate(groups):
        _line(console, Text(f"{'' if not number else chr(10)}{heading} ({len(found)})", "bold"), None)
        width = min(_LONGEST_NAME, max((len(visible(one.name)) for one in found), default=0))
        for one in found:
            words = " ".join(filter(None, (plain(one.title) + "." if one.title else "", plain(one.story))))
            tags = f"[{', '.join(one.tags)}] " if one.tags else ""
            if limit is not None and limit < _NARROW:
                _line(console, Text(f"  {visible(one.name)}"), limit)
                _line(console, Text(f"    {tags}{words}", "bright_black"), limit)
            else:
                row = Text.assemble(f"  {visible(one.name):{width}}  ", (tags, "cyan"), words)
                _line(console, row, limit)


def _line(console: Console, line: Text, limit: int | None) -> None:
    if limit is not None:
        line.truncate(limit, overflow="ellipsis")
    console.print(line, highlight=False, markup=False, soft_wrap=True)
