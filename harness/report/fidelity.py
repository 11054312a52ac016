"""The fidelity page as Markdown: every modelled behaviour by section, then the events, the switches, and the gaps.

Links are relative to ``docs/``, where the page is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from ..fidelity import BEHAVIOURS, GAPS, MEANINGS, SECTIONS, Behaviour
from ..fidelity.markers import ProvingTest
from ..protocol.events import ClientEvent, ServerEvent
from ..server import policy
from .tables import table

_TITLE = "# Fidelity"
_PREFACE = """\
What stillthere models of the OpenAI Realtime API, and how each behaviour is known. The live service was never called:
the captures were published by others. Tests cite the sections by their numbers, such as `§4.4`. Set a switch with
`--policy NAME=VARIANT` or in a scenario's `policy`; the default is **bold**.

This page is the output of `stillthere fidelity --tests tests`. A test names in its marker what it proves."""


_Tests = Mapping[str, Sequence[ProvingTest]]


def render(tests: _Tests | None = None) -> str:
    """The page, with a newline at its end; with ``tests`` by the id of a behaviour, a column links to them."""
    sections = [_section(number, tests) for number in SECTIONS]
    parts = [_TITLE, _PREFACE, _meanings(), *sections, _events(), _switches(), _gaps()]
    return "\n\n".join(parts) + "\n"


def _meanings() -> str:
    counts = Counter(row.known for row in BEHAVIOURS)
    rows = [(f"**{known}**", meaning, str(counts[known])) for known, meaning in MEANINGS.items()]
    return table(("known", "what it means", "behaviours"), [*rows, ("", "all", str(len(BEHAVIOURS)))])


def _section(number: str, tests: _Tests | None) -> str:
    head = ["behaviour", "known", "source", "switch"]
    rows = [[row.claim, row.known, row.source, _switch(row.switch)] for row in _rows(number)]
    if tests is not None:
        head.append("tests")
        for cells, row in zip(rows, _rows(number), strict=True):
            cells.append("<br>".join(map(_test, tests[row.id])))
    return f"## {_heading(number)}\n\n" + table(head, rows)


def _rows(number: str) -> list[Behaviour]:
    return [row for row in BEHAVIOURS if row.section == number]


def _heading(number: str) -> str:
    return f"§{number} {SECTIONS[number]}"


def section_link(number: str, text: str = "", page: str = "") -> str:
    """A link to a section, with the anchor that GitHub makes from the heading; by default from this page."""
    kept = (letter for letter in _heading(number).lower() if letter.isalnum() or letter in " -")
    return f"[{text or f'§{number}'}]({page}#{''.join(kept).replace(' ', '-')})"


def _switch(switch: str | None) -> str:
    if switch is None:
        return ""
    name, _, variant = switch.partition("=")
    return f"`{name}`: {_variant(name, variant)}"


def _variant(name: str, variant: str) -> str:
    return f"**{variant}**" if variant == policy.variants(name)[0] else variant


def _test(test: ProvingTest) -> str:
    return f"[{test.name}](../{test.path})"


# --- the other tables -------------------------------------------------------------------------------------------------


def _events() -> str:
    rows = []
    for side, union in (("client", ClientEvent), ("server", ServerEvent)):
        for name in sorted(str(event.__struct_config__.tag) for event in get_args(union)):
            rows_of_event = [row for row in BEHAVIOURS if f"`{name}`" in row.claim]
            rows.append((f"`{name}`", side, _how(rows_of_event), " ".join(map(section_link, _sections(rows_of_event)))))
    return "## Events\n\n" + table(("event", "from", "simulated", "sections"), rows)


def _how(rows: Iterable[Behaviour]) -> str:
    kinds = {row.events for row in rows}
    if "scripted" in kinds:
        return "no, a script can send it"
    return "no, it is refused" if "refused" in kinds else "yes"


def _sections(rows: Iterable[Behaviour]) -> list[str]:
    cited = {row.section for row in rows}
    return [number for number in SECTIONS if number in cited]


def _switches() -> str:
    rows = []
    for name in policy.names():
        rows_of_switch = [row for row in BEHAVIOURS if row.switch is not None and row.switch.startswith(f"{name}=")]
        variants = ", ".join(_variant(name, variant) for variant in policy.variants(name))
        rows.append((f"`{name}`", variants, policy.KNOWN[name], " ".join(map(section_link, _sections(rows_of_switch)))))
    return "## Policy switches\n\n" + table(("switch", "variants", "how the default is known", "sections"), rows)


def _gaps() -> str:
    return "## What is not modelled\n\n" + table(("in the service", "here"), [(gap.what, gap.instead) for gap in GAPS])
