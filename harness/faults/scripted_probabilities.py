"""The detector's probabilities come from a list, frame by frame, whatever the audio: any behaviour can be played."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, cycle, repeat
from typing import Literal

import numpy as np

from .parameters import numbers, one_of, parameter
from .seams import DetectorFault


@dataclass(frozen=True, slots=True)
class ScriptedProbabilities(DetectorFault):
    """The detector ignores the audio: its probabilities of speech are those of a list, one for each frame of 32 ms."""

    name = "scripted-probabilities"
    reports = ("snakers4/silero-vad#725", "snakers4/silero-vad#396")
    causes = ("vad_deaf", "vad_held")

    probabilities: tuple[float, ...] = parameter((0.0,), numbers(0, 1), "One for each frame.")
    then: Literal["hold", "repeat"] = parameter(
        "hold", one_of(("hold", "repeat")), "After the last one: hold it, or repeat the list."
    )

    def begin(self, rng: np.random.Generator) -> Callable[[float], float]:
        listed = self.probabilities
        script = cycle(listed) if self.then == "repeat" else chain(listed, repeat(listed[-1]))
        return lambda probability: next(script)
