"""The capture repeats its last buffer for ever: a driver whose ring is no longer filled.

Measured in a browser: a fake device at the end of its file repeats the last 10 ms, a buzz. Measured with detectors:
the last 100 to 200 ms of a voice hold all but the newest nets in speech. A loop of a quiet room is a dead capture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.formats import Samples, sample_count
from ..units import MS
from .parameters import DURATION, parameter
from .seams import Distortion, SourceFault


@dataclass(frozen=True, slots=True)
class Looped(SourceFault):
    """The capture repeats its first audio after the start of the fault for ever, whatever the user says."""

    name = "looped"
    reports = ("measured: a file at its end as Chromium's microphone", "measured: looped voices before nine detectors")
    causes = ("audio_garbled", "endless_sound", "capture_dead")

    loop_us: int = parameter(200 * MS, DURATION, "The length of the repeated audio; at least one sample.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Loop(max(1, sample_count(self.loop_us)))


class _Loop(Distortion):
    def __init__(self, length: int) -> None:
        self._length = length
        self._loop: Samples = np.empty(0, np.int16)
        self._place = 0

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        missing = self._length - self._loop.size
        if missing > 0:
            self._loop = np.concatenate([self._loop, samples[:missing]])
        places = np.arange(self._place, self._place + samples.size)
        self._place += samples.size
        return (self._loop[places % self._length],)
