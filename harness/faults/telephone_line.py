"""A telephone line: μ-law at 8 kHz, with packets that are lost and packets that come late."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.formats import PCMU, SAMPLE_RATE_HZ, Samples
from ..audio.resampling import Resampler
from ..audio.shaping import quantised
from ..units import FULL_SCALE, MS, SECOND
from .parameters import DURATION, number, parameter
from .seams import Distortion, SourceFault


@dataclass(frozen=True, slots=True)
class TelephoneLine(SourceFault):
    """What is captured has the band and the steps of a telephone; some chunks are lost, and others come late."""

    name = "telephone-line"
    reports = ("twilio/voice-quickstart-android#60", "twilio/voice-quickstart-android#570")
    causes = ()

    loss: float = parameter(0.02, number(0, 0.5), "The probability that each chunk is lost.")
    jitter_us: int = parameter(60 * MS, DURATION, "A chunk comes at most so late; none overtakes another.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Line(self.loss, self.jitter_us, rng)


class _Line(Distortion):
    def __init__(self, loss: float, jitter_us: int, rng: np.random.Generator) -> None:
        self._loss = loss
        self._jitter_us = jitter_us
        self._rng = rng
        self._down = Resampler(SAMPLE_RATE_HZ, PCMU.rate_hz)
        self._up = Resampler(PCMU.rate_hz, SAMPLE_RATE_HZ)
        self._late: deque[tuple[int, Samples]] = deque()
        """Chunks under way, each with the number of the chunk at whose time it arrives."""
        self._count = 0

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        self._count += 1
        heard = self._telephone(samples)
        most_late = self._jitter_us * SAMPLE_RATE_HZ // SECOND // samples.size
        lost, late = self._rng.random() < self._loss, int(self._rng.integers(0, most_late + 1))
        if not lost:
            self._late.append((self._count + late, heard))
        arrived = []
        while self._late and self._late[0][0] <= self._count:
            arrived.append(self._late.popleft()[1])
        return arrived

    def over(self) -> Sequence[Samples]:
        return [heard for _, heard in self._late]

    def _telephone(self, samples: Samples) -> Samples:
        narrow = quantised(self._down.push(samples).astype(np.float64) * FULL_SCALE)
        coded = PCMU.decode(PCMU.encode(narrow))
        return quantised(self._up.push(coded).astype(np.float64) * FULL_SCALE)
