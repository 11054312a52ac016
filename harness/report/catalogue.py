"""The fault catalogue in words: for the terminal, as one fault's description, and as the page ``docs/faults.md``."""

import inspect
import re
from dataclasses import fields

from harness.causes import CAUSES
from harness.faults import CATALOGUE, Fault, parameters
from harness.faults.parameters import description
from harness.report.markdown import table

SEAMS = {
    "source": "what the microphone delivers (`microphone:` in a scenario)",
    "detector": "the speech probability that the server's turn detection sees (`server:`)",
    "policy": "what the server does, by a switch of its policy (`server:`)",
    "wire": "messages and connections on their way (`network:`, and `server:` for what a server keeps back)",
}
_CURES = {
    "its end": "its own end",
    "reopened capture": "its end, or a capture that the client opens anew",
    "new session": "its end, or a new session",
    "new connection": "a new connection",
}
_PREFACE = """\
# Faults

Every fault enters at one of four seams, has a start, a length and a cure, and is struck by name: in a scenario, or by a
search; those of the server and the network with `stillthere serve --fault NAME` and on the page of a running server as
well. `stillthere faults NAME` tells all of one. `causes` is what a silence that follows may rightly be put down to; how
often the diagnosis gets it right is on [the page of the confusion matrix](confusion.md). How to write one:
[adding-a-fault.md](adding-a-fault.md).

This page is what `stillthere faults --markdown` prints."""


def listing() -> str:
    """All faults, one a line, seam by seam."""
    width = max(map(len, CATALOGUE))
    lines = []
    for seam, meaning in SEAMS.items():
        lines += ["", f"{seam}: {meaning.replace('`', '')}"]
        lines += [f"  {name:{width}}  {description(fault)}" for name, fault in CATALOGUE.items() if fault.seam == seam]
    return "\n".join(lines[1:])


def details(name: str) -> str:
    """All that is known of one fault."""
    fault = CATALOGUE[name]
    module = inspect.getmodule(fault)
    lines = [
        f"{name} ({fault.seam})",
        "",
        description(fault),
        " ".join((inspect.getdoc(module) or "").split()),
        "",
    ]
    lines += [f"in a scenario:  {example(fault)}"]
    lines += [f"parameter:      {each}: {words}, {_default(fault, each)} unless told" for each, words in _words(fault)]
    lines += [f"cure:           {_CURES[fault().cure]}"]
    lines += [f"silence due to: {cause} ({CAUSES[cause]})" for cause in fault.causes] or ["silence due to: nothing"]
    lines += [f"drawn as:       a bar “{fault.actor} {name}” in the lane of faults, from its start to its cure"]
    lines += [f"seen in:        {report}" for report in fault.reports]
    return "\n".join(lines)


def example(fault: type[Fault]) -> str:
    """A step that strikes it, on one line."""
    ends = {"microphone": ", until: reopened"}.get(fault.actor, ", lasts: 5s" if fault.needs_end else "")
    return f"- {{at: 5s, {fault.actor}: {fault.name}{ends}}}"


def page() -> str:
    """The page, with a newline at its end."""
    parts = [_PREFACE]
    for seam, meaning in SEAMS.items():
        rows = [_row(fault) for fault in CATALOGUE.values() if fault.seam == seam]
        head = ("fault", "does", "parameters", "cure", "causes", "seen in")
        parts.append(f"## {seam}: {meaning}\n\n{table(head, rows)}")
    return "\n\n".join(parts) + "\n"


def _row(fault: type[Fault]) -> tuple[str, ...]:
    given = "<br>".join(f"`{name}`: {words} ({_default(fault, name)})" for name, words in _words(fault))
    causes = ", ".join(f"`{cause}`" for cause in fault.causes) or "none"
    reports = ", ".join(map(_link, fault.reports))
    return (
        f'<a name="{fault.name}"></a>`{fault.name}`',
        description(fault),
        given,
        _CURES[fault().cure],
        causes,
        reports,
    )


def link(name: str, page: str = "faults.md") -> str:
    """A link to the place of a fault on the page, from a page beside it."""
    return f"[`{name}`]({page}#{name})"


def _words(fault: type[Fault]) -> list[tuple[str, str]]:
    return [(name, words.rstrip(".")) for name, words in parameters.documentation(fault).items()]


def _default(fault: type[Fault], name: str) -> str:
    chosen = next(each for each in fields(fault) if parameters.spelt(each.name) == name)
    return str(chosen.metadata["kind"].write(chosen.default)) if chosen.default is not None else "none"


def _link(report: str) -> str:
    """A link to an issue or a thread; what was measured is no link."""
    issue = re.fullmatch(r"([\w.-]+/[\w.-]+)#(\d+)", report)
    if issue:
        return f"[{report}](https://github.com/{issue[1]}/issues/{issue[2]})"
    thread = re.fullmatch(r"community (\d+)", report)
    return f"[{report}](https://community.openai.com/t/{thread[1]})" if thread else report
