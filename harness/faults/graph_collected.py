"""A page loses its source of audio to the garbage collector: the capture is deaf for ever, and no event is fired.

Measured in Chromium 156: a page that keeps no reference to its ``MediaStreamAudioSourceNode`` loses it while its
AudioContext is suspended or interrupted, after 28 s, or after 1 s with a large heap. Afterwards the context runs and
the track is live. A page that keeps the node in a variable has its chunks back after any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio.formats import Samples, sample_count
from ..units import SECOND
from .parameters import DURATION, one_of, parameter
from .seams import Distortion, Reopening, SourceFault


@dataclass(frozen=True, slots=True)
class GraphCollected(SourceFault):
    """The audio context is suspended as long as the fault lasts; if that is too long, its source is lost for ever."""

    name = "graph-collected"
    reports = ("measured: source node without a reference collected in Chromium", "community 1374520")
    causes = ("clock_frozen", "capture_graph_collected")

    after_us: int = parameter(28 * SECOND, DURATION, "After so much time in suspension the source is lost.")
    delivers: str = parameter(
        "nothing",
        one_of(("nothing", "zeros")),
        "What comes of a lost source once the context runs again: a worklet may send something without input.",
    )

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Suspension(sample_count(self.after_us), self.delivers == "zeros")


class _Suspension(Distortion):
    def __init__(self, after: int, zeros: bool) -> None:
        self._after = after
        self._zeros = zeros
        self._suspended = 0
        """Samples since the context was suspended, or since the client opened the capture again."""
        self._over = False

    @property
    def collected(self) -> bool:
        return self._suspended >= self._after

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        if not self._over:
            self._suspended += samples.size
        return (np.zeros_like(samples),) if self._over and self._zeros else ()

    def over(self) -> Sequence[Samples]:
        self._over = True
        return ()

    def reopen(self) -> Reopening:
        self._suspended = 0
        return Reopening()
