"""The scenario: its steps, its faults, and the phases of the run."""

from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from .base import Entry


class StepPlayed(Entry, frozen=True, kw_only=True):
    """A step of the timeline is played."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "step"
    written_by: ClassVar[str] = "the timeline"
    step: str
    """The step in words, with its number."""
    label: str | None
    """The step's label in the scenario."""
    length_us: int
    """Length of its action, in microseconds; 0 if the action has no length."""


class StepMissing(Entry, frozen=True, kw_only=True):
    """The event that a step waited for never happened, or a page's step could not be done: the run is vacuous."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "step_missing"
    written_by: ClassVar[str] = "the world, at the heal; the stage of a page, when it is tried"
    step: str
    """The step in words, with its number."""
    line: int | None
    """The step's line in the scenario file; null if the scenario was made in Python."""
    why: str | UnsetType = UNSET
    """Why a page's step could not be done."""


class PremiseMissing(Entry, frozen=True, kw_only=True):
    """An ``assume:`` of a step was false when the step was played: the run is vacuous."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "premise_missing"
    written_by: ClassVar[str] = "the timeline"
    step: str
    """The step in words, with its number."""
    assumed: str
    """The assumption, as written in the scenario."""
    line: int | None
    """The step's line in the scenario file; null if the scenario was made in Python."""


class FaultWithoutConnection(Entry, frozen=True, kw_only=True):
    """A fault of the network or the server found no open connection until the heal: the run is vacuous."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "no_connection"
    written_by: ClassVar[str] = "the world, at the heal"
    step: str
    """The step in words, with its number."""
    line: int | None
    """The step's line in the scenario file; null if the scenario was made in Python."""
    struck_us: int
    """When the fault was injected, in microseconds."""


class WorldHealed(Entry, frozen=True, kw_only=True):
    """The fault phase is over: faults with an end have ended, and the persistent user starts to speak."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "heal"
    written_by: ClassVar[str] = "the world"


class RunEnded(Entry, frozen=True, kw_only=True):
    """The run is over."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "end"
    written_by: ClassVar[str] = "the world"


class FaultInjected(Entry, frozen=True, kw_only=True):
    """A fault starts; ``kind`` is its name, or ``app`` for an app switch."""

    lane: ClassVar[str] = "fault"
    written_by: ClassVar[str] = (
        "the world, for a step with a fault or an app switch; live, the session that the fault is injected into"
    )
    kind: str
    connection: int | UnsetType = UNSET
    """Live only: the connection that it is injected into."""
    length_us: int | None
    """How long it lasts, in microseconds; null: to the end of the run, or until the client cures it."""
    capture: str | UnsetType = UNSET
    """For an app switch: what the capture path does."""
    playback: str | UnsetType = UNSET
    """For an app switch: what the output does."""
    profile: str | UnsetType = UNSET
    """For an app switch: the platform, if the step names one."""
    parameters: dict[str, Any] | UnsetType = UNSET
    """The fault's parameters that differ from their defaults, as written in a scenario."""


class WorldLate(Entry, frozen=True, kw_only=True):
    """How late the world ran, at worst: on the wall clock, other programs may delay it."""

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "late"
    written_by: ClassVar[str] = "the stage, for a program in real time, at the end"
    worst_us: int
    """The longest delay of anything that was due, in microseconds, without up to 200 ms in which the world computed."""
    at_us: int
    """When that was due, in microseconds."""


class StepsBegin(Entry, frozen=True, kw_only=True):
    """The steps of the scenario begin: their times count from here.

    A browser takes its time to start, so a page gets its steps when it sends audio without a gap.
    """

    lane: ClassVar[str] = "world"
    kind: ClassVar[str] = "steps_begin"
    written_by: ClassVar[str] = "the stage, for a page"
    steady: bool
    """Whether the page sends audio at the pace of time; false: it did not within 5 s, and the steps begin anyway."""
