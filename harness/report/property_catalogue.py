"""The properties of a run: a table for the terminal, the whole text of one, and the page ``docs/properties.md``."""

import inspect
import re
import textwrap

from ..verdict.properties import PROPERTIES, Property
from .tables import table

_WIDTH = 120
_PREFACE = """\
# Properties

What a run is judged by, besides the `expect` of its scenario. There are three choices for what follows if a property is
broken:

* `fail`: the run has failed.
* `warn`: the run holds, with exit code 0; the warning stands in the picture, in the JSON and in JUnit.
* `off`: the property is not asked.

By default a property fails if no client should do such a thing, or if the user cannot undo it. It warns if some clients
do it for good reasons. A scenario can choose otherwise, and so can a command, which goes first. In Python it is
`judge(journal, scenario, choices)`.

```yaml
properties: {words_lost: fail, fresh_audio: off}
```

```console
$ stillthere run reported_freeze --property words_lost=fail
$ stillthere fuzz --client module:Class --property one_answer=warn
```

Some findings are only ever a warning, and `fail` does not change that; the text of the property says which. What counts
as an answer to an utterance: [answered.md](answered.md). The causes of a silence: [causes.md](causes.md).

Each property is one file in `harness/verdict/properties/`. This page is the output of
`stillthere properties --markdown`."""


def listing() -> str:
    """A table of all properties: name, default, and when it is broken."""
    width = max(map(len, PROPERTIES))
    lines = [f"{'property':{width}}  default  broken when"]
    for name, each in PROPERTIES.items():
        first, *others = textwrap.wrap(each.broken_when, max(40, _WIDTH - width - 11))
        lines.append(f"{name:{width}}  {each.default:7}  {first}")
        lines += [f"{'':{width}}           {other}" for other in others]
    return "\n".join(lines)


def details(name: str) -> str:
    """The whole text of one property."""
    chosen = PROPERTIES[name]
    lines = [
        name,
        "",
        _text(chosen),
        "",
        f"broken when:  {chosen.broken_when}",
        f"by default:   {chosen.default}, because {chosen.because}",
        f"in a file:    properties: {{{name}: {_other(chosen)}}}",
        f"in a command: stillthere run SCENARIO --property {name}={_other(chosen)}",
    ]
    return "\n".join(lines)


def page() -> str:
    """The page, with a newline at its end."""
    rows = [
        (f"[`{name}`](#{name})", each.broken_when, f"`{each.default}`", each.because)
        for name, each in PROPERTIES.items()
    ]
    parts = [_PREFACE, table(("property", "broken when", "default", "because"), rows)]
    parts += [f"## {name}\n\n{_text(each)}" for name, each in PROPERTIES.items()]
    return "\n\n".join(parts) + "\n"


def _other(chosen: Property) -> str:
    """A choice that is not the default."""
    return "warn" if chosen.default == "fail" else "fail"


def _text(chosen: Property) -> str:
    """The docstring of its module, as Markdown."""
    text = inspect.getdoc(inspect.getmodule(chosen.find)) or ""
    return re.sub(r":\w+:`~?([^`]+)`|``([^`]+)``", lambda found: f"`{found[1] or found[2]}`", text)
