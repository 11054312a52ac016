"""A scenario before it is played: the times of its steps, as far as they are known, and the steps in words.

Steps with a time, and those that follow them, have a time in the run. A step that waits for an event or for the end of
an answer has a time relative to that, its anchor. Of a range, the middle is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..picture.spans import Span, Style
from ..picture.words import plain
from ..quantities import format_durations, format_level
from ..ranges import ends
from ..scenario.model import (
    Action,
    After,
    App,
    At,
    BeforeEnd,
    Emit,
    Inject,
    Noise,
    PageStep,
    Say,
    Scenario,
    Step,
    When,
)
from ..units import SECOND
from ..world import sounds
from ..world.timeline import SETTLE_US

START = "the start"
"""The anchor of steps with a time."""
_INSTANT_US = SECOND // 4
"""The drawn length of a step that has none."""


@dataclass(frozen=True, slots=True)
class StepGroup:
    """The steps of one anchor. Times are relative to it, in microseconds, and may be negative."""

    anchor: str
    lanes: dict[str, tuple[Span, ...]]
    steps: tuple[tuple[Step, int], ...]
    """Each step as it was written, and the time when it happens first."""
    begin_us: int
    end_us: int


def groups(scenario: Scenario) -> list[StepGroup]:
    """All steps by their anchors, in the order of the timeline; first those with a time."""
    placed = list(_placed(scenario))
    anchors = sorted({place.anchor: None for place in placed}, key=lambda anchor: anchor != START)
    return [_group(scenario, anchor, [place for place in placed if place.anchor == anchor]) for anchor in anchors]


@dataclass(frozen=True, slots=True)
class _Placed:
    index: int
    settled: Step
    anchor: str
    starts: tuple[int, ...]
    """The time of each repetition."""
    length_us: int | None
    """None: until the client cures it, or for the rest of the session."""

    @property
    def ends_us(self) -> int:
        """The end of its last repetition."""
        return self.starts[-1] + (self.length_us or 0)


def _placed(scenario: Scenario) -> Iterator[_Placed]:
    settled = scenario.settled()
    labelled: dict[str, _Placed] = {}
    for index, step in enumerate(settled.timeline):
        anchor, first = _anchor(step, settled.timeline[index - 1] if index else None, labelled)
        starts = tuple(first + turn * step.every_us for turn in range(step.repeat))
        placed = _Placed(index, step, anchor, starts, _length(step.action, settled))
        if step.label is not None:
            labelled[step.label] = placed
        yield placed


def _anchor(step: Step, above: Step | None, labelled: dict[str, _Placed]) -> tuple[str, int]:
    """The anchor of a step, and the time from the anchor to the step."""
    match step.trigger:
        case At(at_us):
            return START, at_us
        case After(label, by_us):
            return labelled[label].anchor, labelled[label].ends_us + by_us
        case When(event, nth, by_us):
            first = f"the first {event}" + (f" after {plain(above.label or what(above.action))}" if above else "")
            return first if nth is None else f"{event} {nth}", by_us
        case BeforeEnd(answer, by_us):
            return f"the end of answer {answer}", -by_us


def _length(action: Action, scenario: Scenario) -> int | None:
    match action:
        case Say():
            return sounds.speech_us(action, scenario.base)
        case Emit():
            return 0
        case PageStep(lasts_us=lasts_us):
            return lasts_us or 0
        case _:
            return action.lasts_us


def _group(scenario: Scenario, anchor: str, placed: list[_Placed]) -> StepGroup:
    begin = min(0, *(place.starts[0] for place in placed))
    last = max(place.ends_us for place in placed)
    end = scenario.settled().lasts_us if anchor == START else None
    end = max(last, last + SETTLE_US if end is None else end, _INSTANT_US)
    lanes: dict[str, list[Span]] = {"user speaks": [], "noise": [], "faults": [], "page": [], "server says": []}
    for place in placed:
        lane, label, style = _drawn(place.settled.action)
        for start in place.starts:
            until = end if place.length_us is None else start + max(place.length_us, _INSTANT_US)
            lanes[lane].append(Span(start, until, label, style, label.split(" ")[0]))
    ordered = {lane: tuple(sorted(spans, key=lambda span: span.start_us)) for lane, spans in lanes.items() if spans}
    steps = tuple((scenario.timeline[place.index], place.starts[0]) for place in placed)
    return StepGroup(anchor, ordered, steps, begin, end)


def _drawn(action: Action) -> tuple[str, str, Style]:
    """The lane of an action, its label there, and its style."""
    match action:
        case Say():
            return "user speaks", "speaks", "user"
        case Noise(kind):
            return "noise", plain(kind).replace("_", " "), "noise"
        case Emit():
            return "server says", what(action), "server"
        case PageStep():
            return "page", what(action), "app"
        case App():
            return "faults", "app in background", "app"
        case Inject(fault):
            return "faults", what(action), "capture" if fault.actor == "microphone" else fault.actor


# --- words ----------------------------------------------------------------------------------------------------------


def when(step: Step) -> str:
    """When a step happens, in the words of its file."""
    match step.trigger:
        case At(at_us):
            return f"at {format_durations(at_us)}"
        case After(label, by_us):
            return f"{_by(by_us)}after {plain(label)}"
        case When(event, nth, by_us):
            return f"{_by(by_us)}after {event}" + ("" if nth is None else f" {nth}")
        case BeforeEnd(answer, by_us):
            return f"{_by(by_us)}before the end of answer {answer}"


def _by(by_us: int) -> str:
    return "" if by_us == 0 else f"{format_durations(by_us)} "


def what(action: Action) -> str:
    """What a step does, in a few words."""
    match action:
        case Say(clip):
            return f"say {plain(clip)}"
        case Noise(kind):
            return f"noise {plain(kind)}"
        case App(profile=profile):
            return "app in background" + (f" ({profile})" if profile else "")
        case Inject(fault):
            return f"{fault.actor} {fault.name}"
        case Emit():
            return "a scripted event"
        case PageStep(does, text):
            return f"page {does} {plain(text)}".strip()


def details(step: Step) -> str:
    """Everything else that the file says about a step."""
    action = step.action
    parts = []
    level, peak = getattr(action, "level_dbfs", None), getattr(action, "peak_lsb", None)
    lasts = getattr(action, "lasts_us", 0)
    if level is not None:
        parts.append(f"at {format_level(level)}")
    if isinstance(action, Noise) and peak is not None:
        low, high = ends(peak)
        parts.append(f"peak {low} LSB" if low == high else f"peak {low}..{high} LSB")
    if lasts:
        parts.append(f"for {format_durations(lasts)}")
    elif lasts is None and not isinstance(action, Say):
        parts.append("until the client cures it")
    if step.repeat != 1:
        low, high = ends(step.repeat)
        times = f"{low}" if low == high else f"{low}..{high}"
        parts.append(f"{times} times, every {format_durations(step.every_us)}")
    parts += [f"assumes {assumed}" for assumed in step.assume]
    return ", ".join(parts)
