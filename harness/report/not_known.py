"""docs/not-known.md: what nobody has published about the service, and what is assumed instead.

The page is made from the behaviours of :mod:`harness.fidelity`, as the fidelity page is.
"""

from collections import Counter

from ..fidelity import BEHAVIOURS, SECTIONS, Behaviour
from ..server import policy
from .fidelity import section_link
from .tables import table

_INTRODUCTION = """\
# What is not known of the service

stillthere was made without a call to the live service: from its documents, from recordings and probes that others have
published, and from reports. All that it does is in [fidelity.md](fidelity.md), each behaviour with its source and its
tests. This page has only what remains open. If you know better, by a log of the service, please
[say so](https://github.com/stillthere/stillthere/issues/new?template=fidelity.yml): one exchange settles a row.

This page is the output of `python -m harness.report.not_known`.

## Questions with a switch

Where the answer could decide whether your client freezes, there is a switch. Run your client under both readings:
`policy: {NAME: VARIANT}` in a scenario's `server`, or `stillthere serve --policy NAME=VARIANT`. The default is
**bold**.
"""
_ASSUMED = """\
## How much is assumed

Where there is no switch there is one reading, marked *assumed* or *inferred* in [fidelity.md](fidelity.md). None of
these is known to matter for a freeze. So many behaviours of each chapter are, with a switch or without:
"""
_SIMULATED = """\
## What is simulated, and what is not

All 11 client events and 46 server events of the GA dialect are supported, and validated against the vendor's own
models. Sessions that only transcribe (`/v1/realtime?intent=transcription`) and that translate
(`/v1/realtime/translations?model=gpt-realtime-translate`) are served beside conversations, and Azure's paths too. Not
simulated: SIP, MCP servers, and a model that understands.
[What is not modelled](fidelity.md#what-is-not-modelled) has the whole list.

What follows for a test: a client that holds here has shown that it recovers from what is simulated. It has not shown
that the service never does anything else."""
_OPEN = ("assumed", "inferred")
_OF_THE_SERVICE = tuple(number for number in SECTIONS if number[0] in "234" and number != "4.10")
"""The sections about the service; the others are about what is ours alone."""


def page() -> str:
    """The page, with a newline at its end."""
    return "\n".join([_INTRODUCTION, _questions(), "", _ASSUMED, _assumed(), "", _SIMULATED]) + "\n"


def open_switches() -> dict[str, list[Behaviour]]:
    """The switches with a variant that is only assumed or inferred, each with the behaviours of its variants."""
    found: dict[str, list[Behaviour]] = {name: [] for name in policy.names()}
    for row in BEHAVIOURS:
        if row.switch is not None and row.section in _OF_THE_SERVICE:
            found[row.switch.partition("=")[0]].append(row)
    return {name: rows for name, rows in found.items() if len(rows) > 1 and any(row.known in _OPEN for row in rows)}


def _questions() -> str:
    rows = []
    for name, behaviours in open_switches().items():
        for row in behaviours:
            variant = (row.switch or "").partition("=")[2]
            shown = f"**{variant}**" if variant == policy.variants(name)[0] else variant
            about = section_link(row.section, SECTIONS[row.section], "fidelity.md")
            rows.append((f"`{name}`: {shown}", about, row.claim, row.known, row.source))
    return table(("switch", "about", "the server", "known", "source"), rows)


def _assumed() -> str:
    rows = []
    for number in _OF_THE_SERVICE:
        known = Counter(row.known for row in BEHAVIOURS if row.section == number)
        link = section_link(number, SECTIONS[number], "fidelity.md")
        rows.append((link, str(known["assumed"]), str(known["inferred"]), str(known.total())))
    return table(("about", "assumed", "inferred", "all"), rows)


if __name__ == "__main__":
    print(page(), end="")
