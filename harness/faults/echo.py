"""The assistant's voice returns into the microphone: there is no echo canceller, or it has stopped working.

Measured in a browser with the speaker looped into the microphone: chunks peak at 13777 without a canceller, and with
one at 5, after the 1.5 s in which it adapts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.formats import Samples, sample_count
from ..audio.shaping import quantised
from ..units import MS, amplitude
from .parameters import DECIBELS, DURATION, parameter
from .seams import Distortion, SourceFault


@dataclass(frozen=True, slots=True)
class Echo(SourceFault):
    """The microphone picks up the assistant's own voice, softer and a little later."""

    name = "echo"
    reports = (
        "openai/openai-realtime-api-beta#48",
        "livekit/agents#315",
        "measured: speaker looped into the microphone under Chromium",
    )
    causes = ()
    hears_speaker = True

    loss_db: float = parameter(20.0, DECIBELS, "How much softer the echo is.")
    delay_us: int = parameter(60 * MS, DURATION, "How much later the echo is.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Echo(amplitude(-self.loss_db), sample_count(self.delay_us))


class _Echo(Distortion):
    def __init__(self, factor: float, delay: int) -> None:
        self._factor = factor
        self._delayed: Samples = np.zeros(delay, np.int16)

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        self._delayed = np.concatenate([self._delayed, playing])
        echo, self._delayed = np.split(self._delayed, [playing.size])
        return (quantised(samples + echo.astype(np.float64) * self._factor),)
