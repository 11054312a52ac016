"""JUnit XML: one test case for each run, never greener than the exit code: vacuous is an error, not a pass.

A case keeps its identity from one command to the next: ``classname`` is the scenario's file or shipped name, ``name``
the client with the seed and the detector if they are not the usual ones. ``time`` is wall time; the virtual time is a
property. Warnings stand in ``system-out``, with the journal as an attachment; a run that only warns has passed.
"""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as xml

from ..errors import visible
from ..units import SECOND
from ..verdict.findings import Finding
from .cases import RunCase, from_here, identities

_KEPT = "\n\t"
"""The control characters that XML may hold."""
_TAGS = {"failed": "failure", "vacuous": "error", "error": "error"}
"""The element of each outcome but held."""


def render(cases: Sequence[RunCase]) -> str:
    """The document as text; the same runs give the same bytes, but for the wall times."""
    tags = [_TAGS.get(case.outcome) for case in cases]
    suite = xml.Element(
        "testsuite",
        name="stillthere",
        tests=str(len(cases)),
        failures=str(tags.count("failure")),
        errors=str(tags.count("error")),
        skipped="0",
        time=f"{sum(case.wall_s for case in cases):.3f}",
    )
    for case, tag, (place, name) in zip(cases, tags, identities(cases), strict=True):
        element = xml.SubElement(suite, "testcase", classname=place, name=name, time=f"{case.wall_s:.3f}")
        if case.scenario.path is not None and case.place == from_here(case.scenario.path):
            element.set("file", place)
            element.set("line", str(case.line or 1))
        _properties(element, case)
        if tag is not None:
            _findings(xml.SubElement(element, tag), case)
        if printed := "\n".join(_printed(case)):
            xml.SubElement(element, "system-out").text = printed
    for element in suite.iter():
        element.attrib = {name: visible(text, keep=_KEPT) for name, text in element.attrib.items()}
        element.text = None if element.text is None else visible(element.text, keep=_KEPT)
    xml.indent(suite)
    return xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _properties(element: xml.Element, case: RunCase) -> None:
    virtual_s = f"{case.run.virtual_us / SECOND:.3f}" if case.run is not None else None
    facts = {
        "scenario": case.scenario.name,
        "detector": case.detector,
        "seed": str(case.seed),
        "transport": case.scenario.transport,
        "virtual_s": virtual_s,
        "journal": str(case.journal) if case.journal is not None else None,
        "again": case.again,
    }
    properties = xml.SubElement(element, "properties")
    for name, value in facts.items():
        if value is not None:
            xml.SubElement(properties, "property", name=name, value=value)


def _findings(element: xml.Element, case: RunCase) -> None:
    first = case.findings[0]
    element.set("type", first.cause or first.name)
    element.set("message", first.reason)
    if case.verdict is not None:
        again = [f"again: {case.again}"] if case.again is not None else []
        element.text = "\n".join([*_lines(case.findings), *again])


def _printed(case: RunCase) -> Iterable[str]:
    yield from _lines(case.warnings, "warning: ")
    if case.journal is not None:  # as GitLab and Jenkins find attachments
        yield f"[[ATTACHMENT|{case.journal}]]"


def _lines(findings: Iterable[Finding], kind: str = "") -> Iterable[str]:
    return (f"{kind}{each.name} at {each.at_us / SECOND:.3f} s: {each.reason}" for each in findings)
