"""What the commands take: the page docs/command-line.md, and the names that a shell completes.

``python -m harness.cli.describe page > docs/command-line.md`` and
``python -m harness.cli.describe names > harness/completing/names.json`` make them.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

import typer

from ..clients.recovery.strategies import STRATEGIES
from ..clients.reference import REFERENCE_CLIENTS
from ..faults import CATALOGUE
from ..faults.seams import TRANSPORTS
from ..properties import PROPERTY_NAMES
from ..report.tables import table
from ..scenario.tags import TAGS
from ..search.schedules import ScheduleKind
from ..vad.detector import DETECTORS
from . import command_line
from .lazy import LazyGroup

_OF_OPTION = {
    "--client": "client",
    "--detector": "detector",
    "--fault": "fault",
    "--property": "property",
    "--scenario": "scenario",
    "--schedules": "schedules",
    "--strategy": "strategy",
    "--transport": "transport",
}
"""The kinds of values of options, wherever they are."""
_OF_ARGUMENT = {
    "run": "scenario",
    "check": "scenario",
    "show": "scenario",
    "sweep": "scenario",
    "fuzz": "scenario",
    "list": "list|scenario",
    "faults": "fault",
    "properties": "property-name",
    "completion": "shell",
}
_ANY = "file"
"""A value that the shell may complete as a file."""


def commands() -> Mapping[str, Any]:
    """All commands by their names, loaded."""
    group = typer.main.get_command(command_line)
    assert isinstance(group, LazyGroup)
    return {name: group.load(name) for name in group.lazy}


def names() -> dict[str, Any]:
    """What ``harness/completing/names.json`` has."""
    values = {
        "client": [*REFERENCE_CLIENTS],
        "detector": [*DETECTORS],
        "fault": sorted(CATALOGUE),
        "list": ["clients"],
        "property-name": [*PROPERTY_NAMES],
        "schedules": [*get_args(ScheduleKind)],
        "shell": ["bash", "zsh", "fish"],
        "strategy": [*STRATEGIES],
        "tag": sorted(TAGS),
        "transport": [*TRANSPORTS],
    }
    described = {name: _described(name, command) for name, command in commands().items()}
    return {"commands": described, "options": {"--help": "", "--version": ""}, "values": values}


def _described(name: str, command: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"options": {"--help": ""}}
    for parameter in command.params:
        if parameter.param_type_name != "option":
            continue
        kind = "" if parameter.is_flag else _OF_OPTION.get(parameter.opts[0], _ANY)
        found["options"].update(dict.fromkeys((*parameter.opts, *parameter.secondary_opts), kind))
    if hasattr(command, "commands"):
        found["commands"] = {each: _described(f"{name} {each}", of) for each, of in command.commands.items()}
    elif name in _OF_ARGUMENT:
        found["argument"] = _OF_ARGUMENT[name]
    return found


# --- the page ---------------------------------------------------------------------------------------------------------

_PREFACE = """\
# The command line

This page is made from the commands; the help of each (`--help`) says the same.

## First steps

```console
stillthere init                               # a first scenario, client, test and CI file in this folder
stillthere run --client my_client:MyClient    # plays all scenarios in the folder scenarios/
stillthere list                               # scenarios and clients
stillthere doctor                             # what is missing on this machine
eval "$(stillthere completion bash)"          # the Tab key: commands, options, scenarios, clients, faults, tags
```

## Which scenarios

`run`, `check`, `show`, `sweep` and `list` take the same words. Without any, they take the folder `scenarios` here; if
there is none, that is an error (exit 2).

| word | means |
|---|---|
| `scenarios/first.yaml` | a file |
| `scenarios` | a folder and those below it, sorted; not hidden ones, `node_modules`, and links to folders |
| `'scenarios/**/tele*.yaml'` | a pattern, if the shell has left it as it is |
| `half_open_socket`, `'tele*'` | shipped scenarios, by their names |
| `pack:`, `'pack:webrtc_*'` | all shipped scenarios, or those of a pattern, whatever files are here |
| `tag:wire` | those that have a tag; `tag:wire,media`: one of these; also `'tag:wire and not tag:media'` |
| `-k 'freeze and not phone'` | those whose names have these parts; `and`, `or`, `not`, brackets, `tag:` too |

Tags and `-k` choose among what the other words mean. With no other word that is the folder `scenarios` here, or, where
there is none, the shipped scenarios. A scenario that is meant twice is played once.

In a folder, a YAML file without the key `scenario` is no scenario. If a scenario of the folder names it, as one that
includes it does, nothing is said; else a note says that it was left out. At most 2000 scenarios are read at once.

## What `run` shows

Up to 4 runs: the picture of each, then a row for each, worst first. More: a row for each as it ends, then the pictures
of the first 4 that did not hold, and the rows of all that did not hold, worst first. `-v` shows all pictures, `-q` only
the rows of what did not hold. The last line has the totals: `14 runs: 12 held, 1 failed, 1 vacuous in 3.2 s`. On a
terminal no row is longer than it is wide; a picture has 40 to 140 columns.

`--jobs N` plays in N processes: the same journals, in the same order. What takes over a second shows on a terminal how
far it is, the rate and the time left; not if standard error is piped, and not in CI (`CI` in the environment).

`--traceback`, also of `fuzz` and `sweep`, shows the whole traceback of what your code raised. `--timeout` ends a run
that takes too long, and names the method that has not returned.

## Exit codes

| code | meaning |
|---|---|
| 0 | held, or nothing is wrong |
| 1 | failed |
| 2 | a scenario, an option or a name is wrong; `doctor`: something is missing without which nothing works |
| 3 | vacuous: nothing is proven |
| 4 | a client could not be started, raised, or did not return |
| 5 | a bug of stillthere |
| 129, 130, 143 | ended by SIGHUP, Ctrl-C, SIGTERM |"""


def page() -> str:
    """The page, with a newline at its end."""
    parts = [_PREFACE]
    for name, command in commands().items():
        parts += _section(f"stillthere {name}", command, "##")
    return "\n\n".join(parts) + "\n"


def _section(name: str, command: Any, level: str) -> Iterator[str]:
    yield f"{level} `{name}`"
    yield _prose(command.help or "")
    if hasattr(command, "commands"):
        for each, of in command.commands.items():
            yield from _section(f"{name} {each}", of, f"{level}#")
        return
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    if rows:
        yield table(("argument or option", "means"), rows)


def _row(parameter: Any) -> tuple[str, str]:
    shown = ", ".join((*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        shown = parameter.metavar
    elif not parameter.is_flag and parameter.metavar:
        shown += f" {parameter.metavar}"
    usual = parameter.default
    is_plain = isinstance(usual, str | int | float) and not isinstance(usual, bool) and usual != ""
    known = (
        f" Default: {getattr(usual, 'value', usual)}." if is_plain and "efault" not in (parameter.help or "") else ""
    )
    return f"`{shown or parameter.name.upper()}`", _prose(parameter.help or "") + known


def _prose(text: str) -> str:
    """Paragraphs without line breaks of the source."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.replace("\f", "")))


if __name__ == "__main__":
    made: dict[str, Callable[[], str]] = {"page": page, "names": lambda: json.dumps(names(), indent=1) + "\n"}
    sys.stdout.write(made[sys.argv[1]]())
