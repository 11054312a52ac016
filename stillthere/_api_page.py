"""docs/api.md: every public name with its signature and its docstring. ``python -m stillthere._api_page`` prints it."""

import ast
import dataclasses
import importlib
import inspect
import itertools
import re
import textwrap
from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_args

import msgspec

import stillthere

from . import builder, events, faults, journal, kit, pytest, search, strategies

_HEAD = """# The public API

All names of `import stillthere`. The package `harness` is the implementation and may change.
`make pages` generates this page from the docstrings. Times are integer microseconds unless a name says otherwise
(`…_ms`, `…_s`); audio is int16 mono at 24 kHz.
"""
_CHAPTERS: tuple[tuple[str, str, str], ...] = (
    (
        "Play and judge",
        "",
        "load loads dump shipped_scenarios Scenario play Run judge Verdict Finding Wait "
        "diagnose Diagnosis Journal read_journal",
    ),
    ("A program in real time", "", "play_program"),
    ("A page in a browser", "", "play_page"),
    ("Your client", "", "Client NamedClient Chunk"),
    ("Your app", "", "play_app AppMicrophone AppSpeaker"),
    (
        "What a client receives",
        "Server events, of `stillthere.events`, and signals:",
        "Signal Opened Closed DialFailed Pong CallState ChannelClosed MediaReport PlaybackEnded MarkPlayed AppState "
        "TalkButton",
    ),
    (
        "What a client returns",
        "Client events, of `stillthere.events`, and commands:",
        "Command Connect Disconnect Ping Play MarkPlayback StopPlayback ReopenCapture ResumePlayback Log TellUser",
    ),
    (
        "A live server",
        "",
        "LiveServer LiveSettings Admission Timing FaultSpec SessionSetup session_setup ServerPolicy",
    ),
    (
        "Errors",
        "",
        "StillthereError InputError ScenarioError SettingError AudioError ClientError",
    ),
)
_QUOTE = "'"
_SUBMODULES: tuple[ModuleType, ...] = (builder, faults, kit, search)
_FOR_TESTS: tuple[ModuleType, ...] = (pytest, strategies)
"""Submodules that are no public names of ``stillthere`` itself."""


def page() -> str:
    """The page, as Markdown."""
    parts = [_HEAD]
    for title, words, names in _CHAPTERS:
        parts.append(f"\n## {title}\n")
        if words:
            parts.append(f"{words}\n")
        for name in names.split():
            parts += _entry(name, getattr(stillthere, name))
    for module in (*_SUBMODULES, *_FOR_TESTS):
        parts.append(f"\n## `{module.__name__}`\n\n{_prose(inspect.getdoc(module) or '')}\n")
        things = {name: getattr(module, name) for name in module.__all__}
        for name, thing in things.items():
            if _has_entry(thing):
                parts += _entry(name, thing)
        parts += _constants(module, [name for name, thing in things.items() if not _has_entry(thing)])
    parts += _table_of_events()
    parts.append("\n## `stillthere.journal`\n\nThe classes of a journal's entries: [journal.md](journal.md).\n")
    return "\n".join(parts)


def documented() -> set[str]:
    """The names of ``stillthere.__all__`` that the page describes."""
    submodules = {module.__name__.rpartition(".")[2] for module in (*_SUBMODULES, events, journal)}
    return submodules.union(*(names.split() for _, _, names in _CHAPTERS))


def _entry(name: str, thing: Any) -> Iterator[str]:
    if inspect.isclass(thing):
        yield f"### class `{name}`\n"
        if not issubclass(thing, Exception) and not getattr(thing, "_is_protocol", False):
            yield f"```python\n{_signature(name, thing)}\n```\n"
        yield f"{_prose(inspect.getdoc(thing) or '')}\n"
        yield from _attributes(thing)
        yield from _methods(thing)
    elif inspect.isfunction(thing):
        yield f"### `{name}`\n"
        yield f"```python\n{_signature(name, thing)}\n```\n"
        yield f"{_prose(inspect.getdoc(thing) or '')}\n"
    else:
        yield f"### `{name}`\n"
        members = [each.__name__ for each in get_args(thing) if inspect.isclass(each)]
        if members:
            yield "One of: " + ", ".join(f"`{member}`" for member in members) + ".\n"


def _has_entry(thing: Any) -> bool:
    return inspect.isclass(thing) or inspect.isfunction(thing)


def _constants(module: ModuleType, names: list[str]) -> Iterator[str]:
    """A table of the names that are neither classes nor functions, with the texts below their definitions."""
    if not names:
        return
    meanings: dict[str, str] = {}
    for source in _sources_of(module):
        meanings.update(_texts_below(source))
    yield "| constant | meaning |"
    yield "|---|---|"
    yield from (f"| `{name}` | {_cell(meanings[name])} |" for name in names)
    yield ""


