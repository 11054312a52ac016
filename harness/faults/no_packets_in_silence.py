"""Discontinuous transmission: a telephone or a bridge sends no packets while nobody speaks (RFC 3389).

Turn detection waits for silence that never arrives. Reported: a bridge to which only one packet came every 5 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.chunk import measure
from ..audio.formats import Samples, sample_count
from ..units import FULL_SCALE, MS, amplitude
from .parameters import DECIBELS, DURATION, parameter
from .seams import Distortion, SourceFault


@dataclass(frozen=True, slots=True)
class NoPacketsInSilence(SourceFault):
    """Quiet chunks are not delivered, so that the server's audio clock stands still while nobody speaks."""

    name = "no-packets-in-silence"
    reports = ("thevoiceguy/siphon-ai#610", "livekit/sip#551", "meetecho/janus-gateway#2467")
    causes = ("clock_frozen",)

    below_db: float = parameter(-50.0, DECIBELS, "A chunk is quiet below this level, relative to full scale.")
    hangover_us: int = parameter(100 * MS, DURATION, "So much quiet is still delivered after a sound.")
    every_us: int = parameter(0, DURATION, "One quiet chunk is delivered each time so much has passed; 0: none is.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        limit = FULL_SCALE * amplitude(self.below_db)
        return _Suppressed(limit * limit, sample_count(self.hangover_us), sample_count(self.every_us))


class _Suppressed(Distortion):
    def __init__(self, power: float, hangover: int, every: int) -> None:
        self._power = power
        self._hangover = hangover
        self._every = every
        self._quiet = 0
        """Samples since the last sound."""
        self._unsent = 0
        """Samples since the last chunk that was delivered."""

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        energy = measure(samples.reshape(1, -1))[0][0]
        self._quiet = 0 if energy >= self._power * samples.size else self._quiet + samples.size
        self._unsent += samples.size
        if self._quiet <= self._hangover or (self._every and self._unsent >= self._every):
            self._unsent = 0
            return (samples,)
        return ()
