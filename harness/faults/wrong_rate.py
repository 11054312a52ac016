"""The audio has another rate than the declared 24 kHz: voices are too deep and slow, or too high.

Reported: devices that capture at 16 kHz, and a proxy that declares 24 kHz for every rate. At 48 kHz the server's audio
clock runs twice as fast as time, at 8 kHz a third as fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..audio.resampling import Resampler
from ..audio.shaping import quantised
from ..units import FULL_SCALE
from .parameters import one_of, parameter
from .seams import Distortion, SourceFault

_RATES_HZ = {"8 kHz": 8_000, "16 kHz": 16_000, "48 kHz": 48_000}


@dataclass(frozen=True, slots=True)
class WrongRate(SourceFault):
    """The audio has another rate than declared, so that voices are too high or too deep."""

    name = "wrong-rate"
    reports = ("akdeb/ElatoAI#25", "BerriAI/litellm#40563")
    causes = ("audio_garbled", "endless_sound")

    rate: str = parameter("48 kHz", one_of(_RATES_HZ), "The rate of the audio.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Rated(_RATES_HZ[self.rate])


class Resampled:
    """int16 chunks at 24 kHz in, chunks at ``rate_hz`` out; the first ones are a little shorter (3 or 6 ms)."""

    def __init__(self, rate_hz: int) -> None:
        self._resampler = Resampler(SAMPLE_RATE_HZ, rate_hz)

    def chunk(self, samples: Samples) -> Samples:
        """The next samples; the array may be empty."""
        return quantised(self._resampler.push(samples).astype(np.float64) * FULL_SCALE)


class _Rated(Distortion):
    def __init__(self, rate_hz: int) -> None:
        self._resampled = Resampled(rate_hz)

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        return (self._resampled.chunk(samples),)