def _sources_of(module: ModuleType) -> Iterator[ModuleType]:
    """The modules that a submodule of the public API imports from."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("harness"):
            yield importlib.import_module(str(node.module))


def _signature(name: str, thing: Any) -> str:
    """The signature from the source text, so that it is the same on every Python."""
    definition = _definition(thing)
    if isinstance(definition, ast.ClassDef):
        parameters, result = list(_class_parameters(thing)), ""
    else:
        arguments = ast.unparse(definition.args)
        parameters = [each for each in _split(arguments) if each not in ("self", "cls", "/", "_")]
        parameters = [re.sub(r"(?<=\S)=(?=\S)", " = ", each, count=1) if ":" in each else each for each in parameters]
        result = f" -> {ast.unparse(definition.returns).strip(_QUOTE)}" if definition.returns is not None else ""
    whole = f"{name}({', '.join(parameters)}){result}"
    if len(whole) <= 110:
        return whole
    return f"{name}(\n" + "".join(f"    {parameter},\n" for parameter in parameters) + f"){result}"


def _definition(thing: Any) -> ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef:
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(thing))).body
    assert isinstance(definition, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    return definition


def _class_parameters(thing: type) -> Iterator[str]:
    """The parameters of a dataclass, those of its bases first; for any other class those of ``__init__``."""
    if not dataclasses.is_dataclass(thing):
        init = vars(thing).get("__init__")
        definition = _definition(init) if init is not None else None
        if isinstance(definition, ast.FunctionDef):
            yield from (each for each in _split(ast.unparse(definition.args)) if each != "self")
        return
    names = [field.name for field in dataclasses.fields(thing) if field.init]
    found: dict[str, str] = {}
    for base in reversed(thing.__mro__):
        for node in _definition(base).body if dataclasses.is_dataclass(base) else ():
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                default = f" = {_default(node.value)}" if node.value is not None else ""
                found[node.target.id] = f"{node.target.id}: {ast.unparse(node.annotation)}{default}"
    yield from (found[name] for name in names)


def _default(value: ast.expr) -> str:
    """The default of a field; for a fault's parameter its value, for a factory ``…``."""
    if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "parameter":
        return ast.unparse(value.args[0])
    return "…" if isinstance(value, ast.Call) else ast.unparse(value)


def _split(parameters: str) -> list[str]:
    """The parameters of a signature, split at the commas outside brackets."""
    parts, depth = [""], 0
    for character in parameters:
        depth += (character in "[({") - (character in "])}")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def _attributes(thing: type) -> Iterator[str]:
    meanings = _texts_below(thing)
    fields = [field.name for field in dataclasses.fields(thing)] if dataclasses.is_dataclass(thing) else []
    rows = [(name, meanings[name]) for name in fields or meanings if name in meanings and not name.startswith("_")]
    for name, member in vars(thing).items():
        if isinstance(member, property) and not name.startswith("_"):
            rows.append((name, inspect.getdoc(member) or ""))
    if rows:
        yield "| attribute | meaning |"
        yield "|---|---|"
        yield from (f"| `{name}` | {_cell(meaning)} |" for name, meaning in rows)
        yield ""


def _texts_below(thing: type | ModuleType) -> dict[str, str]:
    """The docstrings below the attributes of a class in its source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for above, below in itertools.pairwise(body) if isinstance(body, list) else ():
            target = above.target if isinstance(above, ast.AnnAssign) else getattr(above, "targets", [None])[0]
            name = getattr(target, "id", None) or getattr(target, "attr", None)
            is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            if name is not None and is_text and isinstance(below.value.value, str):
                found[name] = below.value.value
    return found


def _methods(thing: type) -> Iterator[str]:
    for name, member in vars(thing).items():
        function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if inspect.isfunction(function) and not name.startswith("_") and inspect.getdoc(function):
            yield f"```python\n{_signature(f'.{name}', function)}\n```\n"
            yield f"{_prose(inspect.getdoc(function) or '')}\n"


def _table_of_events() -> Iterator[str]:
    yield f"\n## `stillthere.events`\n\n{_prose(inspect.getdoc(events) or '')}\n"
    for side, union in (("client", events.ClientEvent), ("server", events.ServerEvent)):
        yield f"Events of the {side}:\n"
        yield "| class | `type` | fields |"
        yield "|---|---|---|"
        for each in get_args(union):
            fields = ", ".join(f"`{field.name}`" for field in msgspec.structs.fields(each) if field.name != "event_id")
            yield f"| `{each.__name__}` | `{each.__struct_config__.tag}` | {fields or 'none'} |"
        yield ""


def _prose(text: str) -> str:
    """A docstring as Markdown: roles and double backticks become code, an indented example a block of code."""
    text = re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", text).replace("``", "`")
    return re.sub(r"(?m)^(.*):?::\n\n((?:    .*\n?|\n)+)", _example, text)


def _example(found: re.Match[str]) -> str:
    words = f"{found[1].rstrip(':')}:\n\n" if found[1].strip(" :") else ""
    return f"{words}```python\n{textwrap.dedent(found[2]).strip()}\n```\n"


def _cell(text: str) -> str:
    return " ".join(_prose(text).split()).replace("|", "\\|")


if __name__ == "__main__":
    print(page().rstrip())
