"""The page ``docs/scenarios.md``: chapters with examples, then every key of a scenario, from the JSON Schema."""

from collections.abc import Callable, Iterable
from typing import Any

from ..clients.reference import REFERENCE_CLIENTS
from ..clients.settings import ClientSettings
from ..scenario.document import json_schema
from ..scenario.profiles import PROFILES
from ..scenario.values import FAULTS_OF
from .catalogue import link
from .language_examples import BUILDER, CHAPTERS, Chapter
from .tables import table

_PREFACE = """\
# Scenarios

A scenario is a YAML file that says who does what, and when: the user, the room, the microphone, the app, the network
and the server. This page is the output of `stillthere schema --markdown`."""

_EDITORS = """\
## Completion in an editor

`stillthere schema` prints the JSON Schema of these files. With it an editor completes keys and names, explains them
where you point, and marks what is wrong while you type:

```console
$ stillthere schema > scenario.schema.json
```

* One file, in any editor with the YAML language server (VS Code with its YAML extension, Neovim, Helix, Emacs): a first
  line `# yaml-language-server: $schema=scenario.schema.json`, the path relative to the file.
* A folder in VS Code, in `.vscode/settings.json`:

  ```json
  {"yaml.schemas": {"./scenario.schema.json": "scenarios/*.yaml"}}
  ```

* PyCharm and the other JetBrains editors: Settings, Languages & Frameworks, Schemas and DTDs, JSON Schema Mappings: add
  `scenario.schema.json` with schema version 2020-12 and the file path pattern `scenarios/*.yaml`.

A schema cannot find every mistake, such as a label that no step has; `stillthere check` finds them all."""

_PYTHON = """\
## In Python

`stillthere.builder` makes the same objects. `to_yaml()` before `build()` gives the text of the file."""

_HEADINGS = {
    "": ("A file", "The keys at the top of a file."),
    "StepDocument": ("A step", "One of `at`, `after`, `when` and `before end of`, and one thing that is done."),
    "FormatDocument": ("A file without a header", "What `say` and `noise` cannot read from the file itself."),
    "ExpectDocument": ("An expectation", "One key. Speech and interruptions count from the start of the step, all "
                       "else from its end."),
    "DeadlineDocument": ("A deadline", "The keys below the name of what is expected."),
    "NetworkDocument": ("The network", ""),
    "ServerDocument": ("The server", ""),
    "TurnDetectionDocument": ("Turn detection", "Named as in the protocol."),
    "ReplyDocument": ("An answer", ""),
    "ReplyRuleDocument": ("An answer to something", "All keys of an answer, and one or more of these, all of "
                          "which must be true."),
    "ResultDocument": ("A result", "One of these or both."),
    "CallDocument": ("A tool call", ""),
}  # fmt: skip
_NAMES_LISTED = 12
"""Of more names than this, only the first four are listed."""


def render() -> str:
    """The page, with a newline at its end."""
    schema = json_schema()
    known = [("ReplyRuleDocument", key) for key in schema["$defs"]["ReplyDocument"]["properties"]]
    parts = [_PREFACE, *map(_chapter, CHAPTERS), f"{_PYTHON}\n\n```python\n{BUILDER}```", _EDITORS, "## All keys"]
    for name, (heading, prose) in _HEADINGS.items():
        part = schema["$defs"][name] if name else schema
        fields = [(key, field) for key, field in part["properties"].items() if (name, key) not in known]
        parts += [f"### {heading}", *([prose] if prose else []), _table(fields)]
    for key, heading in (("client", "Client settings"), ("policy", "Policy switches")):
        owner = schema if key == "client" else schema["$defs"]["ServerDocument"]
        known_of = _default_of_client if key == "client" else None
        parts += [f"### {heading}", _table(owner["properties"][key]["properties"].items(), known_of)]
    return "\n\n".join(parts) + "\n"


def _chapter(chapter: Chapter) -> str:
    examples = "\n\n".join(f"```yaml\n{example}```" for example in chapter.examples)
    profiles = ", ".join(f"`{name}`" for name in PROFILES)
    prose = chapter.prose.replace("{faults}", _faults()).replace("{profiles}", profiles)
    return f"## {chapter.title}\n\n{prose}\n\n{examples}"


def _faults() -> str:
    """All faults by their keys, each a link to its description."""
    return "\n".join(f"* `{actor}`: {', '.join(map(link, faults))}" for actor, faults in FAULTS_OF.items())


def _table(fields: Iterable[tuple[str, dict[str, Any]]], default_of: Callable[[str], str] | None = None) -> str:
    rows = []
    for key, field in fields:
        usual = default_of(key) if default_of is not None else ""
        rows.append((f"`{key}`", _value(field), field.get("description", "") + usual))
    return table(("key", "value", "what it is"), rows)


def _default_of_client(key: str) -> str:
    """What a client setting is if nothing changes it, and of which reference clients it is something else."""
    usual = getattr(ClientSettings(), key)
    others: dict[str, list[str]] = {}
    for name, (_, settings) in REFERENCE_CLIENTS.items():
        if (own := getattr(settings, key)) != usual:
            others.setdefault(_written(own), []).append(f"`{name}`")
    parts = [f"Default: {_written(usual)}", *(f"{', '.join(names)}: {own}" for own, names in others.items())]
    return f" {'; '.join(parts)}."


def _written(value: Any) -> str:
    return "`null`" if value is None else f"`{value}`"


def _value(field: dict[str, Any]) -> str:
    """The possible values, in short."""
    if "$ref" in field:
        return _link(field["$ref"])
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(map(_value, field["anyOf"])))
    if field.get("type") == "array":
        return f"a list: {_value(field['items'])}"
    names = field.get("enum") or field.get("examples")
    if names:
        more = ", …" if len(names) > _NAMES_LISTED else ""
        return ", ".join(f"`{name}`" for name in names[: 4 if more else _NAMES_LISTED]) + more
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    words = {"string": "text", "object": "a map", "boolean": "`true`, `false`", "null": "`null`"}
    if len(kinds) > 1 and "pattern" in field:
        words["string"] = f"a range such as `{'0.01..0.05' if 'number' in kinds else '20..80'}`"
    if "minimum" in field and "maximum" in field:
        span = f"{field['minimum']} to {field['maximum']}"
        words |= {"integer": span, "number": span}
    words |= {"integer": words.get("integer", "a whole number"), "number": words.get("number", "a number")}
    return " or ".join(words[kind] for kind in kinds)


def _link(reference: str) -> str:
    heading, _ = _HEADINGS[reference.rsplit("/", 1)[1]]
    return f"[{heading.lower()}](#{heading.lower().replace(' ', '-')})"
