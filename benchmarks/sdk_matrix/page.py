"""docs/sdk-matrix.md and the summary in the README, from the results on disk."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import words
from .cells import Cell
from .configurations import NODE, PYTHON, Configuration
from .faults import BY_NAME, FAULTS, NODE_FAULTS, RECOVER_WITHIN_S
from .results import Played, load_all

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "sdk-matrix.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- sdk-matrix: begin (made by make sdk-matrix) -->", "<!-- sdk-matrix: end -->"
IN_README = ("dead capture", "mute server", "half-open", "closed 1011", "session expired", "broken event")
"""The faults of the summary."""
AS_QUICK_STARTS = tuple(each for each in PYTHON if each.options.startswith("none"))
"""The configurations of the summary: what an app gets that asks for nothing."""
COMMAND = "make sdk-matrix"

_INTRODUCTION = f"""\
# What real SDKs do when something breaks

Each app below is small, and written after the quick start of its SDK. No class, clock or event loop of an SDK is
changed; the apps in Python dial the default host, those in Node the URL in their environment. Each is played under each
fault: one answered turn, the fault, one more utterance, and then a user who speaks again and again for
{RECOVER_WITHIN_S} s. The apps in Python run in virtual time, those in Node in real time. All times and causes on this
page are read from the journals of these runs by a program, except where it says *by hand*. `{COMMAND}` repeats it; the
journals are then in `out/sdk-matrix`.

The app for pipecat has a microphone and a speaker of its own as its transport, on the same base classes as pipecat's
transport for local audio; the one for livekit-agents joins no room.

This is no ranking. SDKs leave different things to the app on purpose: an app that dials again by itself, or watches for
silence, does better than the same SDK here. The page says what an app gets without that, in the versions shown and with
the options shown. A newer version may differ.
"""
_HOW_TO_READ = f"""\
## How to read it

* **answered again**: how long after the fault the user heard the first answer to something said after it. The user
  speaks 2 s after the fault for 4 s, so an undisturbed conversation has about 7 s here. *never*: not within
  {RECOVER_WITHIN_S} s of the end of the fault. A cause in `code` after a time: the run failed all the same, because the
  new session has lost its settings, or because the answers stopped again later.
* **the app's code was told**: what the app printed or ended by after the fault, with the time after it: events,
  callbacks and exceptions of the SDK. Its log is not counted. *nothing*: neither an event nor an exception.
  In Node the times are up to 0.4 s too late: the app's clock begins when it dials, that of the run when the server sees
  it.
* **lost**: [properties](properties.md) of the run: settings that the app had set and the new session lacks; finished
  turns that it does not know; utterances that are in no turn of an answered session; seconds of the microphone that
  arrived nowhere.
* **cause**: the verdict; [causes.md](causes.md) lists the causes.
"""
_BY_HAND = """\
## What takes too long to play: a black hole

If packets vanish both ways and no Close comes, it matters whether something is sent that must be answered. Measured by
hand on 2026-11-22, on the loopback device in a network of its own, 16 minutes each:

| client | what the app's code was told, and when |
| --- | --- |
| livekit-agents 1.8.9 (Python) | after 965 s, when the kernel gave up; 3 retries, the last one at about 999 s |
| openai 7.57.0 (Node), both classes | after 956 s, the `close` of the socket itself |
| openai 7.57.0 (Node), `reconnect: true` | after 961 s `reconnecting` |
| @openai/agents 0.20.0 (Node) | after 961 s `connection_change: disconnected` |
| @livekit/agents 1.9.0 (Node) | after 958 s an uncaught exception |

None of these sends pings. The package `websockets`, under openai, openai-agents, pydantic-ai and pipecat in Python,
pings every 20 s.
"""
_DIFFERENCES = f"""\
## Differences from measurements by hand

The same SDKs were measured by hand on 2026-11-22, against another server and in real time. What differs here:

* **half-open, the SDKs on `websockets`.** Here and by hand an error comes after about 40 s, and in both cases the send
  buffer is large: by hand that of the loopback device, 2.6 MB; here 4 MB are assumed. Over Ethernet it holds about
  90 kB, which 1.4 s of audio fill. Then `send()` waits, and so does the next ping: its time-out never starts. Measured
  on 2026-11-29 with websockets 17.4 on a virtual Ethernet cable: 69 chunks of 20 ms were accepted, and no error came
  within 110 s. With such a buffer these cells would say *never*, nothing told.
* **half-open, openai with `on_reconnecting`.** By hand it was back 0.5 s after the error. Here the time-out falls on
  the moment at which a chunk of the microphone is sent: the handler is called, and the same moment the app ends by the
  exception. Whether that happens is a matter of milliseconds.
* **half-open, livekit-agents.** By hand the kernel gave up after 965 s; here the user gives up after
  {RECOVER_WITHIN_S} s.
