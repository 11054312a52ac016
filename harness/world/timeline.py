"""Plays each step of a scenario at its time, or when its anchor happens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..journal import Journal, PremiseMissing, StepPlayed
from ..scenario.model import (
    WHEN_EVENTS,
    Action,
    After,
    At,
    BeforeEnd,
    Inject,
    Noise,
    Scenario,
    Step,
    Trigger,
    When,
    leaves,
)
from ..units import SECOND
from .scheduler import Scheduler

SETTLE_US = 2 * SECOND
"""Time between the end of the last step and the heal."""
ANCHOR_PATIENCE_US = 60 * SECOND
"""How long an anchor is waited for after the end of all other steps."""


@dataclass(slots=True, eq=False)
class Occurrence:
    """A step, or one repetition of a repeated step."""

    step: Step
    index: int
    """Place in the scenario's timeline, from 0."""
    turn: int
    identity: str
    """Its label, or its kind and its number among the steps of that kind. It seeds the random values of the step, so
    that a step of another kind does not change them."""
    began: int | None = None
    ended: int | None = None
    armed: int | None = None
    """For an anchor without a number: when it started to wait."""

    @property
    def name(self) -> str:
        """Its name in the journal."""
        label = self.step.label or f"step {self.index + 1}"
        return f"{label} ({self.turn + 1})" if self.step.repeat > 1 else label


def _occurrences(scenario: Scenario) -> Iterator[Occurrence]:
    count: dict[str, int] = {}
    for index, step in enumerate(scenario.timeline):
        kind = _kind(step.action)
        count[kind] = count.get(kind, 0) + 1
        for turn in range(step.repeat):
            yield Occurrence(step, index, turn, f"{step.label or f'{kind} {count[kind]}'}/{turn}")


def _kind(action: Action) -> str:
    if isinstance(action, Inject):
        return f"{action.fault.actor.title()} {action.fault.name}"
    return f"Noise {action.kind}" if isinstance(action, Noise) else type(action).__name__


