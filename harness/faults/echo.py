"""The assistant's voice comes back into the microphone: no echo canceller, or one that has lost its hold.

Measured in a browser with the speaker looped into the microphone: chunks peak at 13777 without a canceller, and with
one at 5, after 1.5 s in which it learns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.audio.formats import Samples, sample_count
from harness.audio.shaping import quantised
from harness.faults.parameters import DECIBELS, DURATION, parameter
from harness.faults.seams import Distortion, SourceFault
from harness.units import MS, amplitude


@dataclass(frozen=True, slots=True)
class Echo(SourceFault):
    """The microphone hears the assistant's own voice, softer and a little later."""

    name = "echo"
    reports = (
        "openai/openai-realtime-api-beta#48",
        "livekit/agents#315",
        "measured: speaker looped into the microphone under Chromium",
    )
    causes = ()
    hears_speaker = True

    loss_db: float = parameter(20.0, DECIBELS, "How much softer it comes back.")
    delay_us: int = parameter(60 * MS, DURATION, "How much later it comes back.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Echo(amplitude(-self.loss_db), sample_count(self.delay_us))


class _Echo(Distortion):
    def __init__(self, factor: float, delay: int) -> None:
        self._factor = factor
        self._coming: Samples = np.zeros(delay, np.int16)

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        self._coming = np.concatenate([self._coming, playing])
        heard, self._coming = np.split(self._coming, [playing.size])
        return (quantised(samples + heard.astype(np.float64) * self._factor),)
