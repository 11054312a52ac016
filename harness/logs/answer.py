"""What a diagnosis of a log says: a state, the causes that fit, what excludes the others, and what to log next time."""

from dataclasses import dataclass, replace
from typing import Literal

from ..causes import Cause
from ..verdict.links import DiagnosisState

Certainty = Literal["certain", "likely", "possible"]
"""``certain``: the log shows it; ``likely``: nothing else is as plausible; ``possible``: it cannot be excluded."""

MOST_SUSPECTS = 3
"""Who is told of more causes than these looks at none."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cause that fits what the log shows."""

    cause: Cause
    certainty: Certainty
    why: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """A cause that does not fit, and why."""

    cause: Cause
    why: str


@dataclass(frozen=True, slots=True)
class LogDiagnosis:
    """Whether the user's last words were answered, as far as a log shows, and what a silence can be due to."""

    state: DiagnosisState
    """``answered``: an audible answer to what was said last arrived; ``silent``: none did; ``quiet``: nobody spoke, as
    far as the log shows; ``unknown``: the log cannot tell a silence from a user who says nothing."""
    evidence: tuple[str, ...]
    suspects: tuple[Suspect, ...] = ()
    """What the silence can be due to, the most plausible first; of an ``unknown`` one: if the user did speak."""
    also: tuple[Suspect, ...] = ()
    """What cannot be excluded either, and is rarer in reports: beyond :data:`MOST_SUSPECTS`."""
    excluded: tuple[Excluded, ...] = ()
    since_us: int | None = None
    since_place: str | None = None
    """The event since which nothing followed, such as ``message 812``."""
    unseen: tuple[Suspect, ...] = ()
    """What no such log shows, and what to look at if the user heard nothing although the state is ``answered``."""
    log_next: tuple[str, ...] = ()
    """What to log next time, so that less is left open."""
    session: str = ""
    """Which of several sessions it is about."""

    def ranked(self) -> "LogDiagnosis":
        """The same with at most :data:`MOST_SUSPECTS` suspects, each cause once; the others are in :attr:`also`."""
        each_once = {each.cause: each for each in reversed((*self.suspects, *self.also))}
        found = [each_once.pop(each.cause) for each in (*self.suspects, *self.also) if each.cause in each_once]
        kept = {each.cause for each in found}
        excluded = tuple(each for each in self.excluded if each.cause not in kept)
        leading, also = tuple(found[:MOST_SUSPECTS]), tuple(found[MOST_SUSPECTS:])
        return replace(self, suspects=leading, also=also, excluded=excluded)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes of :attr:`suspects`."""
        return tuple(each.cause for each in self.suspects)
