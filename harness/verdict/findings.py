"""Findings: what a judge reports."""

from dataclasses import dataclass
from typing import Literal

from ..causes import Cause

VerdictName = Literal["held", "failed", "vacuous"]
Severity = Literal["warn", "fail"]
"""A warning is reported, and the run holds."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A property that does not hold, or a premise that did not happen.

    Two findings are the same failure if their :attr:`identity` is equal; shrinking keeps it.
    """

    name: str
    """The property, such as ``never_silent_forever``; ``premise`` for a premise."""
    at_us: int
    """When this was certain, in microseconds."""
    reason: str
    """What did not hold, in a sentence."""
    cause: Cause | None = None
    """For a silence: its cause, as docs/causes.md lists them."""
    evidence: tuple[str, ...] = ()
    """What in the journal shows the cause."""
    line: int | None = None
    """The line in the scenario file that the finding is about."""
    severity: Severity = "fail"
    """Whether the run fails by it; a premise makes it vacuous instead."""

    @property
    def identity(self) -> tuple[str, Cause | None]:
        """What does not change when a failure is shrunk."""
        return self.name, self.cause
