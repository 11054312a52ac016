"""The fidelity page as Markdown: every modelled behaviour by section, then the events, the switches, and the gaps.

Links are relative to ``docs/``, where the page is kept.
"""

from collections import Counter
from collections.abc import Iterable
from typing import get_args

from harness.protocol.events import ClientEvent, ServerEvent
from harness.report.markdown import table
from harness.server import policy
from harness.server.fidelity import BEHAVIOURS, GAPS, MEANINGS, SECTIONS, Behaviour

_TITLE = "# Fidelity"
_PREFACE = """\
What stillthere models of the OpenAI Realtime API, and how each of it is known. No live service was asked: what is
captured was published by others. The numbers of the sections are those that the tests cite as `§4.4`. A switch is set
by `--policy NAME=VARIANT` or in a scenario's `policy`; the default is **bold**.

This page is what `stillthere fidelity` prints."""


def render() -> str:
    """The page, with a newline at its end."""
    parts = [_TITLE, _PREFACE, _meanings(), *map(_section, SECTIONS), _events(), _switches(), _gaps()]
    return "\n\n".join(parts) + "\n"


def _meanings() -> str:
    counts = Counter(row.known for row in BEHAVIOURS)
    rows = [(f"**{known}**", meaning, str(counts[known])) for known, meaning in MEANINGS.items()]
    return table(("known", "what it means", "behaviours"), [*rows, ("", "all", str(len(BEHAVIOURS)))])


def _section(number: str) -> str:
    rows = [
        (row.claim, row.known, row.source, _switch(row.switch), "<br>".join(map(_test, row.tests)))
        for row in BEHAVIOURS
        if row.section == number
    ]
    return f"## {_heading(number)}\n\n" + table(("behaviour", "known", "source", "switch", "tests"), rows)


def _heading(number: str) -> str:
    return f"§{number} {SECTIONS[number]}"


def _link(number: str) -> str:
    """A link to a section; the anchor is as GitHub makes it of the heading."""
    kept = (letter for letter in _heading(number).lower() if letter.isalnum() or letter in " -")
    return f"[§{number}](#{''.join(kept).replace(' ', '-')})"


def _switch(switch: str | None) -> str:
    if switch is None:
        return ""
    name, _, variant = switch.partition("=")
    return f"`{name}`: {_variant(name, variant)}"


def _variant(name: str, variant: str) -> str:
    return f"**{variant}**" if variant == policy.variants(name)[0] else variant


def _test(node: str) -> str:
    path, _, name = node.partition("::")
    return f"[{name}](../{path})"


# --- the other tables -------------------------------------------------------------------------------------------------


def _events() -> str:
    rows = []
    for side, union in (("client", ClientEvent), ("server", ServerEvent)):
        for name in sorted(str(event.__struct_config__.tag) for event in get_args(union)):
            told = [row for row in BEHAVIOURS if f"`{name}`" in row.claim]
            rows.append((f"`{name}`", side, _how(told), " ".join(map(_link, _sections(told)))))
    return "## Events\n\n" + table(("event", "from", "simulated", "told in"), rows)


def _how(told: Iterable[Behaviour]) -> str:
    kinds = {row.events for row in told}
    if "scripted" in kinds:
        return "no, a script can say it"
    return "no, it is refused" if "refused" in kinds else "yes"


def _sections(rows: Iterable[Behaviour]) -> list[str]:
    cited = {row.section for row in rows}
    return [number for number in SECTIONS if number in cited]


def _switches() -> str:
    rows = []
    for name in policy.names():
        told = [row for row in BEHAVIOURS if row.switch is not None and row.switch.startswith(f"{name}=")]
        variants = ", ".join(_variant(name, variant) for variant in policy.variants(name))
        rows.append((f"`{name}`", variants, policy.KNOWN[name], " ".join(map(_link, _sections(told)))))
    return "## Policy switches\n\n" + table(("switch", "variants", "how the default is known", "told in"), rows)


def _gaps() -> str:
    return "## What is not modelled\n\n" + table(("of the service", "here"), [(gap.what, gap.instead) for gap in GAPS])
