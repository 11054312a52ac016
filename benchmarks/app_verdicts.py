"""docs/app-verdicts.md: every included scenario with an app on the OpenAI SDK, and with the same rules as a class.

``python benchmarks/app_verdicts.py`` plays both variants of docs/examples/voice_app.py in virtual time, and those of
docs/examples/voice_client.py, and writes the page. It needs the OpenAI SDK, and some minutes.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.apps.play import play_apps
from harness.apps.target import find_app
from harness.apps.virtual.child import AppTask
from harness.apps.virtual.stage import Setting
from harness.journal import AppEnded, AppFenced, Journal
from harness.processes import spread
from harness.properties import PROPERTY_NAMES
from harness.scenario import load, shipped_scenarios
from harness.verdict.judge import judge
from harness.world.play import play

_T = TypeVar("_T")
ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "docs" / "examples"
PAGE = ROOT / "docs" / "app-verdicts.md"
KEPT = ROOT / "out" / "app-verdicts.jsonl"
KEPT_REAL = ROOT / "out" / "real-time-verdicts.jsonl"
STAGES: tuple[tuple[str, str], ...] = (
    ("reported_freeze", "source"),
    ("capture_unit_dead", "source"),
    ("safari_background", "source, output"),
    ("sticky_start", "detector"),
    ("vad_held_then_cleared", "detector"),
    ("server_goes_mute", "policy"),
    ("turn_without_response", "policy"),
    ("every_response_fails", "policy"),
    ("half_open_socket", "wire"),
    ("closed_in_mid_speech", "wire"),
    ("socket_stalls_without_close", "wire"),
    ("keyboard_in_assistant_tail", "none: noise alone"),
)
"""The scenarios that are also played in real time, and where their faults act."""
VARIANTS = (("naive", "Naive"), ("careful", "Careful"))
LIMIT_S = 300.0
_ATTEMPTS = 4

_ENDS = "the app of the quick start ends when its connection does; a class cannot end, and waits for ever"
_PINGS = "the SDK's WebSocket library pings, gives up after some 40 s, and the app ends; the class has no pings"
_FRAMES = (
    "the app's audio begins some milliseconds later, so the server's frames of 32 ms lie elsewhere in it, and it does "
    "not take the noise for speech: the premise does not happen"
)
_SLOW = (
    "a voice at half its speed is taken for speech in parts, and which parts depends on where the server's frames of "
    "32 ms lie in it; the app's audio begins some milliseconds later, and by luck each of its utterances is answered"
)
_READS = "to read a message is the app's own work: the damaged one raises in it; a class is given only what can be read"
WHY: dict[tuple[str, str], str] = {
    ("failed: client_waiting", "failed: app_ended"): _ENDS,
    ("failed: half_open", "failed: app_ended"): _PINGS,
}
"""Why an app's verdict is another one than that of the class: by the class's verdict and the app's."""
WHY_HERE: dict[tuple[str, str], str] = {
    ("corrupted_event", "naive"): f"{_READS}. It ends",
    ("corrupted_event", "careful"): f"{_READS}. It dials anew, and misses the answer that is expected within 3 s",
    ("wrong_rate", "naive"): _SLOW,
    ("wrong_rate", "careful"): _SLOW,
    ("cough_after_user_turn", "naive"): _FRAMES,
    ("cough_after_user_turn", "careful"): _FRAMES,
}
"""The same for one scenario and variant."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One scenario with one variant."""

    scenario: str
    variant: str
    by_class: str
    by_app: str
    ended: str
    fences: tuple[str, ...]

    @property
    def why(self) -> str:
        """Why the two differ; empty if they do not, and if nobody knows."""
        if self.by_class == self.by_app:
            return ""
        return WHY_HERE.get((self.scenario, self.variant)) or WHY.get((self.by_class, self.by_app), "")


def _class_verdict(task: tuple[str, str]) -> str:
    name, client = task
    sys.path.insert(0, str(EXAMPLES))
    scenario = load(name)
    return str(judge(play(scenario, f"voice_client:{client}").journal, scenario))


def cells(names: list[str], jobs: int | None) -> Iterator[Cell]:
    """Play all."""
    wanted = [(name, app, client) for name in names for app, client in VARIANTS]
    by_class = list(spread(_class_verdict, [(name, client) for name, _, client in wanted], jobs))
    sys.path.insert(0, str(EXAMPLES))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(EXAMPLES), os.environ.get("PYTHONPATH")]))
    tasks = [AppTask(load(name), find_app(f"voice_app:{app}"), Setting(), limit_s=LIMIT_S) for name, app, _ in wanted]
    played = play_apps(tasks, jobs)
    for (name, app, _), expected, (task, result) in zip(wanted, by_class, played, strict=True):
        journal = result.journal
        if journal is None:
            yield Cell(name, app, expected, f"error: {result.error}", "", ())
            continue
        fences = tuple(entry.what for entry in journal.select(AppFenced))
        yield Cell(name, app, expected, str(judge(journal, task.scenario)), _ended(journal), fences)


@dataclass(frozen=True, slots=True)
class RealTime:
    """One scenario with one variant in real time."""

    scenario: str
    variant: str
    verdict: str


def real_time(names: list[str], jobs: int) -> Iterator[RealTime]:
    """Play these, so many at once; one that was late is played again, up to four times."""
    wanted = [(name, variant) for name in names for variant, _ in VARIANTS]
    with ThreadPoolExecutor(jobs) as pool:
        for (name, variant), verdict in zip(wanted, pool.map(_in_real_time, wanted), strict=True):
            yield RealTime(name, variant, verdict)


