"""The properties that a run must have: one file each, found by the name of its ``PROPERTY``.

A property gets a :class:`harness.verdict.record.RunRecord` and gives a finding for each time that it is broken. Adding
one is a new file here and its name in ``harness/properties.py``; ``make pages`` adds it to docs/properties.md.
"""

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module

from ...properties import PROPERTY_NAMES
from ..findings import Finding, Severity
from ..record import RunRecord


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a run."""

    name: str
    broken_when: str
    """When it is broken, in a sentence that continues "broken when"."""
    default: Severity
    because: str
    """Why the default is this one, in a sentence."""
    find: Callable[[RunRecord], Iterable[Finding]]
    """One finding for each time that it is broken. A finding that is only ever a warning says so itself."""


def _all() -> Iterator[Property]:
    for module in pkgutil.iter_modules(__path__):
        yield import_module(f"{__name__}.{module.name}").PROPERTY


PROPERTIES: dict[str, Property] = {
    each.name: each for each in sorted(_all(), key=lambda each: PROPERTY_NAMES.index(each.name))
}
"""All properties by name, in the order of :data:`harness.properties.PROPERTY_NAMES`."""


def find(record: RunRecord, choices: Mapping[str, str]) -> list[Finding]:
    """The findings of all properties, each as severe as chosen, by default as the property says."""
    findings: list[Finding] = []
    for each in PROPERTIES.values():
        choice = choices.get(each.name, each.default)
        if choice == "off":
            continue
        for finding in each.find(record):
            findings.append(replace(finding, severity="warn") if choice == "warn" else finding)
    return findings
