"""The detector is deaf: speech is no longer noticed."""

from collections.abc import Callable

import numpy as np

from .seams import DetectorFault


class HeldIdle(DetectorFault):
    """The detector takes every frame for silence, so that the server never notices that the user speaks."""

    name = "held-idle"
    reports = ("snakers4/silero-vad#725", "livekit/agents#6871")
    causes = ("vad_deaf",)

    def begin(self, rng: np.random.Generator) -> Callable[[float], float]:
        return lambda probability: 0.0
