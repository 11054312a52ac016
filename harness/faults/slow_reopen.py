"""The capture takes seconds to open again: a wireless headset changes its profile, or the system asks the user.

Reported of headsets: the first audio comes up to three seconds after the microphone was opened.
"""

from dataclasses import dataclass

import numpy as np

from ..units import SECOND
from .parameters import DURATION, parameter
from .passing import Passing
from .seams import Distortion, Reopening, SourceFault


@dataclass(frozen=True, slots=True)
class SlowReopen(SourceFault):
    """A capture that the client opens again delivers nothing for seconds."""

    name = "slow-reopen"
    reports = ("human37/open-wispr#71", "saurabhav88/EnviousWispr#1848", "tornikegomareli/Talkify#26")
    causes = ("clock_frozen",)

    takes_us: int = parameter(3 * SECOND, DURATION, "How long it takes.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Slow(self.takes_us)


class _Slow(Passing):
    def __init__(self, takes_us: int) -> None:
        self._takes_us = takes_us

    def reopen(self) -> Reopening:
        return Reopening(takes_us=self._takes_us)
