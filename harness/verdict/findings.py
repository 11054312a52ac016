"""What a judge finds."""

from dataclasses import dataclass
from typing import Literal

from harness.causes import Cause

VerdictName = Literal["held", "failed", "vacuous"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One property that does not hold, or a premise that did not happen; ``name`` says which.

    Two findings are the same failure if their :attr:`identity` is equal: what a shrinker must keep.
    """

    name: str
    at_us: int
    reason: str
    cause: Cause | None = None
    evidence: tuple[str, ...] = ()
    line: int | None = None
    """The line of the scenario file it is about."""

    @property
    def identity(self) -> tuple[str, Cause | None]:
        """What does not change when a failure is shrunk."""
        return self.name, self.cause
