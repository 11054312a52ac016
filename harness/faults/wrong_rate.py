"""The audio has another rate than the 24 kHz that it is declared to have: a voice too deep and slow, or too high.

Reported: devices that capture at 16 kHz, and a proxy that declares 24 kHz whatever comes. At 48 kHz the server's audio
clock runs twice as fast as time, at 8 kHz a third as fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.audio.formats import Samples
from harness.faults.parameters import one_of, parameter
from harness.faults.resampled import Resampled
from harness.faults.seams import Distortion, SourceFault

_RATES_HZ = {"8 kHz": 8_000, "16 kHz": 16_000, "48 kHz": 48_000}


@dataclass(frozen=True, slots=True)
class WrongRate(SourceFault):
    """The audio has another rate than it is declared to have, so that voices are too high or too deep."""

    name = "wrong-rate"
    reports = ("akdeb/ElatoAI#25", "BerriAI/litellm#40563")
    causes = ("audio_garbled", "endless_sound")

    rate: str = parameter("48 kHz", one_of(_RATES_HZ), "The rate that it has.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Rated(_RATES_HZ[self.rate])


class _Rated(Distortion):
    def __init__(self, rate_hz: int) -> None:
        self._resampled = Resampled(rate_hz)

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        return (self._resampled.chunk(samples),)
