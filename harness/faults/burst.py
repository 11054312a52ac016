"""The capture stalls and then delivers at once what it kept.

Measured in a browser: a busy main thread or a stopped network process loses nothing. A renderer that the system stops
for 4 s delivers 2.6 s of zeros first, and of the real audio only the last 0.3 s.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.formats import Samples, sample_count
from ..units import SECOND
from .parameters import DURATION, parameter
from .seams import Distortion, SourceFault


@dataclass(frozen=True, slots=True)
class Burst(SourceFault):
    """The capture holds its chunks back, and delivers them all at once when the fault ends."""

    name = "burst"
    reports = ("measured: renderer stopped under Chromium", "measured: main thread busy under Chromium")
    causes = ("clock_frozen",)

    keeps_us: int = parameter(
        60 * SECOND, DURATION, "At most so much audio is kept, in whole chunks; older audio is lost."
    )
    zeros_us: int = parameter(0, DURATION, "So much digital silence is delivered first.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Held(sample_count(self.keeps_us), sample_count(self.zeros_us))


class _Held(Distortion):
    def __init__(self, keeps: int, zeros: int) -> None:
        self._keeps = keeps
        self._zeros = zeros
        self._kept: deque[Samples] = deque()
        self._size = 0
        self._chunk = 0

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        self._chunk = samples.size
        self._kept.append(samples)
        self._size += samples.size
        while self._size > self._keeps:
            self._size -= self._kept.popleft().size
        return ()

    def over(self) -> Sequence[Samples]:
        if not self._chunk:  # nothing was held back
            return ()
        count, rest = divmod(self._zeros, self._chunk)
        silence = [np.zeros(size, np.int16) for size in [self._chunk] * count + [rest]]
        return [*silence, *self._kept]
