"""The capture cannot be opened again: the device is busy, or the system does not give it back yet.

Reported: a recorder that logs the failure once and does not try again, so that the session goes on without one.
"""

from dataclasses import dataclass

import numpy as np

from .parameters import parameter, whole
from .passing import Passing
from .seams import Distortion, Reopening, SourceFault


@dataclass(frozen=True, slots=True)
class FailedReopen(SourceFault):
    """A capture that the client opens again delivers nothing, until it was opened often enough."""

    name = "failed-reopen"
    reports = ("tornikegomareli/Talkify#127", "glimpse-hq/Glimpse#130", "screenpipe/screenpipe#6089")
    causes = ("clock_frozen",)

    times: int = parameter(1, whole(1, 20), "So many openings fail; the next one works.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Fails(self.times)


class _Fails(Passing):
    def __init__(self, times: int) -> None:
        self._left = times

    def reopen(self) -> Reopening:
        if not self._left:
            return Reopening()
        self._left -= 1
        return Reopening(fails=True, ends=False)