def _in_real_time(wanted: tuple[str, str]) -> str:
    name, variant = wanted
    program = [sys.executable, "tcp_devices.py", f"voice_app:{variant}"]
    for _ in range(_ATTEMPTS):
        command = [sys.executable, "-m", "stillthere", "run", name, "--json", "--", *program]
        done = subprocess.run(command, cwd=EXAMPLES, capture_output=True, text=True, check=False)
        (run,) = json.loads(done.stdout)["runs"]
        late = any("ms late" in finding["reason"] for finding in run["findings"])
        if not late:
            break
    causes = [finding["cause"] for finding in run["findings"] if finding["cause"]]
    broken = [finding["property"] for finding in run["findings"] if finding["property"] in PROPERTY_NAMES]
    because = next(iter(causes + broken), None) if run["verdict"] == "failed" else None
    return "late" if late else f"failed: {because}" if because else str(run["verdict"])


_OTHER_STAGE = {
    ("safari_background", "careful"): "in real time both devices are one connection, so to reopen the capture also "
    "resumes the output",
}
"""Why the verdict in real time is another one, by scenario and variant."""


def _stages(found: list[Cell], played: list[RealTime]) -> list[str]:
    """The table of both stages."""
    virtual = {(cell.scenario, cell.variant): cell.by_app for cell in found}
    seams = dict(STAGES)
    lines = [
        "",
        "## The same app in real time",
        "",
        "`python benchmarks/app_verdicts.py --real-time` plays the same app as a program on the wall clock, with "
        "`stillthere run SCENARIO -- python tcp_devices.py voice_app:careful`.",
        "",
        "| scenario | its faults | variant | virtual time | real time | why |",
        "|---|---|---|---|---|---|",
    ]
    for each in played:
        expected = virtual.get((each.scenario, each.variant), "")
        shown = "the same" if each.verdict == expected else f"**{each.verdict}**"
        why = "" if each.verdict == expected else _OTHER_STAGE.get((each.scenario, each.variant), "")
        lines.append(f"| `{each.scenario}` | {seams[each.scenario]} | {each.variant} | {expected} | {shown} | {why} |")
    return lines


def _ended(journal: Journal) -> str:
    ended = next(journal.select(AppEnded), None)
    return "" if ended is None else ended.error or "without an error"


def page(found: list[Cell], played: list[RealTime]) -> str:
    """The page, as Markdown."""
    same = sum(cell.by_class == cell.by_app for cell in found)
    lines = [
        "# An app and a class: every scenario",
        "",
        "`python benchmarks/app_verdicts.py` makes this page. It plays each included scenario in virtual time with an "
        "app on the OpenAI SDK, unmodified ([voice_app.py](examples/voice_app.py)), and with the same rules as a class "
        "([voice_client.py](examples/voice_client.py)). Both have two variants: `naive` is a quick start, `careful` "
        "doubts its microphone and its server.",
        "",
        f"Of {len(found)} runs of the app, {same} have the verdict and the cause of the class. The others differ for "
        "these reasons:",
        "",
    ]
    reasons = Counter(cell.why for cell in found if cell.by_class != cell.by_app)
    lines += [f"* {count} runs: {why or 'not explained'}" for why, count in reasons.most_common()]
    fences = Counter(fence for cell in found for fence in cell.fences)
    lines += ["", f"What the app did that virtual time cannot have: {_list(fences)}.", ""]
    lines += ["| scenario | variant | class | app | why |", "|---|---|---|---|---|"]
    for cell in found:
        by_app = "the same" if cell.by_app == cell.by_class else f"**{cell.by_app}**"
        name = f"`{cell.scenario}`" if cell.variant == VARIANTS[0][0] else ""
        lines.append(f"| {name} | {cell.variant} | {cell.by_class} | {by_app} | {cell.why} |")
    return "\n".join([*lines, *(_stages(found, played) if played else [])]) + "\n"


def _list(fences: Counter[str]) -> str:
    return "; ".join(f"{what} ({count} runs)" for what, count in fences.most_common()) or "nothing"


def main() -> None:
    """Play what is asked for, keep it, and make the page of all that is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--scenario", action="append", help="play only these anew")
    parser.add_argument("--again", action="store_true", help="play nothing: make the page of what is kept")
    parser.add_argument("--real-time", action="store_true", help="play the scenarios of STAGES in real time")
    arguments = parser.parse_args()
    KEPT.parent.mkdir(exist_ok=True)
    shipped = [path.stem for path in shipped_scenarios() if load(path).transport == "websocket"]
    names = arguments.scenario or sorted(shipped)
    if arguments.real_time:
        chosen = [name for name, _ in STAGES if name in names]
        _keep(KEPT_REAL, RealTime, real_time(chosen, arguments.jobs or 2))
    elif not arguments.again:
        _keep(KEPT, Cell, cells(names, arguments.jobs))
    found = _kept(KEPT, Cell)
    for cell in found:
        if cell.by_class != cell.by_app and not cell.why:
            print(f"{cell.scenario} {cell.variant}: {cell.by_class} -> {cell.by_app}; ended: {cell.ended}", flush=True)
    PAGE.write_text(page(found, _kept(KEPT_REAL, RealTime)), encoding="utf-8")


def _kept(file: Path, kind: type[_T]) -> list[_T]:
    return [msgspec.json.decode(line, type=kind) for line in file.read_bytes().splitlines()] if file.exists() else []


def _keep(file: Path, kind: type[Any], made: Iterator[Any]) -> None:
    """Each result as soon as it is there, in the place of an older one."""
    kept = {(each.scenario, each.variant): each for each in _kept(file, kind)}
    for each in made:
        kept[each.scenario, each.variant] = each
        in_order = [kept[key] for key in sorted(kept, key=lambda key: (key[0], key[1] != VARIANTS[0][0]))]
        file.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in in_order))


if __name__ == "__main__":
    main()
