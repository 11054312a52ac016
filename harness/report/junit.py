"""JUnit XML: one test case for each run, never greener than the exit code: vacuous is an error, not a pass."""

from collections.abc import Sequence
from xml.etree import ElementTree as xml

from harness.units import SECOND
from harness.verdict.judge import Verdict
from harness.world.play import Run


def render(runs: Sequence[tuple[Run, Verdict]]) -> str:
    """The document as text. Times are virtual seconds, so that the same runs give the same bytes."""
    failures = sum(verdict.name == "failed" for _, verdict in runs)
    errors = sum(verdict.name == "vacuous" for _, verdict in runs)
    suite = xml.Element(
        "testsuite", name="stillthere", tests=str(len(runs)), failures=str(failures), errors=str(errors)
    )
    for run, verdict in runs:
        case = xml.SubElement(
            suite, "testcase", classname=run.scenario.name, name=run.client, time=f"{run.virtual_us / SECOND:.3f}"
        )
        if verdict.name != "held":
            _findings(case, verdict)
    xml.indent(suite)
    return xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _findings(case: xml.Element, verdict: Verdict) -> None:
    tag = "failure" if verdict.name == "failed" else "error"
    first = verdict.findings[0]
    element = xml.SubElement(case, tag, type=first.cause or first.name, message=first.reason)
    element.text = "\n".join(
        f"{finding.name} at {finding.at_us / SECOND:.3f} s: {finding.reason}" for finding in verdict.findings
    )