* **no pongs.** By hand the error came after 43 s, here after 28 s. By hand the peer was frozen and did not answer the
  Close either, for which websockets waits 10 s more; and the next ping is due at most 20 s after the fault.
* **closed and reset.** By hand the connection broke right after an answer and nobody spoke afterwards; here the user
  speaks on. What the app's code is told is the same.
* **pydantic-ai** was measured in version 2.68.0, and is shown here in the version above.
"""


Places = dict[tuple[str, str], Cell]
"""The cells by configuration and fault."""


def write_page() -> None:
    """Write the page, and renew the block in the README."""
    results = load_all()
    PAGE.write_text(page(results), encoding="utf-8")
    README.write_text(with_summary(README.read_text(encoding="utf-8"), summary(results)), encoding="utf-8")


def page(results: dict[str, Played]) -> str:
    """The whole page."""
    cells = _by_place(results)
    parts = [
        _INTRODUCTION,
        "## In short\n",
        _overview(PYTHON, [fault.name for fault in FAULTS], cells),
        _in_real_time(cells),
        _HOW_TO_READ,
        "## The apps\n",
        _apps(results),
        "## Fault by fault\n",
        *_faults(cells),
        _BY_HAND,
        _DIFFERENCES,
        _repeat(results),
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def summary(results: dict[str, Played]) -> str:
    """The table for the README."""
    return _overview(AS_QUICK_STARTS, IN_README, _by_place(results), is_linked=False)


def with_summary(readme: str, table: str) -> str:
    """The README with a new table. Raises :exc:`ValueError` if it has no place for one."""
    place = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    text, times = place.subn(lambda _: f"{BEGIN}\n{table}{END}", readme)
    if times != 1:
        raise ValueError(f"README.md must have {BEGIN} and {END} once, and has both {times} times")
    return text


def _in_real_time(cells: Places) -> str:
    if not any((each.name, fault) in cells for each in NODE for fault in NODE_FAULTS):
        return ""
    return f"\nIn real time, under some of them:\n\n{_overview(NODE, NODE_FAULTS, cells)}"


def _by_place(results: dict[str, Played]) -> Places:
    return {(cell.configuration, cell.fault): cell for played in results.values() for cell in played.cells}


def _overview(
    configurations: Iterable[Configuration], faults: Iterable[str], cells: Places, *, is_linked: bool = True
) -> str:
    names = [each.name for each in configurations]
    rows = [f"| fault | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    for fault in faults:
        row = [words.brief(cells[name, fault]) for name in names]
        shown = f"[{fault}](#{_anchor(fault)})" if is_linked else fault
        rows.append(f"| {shown} | {' | '.join(row)} |")
    return "\n".join(rows) + "\n"


def _anchor(fault: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", f"fault {fault}".lower()).replace(" ", "-")


def _apps(results: dict[str, Played]) -> str:
    rows = ["| | the app's code | options | versions | played |", "| --- | --- | --- | --- | --- |"]
    for each in (*PYTHON, *NODE):
        played = results.get(each.environment)
        if played is None:
            continue
        versions = ", ".join(f"{name} {played.versions[name]}" for name in each.packages)
        file = f"[`{each.file}`](../benchmarks/sdk_matrix/{each.file})"
        function = f", `{each.function}`" if each.function else ""
        rows.append(
            f"| {each.name} | {file}{function} | {each.options} | {versions}; {played.runtime} | {played.date} |"
        )
    return "\n".join(rows) + "\n"


def _faults(cells: Places) -> Iterator[str]:
    for fault in FAULTS:
        row = ["| | answered again | the app's code was told | lost | cause |", "| --- | --- | --- | --- | --- |"]
        for each in (*PYTHON, *NODE):
            cell = cells.get((each.name, fault.name))
            if cell is not None:
                columns = (each.name, words.answered(cell), words.told(cell), words.lost(cell), words.cause(cell))
                row.append(f"| {' | '.join(columns)} |")
        where = "" if fault.seam == "none" else f" ({fault.seam})"
        yield f"### Fault: {fault.name}\n\n{BY_NAME[fault.name].title}{where}.\n\n" + "\n".join(row) + "\n"


def _repeat(results: dict[str, Played]) -> str:
    virtual = sum(len(played.cells) for name, played in results.items() if name != "node")
    cpu_s = sum(played.cpu_s for name, played in results.items() if name != "node")
    return (
        f"## To repeat it\n\n`{COMMAND}` makes the environments, plays all cells and writes this page. The {virtual} "
        f"cells in virtual time took {cpu_s:.0f} s of one core. An app under any scenario, with its picture:\n\n"
        "```console\n"
        "$ stillthere run server_goes_mute --app benchmarks.sdk_matrix.apps.openai_sdk:app\n"
        "```\n"
    )