class Timeline:
    """Plays a scenario's steps. ``act`` plays an action and returns its length in microseconds.

    ``holds`` says whether an assumption of a step is true now.
    """

    def __init__(
        self,
        scenario: Scenario,
        scheduler: Scheduler,
        journal: Journal,
        act: Callable[[Occurrence], int],
        holds: Callable[[str], bool],
    ) -> None:
        self._scenario = scenario
        self._scheduler = scheduler
        self._journal = journal
        self._act = act
        self._holds = holds
        self._counts: dict[str, int] = {}
        self._closed = False
        self.occurrences = list(_occurrences(scenario))
        self._left = len(self.occurrences)
        self._last_end = 0
        self._last_timed = _last_timed(scenario)
        self._steps: dict[int, list[Occurrence]] = {}
        """The occurrences of each step, by its index."""
        self._anchored: dict[tuple[str, str | int], list[Occurrence]] = {}
        """The occurrences that wait for a label, for the n-th event of a type, or for the n-th answer."""
        self._armed: dict[str, list[Occurrence]] = {}
        """The occurrences that wait for the next event of a type."""
        self._begun: int | None = None
        """When the steps began: their times count from there."""
        for occurrence in self.occurrences:
            self._steps.setdefault(occurrence.index, []).append(occurrence)
            if (anchor := _anchor(occurrence.step.trigger)) is not None:
                self._anchored.setdefault(anchor, []).append(occurrence)
        self._arm(-1)

    def close(self) -> None:
        """The fault phase is over: no more steps are played."""
        self._closed = True

    def begin(self) -> None:
        """Schedule the steps that have a time, which counts from now."""
        self._begun = self._scheduler.now
        for occurrence in self.occurrences:
            trigger = occurrence.step.trigger
            if isinstance(trigger, At):
                self._at(self._begun + trigger.at_us + occurrence.turn * occurrence.step.every_us, occurrence)

    def event(self, kind: str) -> None:
        """A server event of this type reached the client."""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        reached = [*self._anchored.get((kind, count), ()), *self._armed.pop(kind, ())]
        for occurrence in sorted(reached, key=lambda each: (each.index, each.turn)):
            trigger = occurrence.step.trigger
            if occurrence.began is None and isinstance(trigger, When):
                occurrence.armed = None
                self._after(trigger.by_us, occurrence)

    def answer_began(self, number: int, ends: int) -> None:
        """The speaker started to play the answer with this number, which ends at ``ends`` (microseconds)."""
        for occurrence in self._anchored.get(("answer", number), ()):
            trigger = occurrence.step.trigger
            if occurrence.began is None and isinstance(trigger, BeforeEnd):
                self._at(ends - trigger.by_us + occurrence.turn * occurrence.step.every_us, occurrence)

    @property
    def missing(self) -> list[Occurrence]:
        """The occurrences that were not played."""
        return [occurrence for occurrence in self.occurrences if occurrence.began is None]

    def heal_at(self) -> int | None:
        """When the fault phase ends, as far as is known now; None while an anchor may still happen."""
        if self._scenario.lasts_us is not None:
            return None if self._begun is None else self._begun + self._scenario.lasts_us
        return None if self._left else self._last_end + SETTLE_US

    def give_up_at(self) -> int:
        """When to stop waiting for anchors that have not happened."""
        return max((self._begun or 0) + self._last_timed, self._last_end) + ANCHOR_PATIENCE_US

    def deadline(self) -> int:
        """The deadline of the scenario's last expectation, by the steps that were played; 0 if there is none."""
        whole = (*self._scenario.expect, *self._scenario.premises)
        due = [0]
        for expect in (leaf for expectation in whole for leaf in leaves(expectation) if leaf.within_us is not None):
            ended = [each.ended or 0 for each in self.occurrences if each.step.label == expect.after and each.ended]
            due += [time + (expect.within_us or 0) for time in (ended if expect.after else [self._begun or 0])]
        return max(due)

    def _after(self, by_us: int, occurrence: Occurrence) -> None:
        self._at(self._scheduler.now + by_us + occurrence.turn * occurrence.step.every_us, occurrence)

    def _at(self, time: int, occurrence: Occurrence) -> None:
        self._scheduler.at(time, self._fire, occurrence)

    def _fire(self, occurrence: Occurrence) -> None:
        if occurrence.began is not None or self._closed:
            return
        now = self._scheduler.now
        occurrence.began = now
        self._left -= 1
        for assumption in occurrence.step.assume:
            if not self._holds(assumption):
                self._journal.add(
                    PremiseMissing(t=now, step=occurrence.name, assumed=assumption, line=occurrence.step.line)
                )
        length = self._act(occurrence)
        occurrence.ended = now + length
        self._last_end = max(self._last_end, occurrence.ended)
        self._journal.add(StepPlayed(t=now, step=occurrence.name, label=occurrence.step.label, length_us=length))
        self._arm(occurrence.index)
        if occurrence.step.label is not None and occurrence.turn == occurrence.step.repeat - 1:
            for follower in self._anchored.get(("after", occurrence.step.label), ()):
                trigger = follower.step.trigger
                if isinstance(trigger, After):
                    self._at(occurrence.ended + trigger.by_us + follower.turn * follower.step.every_us, follower)

    def _arm(self, index: int) -> None:
        """The step with this index was played: a ``when`` without a number right below it now waits."""
        for occurrence in self._steps.get(index + 1, ()):
            if occurrence.armed is None:
                occurrence.armed = self._scheduler.now
                trigger = occurrence.step.trigger
                if isinstance(trigger, When) and trigger.nth is None:
                    self._armed.setdefault(WHEN_EVENTS[trigger.event], []).append(occurrence)


def _anchor(trigger: Trigger) -> tuple[str, str | int] | None:
    """What a trigger waits for: a label, an event or an answer by its number; None for a time or the next event."""
    match trigger:
        case After(label):
            return "after", label
        case When(event, int(nth)):
            return WHEN_EVENTS[event], nth
        case BeforeEnd(answer):
            return "answer", answer
        case _:
            return None


def _last_timed(scenario: Scenario) -> int:
    """The time of the last step that has one."""
    times = [
        step.trigger.at_us + (step.repeat - 1) * step.every_us
        for step in scenario.timeline
        if isinstance(step.trigger, At)
    ]
    return max(times, default=0)
