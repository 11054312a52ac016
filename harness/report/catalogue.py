"""The fault catalogue: a list for the terminal, the description of one fault, and the page ``docs/faults.md``."""

import re
from dataclasses import fields

from ..causes import CAUSES
from ..faults import CATALOGUE, Fault, parameters
from ..faults.parameters import background, description
from .tables import table

_SEAMS = {
    "source": "what the microphone delivers (`microphone:` in a scenario)",
    "detector": "the speech probability that the server's turn detection sees (`server:`)",
    "policy": "what the server does, by a switch of its policy (`server:`)",
    "wire": "messages and connections in flight (`network:`, and `server:` for what a server holds back)",
    "media": "the packets, the data channel and the path of a WebRTC call (`network:`, with `transport: webrtc`)",
}
_CURES = {
    "its end": "its own end",
    "reopened capture": "its end, or a capture that the client opens again",
    "new session": "its end, or a new session",
    "new connection": "a new connection",
}
_PREFACE = """\
# Faults

Every fault acts at one of five seams, has a start, a length and a cure, and is injected by name: in a scenario or by a
search; those of the server and the network also with `stillthere serve --fault NAME`, and on the page of a running
server or by [`POST /faults`](serving.md#faults). `stillthere faults NAME` describes one in full. `causes` lists the
possible causes of a silence that follows; [the confusion matrix](confusion.md) shows how often the diagnosis finds
them. How to write a fault: [adding-a-fault.md](adding-a-fault.md).

This page is the output of `stillthere faults --markdown`."""


def listing() -> str:
    """All faults, one a line, seam by seam."""
    width = max(map(len, CATALOGUE))
    lines = []
    for seam, meaning in _SEAMS.items():
        lines += ["", f"{seam}: {meaning.replace('`', '')}"]
        lines += [f"  {name:{width}}  {description(fault)}" for name, fault in CATALOGUE.items() if fault.seam == seam]
    return "\n".join(lines[1:])


def details(name: str) -> str:
    """The full description of one fault."""
    fault = CATALOGUE[name]
    lines = [
        f"{name} ({fault.seam})",
        "",
        description(fault),
        background(fault),
        "",
    ]
    lines += [f"in a scenario:  {example(fault)}"]
    if len(fault.transports) == 1:
        lines += [f"happens on:     transport: {fault.transports[0]}"]
    lines += [f"parameter:      {each}: {words}, default {_default(fault, each)}" for each, words in _words(fault)]
    lines += [f"cure:           {_CURES[fault().cure]}"]
    lines += [f"silence due to: {cause} ({CAUSES[cause]})" for cause in fault.causes] or ["silence due to: nothing"]
    lines += [f"shown as:       a bar “{fault.actor} {name}” in the lane of faults, from its start to its cure"]
    lines += [f"seen in:        {report}" for report in fault.reports]
    return "\n".join(lines)


def example(fault: type[Fault]) -> str:
    """A step that injects it, on one line."""
    ends = {"microphone": ", until: reopened"}.get(fault.actor, ", lasts: 5s" if fault.needs_end else "")
    return f"- {{at: 5s, {fault.actor}: {fault.name}{ends}}}"


def page() -> str:
    """The page, with a newline at its end."""
    parts = [_PREFACE]
    for seam, meaning in _SEAMS.items():
        rows = [_row(fault) for fault in CATALOGUE.values() if fault.seam == seam]
        head = ("fault", "what it does", "parameters", "cure", "causes", "seen in")
        parts.append(f"## {seam}: {meaning}\n\n{table(head, rows)}")
    return "\n\n".join(parts) + "\n"


def _row(fault: type[Fault]) -> tuple[str, ...]:
    described = "<br>".join(f"`{name}`: {words} ({_default(fault, name)})" for name, words in _words(fault))
    causes = ", ".join(f"`{cause}`" for cause in fault.causes) or "none"
    reports = ", ".join(map(_link, fault.reports))
    return (
        f'<a name="{fault.name}"></a>`{fault.name}`',
        description(fault),
        described,
        _CURES[fault().cure],
        causes,
        reports,
    )


def link(name: str, page: str = "faults.md") -> str:
    """A link to the row of a fault on the page, from a page in the same folder."""
    return f"[`{name}`]({page}#{name})"


def _words(fault: type[Fault]) -> list[tuple[str, str]]:
    return [(name, words.rstrip(".")) for name, words in parameters.documentation(fault).items()]


def _default(fault: type[Fault], name: str) -> str:
    chosen = next(each for each in fields(fault) if parameters.spelt(each.name) == name)
    return str(chosen.metadata["kind"].write(chosen.default)) if chosen.default is not None else "none"


def _link(report: str) -> str:
    """A link to an issue or a thread; the text itself if the fault was seen in a measurement."""
    issue = re.fullmatch(r"([\w.-]+/[\w.-]+)#(\d+)", report)
    if issue:
        return f"[{report}](https://github.com/{issue[1]}/issues/{issue[2]})"
    thread = re.fullmatch(r"community (\d+)", report)
    return f"[{report}](https://community.openai.com/t/{thread[1]})" if thread else report
