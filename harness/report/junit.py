"""JUnit XML: one test case for each run, never greener than the exit code: vacuous is an error, not a pass.

Warnings stand in ``system-out``; a run that only warns has passed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as xml

from ..errors import visible
from ..units import SECOND
from ..verdict.findings import Finding
from ..verdict.judge import Verdict

_KEPT = "\n\t"
"""The control characters that XML may hold."""


@dataclass(frozen=True, slots=True)
class JunitCase:
    """One run: its verdict, or in ``broken`` the reason why the client could not be judged."""

    scenario: str
    client: str
    virtual_us: int = 0
    verdict: Verdict | None = None
    broken: str | None = None

    @property
    def tag(self) -> str | None:
        """``failure``, ``error``, or None for held."""
        if self.verdict is None:
            return "error"
        return {"failed": "failure", "vacuous": "error"}.get(self.verdict.name)


def render(cases: Sequence[JunitCase]) -> str:
    """The document as text. Times are virtual seconds, so that the same runs give the same bytes."""
    tags = [case.tag for case in cases]
    suite = xml.Element(
        "testsuite",
        name="stillthere",
        tests=str(len(cases)),
        failures=str(tags.count("failure")),
        errors=str(tags.count("error")),
    )
    for case, tag in zip(cases, tags, strict=True):
        time = f"{case.virtual_us / SECOND:.3f}"
        element = xml.SubElement(suite, "testcase", classname=case.scenario, name=case.client, time=time)
        if tag is not None:
            _findings(xml.SubElement(element, tag), case)
        if case.verdict is not None and case.verdict.warnings:
            xml.SubElement(element, "system-out").text = _lines(case.verdict.warnings, "warning: ")
    for element in suite.iter():
        element.attrib = {name: visible(text, keep=_KEPT) for name, text in element.attrib.items()}
        element.text = None if element.text is None else visible(element.text, keep=_KEPT)
    xml.indent(suite)
    return xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _findings(element: xml.Element, case: JunitCase) -> None:
    if case.verdict is None:
        element.set("type", "client")
        element.set("message", case.broken or "the client broke")
        return
    first = case.verdict.findings[0]
    element.set("type", first.cause or first.name)
    element.set("message", first.reason)
    element.text = _lines(case.verdict.findings)


def _lines(findings: Iterable[Finding], kind: str = "") -> str:
    return "\n".join(f"{kind}{each.name} at {each.at_us / SECOND:.3f} s: {each.reason}" for each in findings)
